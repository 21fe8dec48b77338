import { expect, test } from "vitest";
import { checks } from "../../src/data/mesh/checks/table.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { createStore } from "../../src/data/store.ts";
import { shopOf } from "../support/builtMesh.ts";
import { destinationRule, rule, to, virtualService } from "../support/declaredOf.ts";
import { telemetryOf } from "../support/telemetryOf.ts";

const store = () => createStore({ window: millis(60_000), later: (_, work) => work() });
const gone = { kind: "unreachable" as const, message: "gone", advice: null };
const serversNow = instant(1_700_000_600_000);
const ours = (seconds: number) => instant(1_700_000_000_000 + seconds * 1_000);

test("the age of an answer is told by this machine's clock, however far off the server's is", () => {
  const held = store();
  held.commitTelemetry(ok(telemetryOf({ at: serversNow })), ours(0));
  expect(held.snapshot().sources.prometheus).toEqual({ is: "live", at: ours(0) });
  expect(held.snapshot().at).toBe(serversNow);
  held.commitTelemetry(fail(gone), ours(30));
  expect(held.snapshot().sources.prometheus).toEqual({ is: "stale", at: ours(0), error: gone });
  expect(held.snapshot().at).toBe(serversNow);
});

test("a Prometheus that never answered has no age", () => {
  const held = store();
  held.commitTelemetry(fail(gone), ours(0));
  expect(held.snapshot().sources.prometheus).toEqual({ is: "stale", at: null, error: gone });
});

test("a remark stays on screen, whatever is answered after it", () => {
  const held = store();
  held.remark("The token cannot be used.");
  held.commitTelemetry(ok(telemetryOf()), ours(0));
  expect(held.snapshot().sources.notes).toEqual(["The token cannot be used."]);
});

/** Work that waits until the test lets time pass. */
function slowStore(clock = () => 0) {
  const queue: { readonly ms: number; readonly work: () => void }[] = [];
  const later = (ms: number, work: () => void): void => void queue.push({ ms, work });
  const held = createStore({ window: millis(60_000), later, clock });
  return {
    held,
    waiting: () => queue.length,
    /** Runs what waits next; says how long it wanted to wait. */
    pass: () => {
      const next = queue.shift();
      next?.work();
      return next?.ms ?? null;
    },
    codes: () => held.snapshot().findings.map(({ code }) => code),
  };
}

const broken = shopOf({
  virtualServices: [virtualService("shop/catalog", [rule([to("catalog", "v1")])])],
});
const mended = {
  ...broken,
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" } })],
};
const live = { is: "live", at: ours(0) } as const;

test("the first mesh of a live cluster has its findings; those of a later one come check by check", () => {
  const { held, pass, waiting, codes } = slowStore();
  held.commitDeclared(broken, live);
  pass();
  expect(codes()).toContain("MT0101");
  expect(waiting()).toBe(0);
  held.commitDeclared(mended, live);
  pass();
  expect(held.snapshot().services.find(({ name }) => name === "catalog")?.subsets).toHaveLength(1);
  expect(codes()).toContain("MT0101");
  let steps = 0;
  while (codes().includes("MT0101") && waiting() > 0) {
    pass();
    steps += 1;
  }
  expect(codes()).not.toContain("MT0101");
  expect(steps).toBeGreaterThan(checks.length);
});

test("a cluster that changes while it is checked is checked once more, after a rest", () => {
  const { held, pass, waiting, codes } = slowStore();
  held.commitDeclared(mended, live);
  pass();
  held.commitDeclared(broken, live);
  pass();
  held.commitDeclared(mended, live);
  held.commitDeclared(broken, live);
  const waits: (number | null)[] = [];
  while (waiting() > 0) waits.push(pass());
  expect(waits.filter((ms) => ms !== null && ms >= 1000)).toHaveLength(2);
  expect(codes()).toContain("MT0101");
});

test("a mesh that takes long is built between keys, and what is committed meanwhile is in the next one", () => {
  let at = 0;
  // Each step takes a second.
  const { held, pass, waiting, codes } = slowStore(() => (at += 1000));
  const told: number[] = [];
  held.subscribe(() => told.push(held.snapshot().services.length));
  held.commitDeclared(mended, live);
  pass();
  expect(told).toEqual([]);
  expect(waiting()).toBe(1);
  held.commitDeclared(broken, live);
  const pieces: (number | null)[] = [];
  while (waiting() > 0) pieces.push(pass());
  expect(pieces.filter((ms) => ms === 0).length).toBeGreaterThan(10);
  expect(told.length).toBeGreaterThan(1);
  expect(codes()).toContain("MT0101");
});
