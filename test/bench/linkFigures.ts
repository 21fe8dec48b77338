/** A person behind a slow link: what they wait for, and what becomes of keys that come faster than frames leave. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { openDashboard, settled } from "./dashboard.ts";
import { count, counted, measured, times, type Figure } from "./figures.ts";
import { emulated, frameEnd, type BenchScreen, type Link, type Painted } from "./screen.ts";

/** 200 ms of round trip, 1 Mbit/s. */
const slow: Link = { oneWayMs: 100, bytesPerSecond: 125_000 };
const roundTrip = { value: 2 * slow.oneWayMs, of: "the round trip" };
const name = "200 ms, 1 Mbit/s";

async function pressed(screen: BenchScreen, keys: string, presses: number): Promise<readonly number[]> {
  const all: Painted[] = [];
  for (let press = 0; press < presses; press += 1) all.push(await screen.press(keys, { quietMs: 60 }));
  return all.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
}

/** As fast as a held key repeats: pages are more than the link carries. */
async function held(
  screen: BenchScreen,
  keys: Iterable<string>,
): Promise<{ painted: Painted; lastMs: number }> {
  const done = screen.record();
  for (const key of keys) {
    screen.write(key);
    await sleep(33);
  }
  const released = performance.now();
  await screen.rest(1000);
  return { painted: done(), lastMs: screen.newest() - released };
}

async function lastLineOf(screen: BenchScreen): Promise<string> {
  const { active } = (await emulated(screen.output(), screen.size)).buffer;
  const lines = Array.from({ length: screen.size.rows }, (_, row) =>
    active.getLine(active.baseY + row)?.translateToString(true),
  );
  return lines.findLast((line) => line?.includes("/") ?? false) ?? "";
}

/** Letters of `typed` that are not where they were typed. */
function misplaced(line: string, typed: string): number {
  const shown = /\/([a-z]*)/.exec(line.slice(line.lastIndexOf("/")))?.[1] ?? "";
  return Array.from(typed).filter((letter, index) => shown[index] !== letter).length;
}

/** Every key of a word says where it belongs; among them pages, of which the link takes few. */
export async function behindLink(
  cluster: Cluster,
  { home, presses }: { readonly home: string; readonly presses: number },
): Promise<readonly Figure[]> {
  const screen = openDashboard(cluster, { home, link: slow });
  await settled(cluster, screen);
  const moves = await pressed(screen, "j", presses);
  const switches = await pressed(screen, "\t", Math.ceil(presses / 3));
  const repeats = presses * 3;
  const { painted, lastMs } = await held(
    screen,
    Array.from({ length: repeats }, () => "\t"),
  );
  const frames = painted.output.split(frameEnd).length - 1;
  await screen.press(":services\r", { quietMs: 300 });
  const typed = "thequickbrownfoxjumpsoverthelazydog";
  await held(screen, Array.from(`${"\t".repeat(6)}:services\r/${typed}`));
  const lost = misplaced(await lastLineOf(screen), typed);
  await screen.close();
  return [
    times(moves, { what: `${name}: key to bytes, row moved`, budget: null, floor: roundTrip }),
    times(switches, { what: `${name}: key to bytes, page switch`, budget: null, floor: roundTrip }),
    measured("ms", lastMs, { what: `${name}: last frame after a held tab`, budget: null, floor: roundTrip }),
    // How many fit through the link is a matter of time.
    count("frames", [frames], { what: `${name}: frames of ${repeats} held keys`, budget: null }),
    counted("keys", lost, {
      what: `${name}: keys lost or out of their order, of ${typed.length}`,
      budget: 0,
    }),
  ];
}
