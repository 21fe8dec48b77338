import { setTimeout as sleep } from "node:timers/promises";
import { count, median, times, type Figure } from "./figures.ts";
import { idealBytes } from "./idealDiff.ts";
import { emulated, startScreen, usageOf, type BenchScreen, type Painted } from "./screen.ts";

/** What one view is asked to do, key by key; each key changes what is shown. */
interface Walk {
  readonly view: string;
  /** Opens it from the table of services. */
  readonly enter: readonly string[];
  readonly keys: readonly string[];
  /** Bytes of a key; `null`: none was promised of such a one. */
  readonly bytes: number | null;
}

const walks: readonly Walk[] = [
  { view: "services", enter: [":services\r"], keys: ["j", "j", "j", "k", "k", "k"], bytes: 600 },
  { view: "traffic", enter: [":services\r", "\r"], keys: ["j", "k"], bytes: 600 },
  { view: "mtls", enter: [":mtls\r"], keys: ["j", "j", "k", "k"], bytes: 600 },
  { view: "breakers", enter: [":breakers\r"], keys: ["j", "j", "k", "k"], bytes: 600 },
  { view: "graph", enter: [":graph\r"], keys: ["l", "j", "k", "h"], bytes: null },
];

/** Bytes of the ideal diff of the screens before and after. */
async function idealOf(before: string, painted: string, size: BenchScreen["size"]): Promise<number> {
  const [old, next] = [await emulated(before, size), await emulated(before + painted, size)];
  return idealBytes(old, next);
}

/** What a program costs here that writes the same frame and does nothing else. */
async function echoTimes(frame: string, count_: number): Promise<number> {
  const program = new URL("echoFrame.mjs", import.meta.url).pathname;
  const body = Buffer.from(frame).toString("base64");
  const screen = startScreen({ command: [process.execPath, program, body] });
  await screen.saw("ready");
  const all: number[] = [];
  for (let press = 0; press < count_; press += 1) all.push((await screen.press("j", 10)).firstMs ?? 0);
  await screen.close();
  return median(all);
}

async function walk(
  screen: BenchScreen,
  { view, enter, keys, bytes }: Walk,
  presses: number,
): Promise<readonly Figure[]> {
  for (const key of enter) await screen.press(key, 300);
  await screen.rest(500);
  const before = screen.output();
  const cpuBefore = usageOf(screen.pid).cpuMs;
  const painted: Painted[] = [];
  for (let press = 0; press < presses; press += 1)
    painted.push(await screen.press(keys[press % keys.length] ?? "j"));
  const cpu = (usageOf(screen.pid).cpuMs - cpuBefore) / presses;
  const shown = painted.filter(({ firstMs }) => firstMs !== null);
  const sample = shown[0]?.output ?? "";
  const floor = { value: await echoTimes(sample, 50), of: "stdout.write of the frame" };
  const ideal = { value: await idealOf(before, sample, screen.size), of: "cell diff" };
  return [
    { what: `CPU of a key, ${view}`, unit: "ms", median: cpu, p95: null, budget: null, isCount: false },
    times(
      shown.map(({ firstMs }) => firstMs ?? 0),
      { what: `key to bytes, ${view}`, budget: 10, p95Budget: 25, floor },
    ),
    count(
      "bytes",
      shown.map((one) => one.bytes),
      { what: `bytes of a key, ${view}`, budget: bytes, floor: ideal },
    ),
  ];
}

/** Keys in each view, and a change of page. */
export async function keys(screen: BenchScreen, presses: number): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const one of walks) figures.push(...(await walk(screen, one, presses)));
  return [...figures, ...(await pages(screen, Math.ceil(presses / 10)))];
}

async function pages(screen: BenchScreen, rounds: number): Promise<readonly Figure[]> {
  const switched: Painted[] = [];
  await screen.press(":services\r", 300);
  for (let round = 0; round < rounds; round += 1) {
    switched.push(await screen.press("\t", 150));
  }
  const turned: Painted[] = [];
  await screen.press(":services\r", 300);
  for (let round = 0; round < rounds; round += 1) turned.push(await screen.press("\u001b[6~", 100));
  const scrolled: Painted[] = [];
  await screen.press("j".repeat(60), 300);
  for (let round = 0; round < rounds; round += 1) scrolled.push(await screen.press("j", 60));
  const bytesOf = (all: readonly Painted[]): readonly number[] => all.map(({ bytes }) => bytes);
  return [
    count("bytes", bytesOf(switched), { what: "bytes of a page switch (tab)", budget: 6000 }),
    count("bytes", bytesOf(turned), { what: "bytes of a page down, services", budget: 6000 }),
    count("bytes", bytesOf(scrolled), { what: "bytes of a row moved at the edge (scroll)", budget: 600 }),
  ];
}

/** Bytes painted in so many refreshes of so many ms. */
export async function refreshes(
  screen: BenchScreen,
  count_: number,
  everyMs: number,
): Promise<readonly number[]> {
  const all: number[] = [];
  for (let turn = 0; turn < count_; turn += 1) {
    const done = screen.record();
    await sleep(everyMs);
    all.push(done().bytes);
  }
  return all;
}
