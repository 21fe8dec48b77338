/**
 * The whole program in a real pty, its screen held by a headless xterm: what a person would see, cell by cell.
 * Waits are on what the screen shows, never on a time.
 */
import { spawn, type IPty } from "@lydell/node-pty";
import xterm from "@xterm/headless";

export interface TerminalSession {
  /** The visible screen, one string a row, trailing blanks cut. */
  screen(): string;
  press(...keys: readonly string[]): void;
  /** Until the screen shows it; fails with the screen as it is. */
  sees(what: string | RegExp, timeoutMs?: number): Promise<string>;
  resize(columns: number, rows: number): void;
  /** Takes nothing from the program until `release`, as a line that stalls. */
  hold(): void;
  release(): void;
  /** The program's end: exit code and signal. */
  readonly ended: Promise<{ readonly exitCode: number; readonly signal: number | undefined }>;
  /** Everything that was written to the terminal so far. */
  output(): string;
  /** `true` while the alternate screen is shown. */
  onAlternateScreen(): boolean;
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  kill(signal?: string): void;
  readonly pid: number;
  /** Closes the master side of the pty, as a terminal window that is closed or an SSH connection that is cut. */
  hangUp(): void;
  /** Reads nothing from the pty until `resume`, as behind a link that stalls. */
  stall(): void;
  resume(): void;
}

/** node-pty closes a pty on request, though its types do not say so. */
type Closable = IPty & { destroy(): void };

export const keys = {
  enter: "\r",
  escape: "\u001b",
  tab: "\t",
  up: "\u001b[A",
  down: "\u001b[B",
  right: "\u001b[C",
  left: "\u001b[D",
  ctrlC: "\u0003",
} as const;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** It answers nothing that it is asked. */
  readonly isMute?: boolean;
}

const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;

function environmentOf(extra: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return {
    PATH,
    HOME,
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    LANG: "C.UTF-8",
    XDG_CONFIG_HOME: "/nonexistent",
    ...extra,
  };
}

/** Starts the built program (`npm run build`) with these arguments. */
export function startMeshtop(args: readonly string[], options: TerminalOptions = {}): TerminalSession {
  return startProgram(process.execPath, [bundle, ...args], options);
}

/** A shell with job control, whose prompt is `$`; and what to type there for meshtop with these arguments. */
export function startShell(
  args: readonly string[],
  options: TerminalOptions = {},
): TerminalSession & { readonly command: string } {
  const environment = { ...options.environment, PS1: "$ ", ENV: "" };
  const session = startProgram("/bin/sh", ["-i"], { ...options, environment });
  return { ...session, command: [process.execPath, bundle, ...args].join(" ") };
}

function startProgram(file: string, args: readonly string[], options: TerminalOptions): TerminalSession {
  const { columns = 120, rows = 40, environment = {}, isMute = false } = options;
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn(file, [...args], {
    cols: columns,
    rows,
    env: environmentOf(environment),
    name: environment["TERM"] ?? "xterm-256color",
  });
  let output = "";
  const watchers = new Set<() => void>();
  child.onData((data) => {
    output += data;
    terminal.write(data, () => {
      for (const watcher of watchers) watcher();
    });
  });
  // What it is asked, such as for its cursor: asked only by what it was given.
  if (!isMute) terminal.onData((answer) => child.write(answer));
  const ended = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    child.onExit(({ exitCode, signal }) => resolve({ exitCode, signal }));
  });

  function screen(): string {
    const buffer = terminal.buffer.active;
    const lines = Array.from({ length: terminal.rows }, (_, row) =>
      (buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? "").trimEnd(),
    );
    return lines.join("\n");
  }

  async function sees(what: string | RegExp, timeoutMs = 10_000): Promise<string> {
    const shown = (): boolean => (typeof what === "string" ? screen().includes(what) : what.test(screen()));
    if (shown()) return screen();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(look);
        reject(new Error(`the screen never showed ${String(what)}; it shows:\n${screen()}`));
      }, timeoutMs);
      const look = (): void => {
        if (!shown()) return;
        clearTimeout(timer);
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
    });
    return screen();
  }

  return {
    screen,
    sees,
    press: (...pressed) => pressed.forEach((key) => child.write(key)),
    resize(nextColumns, nextRows) {
      terminal.resize(nextColumns, nextRows);
      child.resize(nextColumns, nextRows);
    },
    hold: () => child.pause(),
    release: () => child.resume(),
    ended,
    output: () => output,
    onAlternateScreen: () => terminal.buffer.active.type === "alternate",
    terminal,
    kill: (signal) => child.kill(signal),
    pid: child.pid,
    hangUp: () => (child as Closable).destroy(),
    stall: () => child.pause(),
    resume: () => child.resume(),
  };
}
