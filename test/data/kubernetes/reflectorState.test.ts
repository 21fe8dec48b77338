import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  after,
  askOf,
  backoffMs,
  rareMs,
  startState,
  type Outcome,
  type ReflectorState,
} from "../../../src/data/kubernetes/reflectorState.ts";
import type { DataError, DataErrorKind } from "../../../src/data/mesh/result.ts";

const error = (kind: DataErrorKind): DataError => ({ kind, message: kind, advice: null });
const page = (continueToken: string | null, resourceVersion = "10"): Outcome => ({
  is: "page",
  continueToken,
  resourceVersion,
});
const ended = (more: Partial<Extract<Outcome, { is: "ended" }>> = {}): Outcome => ({
  is: "ended",
  resourceVersion: "12",
  events: 1,
  lastedMs: 60_000,
  error: null,
  ...more,
});
const failed = (kind: DataErrorKind): Outcome => ({ is: "failed", error: error(kind) });

function play(
  state: ReflectorState,
  ...outcomes: readonly Outcome[]
): { state: ReflectorState; waits: number[] } {
  const waits: number[] = [];
  for (const outcome of outcomes) {
    const step = after(state, outcome, 1);
    state = step.state;
    waits.push(step.waitMs);
  }
  return { state, waits };
}

const everywhere = startState([null]);
const watching = play(everywhere, page(null)).state;

