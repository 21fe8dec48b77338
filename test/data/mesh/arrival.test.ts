import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isLastWord,
  type Arrival,
  type ArrivalWish,
  type CountedSplit,
} from "../../../src/data/mesh/arrival.ts";
import {
  arrivalOf,
  noStrays,
  straysAfter,
  type ArrivalFacts,
} from "../../../src/data/mesh/arrivalVerdict.ts";
import { arrivalSentence, propagationWords } from "../../../src/data/mesh/arrivalWords.ts";
import type { Observed } from "../../../src/data/mesh/model/observed.ts";
import { millis, ratio } from "../../../src/data/mesh/units.ts";
import { wilson } from "../../../src/data/mesh/wilson.ts";

const route = {
  group: "networking.istio.io",
  version: "v1",
  kind: "VirtualService",
  namespace: "shop",
  name: "catalog",
} as const;

/** A shift to these shares of v1, v2, and so on. */
function wishFor(...shares: readonly number[]): ArrivalWish {
  return {
    service: "shop/catalog",
    route,
    protocol: "http",
    rule: 1,
    destinations: shares.map((share, at) => ({
      name: `v${at + 1}`,
      host: "catalog.shop.svc.cluster.local",
      subset: `v${at + 1}`,
      share: ratio(share),
    })),
    blind: null,
  };
}

/** So many requests for each destination. */
function splitOf(...hits: readonly number[]): CountedSplit {
  const n = hits.reduce((sum, each) => sum + each, 0);
  const observed = hits.map((each): Observed | null =>
    n === 0 ? null : { share: ratio(each / n), ...wilson(each, n), requests: n },
  );
  return { observed, note: null, fed: [], blind: null };
}

const soFar: ArrivalFacts = {
  split: null,
  strays: noStrays,
  elapsed: millis(40_000),
  counted: millis(30_000),
  propagation: null,
  isOver: false,
  trouble: null,
};
const atTheEnd = { ...soFar, elapsed: millis(120_000), isOver: true };

const judged = (wish: ArrivalWish, hits: readonly number[], facts: ArrivalFacts = soFar): Arrival =>
  arrivalOf(wish, { ...facts, split: splitOf(...hits) });

