import { expect, test } from "vitest";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { instant, perSecond } from "../../../../src/data/mesh/units.ts";
import { meshOf, observedIn, rulesOf, serviceOf, shopOf } from "../../../support/builtMesh.ts";
import { destinationRule, rule, to, virtualService } from "../../../support/declaredOf.ts";
import {
  both,
  capabilities,
  connections,
  requests,
  responses,
  telemetryOf,
  withoutAnswer,
  withoutLabel,
} from "../../../support/telemetryOf.ts";

const ends = { from: "shop/webapp", to: "shop/catalog", at: "shop/catalog-v1" };
const called = { requests: both("shop/webapp", "shop/catalog", "shop/catalog-v1", 9) };
const requestsIn = (parts: Partial<Telemetry>) =>
  serviceOf(meshOf(shopOf(), telemetryOf({ ...called, ...parts })), "shop/catalog").traffic.requests;

test("requests of which none failed have no errors, no codes and no flags", () => {
  expect(requestsIn({})).toMatchObject({ rate: 9, errors: 0, codes: {}, flags: {} });
});

test("where the query for responses failed, errors, codes and flags are unknown, and the rate is not", () => {
  expect(requestsIn(withoutAnswer("responses"))).toMatchObject({
    rate: 9,
    errors: null,
    codes: null,
    flags: null,
  });
});

test("where that query's last answer was kept, its errors stand", () => {
  const kept = {
    ...withoutAnswer("responses", instant(1)),
    responses: [responses("source", ends, 9, { flags: "UO" })],
  };
  expect(requestsIn(kept)).toMatchObject({ errors: 1, codes: { 503: 9 }, flags: { UO: 9 } });
});

test("without the label response_code errors are unknown, though all requests answer the query for failures", () => {
  // An empty label is not one of [123].., so the query for what did not succeed returns every request.
  const parts = { responses: [responses("source", ends, 9, { code: "" })] };
  expect(requestsIn({ ...parts, ...withoutLabel("response_code") })).toMatchObject({
    rate: 9,
    errors: null,
    codes: null,
    flags: {},
  });
});

test("without the label response_flags the errors are known and the flags are not", () => {
  const parts = { responses: [responses("source", ends, 3)] };
  expect(requestsIn({ ...parts, ...withoutLabel("response_flags") })).toMatchObject({
    errors: 3 / 9,
    codes: { 503: 3 },
    flags: null,
  });
});

test("why connections ended is unknown where that query failed, unless some said", () => {
  const flagsWith = (failed: Record<string, ReturnType<typeof perSecond>>) =>
    serviceOf(
      meshOf(
        shopOf(),
        telemetryOf({ tcp: [connections("source", ends, 1, { failed })], ...withoutAnswer("tcpFailed") }),
      ),
      "shop/catalog",
    ).traffic.connections?.flags;
  expect(flagsWith({})).toBeNull();
  expect(flagsWith({ UF: perSecond(1) })).toEqual({ UF: 1 });
});

const split = {
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
  virtualServices: [
    virtualService("shop/catalog", [rule([to("catalog", "v1", 50), to("catalog", "v2", 50)])]),
  ],
};

test("a split is not observed while half of its requests reach nobody and no flag says why", () => {
  const rows = {
    requests: [requests("source", ends, 5), requests("source", { ...ends, at: null }, 5)],
    responses: [responses("source", { ...ends, at: null }, 5, { flags: "UH" })],
  };
  const seen = (parts: Partial<Telemetry>) => {
    const mesh = meshOf(shopOf(split), telemetryOf({ ...rows, ...parts }));
    const [only] = rulesOf(mesh, "shop/catalog");
    const [version] = serviceOf(mesh, "shop/catalog").detail.versions;
    return { rule: observedIn(only), note: only?.note ?? "", version: version?.share?.share ?? null };
  };
  // v1 got all that arrived, and half of what was sent.
  expect(seen({})).toMatchObject({ rule: ["0.5 of 600", "0 of 600"], note: "", version: 0.5 });
  const blind = seen({ responses: [], ...withoutAnswer("responses") });
  expect(blind).toMatchObject({ rule: [null, null], version: null });
  expect(blind.note).toMatch(/^Without response flags/);
});

const mirroredWith = (parts: Partial<Telemetry> | null) =>
  serviceOf(
    meshOf(shopOf(), parts === null ? null : telemetryOf({ ...called, ...parts })),
    "shop/catalog",
  ).detail.versions.map(({ mirrored }) => mirrored);

test.each<[string, Partial<Telemetry> | null, number | null]>([
  ["client and server report", {}, 0],
  ["there is no telemetry", null, null],
  [
    "only clients report",
    { requests: [requests("source", ends, 9)], capabilities: { ...capabilities, reporters: ["source"] } },
    null,
  ],
  [
    "only servers report",
    {
      requests: [requests("destination", ends, 9)],
      capabilities: { ...capabilities, reporters: ["destination"] },
    },
    null,
  ],
  ["the workload has no label", withoutLabel("destination_workload"), null],
])("copies take the word of client and server: %s", (_, parts, copies) => {
  expect(mirroredWith(parts)).toEqual([copies, copies]);
});
