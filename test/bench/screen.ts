/** meshtop in a real pty, every chunk of its output with the time it came: what a person waits for, in bytes and milliseconds. */
import { spawn, type IPty } from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

interface Chunk {
  readonly at: number;
  readonly text: string;
}

/** What one event made of the screen. */
export interface Painted {
  /** From the event to the end of the first frame, and of the last one, in ms; `null`: nothing was painted. */
  readonly firstMs: number | null;
  readonly bytes: number;
  readonly output: string;
}

export interface BenchScreen {
  readonly startedAt: number;
  readonly pid: number;
  readonly size: { readonly columns: number; readonly rows: number };
  /** Sends keys, and waits until a frame came and nothing was painted for `quietMs`; where none comes, no longer than `patienceMs`. */
  press(keys: string, wait?: { readonly quietMs?: number; readonly patienceMs?: number }): Promise<Painted>;
  write(keys: string): void;
  /** What is painted from now until the function that it returns is called. */
  record(): () => Painted;
  /** When the output held this first, in ms since the start. */
  saw(what: string | RegExp, timeoutMs?: number): Promise<number>;
  /** Until nothing was painted for so long. */
  rest(quietMs: number): Promise<void>;
  /** Everything that was written so far. */
  output(): string;
  /** When the newest bytes came, by `performance.now`. */
  newest(): number;
  close(): Promise<void>;
}

export interface ScreenOptions {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
  /** What lies between the program and the person; nothing unless told. */
  readonly link?: Link;
}

export interface Link {
  /** From key to program, and again from program to eye. */
  readonly oneWayMs: number;
  readonly bytesPerSecond: number;
}

/** The end of a frame, which is a synchronized update (mode 2026). */
export const frameEnd = "\u001b[?2026l";

type Flow = Pick<IPty, "pause" | "resume">;

/** Lets through what the link lets through; what it does not take yet stays in the pty, so that the program feels it. */
function throughLink(
  link: Link | undefined,
  flow: Flow,
  deliver: (text: string) => void,
): (text: string) => void {
  if (link === undefined) return deliver;
  let free = performance.now();
  return (text) => {
    const now = performance.now();
    free = Math.max(free, now) + (Buffer.byteLength(text) / link.bytesPerSecond) * 1000;
    flow.pause();
    setTimeout(() => flow.resume(), free - now);
    setTimeout(() => deliver(text), free - now + link.oneWayMs);
  };
}

export function startScreen({
  command,
  environment = {},
  columns = 120,
  rows = 40,
  link,
}: ScreenOptions): BenchScreen {
  const { PATH = "" } = process.env;
  const [program = "", ...args] = command;
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cols: columns,
    rows,
    name: "xterm-256color",
    env: { PATH, TERM: "xterm-256color", COLORTERM: "truecolor", LANG: "C.UTF-8", ...environment },
  });
  const chunks: Chunk[] = [];
  let output = "";
  let hasEnded = false;
  let heard: () => void = () => undefined;
  const deliver = (text: string): void => {
    chunks.push({ at: performance.now(), text });
    output += text;
    heard();
  };
  /** Until something comes, or the time is over. */
  const hears = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      heard = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  child.onData(throughLink(link, child, deliver));
  const write = (keys: string): void => {
    if (link === undefined) child.write(keys);
    else setTimeout(() => child.write(keys), link.oneWayMs);
  };
  const ended = new Promise<void>((resolve) =>
    child.onExit(() => {
      hasEnded = true;
      resolve();
    }),
  );
  const record = (): (() => Painted) => {
    const [from, first] = [performance.now(), chunks.length];
    return () => paintedBy(chunks.slice(first), from);
  };
  const rest = async (quietMs: number): Promise<void> => {
    for (let left = quietMs; left > 0;) {
      await sleep(left);
      left = quietMs - (performance.now() - (chunks.at(-1)?.at ?? startedAt));
    }
  };
  return {
    startedAt,
    pid: child.pid,
    size: { columns, rows },
    record,
    rest,
    write,
    async press(keys, { quietMs = 20, patienceMs = 500 } = {}) {
      const done = record();
      write(keys);
      await hears(patienceMs);
      await rest(quietMs);
      return done();
    },
    async saw(what, timeoutMs = 60_000) {
      const isThere = (): boolean => (typeof what === "string" ? output.includes(what) : what.test(output));
      const deadline = performance.now() + timeoutMs;
      while (!isThere()) {
        if (hasEnded || performance.now() > deadline)
          throw new Error(`meshtop never showed ${String(what)}; its last words: ${output.slice(-500)}`);
        await sleep(1);
      }
      return arrivalOf(chunks, what) - startedAt;
    },
    output: () => output,
    newest: () => chunks.at(-1)?.at ?? startedAt,
    async close() {
      if (!hasEnded) child.kill("SIGTERM");
      await ended;
    },
  };
}

function paintedBy(chunks: readonly Chunk[], from: number): Painted {
  const output = chunks.map(({ text }) => text).join("");
  const first = output.includes(frameEnd) ? arrivalOf(chunks, frameEnd) : (chunks[0]?.at ?? null);
  return { firstMs: first === null ? null : first - from, bytes: Buffer.byteLength(output), output };
}

function arrivalOf(chunks: readonly Chunk[], what: string | RegExp): number {
  let sofar = "";
  for (const { at, text } of chunks) {
    sofar += text;
    if (typeof what === "string" ? sofar.includes(what) : what.test(sofar)) return at;
  }
  return chunks.at(-1)?.at ?? 0;
}

export interface Usage {
  readonly cpuMs: number;
  readonly residentMb: number;
  readonly peakMb: number;
}

/** What the kernel says of a process: Linux only. */
export function usageOf(pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  // Fields 14 and 15, in ticks of 10 ms; the first two stand before the split.
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const megabytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
  return { cpuMs: ticks * 10, residentMb: megabytes("VmRSS"), peakMb: megabytes("VmHWM") };
}

/** A terminal that has shown all of this. */
export async function emulated(
  output: string,
  { columns, rows }: BenchScreen["size"],
): Promise<InstanceType<typeof xterm.Terminal>> {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(output, done));
  return terminal;
}