describe("a list and its watch", () => {
  test("reads page after page and watches from where the list stood", () => {
    const first = play(everywhere, page("more")).state;
    expect(askOf(first, 0)).toEqual({ ask: "list", namespace: null, continueToken: "more" });
    expect(first.status).toEqual({ is: "loading" });
    const all = play(first, page(null, "11")).state;
    expect(askOf(all, 0.5)).toEqual({
      ask: "watch",
      namespace: null,
      resourceVersion: "11",
      timeoutSeconds: 290,
    });
    expect(all.status).toEqual({ is: "live" });
  });

  test("resumes at once, and where it ended, when the server closes the watch", () => {
    const { state, waits } = play(watching, ended({ resourceVersion: "77" }));
    expect(waits).toEqual([0]);
    expect(askOf(state, 0)).toMatchObject({ ask: "watch", resourceVersion: "77" });
  });

  test("waits longer and longer for a server that closes every watch at once", () => {
    const nothing = ended({ events: 0, lastedMs: 3 });
    expect(play(watching, nothing, nothing, nothing, nothing).waits).toEqual([500, 1000, 2000, 4000]);
  });

  test("resumes a cut watch soon and stays live: one cut is no outage", () => {
    const { state, waits } = play(watching, ended({ error: error("unreachable"), resourceVersion: "15" }));
    expect(state.status).toEqual({ is: "live" });
    expect(waits).toEqual([500]);
    expect(askOf(state, 0)).toMatchObject({ ask: "watch", resourceVersion: "15" });
  });

  test("is stale while it can't be resumed, and live when the server takes it again", () => {
    const { state } = play(watching, ended({ error: error("unreachable") }), failed("unreachable"));
    expect(state.status).toMatchObject({ is: "stale" });
    expect(play(state, { is: "opened" }).state.status).toEqual({ is: "live" });
    expect(askOf(state, 0)).toMatchObject({ ask: "watch", resourceVersion: "12" });
  });

  test("lists anew after a 410, at once the first time", () => {
    const { state, waits } = play(watching, { is: "gone" });
    expect(askOf(state, 0)).toEqual({ ask: "list", namespace: null, continueToken: null });
    expect(waits).toEqual([0]);
    expect(state.status).toEqual({ is: "live" });
    expect(play(state, { is: "gone" }).waits).toEqual([1000]);
  });

  test("begins the list again when a page is too old", () => {
    const { state } = play(everywhere, page("more"), { is: "gone" });
    expect(askOf(state, 0)).toEqual({ ask: "list", namespace: null, continueToken: null });
  });

  test("lists anew after what can't be parsed: the same version would bring the same", () => {
    const { state } = play(watching, ended({ error: error("garbled") }));
    expect(askOf(state, 0).ask).toBe("list");
  });

  test("shows what is absent and asks rarely", () => {
    const { state, waits } = play(everywhere, failed("absent"));
    expect(state.status).toEqual({ is: "absent" });
    expect(waits).toEqual([rareMs]);
  });

  test("tries the namespace at once where the cluster is forbidden, and shows both refusals as one", () => {
    const narrow = startState([null, "shop"]);
    const first = play(narrow, failed("forbidden"));
    expect(first.waits).toEqual([0]);
    expect(askOf(first.state, 0)).toMatchObject({ ask: "list", namespace: "shop" });
    const second = play(first.state, failed("forbidden"));
    expect(second.waits).toEqual([rareMs]);
    expect(second.state.status).toMatchObject({ is: "forbidden" });
    expect(askOf(second.state, 0)).toMatchObject({ ask: "list", namespace: null });
  });

  test("stays forbidden on screen while it is tried again", () => {
    const { state } = play(
      startState([null, "shop"]),
      failed("forbidden"),
      failed("forbidden"),
      failed("forbidden"),
    );
    expect(askOf(state, 0)).toMatchObject({ namespace: "shop" });
    expect(state.status).toMatchObject({ is: "forbidden" });
  });

  test("an expired credential makes it stale and is tried again soon", () => {
    const { state, waits } = play(watching, failed("unauthorized"));
    expect(state.status).toMatchObject({ is: "stale", error: { kind: "unauthorized" } });
    expect(waits).toEqual([500]);
  });

  test("forgets its failures once a list is complete", () => {
    const { state } = play(everywhere, failed("failing"), failed("failing"), page(null));
    expect(state.failures).toBe(0);
    expect(play(state, failed("failing")).waits).toEqual([500]);
  });

  test("backs off between half a second and half a minute, spread by half", () => {
    expect(backoffMs(1, 0)).toBe(250);
    expect(backoffMs(1, 1)).toBe(500);
    expect(backoffMs(7, 1)).toBe(30_000);
    expect(backoffMs(1000, 1)).toBe(30_000);
    expect(backoffMs(1000, 0)).toBe(15_000);
  });

  test("never ends, never waits for ever and never hammers, whatever happens", () => {
    const outcome: fc.Arbitrary<Outcome> = fc.oneof(
      fc.record({
        is: fc.constant("page" as const),
        continueToken: fc.option(fc.string({ minLength: 1 })),
        resourceVersion: fc.string(),
      }),
      fc.record({
        is: fc.constant("ended" as const),
        resourceVersion: fc.string(),
        events: fc.nat(3),
        lastedMs: fc.nat(5000),
        error: fc.option(fc.constantFrom(error("unreachable"), error("garbled"))),
      }),
      fc.constant({ is: "gone" as const }),
      fc
        .constantFrom<DataErrorKind>(
          "forbidden",
          "absent",
          "failing",
          "unreachable",
          "unauthorized",
          "garbled",
        )
        .map(failed),
    );
    fc.assert(
      fc.property(
        fc.array(outcome, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (outcomes, random) => {
          let state = startState([null, "shop"]);
          let unrested = 0;
          for (const next of outcomes) {
            const step = after(state, next, random);
            state = step.state;
            expect(step.waitMs).toBeLessThanOrEqual(rareMs);
            const failure =
              next.is === "failed" || next.is === "gone" || (next.is === "ended" && next.error !== null);
            unrested = failure && step.waitMs === 0 ? unrested + 1 : 0;
            // The narrower scope and one fresh list in each scope are free; a fourth failure in a row is not.
            expect(unrested).toBeLessThanOrEqual(3);
            expect(["list", "watch"]).toContain(askOf(state, random).ask);
          }
        },
      ),
    );
  });
});
