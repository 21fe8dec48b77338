import { expect, test } from "vitest";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { createStore } from "../../src/data/store.ts";
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
