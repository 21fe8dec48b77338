import { count, median, times, type Figure } from "./figures.ts";
import { idealBytes } from "./idealDiff.ts";
import { emulated, startScreen, usageOf, type BenchScreen, type Painted } from "./screen.ts";

/** What one view is asked to do, key by key; each key changes what is shown. */
interface Walk {
  readonly view: string;
  /** Opens it, from wherever the program is. */
  readonly enter: readonly string[];
  readonly keys: readonly string[];
  /** Bytes of a key; `null`: none was promised of such a one. */
  readonly bytes: number | null;
}

const pageDown = "\u001b[6~";
const pageUp = "\u001b[5~";
const rubout = "\u007f";
const row = 600;
const screenful = 6000;

const walks: readonly Walk[] = [
  { view: "services", enter: [":services\r"], keys: ["j", "j", "j", "k", "k", "k"], bytes: row },
  { view: "services, scrolled", enter: [":services\r", "j".repeat(60)], keys: ["j"], bytes: row },
  { view: "services, a page", enter: [":services\r"], keys: [pageDown, pageUp], bytes: screenful },
  { view: "services, sorted", enter: [":services\r"], keys: ["N", "R"], bytes: screenful },
  {
    view: "services, a filter typed",
    enter: [":services\r", "/"],
    keys: ["c", "a", "r", "t", rubout, rubout, rubout, rubout],
    bytes: screenful,
  },
  {
    view: "traffic and routes",
    enter: ["\u001b", "\u001b", ":services\r", "\r"],
    keys: ["j", "k"],
    bytes: row,
  },
  { view: "canaries", enter: [":canaries\r"], keys: ["j", "k"], bytes: row },
  { view: "mtls", enter: [":mtls\r"], keys: ["j", "j", "k", "k"], bytes: row },
  { view: "breakers", enter: [":breakers\r"], keys: ["j", "j", "k", "k"], bytes: row },
  { view: "egress", enter: [":egress\r"], keys: ["j", "j", "k", "k"], bytes: row },
  { view: "checks", enter: [":checks\r"], keys: ["j", "j", "k", "k"], bytes: null },
  { view: "journal", enter: [":journal\r"], keys: ["j", "j", "k", "k"], bytes: null },
  { view: "details of a service", enter: [":services\r", "d"], keys: ["j", "j", "k", "k"], bytes: screenful },
  { view: "yaml, opened and left", enter: [":services\r"], keys: ["y", "q"], bytes: screenful },
  { view: "help", enter: [":services\r", "?"], keys: ["j", "j", "k", "k"], bytes: screenful },
  { view: "graph", enter: [":graph\r"], keys: ["l", "j", "k", "h"], bytes: screenful },
  { view: "page switch (tab)", enter: [":services\r"], keys: ["\t"], bytes: screenful },
];

/** Bytes of the ideal diff of the screens before and after. */
async function idealOf(before: string, painted: string, size: BenchScreen["size"]): Promise<number> {
  const [old, next] = [await emulated(before, size), await emulated(before + painted, size)];
  return idealBytes(old, next);
}

/** What a program costs here that writes the same frame and does nothing else. */
async function echoTimes(frame: string): Promise<number> {
  const program = new URL("echoFrame.mjs", import.meta.url).pathname;
  const body = Buffer.from(frame).toString("base64");
  const screen = startScreen({ command: [process.execPath, program, body] });
  await screen.saw("ready");
  const all: number[] = [];
  for (let press = 0; press < 30; press += 1)
    all.push((await screen.press("j", { quietMs: 5 })).firstMs ?? 0);
  await screen.close();
  return median(all);
}

async function walk(
  screen: BenchScreen,
  { view, enter, keys, bytes }: Walk,
  presses: number,
): Promise<readonly Figure[]> {
  for (const key of enter) await screen.press(key, { quietMs: 120 });
  await screen.rest(300);
  const before = screen.output();
  const cpuBefore = usageOf(screen.pid).cpuMs;
  const painted: Painted[] = [];
  for (let press = 0; press < presses; press += 1)
    painted.push(await screen.press(keys[press % keys.length] ?? "j"));
  const cpu = (usageOf(screen.pid).cpuMs - cpuBefore) / presses;
  const shown = painted.filter(({ firstMs }) => firstMs !== null);
  if (shown.length * 2 < presses)
    throw new Error(`The keys of ${view} paint nothing; it shows:\n${await textOf(screen)}`);
  const sample = shown[0]?.output ?? "";
  const floor = { value: await echoTimes(sample), of: "stdout.write of the frame" };
  const ideal = { value: await idealOf(before, sample, screen.size), of: "cell diff" };
  return [
    times(
      shown.map(({ firstMs }) => firstMs ?? 0),
      { what: `key to bytes, ${view}`, budget: 10, p95Budget: 25, floor },
    ),
    count(
      "bytes",
      shown.map((one) => one.bytes),
      { what: `bytes of a key, ${view}`, budget: bytes, floor: ideal },
    ),
    { what: `CPU of a key, ${view}`, unit: "ms", median: cpu, p95: null, budget: null, isCount: false },
  ];
}

async function textOf(screen: BenchScreen): Promise<string> {
  const terminal = await emulated(screen.output(), screen.size);
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, line) =>
    active.getLine(active.baseY + line)?.translateToString(true),
  ).join("\n");
}

/** Keys in each view. */
export async function keys(screen: BenchScreen, presses: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const one of walks) figures.push(...(await walk(screen, one, presses)));
  return figures;
}

/** Opens every view once. */
export async function visitEveryView(screen: BenchScreen): Promise<void> {
  for (const { enter } of walks)
    for (const key of enter) await screen.press(key, { quietMs: 100, patienceMs: 200 });
}

/** It is laid out by then. */
const layoutMs = 3000;

/** A graph of so many nodes: opened, and gone through; then all of it. */
export async function largeGraph(
  screen: BenchScreen,
  nodes: number,
  presses: number,
): Promise<readonly Figure[]> {
  const opened: Painted[] = [];
  for (let round = 0; round < Math.max(3, presses / 10); round += 1) {
    await screen.press(":services\r", { quietMs: 100 });
    for (const key of ":graph") await screen.press(key);
    opened.push(await screen.press("\r", { quietMs: 100 }));
  }
  const way = { enter: [], keys: ["l", "j", "k", "h"], bytes: screenful };
  const around = await walk(screen, { view: `graph of ${nodes} nodes`, ...way }, presses);
  const whole = await screen.press("f", { quietMs: layoutMs });
  const all = await walk(screen, { view: `graph of ${nodes} nodes, whole`, ...way }, presses);
  const firstOf = (painted: readonly Painted[]): readonly number[] =>
    painted.flatMap(({ firstMs }) => firstMs ?? []);
  return [
    times(firstOf(opened), { what: `graph of ${nodes} nodes, opened`, budget: 100 }),
    ...around,
    times(firstOf([whole]), {
      what: `key to bytes: all ${nodes} nodes, which have no places yet`,
      budget: 100,
    }),
    ...all,
  ];
}
