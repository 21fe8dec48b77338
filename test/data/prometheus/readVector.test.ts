import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestRate } from "../../../src/data/mesh/telemetry.ts";
import type { Sample } from "../../../src/data/prometheus/sample.ts";
import { VectorReader } from "../../../src/data/prometheus/readVector.ts";
import { bucketKind, durationsOf, plainSamples, requestRates } from "../../../src/data/prometheus/samples.ts";
import { SeriesTable } from "../../../src/data/prometheus/seriesTable.ts";
import { retainedBytes } from "../../support/retained.ts";

interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

const bodyOf = (result: readonly unknown[], more: object = {}) => ({
  status: "success",
  data: { resultType: "vector", result },
  ...more,
});

/** Hands a body over in chunks of these sizes, again and again. */
function read<T>(table: SeriesTable<T>, text: string, sizes: readonly number[] = [65_536]): boolean {
  const reader = new VectorReader(table.begin());
  const bytes = Buffer.from(text);
  for (let [at, turn] = [0, 0]; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    reader.take(bytes.subarray(at, at + size));
    at += size;
  }
  return reader.end();
}

const numberOf = (text: string): number => (text === "+Inf" ? Infinity : Number(text));
const samplesOf = (elements: readonly Element[]): readonly Sample[] =>
  elements.map(({ metric, value }) => ({ labels: metric, value: numberOf(value[1]) }));

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(',{"metric":', '"result":[', '},"value":[1,"2"]}', "\\", '"', "Zürich", "\u2028"),
);
const element: fc.Arbitrary<Element> = fc.record({
  metric: fc.dictionary(
    fc.string().filter((name) => name !== "__proto__"),
    hostile,
    { maxKeys: 4 },
  ),
  value: fc.tuple(fc.nat(), fc.constantFrom("0.5", "NaN", "+Inf", "17", "1e-9")),
});
const chunks = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 });
/** Turns of one query: series come, go, move and change their values. */
const turns = fc.array(element, { minLength: 1, maxLength: 6 }).chain((pool) =>
  fc.array(
    fc.array(
      fc.tuple(fc.constantFrom(...pool), fc.constantFrom("0.5", "3")).map(([{ metric }, value]) => ({
        metric,
        value: [7, value] as const,
      })),
      { maxLength: 12 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
);

test("an answer reads as JSON.parse reads it, however its bytes are cut and whatever strangers call their hosts", () => {
  fc.assert(
    fc.property(fc.array(element, { maxLength: 12 }), chunks, (elements, sizes) => {
      const table = new SeriesTable(plainSamples);
      expect(read(table, JSON.stringify(bodyOf(elements, { warnings: ['a"]}]'] })), sizes)).toBe(true);
      expect(table.items).toEqual(samplesOf(JSON.parse(JSON.stringify(elements)) as readonly Element[]));
    }),
    { numRuns: 300 },
  );
});

test("a table that has read other answers reads the next one as a new table does", () => {
  fc.assert(
    fc.property(turns, chunks, (all, sizes) => {
      const table = new SeriesTable(plainSamples);
      for (const elements of all) {
        const text = JSON.stringify(bodyOf(elements));
        const fresh = new SeriesTable(plainSamples);
        expect([read(table, text, sizes), read(fresh, text)]).toEqual([true, true]);
        expect(table.items).toEqual(fresh.items);
        expect(table.labels).toEqual(fresh.labels);
      }
    }),
    { numRuns: 300 },
  );
});

const pair = (at: number) => ({
  destination_service: `catalog-${at}.shop.svc.cluster.local`,
  destination_workload: `catalog-${at}-v1`,
  reporter: "source",
  source_workload: `webapp-${at}`,
});
const rates = (count: number, rateOf: (at: number) => number, second = 0) =>
  JSON.stringify(
    bodyOf(
      Array.from({ length: count }, (_, at) => ({ metric: pair(at), value: [second, `${rateOf(at)}`] })),
    ),
  );

describe("an answer that says the same as the one before", () => {
  test("is the same array of the same rows, whatever the time", () => {
    const table = new SeriesTable(requestRates);
    read(
      table,
      rates(1_000, (at) => at + 1, 1),
    );
    const before = table.items;
    expect(
      read(
        table,
        rates(1_000, (at) => at + 1, 6),
      ),
    ).toBe(true);
    expect(before).toHaveLength(1_000);
    expect(table.items).toBe(before);
  });

  test("makes new rows only of what changed, came, or began to speak again", () => {
    const table = new SeriesTable(requestRates);
    read(
      table,
      rates(100, (at) => (at === 7 ? 0 : 1)),
    );
    const before = table.items;
    const byHost = (rows: readonly RequestRate[], at: number) =>
      rows.find(({ sourceWorkload }) => sourceWorkload === `webapp-${at}`);
    expect(byHost(before, 7)).toBeUndefined();
    read(
      table,
      rates(101, (at) => (at === 3 ? 2 : 1)),
    );
    const renewed = table.items.filter((row) => !before.includes(row));
    expect(renewed.map(({ sourceWorkload, rate }) => [sourceWorkload, rate])).toEqual([
      ["webapp-3", 2],
      ["webapp-7", 1],
      ["webapp-100", 1],
    ]);
  });

  test("keeps the buckets of a pair that nobody called faster or slower", () => {
    const table = new SeriesTable(bucketKind());
    const answer = (slow: number): string =>
      JSON.stringify(
        bodyOf(
          [0, 1].flatMap((at) =>
            ["5", "+Inf"].map((le) => ({ metric: { ...pair(at), le }, value: [1, `${1 + at * slow}`] })),
          ),
        ),
      );
    read(table, answer(1));
    const [first, second] = durationsOf(table.items);
    read(table, answer(2));
    const again = durationsOf(table.items);
    expect(again[0]).toBe(first);
    expect(again[1]?.bounds).toEqual([5, Infinity]);
    expect(again[1]?.rates).toEqual([3, 3]);
    expect(second?.rates[0]).toBe(2);
  });
});

test("a connection that is cut within an answer leaves the rows as they were", () => {
  const table = new SeriesTable(requestRates);
  read(
    table,
    rates(50, () => 1),
  );
  const before = table.items;
  const half = rates(50, () => 2).slice(0, 4_000);
  expect(read(table, half)).toBe(false);
  expect(table.items).toBe(before);
  expect(before.every(({ rate }) => rate === 1)).toBe(true);
  read(
    table,
    rates(50, () => 1),
  );
  expect(table.items).toEqual(before);
});

test("a body of another shape is read as a whole; what is broken, an error, or no vector is refused", () => {
  const elements = Array.from({ length: 300 }, (_, at) => ({ metric: pair(at), value: [1, "1"] as const }));
  const spaced = new SeriesTable(plainSamples);
  expect(read(spaced, JSON.stringify(bodyOf(elements), null, 1), [100])).toBe(true);
  expect(spaced.items).toEqual(samplesOf(elements));
  const scalar = new SeriesTable(plainSamples);
  expect(read(scalar, '{"status":"success","data":{"resultType":"scalar","result":[1,"7"]}}')).toBe(true);
  expect(scalar.items).toEqual([{ labels: {}, value: 7 }]);
  const whole = JSON.stringify(bodyOf(elements));
  for (const text of [
    "",
    "<html>",
    '{"status":"error","error":"no"}',
    '{"status":"success","data":{"resultType":"matrix","result":[]}}',
    whole.slice(0, -3),
    whole.slice(0, -60),
    whole.replace('"webapp-17"', '"webapp-17'),
    whole.replace('"success"', '"error"'),
  ])
    expect(read(new SeriesTable(plainSamples), text)).toBe(false);
});

test("ten thousand rates hold less than a kilobyte apiece, and the same again hold nothing more", () => {
  const text = rates(10_000, (at) => at + 0.5);
  const table = new SeriesTable(requestRates);
  const first = retainedBytes(() => {
    read(table, text);
    return table;
  });
  expect(first / 10_000).toBeLessThan(1_000);
  // Code that V8 compiles meanwhile is in one of them; what the table kept of an answer would be in each.
  const again = [1, 2, 3].map(() =>
    retainedBytes(() => {
      read(table, text);
      return table;
    }),
  );
  expect(Math.min(...again) / 10_000).toBeLessThan(20);
});
