import { expect, test } from "vitest";
import { evaluate } from "../../../../../src/data/demo/prometheus/promql/evaluate.ts";
import { parseExpression } from "../../../../../src/data/demo/prometheus/promql/parse.ts";
import { createTsdb } from "../../../../../src/data/demo/prometheus/tsdb.ts";

// The same engine is compared with a real Prometheus in test/contract/promql*; here are figures that can be checked by hand.
const END = 1_700_000_040_000;
const SCRAPE = 15_000;

const tsdb = createTsdb();
/** Ten scrapes up to `END`. */
function counter(labels: Readonly<Record<string, string>>, valueAt: (scrape: number) => number | null): void {
  for (let scrape = 1; scrape <= 10; scrape += 1) {
    const value = valueAt(scrape);
    if (value !== null) tsdb.append(labels, END - (10 - scrape) * SCRAPE, value);
  }
}
counter({ __name__: "requests_total", to: "v1" }, (scrape) => scrape * 90);
counter({ __name__: "requests_total", to: "v2" }, (scrape) => scrape * 10);
counter({ __name__: "requests_total", to: "restarted" }, (scrape) =>
  scrape < 9 ? scrape * 30 : (scrape - 8) * 30,
);
counter({ __name__: "requests_total", to: "new" }, (scrape) => (scrape < 9 ? null : (scrape - 8) * 30));
for (const [le, rate] of [
  ["100", 50],
  ["200", 90],
  ["+Inf", 100],
] as const) {
  counter({ __name__: "ms_bucket", le }, (scrape) => scrape * rate);
}

function values(promql: string): Readonly<Record<string, number>> {
  const expression = parseExpression(promql);
  if (!expression.ok) throw expression.error;
  const value = evaluate(expression.value, { select: (matchers) => tsdb.select(matchers), at: END });
  if (!value.ok) throw value.error;
  if (value.value.is === "scalar") return { "": value.value.value };
  if (value.value.is !== "vector") throw new Error(value.value.is);
  return Object.fromEntries(
    value.value.samples.map((sample) => [sample.labels.get("to") ?? "", sample.value]),
  );
}

test("a steady counter's rate is its step over the scrape interval", () => {
  expect(values('rate(requests_total{to=~"v."}[1m])')).toEqual({ v1: 6, v2: 10 / 15 });
});

test("a share is a quotient of rates", () => {
  const shares = values(
    'sum by (to) (rate(requests_total{to=~"v."}[1m])) / ignoring (to) group_left sum(rate(requests_total{to=~"v."}[1m]))',
  );
  expect(shares["v1"]).toBeCloseTo(0.9, 12);
  expect(shares["v2"]).toBeCloseTo(0.1, 12);
});

test("a restart loses nothing but what was not scraped", () => {
  // Five samples in a minute, 180 210 240 30 60: 60 - 180, and the 240 before the fall, over 60 s.
  expect(values('rate(requests_total{to="restarted"}[1m])')).toEqual({ restarted: 120 / 60 });
});

test("a series' first requests are invisible: its rate begins at the second sample", () => {
  // Samples 30 and 60, 15 s apart, the first 45 s after the window's start: the zero point is 15 s before the first sample,
  // within 1.1 spacings, so 30 s of the minute are covered: 30 * (30 / 15) / 60.
  expect(values('rate(requests_total{to="new"}[1m])')["new"]).toBeCloseTo(1, 12);
});

test("a quantile lies between the bounds of its bucket in proportion", () => {
  expect(values("histogram_quantile(0.7, rate(ms_bucket[1m]))")[""]).toBeCloseTo(150, 9);
  expect(values("histogram_quantile(0.99, rate(ms_bucket[1m]))")).toEqual({ "": 200 });
});

test.each([
  ["-2^2", -4],
  ["2^3^2", 512],
  ["1 - 1 - 1", -1],
  ["2 + 3 * 4 % 5", 4],
  ["1 > bool 2", 0],
])("%s is %d", (promql, value) => {
  expect(values(promql)).toEqual({ "": value });
});

test("an offset belongs to the selector before it, not to the sum", () => {
  const sum = values('requests_total{to="v1"} - requests_total{to="v1"} offset 15s * 2');
  expect(sum).toEqual({ v1: 900 - 810 * 2 });
});

test.each(["", "sum(", "rate(a)", "a[60]", "a @ 1", "rate(a[5m:1m])", "sin(a)"])(
  "%j is refused, never thrown",
  (promql) => {
    expect(parseExpression(promql).ok).toBe(false);
  },
);
