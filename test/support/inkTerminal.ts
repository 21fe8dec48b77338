/** A terminal for Ink: what is written goes through a real emulator, so that the screen is what a person would see. */
import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";

export interface InkTerminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Bytes, as a keyboard or a paste sends them. */
  readonly send: (bytes: string) => Promise<void>;
  readonly resize: (columns: number, rows: number) => Promise<void>;
  /** Lines of the screen in use, without trailing spaces. */
  readonly screen: () => Promise<readonly string[]>;
  /** Everything that was written. */
  readonly written: () => string;
  readonly isAlternate: () => Promise<boolean>;
}

/** Longer than Ink's frame and its wait after a lone escape. */
const settleMs = 80;

/** @param isMute it answers nothing that it is asked. */
export function inkTerminal(columns: number, rows: number, isMute = false): InkTerminal {
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  let text = "";
  const stdout = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        // A terminal's driver turns \n into \r\n.
        emulator.write(chunk.toString().replaceAll(/(?<!\r)\n/g, "\r\n"), () => done());
      },
    }),
    { columns, rows, isTTY: true },
  );
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  // What it is asked, such as for its cursor.
  if (!isMute) emulator.onData((answer) => stdin.write(answer));
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, settleMs));
  const flushed = (): Promise<void> => new Promise((resolve) => emulator.write("", resolve));
  return {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    send: async (bytes) => {
      stdin.write(bytes);
      await settle();
    },
    resize: async (nextColumns, nextRows) => {
      emulator.resize(nextColumns, nextRows);
      Object.assign(stdout, { columns: nextColumns, rows: nextRows });
      stdout.emit("resize");
      await settle();
    },
    screen: async () => {
      await flushed();
      const buffer = emulator.buffer.active;
      return Array.from({ length: emulator.rows }, (_, row) =>
        (buffer.getLine(buffer.viewportY + row)?.translateToString(true) ?? "").trimEnd(),
      );
    },
    written: () => text,
    isAlternate: async () => {
      await flushed();
      return emulator.buffer.active.type === "alternate";
    },
  };
}
