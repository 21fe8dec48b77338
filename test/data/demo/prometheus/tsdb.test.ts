import fc from "fast-check";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { labelsFrom } from "../../../../src/data/demo/prometheus/labels.ts";
import type { Matcher } from "../../../../src/data/demo/prometheus/matcher.ts";
import { SampleRing } from "../../../../src/data/demo/prometheus/series.ts";
import { createTsdb } from "../../../../src/data/demo/prometheus/tsdb.ts";

const START = 1_700_000_000_000;
const target = { job: "istio-proxies", instance: "webapp:15090" };

const named = (value: string): Matcher => ({
  name: "__name__",
  op: "=",
  value,
  matches: (text) => text === value,
});

describe("the samples of one series", () => {
  const ring = (samples: readonly (readonly [number, number | null])[], retention = Infinity): SampleRing => {
    const series = new SampleRing(labelsFrom([["__name__", "x"]]));
    for (const [at, value] of samples) series.append(at, value, at - retention);
    return series;
  };

  test("are those of a plain list, whatever is asked, how many they are and how long they are kept", () => {
    const sample = fc.tuple(
      fc.integer({ min: 0, max: 5_000 }),
      fc.option(fc.double({ noNaN: true }), { freq: 8 }),
    );
    const retention = fc.constantFrom(500, 5_000, 100_000, Infinity);
    const instant = fc.integer({ min: -10, max: 400_000 });
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 300 }),
        retention,
        instant,
        instant,
        (steps, kept, from, to) => {
          let at = 0;
          const appended = steps.map(([gap, value]) => [(at += gap), value] as const);
          const series = ring(appended, kept);
          const newest = at;
          const model = appended.filter(
            ([time], index) => index === 0 || time > Math.max(...appended.slice(0, index).map(([t]) => t)),
          );
          const remembered = model.filter(([time]) => time >= newest - kept);
          const values = remembered.flatMap(([time, value]) => (value === null ? [] : [{ at: time, value }]));
          expect(series.between(from, to)).toEqual(
            values.filter((point) => point.at >= from && point.at <= to),
          );
          const last = remembered.filter(([time]) => time <= to).at(-1);
          const seen =
            last === undefined || last[1] === null || last[0] < to - 1_000
              ? null
              : { at: last[0], value: last[1] };
          expect(series.latest(to, 1_000)).toEqual(seen);
        },
      ),
    );
  });

  test("come in time order: a late or second sample of one instant is dropped", () => {
    const series = ring([
      [10, 1],
      [10, 2],
      [5, 3],
      [11, 4],
    ]);
    expect(series.between(0, 100)).toEqual([
      { at: 10, value: 1 },
      { at: 11, value: 4 },
    ]);
  });

  test("a stale marker hides the series at once; before and after it there are values", () => {
    const series = ring([
      [10, 1],
      [20, null],
      [30, 2],
    ]);
    expect([15, 25, 35].map((at) => series.latest(at, 1_000)?.value)).toEqual([1, undefined, 2]);
    expect(series.between(0, 100).map(({ value }) => value)).toEqual([1, 2]);
  });
});

describe("a scrape", () => {
  test("stores each child of a metric with the labels of its target, and says that the target is up", async () => {
    const registry = new Registry();
    const requests = new Counter({
      name: "istio_requests_total",
      help: "h",
      labelNames: ["reporter"],
      registers: [registry],
    });
    requests.inc({ reporter: "source" }, 3);
    const tsdb = createTsdb();
    await tsdb.scrape(registry, START, target);
    const [series, ...more] = tsdb.select([named("istio_requests_total")]);
    expect(more).toEqual([]);
    expect(Object.fromEntries(series!.labels)).toEqual({
      __name__: "istio_requests_total",
      reporter: "source",
      ...target,
    });
    expect(series!.latest(START, 0)?.value).toBe(3);
    expect(tsdb.select([named("up")])[0]?.latest(START, 0)?.value).toBe(1);
  });

  test("names a histogram's bounds as they are printed", async () => {
    const registry = new Registry();
    const durations = new Histogram({
      name: "ms",
      help: "h",
      buckets: [0.5, 1, 3_600_000],
      registers: [registry],
    });
    durations.observe(0.7);
    const tsdb = createTsdb();
    await tsdb.scrape(registry, START, target);
    const buckets = tsdb.select([named("ms_bucket")]);
    expect(buckets.map(({ labels }) => labels.get("le"))).toEqual(["0.5", "1", "3600000", "+Inf"]);
    expect(buckets.map((series) => series.latest(START, 0)?.value)).toEqual([0, 1, 1, 1]);
    expect(tsdb.select([named("ms_sum")])[0]?.latest(START, 0)?.value).toBe(0.7);
  });

  test("ends what a proxy no longer shows, and only that; other targets are not touched", async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: "open", help: "h", labelNames: ["host"], registers: [registry] });
    for (const host of ["a", "b", "c"]) gauge.set({ host }, 1);
    const tsdb = createTsdb();
    await tsdb.scrape(registry, START, target);
    await tsdb.scrape(registry, START, { ...target, instance: "forum:15090" });
    gauge.remove({ host: "a" });
    await tsdb.scrape(registry, START + 15_000, target);
    const alive = tsdb
      .select([named("open")])
      .filter((series) => series.latest(START + 15_000, 300_000) !== null);
    expect(alive.map(({ labels }) => `${labels.get("instance")} ${labels.get("host")}`)).toEqual([
      "webapp:15090 b",
      "webapp:15090 c",
      "forum:15090 a",
      "forum:15090 b",
      "forum:15090 c",
    ]);
  });

  test("ends every series of a metric that left the registry", async () => {
    const registry = new Registry();
    new Gauge({ name: "gone", help: "h", registers: [registry] });
    const tsdb = createTsdb();
    await tsdb.scrape(registry, START, target);
    registry.removeSingleMetric("gone");
    await tsdb.scrape(registry, START + 15_000, target);
    expect(tsdb.select([named("gone")])[0]?.latest(START + 15_000, 300_000)).toBeNull();
  });

  test("a child that comes back goes on in the same series", async () => {
    const registry = new Registry();
    const gauge = new Gauge({ name: "open", help: "h", labelNames: ["host"], registers: [registry] });
    const tsdb = createTsdb();
    for (const [index, present] of [true, false, true].entries()) {
      if (present) gauge.set({ host: "a" }, index);
      else gauge.remove({ host: "a" });
      await tsdb.scrape(registry, START + index * 15_000, target);
    }
    const all = tsdb.select([named("open")]);
    expect(all.map((series) => series.between(START, START + 60_000).map(({ value }) => value))).toEqual([
      [0, 2],
    ]);
  });

  test("forgets series that nobody has shown for longer than the retention", async () => {
    const registry = new Registry();
    new Gauge({ name: "there", help: "h", registers: [registry] });
    const tsdb = createTsdb({ retentionMs: 60_000 });
    tsdb.append({ __name__: "old", i: "1" }, START, 1);
    for (let scrape = 1; scrape <= 64; scrape += 1)
      await tsdb.scrape(registry, START + scrape * 15_000, target);
    expect(tsdb.select([]).map(({ labels }) => labels.get("__name__"))).not.toContain("old");
    expect(tsdb.select([named("there")])[0]?.between(0, Infinity)).toHaveLength(5);
  });
});
