import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createPlayback, type Playback } from "../../../src/data/demo/playback.ts";
import { createTsdb } from "../../../src/data/demo/prometheus/tsdb.ts";

const begin = Date.UTC(2026, 0, 1);
const second = 1000;

/** A playback that only notes its ticks, and its scrapes by the `up` that each leaves. */
function noted(tickMs = 5 * second): {
  readonly playback: Playback;
  readonly ticks: readonly (readonly [number, number])[];
  readonly scrapes: () => readonly number[];
} {
  const ticks: [number, number][] = [];
  const tsdb = createTsdb();
  const tick = (from: number, to: number): void => {
    ticks.push([(from - begin) / second, (to - begin) / second]);
  };
  const world = { registry: new Registry(), tick, stop: () => undefined };
  return {
    playback: createPlayback({ world, tsdb, tickMs, begin }),
    ticks,
    scrapes: () =>
      tsdb
        .select([{ name: "__name__", op: "=", value: "up", matches: (value) => value === "up" }])
        .flatMap((series) => series.between(0, Infinity))
        .map(({ at }) => (at - begin) / second),
  };
}

test("only whole ticks are played, each once, and scraped at its end", async () => {
  const { playback, ticks, scrapes } = noted();
  await playback.advance(begin + 14 * second);
  await playback.advance(begin + 15 * second);
  await playback.advance(begin + 3 * second);
  expect(ticks).toEqual([
    [0, 5],
    [5, 10],
    [10, 15],
  ]);
  expect(scrapes()).toEqual([5, 10, 15]);
});

test("who asks at the same time waits for the other", async () => {
  const { playback, ticks } = noted();
  await Promise.all([playback.advance(begin + 10 * second), playback.follow(begin + 10 * second)]);
  expect(ticks).toHaveLength(2);
});

test("the past is scraped each 15 s, its last two minutes at each tick", async () => {
  const { playback, ticks, scrapes } = noted();
  const seen: number[] = [];
  await playback.remember(begin + 600 * second, (at) => seen.push((at - begin) / second));
  expect(ticks).toHaveLength(120);
  expect(seen).toEqual(ticks.map(([from]) => from));
  // begin is a whole multiple of 15 s: ticks that start at 0, 15, ... 465 are scraped at their ends, then every one from 480 on.
  const sparse = Array.from({ length: 32 }, (_, n) => 15 * n + 5);
  const close = Array.from({ length: 24 }, (_, n) => 485 + 5 * n);
  expect(scrapes()).toEqual([...sparse, ...close]);
});

test("after a long sleep only the last ten minutes are played", async () => {
  const { playback, ticks } = noted();
  await playback.advance(begin + 10 * second);
  await playback.follow(begin + 7200 * second);
  expect(ticks[2]).toEqual([6600, 6605]);
  expect(ticks.at(-1)).toEqual([7195, 7200]);
});
