import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instant } from "../../src/data/mesh/units.ts";
import { arrivalMetrics, type CountScope } from "../../src/data/prometheus/arrivalQueries.ts";
import { istioNames } from "../../src/data/prometheus/metrics.ts";
import { arrivalSamples, BASELINE, END, PATCHED, SETTLED } from "../support/arrivalSamples.ts";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();

const scope: CountScope = {
  names: istioNames,
  matchers: "",
  counts: "requests",
  hosts: ["catalog.shop.svc.cluster.local"],
  patched: instant(PATCHED),
  settled: instant(SETTLED),
  baseline: instant(BASELINE),
  at: instant(END),
};

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describe.skipIf(absent !== null)(
  `counting since a patch, by a real Prometheus as by ours (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write(Object.values(arrivalSamples));
    });
    afterAll(async () => {
      await worlds.stop();
    });

    const rows = async (promql: string, at: number): Promise<readonly Row[]> => {
      const { data } = await worlds.same(promql, at);
      return (data as { result: readonly Row[] }).result;
    };

    /** Counts by where requests went, with the flag for those that went nowhere. */
    async function counted(more: Partial<CountScope> = {}): Promise<Readonly<Record<string, number>>> {
      const asked = { ...scope, ...more };
      const found = await rows(arrivalMetrics.split.promql(asked), asked.at);
      const sums: Record<string, number> = {};
      for (const { metric, value } of found) {
        const flags = metric["response_flags"] ?? "-";
        const where = flags === "-" ? (metric["destination_workload"] ?? "") : flags;
        sums[where] = (sums[where] ?? 0) + Number(value[1]);
      }
      return sums;
    }

    test("only what was counted after the baseline is in the count", async () => {
      expect(await counted()).toEqual({
        // Pod a 1440 - 1240, b 875 - 750, c 40 after it began anew; d, e, f, g cannot be counted.
        "catalog-v1": 200 + 125 + 40,
        // 260 - 60, and 7 of a series that was not there at the baseline.
        "catalog-v2": 200 + 7,
        UH: 9 - 1,
        NC: 10 - 4,
      });
    });

    test("one look after the other, each from the same baseline", async () => {
      // At 40 s pod a was scraped at 33 s: 1290 - 1240 and 110 - 60, 2 new ones, 2 - 1 lost; b and g at 40 s: 800 - 750, 5500 - 5300;
      // c ended at 40 s. At 60 s the first of c's new samples has not come.
      expect(await counted({ at: instant(PATCHED + 40_000) })).toEqual({
        "catalog-v1": 50 + 50 + 200,
        "catalog-v2": 52,
        UH: 1,
      });
      // c is back at 70 s with 5.
      expect(await counted({ at: instant(PATCHED + 70_000) })).toMatchObject({ "catalog-v1": 150 + 100 + 5 });
      for (let at = BASELINE + 1; at < END + 320_000; at += 7_777) await counted({ at: instant(at) });
    });

    test("connections are counted as requests are", async () => {
      expect(await counted({ counts: "connections" })).toEqual({ "catalog-v1": 90 - 50 });
    });

    test("extra matchers narrow it, and another name is asked for where the metric has one", async () => {
      expect(await counted({ matchers: 'instance="b"' })).toEqual({ "catalog-v1": 125 });
      const renamed = { ...istioNames, requests: "workload:istio_requests_total" };
      expect(await counted({ names: renamed })).toEqual({});
    });

    test("other services are other hosts, however alike their names are", async () => {
      expect(await counted({ hosts: ["catalogue.shop.svc.cluster.local"] })).toEqual({
        "catalog-v1": 300 - 100,
      });
      expect(await counted({ hosts: ["a+b.example"] })).toEqual({});
      const both = await counted({ hosts: ["catalogue.shop.svc.cluster.local", ...scope.hosts] });
      expect(both["catalog-v1"]).toBe(365 + 200);
    });

    test.each([
      // Pod a's two series at 3 s; b, c, d, e, f, g were scraped 5 s before the patch.
      { after: 5_000, fresh: 2, due: 6, old: 1 },
      // b, c, g are there, f ended; a's two more that met no endpoint come at 18 s.
      { after: 17_000, fresh: 5, due: 2, old: 1 },
      { after: 18_000, fresh: 7, due: 2, old: 1 },
      // f came back at 25 s, e at 55 s, a has one more; what ended minutes before is out of sight.
      { after: 120_000, fresh: 10, due: 1, old: 0 },
    ])(
      "$after ms after the patch $fresh series are fresh, $due due and $old old",
      async ({ after, ...counts }) => {
        const found = await rows(arrivalMetrics.freshness.promql(scope), PATCHED + after);
        const ages: Record<string, number> = { fresh: 0, due: 0, old: 0 };
        for (const { metric, value } of found) ages[metric["is"] ?? ""] = Number(value[1]);
        expect(ages).toEqual(counts);
      },
    );

    test("of a service that nobody calls nothing is fresh, due or old", async () => {
      expect(
        await rows(
          arrivalMetrics.freshness.promql({ ...scope, hosts: ["silent.shop.svc.cluster.local"] }),
          END,
        ),
      ).toEqual([]);
    });

    test("propagation is what istiod's histogram grew by since the patch", async () => {
      const found = await rows(arrivalMetrics.propagation.promql(scope), END);
      expect(Object.fromEntries(found.map(({ metric, value }) => [metric["le"], Number(value[1])]))).toEqual({
        "0.1": 20,
        "0.5": 38,
        "1": 44 - 4,
        "3": 50 - 10,
        "+Inf": 50 - 10,
      });
      for (const matchers of ['instance="istiod"', 'instance="other"']) {
        for (const at of [PATCHED + 1, PATCHED + 9_999, PATCHED + 10_000, END + 300_000]) {
          await worlds.same(arrivalMetrics.propagation.promql({ ...scope, matchers, at: instant(at) }), at);
        }
      }
    });

    test("any counters, scraped at any times, are counted by the rules", async () => {
      const counter = fc.array(
        fc.record({
          gap: fc.integer({ min: 500, max: 40_000 }),
          step: fc.oneof(
            { weight: 6, arbitrary: fc.integer({ min: 0, max: 1_000 }) },
            { weight: 1, arbitrary: fc.constant("anew" as const) },
            { weight: 1, arbitrary: fc.constant("pod lost" as const) },
            { weight: 1, arbitrary: fc.constant("stale" as const) },
          ),
        }),
        { minLength: 1, maxLength: 14 },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(counter, { minLength: 40, maxLength: 40 }),
          fc.integer({ min: 1, max: 60_000 }),
          fc.integer({ min: 1, max: 100_000 }),
          async (counters, sinceBaseline, sinceSettled) => {
            run += 1;
            const requests = `random_${run}_total`;
            const written = counters.map((steps, index) => randomCounter(requests, String(index), steps));
            await worlds.write(written);
            const baseline = END - sinceBaseline;
            const settled = baseline - sinceSettled;
            const asked = {
              ...scope,
              names: { ...istioNames, requests },
              baseline: instant(baseline),
              settled: instant(settled),
            };
            const found = await rows(arrivalMetrics.split.promql(asked), END);
            const got = new Map(
              found.map(({ metric, value }) => [metric["destination_workload"], Number(value[1])]),
            );
            for (const { labels, samples } of written) {
              const growth = grown(samples, { baseline, settled, at: END });
              expect([labels["destination_workload"], got.get(labels["destination_workload"]) ?? 0]).toEqual([
                labels["destination_workload"],
                growth,
              ]);
            }
          },
        ),
        { numRuns: 25, endOnFailure: true },
      );
    });
  },
);

interface Step {
  readonly gap: number;
  readonly step: number | "anew" | "pod lost" | "stale";
}

function randomCounter(name: string, id: string, steps: readonly Step[]): SeriesOfSamples {
  let at = END - steps.reduce((sum, { gap }) => sum + gap, 0);
  let value = 0;
  const samples = steps.map(({ gap, step }) => {
    at += gap;
    if (step === "stale") return [at, "stale"] as const;
    value = step === "anew" ? 0 : step === "pod lost" ? Math.ceil(value * 0.8) : value + step;
    return [at, value] as const;
  });
  const { labels } = arrivalSamples["grows on a first pod"]!;
  return { labels: { ...labels, __name__: name, destination_workload: id }, samples };
}

/** The rules once more, on the samples of one series. */
function grown(
  samples: SeriesOfSamples["samples"],
  { baseline, settled, at }: { readonly baseline: number; readonly settled: number; readonly at: number },
): number {
  const seenAt = (then: number): readonly [number, number] | null => {
    const last = samples.filter(([time]) => time <= then).at(-1);
    if (last === undefined || last[1] === "stale" || last[0] < then - 300_000) return null;
    return [last[0], last[1]];
  };
  const [now, then] = [seenAt(at), seenAt(baseline)];
  if (now === null) return 0;
  const isKnown = samples.some(
    ([time, value]) => value !== "stale" && time <= baseline && time >= baseline - 600_000,
  );
  if (!isKnown) return now[1];
  if (then === null || then[0] <= settled) return 0;
  if (now[1] >= then[1]) return now[1] - then[1];
  return now[1] < then[1] / 2 ? now[1] : 0;
}