describe("what a count says of the shares that were wanted", () => {
  test.each([
    // Half-width of 50 of 100: 0.0962 (wilson.test.ts), so 40 of 100 is just inside of nothing: 0.309 to 0.498.
    { wanted: [0.5, 0.5], hits: [50, 50], now: "agrees", end: "agrees" },
    { wanted: [0.5, 0.5], hits: [55, 45], now: "agrees", end: "agrees" },
    { wanted: [0.5, 0.5], hits: [60, 40], now: "arriving", end: "late" },
    { wanted: [0.9, 0.1], hits: [50, 50], now: "arriving", end: "late" },
    // Ten requests in the wanted proportion prove nothing; at the end nobody knows.
    { wanted: [0.5, 0.5], hits: [5, 5], now: "arriving", end: "cannot be told" },
    // 30 requests: ±17 points.
    { wanted: [0.5, 0.5], hits: [15, 15], now: "arriving", end: "cannot be told" },
    // 10 of 10 at the old version is far off, few as they are: 0.722 to 1.
    { wanted: [0.5, 0.5], hits: [10, 0], now: "arriving", end: "late" },
    // 40,000 requests: ±0.5 points around 50.6, but closer than one point is close enough.
    { wanted: [0.5, 0.5], hits: [20_240, 19_760], now: "agrees", end: "agrees" },
    { wanted: [0.5, 0.5], hits: [20_440, 19_560], now: "arriving", end: "late" },
    // One of three is off.
    { wanted: [0.4, 0.4, 0.2], hits: [80, 80, 40], now: "agrees", end: "agrees" },
    { wanted: [0.4, 0.4, 0.2], hits: [80, 110, 10], now: "arriving", end: "late" },
    // A drained destination gets nothing of enough.
    { wanted: [0, 1], hits: [0, 29], now: "arriving", end: "cannot be told" },
    { wanted: [0, 1], hits: [0, 30], now: "agrees", end: "agrees" },
  ])("$hits of $wanted: $now, and $end after two minutes", ({ wanted, hits, now, end }) => {
    expect(judged(wishFor(...wanted), hits).state).toBe(now);
    expect(judged(wishFor(...wanted), hits, atTheEnd).state).toBe(end);
  });

  test("a drained destination agrees once enough requests went by it, though some reached it before", () => {
    const wish = wishFor(0, 1);
    const looks = [splitOf(2, 10), splitOf(3, 40), splitOf(3, 111), splitOf(3, 112)];
    let strays = noStrays;
    const states = looks.map((split) => {
      strays = straysAfter(strays, wish, split);
      return arrivalOf(wish, { ...soFar, split, strays }).state;
    });
    // The last stray was there at n 43, where one in 14.3 was one: 71 more are not five times as many, 72 are.
    expect(states).toEqual(["arriving", "arriving", "arriving", "agrees"]);
    expect(arrivalOf(wish, { ...soFar, split: splitOf(3, 112), strays })).toMatchObject({
      n: 72,
      destinations: [{ requests: 0 }, { requests: 72 }],
      reason: "Counted since the last request to a drained destination.",
    });
    expect(arrivalOf(wish, { ...atTheEnd, split: splitOf(3, 66), strays })).toMatchObject({
      state: "late",
      n: 69,
    });
  });

  test("the more seldom strays come, the longer it takes until none is proof", () => {
    // One in fifty: 250 requests without one; a run of 60 is nothing.
    const strays = { hits: [4, 196], n: 200 };
    const state = (more: number) =>
      arrivalOf(wishFor(0, 1), { ...soFar, split: splitOf(4, 196 + more), strays }).state;
    expect([state(60), state(249), state(250)]).toEqual(["arriving", "arriving", "agrees"]);
  });

  describe("where another rule sends the same callers to v2", () => {
    const note = "Includes rule 1 (x-istio-cohort = internal to v2).";
    const judgedWith = (shares: readonly number[], hits: readonly number[], facts = atTheEnd): Arrival => {
      const wish = wishFor(...shares);
      const split = { ...splitOf(...hits), note, fed: [false, true] };
      return arrivalOf(wish, { ...facts, split, strays: straysAfter(noStrays, wish, split) });
    };

    test("more at v2 and less at v1 than wanted proves nothing", () => {
      expect(judgedWith([0.9, 0.1], [850, 150])).toMatchObject({ state: "cannot be told", reason: note });
      expect(judgedWith([1, 0], [950, 50])).toMatchObject({ state: "cannot be told", reason: note });
      expect(arrivalSentence(judgedWith([0.9, 0.1], [850, 150]))).toBe(
        `applied; 15 % ±2 observed of 10 % (n 1000). ${note}`,
      );
    });

    test("less at v2 than wanted is late all the same, and what agrees agrees", () => {
      expect(judgedWith([0.5, 0.5], [850, 150]).state).toBe("late");
      expect(judgedWith([0.5, 0.5], [480, 520]).state).toBe("agrees");
      expect(judgedWith([0.9, 0.1], [10, 2])).toMatchObject({ reason: "They are too few to tell." });
    });

    test("a run of requests past the drained v2 is no proof: more come by the other rule", () => {
      const split = { ...splitOf(950, 50), note, fed: [false, true] };
      const strays = { hits: [850, 50], n: 900 };
      expect(arrivalOf(wishFor(1, 0), { ...soFar, split, strays }).state).toBe("arriving");
    });
  });

  test("requests that were lost on the way to a destination are part of the whole", () => {
    // v2 has no endpoint: of 100 requests v1 answered 50, and 50 met UH.
    const split: CountedSplit = {
      ...splitOf(),
      observed: [50, 0].map((hits) => ({ share: ratio(hits / 100), ...wilson(hits, 100), requests: 100 })),
    };
    expect(arrivalOf(wishFor(0.5, 0.5), { ...atTheEnd, split })).toMatchObject({
      state: "late",
      n: 100,
      destinations: [{ requests: 50 }, { requests: 0 }],
    });
  });

  test("before anything is counted it waits; two minutes later it says why there is nothing", () => {
    const wish = wishFor(0.5, 0.5);
    const none = { split: splitOf(0, 0) };
    const trouble = "Prometheus does not answer.";
    expect(arrivalOf(wish, soFar)).toMatchObject({ state: "waiting", reason: null, n: 0 });
    expect(arrivalOf(wish, { ...soFar, ...none }).state).toBe("waiting");
    expect(arrivalOf(wish, { ...soFar, trouble })).toMatchObject({ state: "waiting", reason: trouble });
    expect(arrivalOf(wish, { ...atTheEnd, ...none })).toMatchObject({ state: "no traffic", reason: null });
    expect(arrivalOf(wish, { ...atTheEnd, trouble })).toMatchObject({
      state: "cannot be told",
      reason: trouble,
    });
    expect(arrivalOf(wish, atTheEnd)).toMatchObject({
      state: "cannot be told",
      reason: "Prometheus got no new sample from the callers' proxies since the patch.",
    });
  });

  test("a Prometheus that failed at the end does not make an old count the last word", () => {
    const trouble = "Prometheus does not answer.";
    expect(judged(wishFor(0.5, 0.5), [90, 10], { ...atTheEnd, trouble })).toMatchObject({
      state: "cannot be told",
      reason: trouble,
    });
  });

  test("where metrics cannot split a rule, it says so at once, whether that was known before or is learned", () => {
    const blind = "Metrics name no rule: rule 2 splits the same callers too.";
    const expected = { state: "cannot be told", reason: blind };
    expect(arrivalOf({ ...wishFor(0.5, 0.5), blind }, soFar)).toMatchObject(expected);
    expect(
      arrivalOf(wishFor(0.5, 0.5), { ...soFar, split: { ...splitOf(0, 0), observed: [null, null], blind } }),
    ).toMatchObject(expected);
  });

  test("it agrees only with what was counted, and never has a last word before the time is over but agreement", () => {
    const hit = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(hit, hit, fc.integer({ min: 0, max: 100 }), fc.boolean(), (a, b, points, isOver) => {
        const wanted = points / 100;
        const wish = wishFor(1 - wanted, wanted);
        const split = splitOf(a, b);
        const strays = straysAfter(noStrays, wish, split);
        const arrival = arrivalOf(wish, { ...soFar, split, strays, isOver });
        expect(arrival.n).toBe(a + b);
        expect(arrival.destinations.map(({ requests }) => requests)).toEqual([a, b]);
        expect(isLastWord(arrival)).toBe(isOver || arrival.state === "agrees");
        if (arrival.state === "agrees") {
          const { low, high } = wilson(b, a + b);
          const isNear = Math.abs(b / (a + b) - wanted) <= 0.01 + 1e-12;
          expect(a + b).toBeGreaterThanOrEqual(30);
          expect((low <= wanted && wanted <= high) || isNear).toBe(true);
        }
        if (arrival.state === "no traffic") expect(a + b).toBe(0);
      }),
    );
  });

  test("a split that is exactly the wanted one agrees as soon as there is enough of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 5, max: 500 }), (part, times) => {
        const arrival = judged(wishFor(part / 20, 1 - part / 20), [part * times, (20 - part) * times]);
        expect(arrival.state).toBe("agrees");
      }),
    );
  });
});

