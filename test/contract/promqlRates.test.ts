import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();
/** A whole minute, so that samples fall on the ends of the windows. */
const END = 1_700_000_040_000;
const SCRAPE = 15_000;

/** Samples every 15 s up to `END`, from the values of a list, oldest first; `null` is a scrape that failed. */
function every15s(values: readonly (number | "stale" | null)[], shift = 0): SeriesOfSamples["samples"] {
  return values.flatMap((value, index) =>
    value === null ? [] : [[END - (values.length - 1 - index) * SCRAPE + shift, value] as const],
  );
}

const cases: Readonly<Record<string, readonly (number | "stale" | null)[]>> = {
  steady: [0, 15, 30, 45, 60, 75, 90, 105, 120],
  "starts in the window": [null, null, null, null, null, null, 3, 18, 33],
  "starts at zero in the window": [null, null, null, null, null, null, 0, 18, 33],
  "one sample only": [null, null, null, null, null, null, null, null, 7],
  "reset in the window": [100, 110, 120, 130, 140, 3, 13, 23, 33],
  "reset twice": [100, 110, 5, 130, 140, 3, 13, 2, 33],
  flat: [5, 5, 5, 5, 5, 5, 5, 5, 5],
  "a missed scrape": [0, 15, 30, 45, 60, null, 90, 105, 120],
  "two missed scrapes": [0, 15, 30, 45, null, null, 90, 105, 120],
  "ends before the window's end": [0, 15, 30, 45, 60, 75, 90, null, null],
  "ended with a stale marker": [0, 15, 30, 45, 60, 75, 90, "stale", null],
  "stale and back": [0, 15, 30, 45, 60, "stale", 4, 19, 34],
  fractions: [0.1, 0.35, 1.7, 2.22, 2.23, 9.75, 9.8, 11.1, 12.9],
  "NaN inside": [0, 15, 30, 45, NaN, 75, 90, 105, 120],
  "infinity inside": [0, 15, 30, 45, Infinity, 75, 90, 105, 120],
  "negative gauge": [-5, 3, -8, 12, -1, -7, 0.5, -2, -9],
};

describe.skipIf(absent !== null)(
  `rates of counters, against a real Prometheus (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write([
        ...Object.entries(cases).map(([kind, values]) => ({
          labels: { __name__: "c_total", kind, offset: "none" },
          samples: every15s(values),
        })),
        // Scrapes are seldom aligned with the question.
        ...Object.entries(cases).map(([kind, values]) => ({
          labels: { __name__: "c_total", kind, offset: "4.321s" },
          samples: every15s(values, -4_321),
        })),
      ]);
    });
    afterAll(async () => {
      await worlds.stop();
    });

    const functions = ["rate", "increase", "irate", "delta", "idelta", "resets", "changes"];
    const ranges = ["1m", "60s", "30s", "45s", "2m", "90s", "61s", "1500ms", "10m"];
    test.each(functions.flatMap((name) => ranges.map((range) => [name, range] as const)))(
      "%s over %s",
      async (name, range) => {
        for (const before of [0, 1, 999, 7_000, 15_000, 31_000, 120_000]) {
          await worlds.same(`${name}(c_total[${range}])`, END - before);
        }
      },
    );

    test("a series needs two samples in the window to have a rate", async () => {
      const { data } = await worlds.same('rate(c_total{kind="one sample only"}[1m])', END);
      expect(data).toEqual({ resultType: "vector", result: [] });
    });

    test("both ends of a window belong to it: 60 s at one scrape in 15 s hold five samples", async () => {
      const { data } = await worlds.same('count_over_time(c_total{kind="steady",offset="none"}[1m])', END);
      expect(data).toMatchObject({ result: [{ value: [END / 1000, "5"] }] });
    });

    test("a window in the past, and one that reaches ahead", async () => {
      for (const offset of ["15s", "1m", "61s", "-15s", "-1m"]) {
        await worlds.same(`rate(c_total[1m] offset ${offset})`, END - 60_000);
        await worlds.same(`c_total offset ${offset}`, END - 60_000);
      }
    });

    const overTime = ["avg", "min", "max", "sum", "count", "last", "present"];
    test.each(overTime)("%s_over_time", async (name) => {
      for (const before of [0, 20_000]) await worlds.same(`${name}_over_time(c_total[1m])`, END - before);
    });

    test("any counter, scraped at any times, has the rate and increase that Prometheus computes", async () => {
      const counter = fc.array(
        fc.record({
          gap: fc.integer({ min: 1, max: 40_000 }),
          step: fc.oneof(
            { weight: 6, arbitrary: fc.double({ min: 0, max: 1e6, noNaN: true }) },
            { weight: 2, arbitrary: fc.constant(0) },
            { weight: 1, arbitrary: fc.constant("reset" as const) },
            { weight: 1, arbitrary: fc.constant("stale" as const) },
          ),
        }),
        { minLength: 1, maxLength: 14 },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(counter, { minLength: 60, maxLength: 60 }),
          fc.integer({ min: 1_000, max: 300_000 }),
          fc.integer({ min: 0, max: 60_000 }),
          async (counters, range, before) => {
            run += 1;
            const name = `random_${run}_total`;
            await worlds.write(counters.map((steps, index) => randomCounter(name, String(index), steps)));
            await worlds.same(`rate(${name}[${range}ms])`, END - before);
            await worlds.same(`increase(${name}[${range}ms])`, END - before);
            await worlds.same(`irate(${name}[${range}ms])`, END - before);
            await worlds.same(name, END - before);
            await worlds.same(`sum(rate(${name}[${range}ms]))`, END - before);
          },
        ),
        { numRuns: 40, endOnFailure: true },
      );
    });
  },
);

type Step = { readonly gap: number; readonly step: number | "reset" | "stale" };

/** A counter that ends at `END`; the gaps count backwards, the steps forwards. */
function randomCounter(name: string, id: string, steps: readonly Step[]): SeriesOfSamples {
  let at = END - steps.reduce((sum, { gap }) => sum + gap, 0);
  let value = 0;
  const samples = steps.map(({ gap, step }) => {
    at += gap;
    if (step === "stale") return [at, "stale"] as const;
    value = step === "reset" ? 0 : value + step;
    return [at, value] as const;
  });
  return { labels: { __name__: name, id }, samples };
}
