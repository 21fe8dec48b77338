import { expect, test } from "vitest";
import { emptyDeclared, type Declared } from "../../../../src/data/mesh/declared/declared.ts";
import { meshOf, shopOf, v1 } from "../../../support/builtMesh.ts";
import {
  destinationRule,
  httpMatch,
  peerAuthentication,
  rule,
  service,
  to,
  virtualService,
} from "../../../support/declaredOf.ts";
import { requests, telemetryOf } from "../../../support/telemetryOf.ts";

const wrongSubset: Partial<Declared> = {
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" } })],
  virtualServices: [virtualService("shop/catalog", [rule([to("catalog", "v9")])])],
};
const codes = (declared: Declared) => meshOf(declared).findings.map(({ code }) => code);

test("plaintext that arrives under STRICT names who sends it", () => {
  const ends = { from: null, to: "shop/catalog", at: "shop/catalog-v1" };
  const plaintext = telemetryOf({ requests: [requests("destination", ends, 1)] });
  const strict = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "STRICT")] });
  expect(meshOf(strict, plaintext).findings).toMatchObject([
    {
      code: "MT0201",
      object: { kind: "Deployment", name: "catalog-v1" },
      message:
        "STRICT (PeerAuthentication shop/default), and plaintext arrived from callers without a proxy.",
    },
  ]);
  const permissive = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "PERMISSIVE")] });
  expect(meshOf(permissive, plaintext).findings).toEqual([]);
  // Nobody measured: that is neither plaintext nor the absence of it.
  expect(meshOf(strict).findings).toEqual([]);
});

test("on a port that is exempt from STRICT plaintext is no finding, and where the port is not known it is an uncertain one", () => {
  const ends = { from: null, to: "shop/catalog", at: "shop/catalog-v1" };
  const plaintext = telemetryOf({ requests: [requests("destination", ends, 1)] });
  const found = (
    mode: "STRICT" | "PERMISSIVE",
    portLevelMtls: Readonly<Record<string, "STRICT" | "PERMISSIVE">>,
    more: Partial<Declared> = {},
  ) => {
    const policy = peerAuthentication("shop/own", mode, { selector: { app: "catalog" }, portLevelMtls });
    return meshOf(shopOf({ peerAuthentications: [policy], ...more }), plaintext).findings.map(
      ({ code, severity, message }) => `${code} ${severity} ${message}`,
    );
  };
  const by = "(PeerAuthentication shop/own), and plaintext arrived from callers without a proxy";
  // The Service has port 80 alone, for container port 80: a metric need not name it.
  expect(found("STRICT", { 80: "PERMISSIVE" })).toEqual([]);
  expect(found("STRICT", { 9090: "PERMISSIVE" })).toEqual([`MT0201 warning STRICT but for port 9090 ${by}.`]);
  expect(found("PERMISSIVE", { 80: "STRICT" })).toEqual([`MT0201 warning STRICT on port 80 ${by}.`]);
  expect(found("PERMISSIVE", { 9090: "STRICT" })).toEqual([]);
  const web = {
    name: "http",
    port: 80,
    targetPort: 80,
    transport: "TCP" as const,
    appProtocol: null,
    nodePort: null,
  };
  const services = [
    service("shop/catalog", { ports: [web, { ...web, name: "http-admin", port: 90, targetPort: 9090 }] }),
  ];
  expect(found("STRICT", { 9090: "PERMISSIVE" }, { services })).toEqual([
    `MT0201 info STRICT but for port 9090 ${by}, on which port metrics do not say.`,
  ]);
});

test("what could not be read stands among the errors, as its parser said it", () => {
  const unreadable = [
    {
      code: "MT0001",
      severity: "error" as const,
      object: v1.meta.ref,
      path: "spec",
      message: "spec is not an object.",
    },
  ];
  expect(codes({ ...shopOf(wrongSubset), unreadable })).toEqual(["MT0001", "MT0101"]);
});

test("a rule that lives in a delegate is found in the delegate", () => {
  const root = rule([], {
    delegate: { name: "inner", namespace: null },
    matches: [httpMatch({ uri: { prefix: "/a" } })],
  });
  const { findings } = meshOf(
    shopOf({
      ...wrongSubset,
      virtualServices: [
        virtualService("shop/catalog", [root]),
        virtualService("shop/inner", [rule([to("catalog", "v9")])], { hosts: [] }),
      ],
    }),
  );
  expect(findings).toMatchObject([
    { code: "MT0101", object: { name: "inner" }, path: "spec.http[0].route[0]" },
  ]);
});

test("of a kind that cannot be read nothing is claimed", () => {
  const error = { kind: "forbidden" as const, message: "Not allowed.", advice: null };
  const kindOf = (
    kind: string,
    state: Declared["kinds"][number]["state"],
    namespace: string | null = null,
  ) => ({
    kind,
    namespace,
    state,
    objects: 0,
  });
  const without = { ...shopOf({ ...wrongSubset, destinationRules: [] }) };
  expect(codes(without)).toEqual(["MT0101"]);
  const rules = "destinationrules.networking.istio.io";
  for (const state of [{ is: "forbidden" as const, error }, { is: "loading" as const }]) {
    expect(codes({ ...without, kinds: [kindOf(rules, state)] })).toEqual([]);
  }
  // Of one namespace alone: another may hold the rule that these proxies see.
  expect(codes({ ...without, kinds: [kindOf(rules, { is: "live" }, "shop")] })).toEqual([]);
  expect(codes({ ...without, kinds: [kindOf(rules, { is: "live" })] })).toEqual(["MT0101"]);
  expect(codes({ ...without, kinds: [kindOf(rules, { is: "stale", error })] })).toEqual(["MT0101"]);
});

test("an empty cluster has no finding", () => {
  expect(codes(emptyDeclared)).toEqual([]);
});

test("files without the Service have its DestinationRule say which subsets there are; without that nothing is known of them", () => {
  const files = { ...emptyDeclared, fromFiles: true };
  expect(codes({ ...files, ...wrongSubset })).toEqual(["MT0101"]);
  const defined = [
    ...(wrongSubset.destinationRules ?? []),
    destinationRule("shop/catalog-9", { v9: { version: "v9" } }, { host: "catalog" }),
  ];
  expect(codes({ ...files, ...wrongSubset, destinationRules: defined })).toEqual([]);
  expect(codes({ ...files, ...wrongSubset, destinationRules: [] })).toEqual([]);
});