describe("an arrival in words", () => {
  const half = wishFor(0.5, 0.5);
  const note = "Includes rule 1 (x-istio-cohort = internal to v2).";
  test.each([
    [arrivalOf(half, { ...soFar, counted: null }), "applied; counting has not begun"],
    [
      arrivalOf(half, { ...soFar, counted: null, trouble: "Prometheus does not answer." }),
      "applied; counting has not begun. Prometheus does not answer.",
    ],
    [judged(half, [0, 0]), "applied; no request counted yet"],
    [judged(half, [0, 0], atTheEnd), "applied; no request has come since"],
    [
      arrivalOf({ ...half, protocol: "tcp" }, { ...atTheEnd, split: splitOf(0, 0) }),
      "applied; no connection has come since",
    ],
    // 102 of 212: centre 0.4815, half-width 0.0666 on either side of it, so 6.7 and 6.6 points around 48.1.
    [judged(half, [110, 102]), "applied; 48 % ±7 observed of 50 % (n 212)"],
    [judged(half, [20, 10]), "applied; 33 % ±18 of 50 % so far (n 30)"],
    [judged(half, [234, 106], atTheEnd), "applied; still 31 % ±5 of 50 % after 2 min (n 340)"],
    [
      arrivalOf(half, { ...atTheEnd, split: { ...splitOf(234, 106), note, fed: [false, true] } }),
      `applied; still 31 % ±5 of 50 % after 2 min (n 340). ${note}`,
    ],
    [judged(half, [7, 5], atTheEnd), "applied; 42 % ±26 observed of 50 % (n 12). They are too few to tell."],
    [judged(wishFor(0, 1), [0, 100]), "applied; 100 % ±4 observed of 100 % (n 100)"],
    [judged(wishFor(1, 0), [100, 0]), "applied; 100 % ±4 observed of 100 % (n 100)"],
    [judged(wishFor(1, 0), [999, 1], atTheEnd), "applied; still 99.9 % ±0.5 of 100 % after 2 min (n 1000)"],
    [judged(wishFor(0.4, 0.4, 0.2), [60, 120, 20]), "applied; v2 60 % ±7 of 40 % so far (n 200)"],
    [
      arrivalOf({ ...half, blind: "Metrics name no rule." }, soFar),
      "applied; whether it arrived cannot be told. Metrics name no rule.",
    ],
  ])("%#", (arrival, sentence) => {
    expect(arrivalSentence(arrival)).toBe(sentence);
  });

  test("it has a form in ASCII, and strangers' names cannot reach the terminal raw", () => {
    const wish = wishFor(0.4, 0.4, 0.2);
    const [first, second, third] = wish.destinations;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three");
    const strange = { ...wish, destinations: [first, { ...second, name: "v\u001b[2J" }, third] };
    expect(arrivalSentence(judged(strange, [60, 120, 20]), "+-")).toBe(
      "applied; v\ufffd[2J 60 % +-7 of 40 % so far (n 200)",
    );
  });

  test("how long the proxies took is told where it was measured", () => {
    const propagation = { p50: millis(120), p99: millis(2_400) };
    expect(propagationWords(arrivalOf(half, { ...soFar, propagation }))).toBe(
      "proxies had it after 120 ms (99 %: 2.4 s)",
    );
    expect(propagationWords(arrivalOf(half, soFar))).toBeNull();
  });
});
