import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();
const END = 1_700_000_040_000;
const SCRAPE = 15_000;
const SCRAPES = 9;

type Sample = SeriesOfSamples["samples"][number];

/** A few series of three metrics whose labels overlap, with gaps, resets, stale ends and a NaN. */
function samples(): readonly SeriesOfSamples[] {
  return ["a", "b", "c_bucket"].flatMap((name, metric) =>
    [0, 1, 2, 3, 4].map((index) => ({
      labels: {
        __name__: name,
        x: String(index % 2),
        ...(index === 4 ? {} : { y: String(index % 3) }),
        ...(metric === 2 ? { le: ["1", "2", "5", "+Inf", "+Inf"][index]! } : { z: String(index) }),
      },
      samples: valuesOf(metric, index),
    })),
  );
}

function valuesOf(metric: number, index: number): SeriesOfSamples["samples"] {
  return Array.from({ length: SCRAPES }, (_, scrape) => scrape).flatMap<Sample>((scrape) => {
    const at = END - (SCRAPES - 1 - scrape) * SCRAPE - index * 700;
    if ((scrape + index) % 7 === 3) return [];
    if (metric === 1 && index === 2 && scrape === 8) return [[at, "stale"]];
    if (metric === 1 && index === 3 && scrape === 8) return [[at, NaN]];
    return [[at, ((scrape + metric) % 6) * (index + 1) + metric]];
  });
}

const label = fc.constantFrom("x", "y", "z", "le", "missing");
const labels = fc.uniqueArray(label, { maxLength: 3 }).map((names) => `(${names.join(", ")})`);
const matcher = fc
  .tuple(
    label,
    fc.constantFrom("=", "!=", "=~", "!~"),
    fc.constantFrom("", "0", "1", "0|1", ".*", ".+", "[12]"),
  )
  .map(([name, op, value]) => `${name}${op}"${value}"`);
const selector = fc
  .tuple(fc.constantFrom("a", "b", "c_bucket", `{__name__=~"a|b"}`), fc.array(matcher, { maxLength: 2 }))
  .map(([name, matchers]) => (name.startsWith("{") ? name : `${name}{${matchers.join(",")}}`));
const offset = fc.constantFrom("", "", "", " offset 20s", " offset -15s");
const range = fc.constantFrom("[15s]", "[30s]", "[1m]", "[90s]", "[5m]");
const number = fc.constantFrom("0", "1", "-2", "0.5", "3", "NaN", "Inf");
const overRange = fc.constantFrom(
  "rate",
  "increase",
  "delta",
  "irate",
  "idelta",
  "resets",
  "changes",
  "sum_over_time",
  "last_over_time",
  "max_over_time",
  "count_over_time",
);
const perElement = fc.constantFrom("abs", "ceil", "floor", "sgn", "round", "sort", "timestamp", "absent");
const aggregation = fc.constantFrom("sum", "avg", "min", "max", "count", "group");
const arithmetic = fc.constantFrom("+", "-", "*", "/");
const comparison = fc.constantFrom("==", "!=", ">", "<", ">=", "<=", "> bool", "== bool", "<= bool");
const matching = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("on", "ignoring"), labels).map(([word, names]) => `${word} ${names}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("on", "ignoring"), labels, fc.constantFrom("group_left", "group_right"), labels)
      .map(([word, names, group, include]) => `${word} ${names} ${group} ${include}`),
  },
);

/** Most operators stand without brackets, so that their precedence shows. */
const bracketed = (parts: readonly string[]) =>
  fc.constantFrom(parts.join(" "), parts.join(" "), `(${parts.join(" ")})`);

const { vector } = fc.letrec<{ vector: string; scalar: string }>((tie) => ({
  scalar: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    { weight: 5, arbitrary: number },
    { weight: 1, arbitrary: tie("vector").map((of) => `scalar(${of})`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("scalar"), arithmetic, tie("scalar")).chain(bracketed),
    },
    { weight: 1, arbitrary: fc.tuple(tie("scalar"), tie("scalar")).map(([a, b]) => `(${a} > bool ${b})`) },
  ),
  vector: fc.oneof(
    { maxDepth: 4, depthSize: "medium" },
    { weight: 3, arbitrary: fc.tuple(selector, offset).map((parts) => parts.join("")) },
    {
      weight: 3,
      arbitrary: fc.tuple(overRange, selector, range, offset).map(([f, of, w, o]) => `${f}(${of}${w}${o})`),
    },
    { weight: 2, arbitrary: fc.tuple(perElement, tie("vector")).map(([f, of]) => `${f}(${of})`) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(aggregation, fc.constantFrom("by", "without"), labels, tie("vector"))
        .map(([op, word, names, of]) => `${op} ${word} ${names} (${of})`),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(tie("vector"), fc.oneof(arithmetic, comparison), tie("scalar")).chain(bracketed),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(tie("scalar"), fc.oneof(arithmetic, comparison), tie("vector")).chain(bracketed),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(tie("vector"), fc.oneof(arithmetic, comparison), matching, tie("vector"))
        .chain(bracketed),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          tie("vector"),
          fc.constantFrom("and", "or", "unless"),
          fc.oneof(
            fc.constant(""),
            fc.tuple(fc.constantFrom("on", "ignoring"), labels).map((parts) => parts.join(" ")),
          ),
          tie("vector"),
        )
        .chain(bracketed),
    },
    { weight: 1, arbitrary: tie("vector").map((of) => `-${of}`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("scalar"), tie("vector")).map(([q, of]) => `histogram_quantile(${q}, ${of})`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie("vector"), tie("scalar")).map(([of, least]) => `clamp_min(${of}, ${least})`),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("vector"), label, label)
        .map(([of, to, from]) => `label_replace(${of}, "${to}", "n$1", "${from}", "(.).*")`),
    },
  ),
}));

describe.skipIf(absent !== null)(
  `any expression means what it means to a real Prometheus (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write(samples());
    });
    afterAll(async () => {
      await worlds.stop();
    });

    test("the same value, or the same class of error", async () => {
      await fc.assert(
        fc.asyncProperty(
          vector,
          fc.constantFrom(0, 1, 14_000, 40_000, -200_000),
          async (expression, before) => {
            await worlds.same(expression, END - before);
          },
        ),
        { numRuns: Number(process.env["RUNS"] ?? 600), endOnFailure: true },
      );
    });
  },
);
