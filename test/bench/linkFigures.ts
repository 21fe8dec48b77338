/** A person behind a slow link: what they wait for, and what becomes of keys that come faster than frames leave. */
import { setTimeout as sleep } from "node:timers/promises";
import { count, times, type Figure } from "./figures.ts";
import { emulated, frameEnd, startScreen, type BenchScreen, type Link, type Painted } from "./screen.ts";

/** 200 ms of round trip, 1 Mbit/s. */
const slow: Link = { oneWayMs: 100, bytesPerSecond: 125_000 };
const roundTrip = { value: 2 * slow.oneWayMs, of: "the round trip" };

interface Ask {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly presses: number;
}

async function pressed(screen: BenchScreen, keys: string, presses: number): Promise<readonly number[]> {
  const all: Painted[] = [];
  for (let press = 0; press < presses; press += 1) all.push(await screen.press(keys, 350));
  return all.flatMap(({ firstMs }) => (firstMs === null ? [] : [firstMs]));
}

/** Pages as fast as a held key repeats: more than the link carries. */
async function held(
  screen: BenchScreen,
  presses: number,
): Promise<{ readonly painted: Painted; readonly lastMs: number }> {
  const done = screen.record();
  for (let press = 0; press < presses; press += 1) {
    screen.write("\t");
    await sleep(33);
  }
  const released = performance.now();
  await screen.rest(1500);
  return { painted: done(), lastMs: screen.newest() - released };
}

export async function behindLink({ command, environment, presses }: Ask): Promise<readonly Figure[]> {
  const screen = startScreen({ command, environment, link: slow });
  await screen.saw(/[a-z]+-\d{4}/);
  await screen.rest(3000);
  const moves = await pressed(screen, "j", presses);
  const switches = await pressed(screen, "\t", Math.ceil(presses / 3));
  const repeats = presses * 3;
  const { painted, lastMs } = await held(screen, repeats);
  const frames = painted.output.split(frameEnd).length - 1;
  await screen.press(":services\rggG", 4000);
  const shown = await emulated(screen.output(), screen.size);
  const line = shown.buffer.active.getLine(0)?.translateToString(true) ?? "";
  if (!line.includes("services"))
    throw new Error(`keys were lost behind the slow link; the screen shows ${line}`);
  await screen.close();
  return [
    times(moves, { what: "200 ms, 1 Mbit/s: key to bytes, row moved", budget: null, floor: roundTrip }),
    times(switches, { what: "200 ms, 1 Mbit/s: key to bytes, page switch", budget: null, floor: roundTrip }),
    times([lastMs], {
      what: "200 ms, 1 Mbit/s: last frame after a held tab",
      budget: null,
      floor: roundTrip,
    }),
    // How many fit through the link is a matter of time, and a refresh may paint one of its own.
    count("frames", [frames], { what: `200 ms, 1 Mbit/s: frames of ${repeats} held keys`, budget: null }),
  ];
}
