import { expect, test } from "vitest";
import type { CanaryMetric } from "../../../src/data/mesh/model/canary.ts";
import { instant, millis } from "../../../src/data/mesh/units.ts";
import {
  audienceWord,
  gateWord,
  haltWord,
  metricVerdict,
  metricWords,
  nextLookWord,
  nextStepWord,
  pauseEndWord,
  strategyWord,
} from "../../../src/ui/columns/canaryWords.ts";
import { coolstore } from "../../support/meshFixture.ts";

const [canary] = coolstore().canaries;

test.each([
  [0, "in about 45s"],
  [30, "in about 15s"],
  [29.3, "in about 16s"],
  // It looked once since, without anything to say.
  [50, "in about 40s"],
])("%d s after Flagger looked it looks again %s", (seconds, words) => {
  const looked = { ...canary!, interval: millis(45_000), lastLook: instant(1_000_000) };
  expect(nextLookWord(looked, instant(1_000_000 + seconds * 1000))).toBe(words);
  expect(nextLookWord({ ...looked, lastLook: null }, instant(0))).toBeNull();
});

const metric: CanaryMetric = {
  name: "request-success-rate",
  min: 99,
  max: null,
  unit: "%",
  now: 98.25,
  requests: 412,
};

test.each<[Partial<CanaryMetric>, string, string]>([
  [{}, "fails", "98.25 %, at least 99 %, n 412"],
  [{ now: 99 }, "passes", "99 %, at least 99 %, n 412"],
  [{ now: null, requests: 0 }, "unknown", "at least 99 %; nothing arrives"],
  [{ now: null }, "unknown", "at least 99 %; not known here"],
  [{ unit: "ms", min: null, max: 500, now: 500.2 }, "fails", "500 ms, at most 500 ms, n 412"],
  [
    { unit: "", now: null, min: 1, max: 2 },
    "unknown",
    "at least 1 and at most 2; its template asks a query of its own",
  ],
])("a metric %j %s: %s", (part, verdict, words) => {
  expect(metricVerdict({ ...metric, ...part })).toBe(verdict);
  expect(metricWords({ ...metric, ...part })).toBe(words);
});

test("a gate and a mirror are said, and control characters in a gate's name are not", () => {
  expect(gateWord({ ...canary!, waitsAt: null })).toBeNull();
  expect(gateWord({ ...canary!, waitsAt: { type: "confirm-promotion", name: "" } })).toBe(
    "confirm-promotion",
  );
  expect(gateWord({ ...canary!, waitsAt: { type: "rollout", name: "a\u001b[31m" } })).not.toContain("\u001b");
  expect(strategyWord({ ...canary!, strategy: "blue-green", mirrors: true })).toBe(
    "blue-green with mirroring",
  );
});

test("whose requests a weight is of, what comes next and why it stopped are said in a few words", () => {
  expect(audienceWord({ ...canary!, matches: [] })).toBeNull();
  expect(audienceWord({ ...canary!, matches: ["a = 1", "b\u001b[31m"] })).toBe("a = 1 or b\ufffd[31m");
  expect(nextStepWord({ ...canary!, nextWeight: null })).toBeNull();
  expect(nextStepWord({ ...canary!, nextWeight: 0 })).toBe("copies of the requests, weight 0");
  expect(nextStepWord({ ...canary!, nextWeight: 30 })).toBe("weight 30");
  const halted = (message: string, gate: string | null = null) =>
    haltWord({
      ...canary!,
      lastHalt: { message, at: null },
      waitsAt: gate === null ? null : { type: gate, name: "owner" },
    });
  expect(halted("Halt shop.eu advancement success rate 90.00% < 99%")).toBe("success rate 90.00% < 99%");
  expect(halted("Halt advancement no values found")).toBe("no values found");
  expect(halted("Halt shop.eu advancement waiting for approval owner", "confirm-rollout")).toBeNull();
  expect(halted("Halt shop.eu advancement pre-rollout check owner failed", "pre-rollout")).toBe(
    "pre-rollout check owner failed",
  );
});

test("a pause of a Rollout ends by itself, or waits for somebody", () => {
  const pausing = { ...canary!, waitsAt: { type: "pause", name: "" } };
  expect(gateWord(pausing)).toBe("pause, until somebody lets it go on");
  expect(pauseEndWord(pausing, instant(0))).toBeNull();
  const timed = { ...pausing, waitsUntil: instant(61_500) };
  expect(gateWord(timed)).toBe("pause");
  expect(pauseEndWord(timed, instant(20_000))).toBe("in about 42s");
  expect(pauseEndWord(timed, instant(61_500))).toBeNull();
});
