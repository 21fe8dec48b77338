import { expect, test } from "vitest";
import { noChanges } from "../../../src/ui/graph/changes.ts";
import { groupGraph } from "../../../src/ui/graph/groupGraph.ts";
import { panelLines, panelOf } from "../../../src/ui/graph/panel.ts";
import { without } from "../../../src/ui/graph/sift.ts";
import { perSecond } from "../../../src/data/mesh/units.ts";
import type { Traffic } from "../../../src/data/mesh/traffic.ts";
import { plain } from "../../../src/ui/paint/line.ts";
import { http, locked, plaintext, sketchMesh, tcp } from "./handmadeMesh.ts";

const failing = (traffic: Traffic): Traffic => ({
  ...traffic,
  requests: {
    ...traffic.requests!,
    codes: { "503": perSecond(0.4), "500": perSecond(0.1) },
    flags: { UO: perSecond(0.4), XYZ: perSecond(0.1) },
  },
});
const { graph, mesh } = sketchMesh({
  namespace: "shop",
  services: [
    { name: "web", traffic: http(10) },
    { name: "catalog", traffic: failing(http(8, 0.06, 210)), lock: locked },
    { name: "db", traffic: tcp(1000) },
  ],
  calls: [
    { from: "unknown", to: "web", traffic: http(10), lock: plaintext },
    { from: "web", to: "catalog", traffic: failing(http(6, 0.08, 210)) },
    { from: "web", to: "db", traffic: tcp(1000) },
    { from: "unknown", to: "catalog", traffic: http(2) },
    { from: "db", to: "catalog", traffic: http(1), mirrored: true },
  ],
});
const picture = groupGraph(graph, mesh);

const textOf = (key: string, changes = noChanges): readonly string[] =>
  panelOf(key, { picture, changes, mesh, hidden: 0 }).map((line) => plain(line).trimEnd());

test("of a box: what it is, its figures, codes and flags with their meaning, callers and callees, the busiest first", () => {
  const lines = textOf("service:shop/catalog");
  expect(lines.length).toBe(panelLines);
  expect(lines[0]).toBe(" catalog  service in shop");
  expect(lines[1]).toMatch(/^ rate +8\.0\/s +errors 6\.0 % +p50 70 ms +p95 210 ms +p99 420 ms +lock L$/);
  expect(lines[2]).toMatch(
    /^ answers +503 0\.4\/s +500 0\.1\/s +UO 0\.4\/s \(breaker open: pool full\) +XYZ 0\.1\/s$/,
  );
  expect(lines[3]).toMatch(/^ callers +web 6\.0\/s 8\.0 % +unknown 2\.0\/s +db 1\.0\/s mirrored$/);
  expect(lines[4]).toMatch(/^ calls +nobody$/);
});

test("of a call: its ends, its part of what the caller sends, how it is encrypted, the host in full", () => {
  const lines = textOf("service:shop/web service:shop/catalog");
  expect(lines.length).toBe(panelLines);
  expect(lines[0]).toBe(" web to catalog  http");
  expect(lines[1]).toMatch(/100 % of what web sends$/);
  expect(lines[3]).toMatch(/^ mTLS +L +all of it encrypted; configured: mTLS$/);
  expect(lines[4]).toMatch(/^ hosts +catalog\.shop\.svc\.cluster\.local$/);
});

test("what is found about a service stands with its box, and with the calls to it", () => {
  const object = {
    group: "networking.istio.io",
    version: "v1",
    kind: "VirtualService",
    namespace: "shop",
    name: "catalog",
  };
  const found = {
    ...mesh,
    services: mesh.services.map((one) => (one.name === "catalog" ? { ...one, ref: object } : one)),
    findings: [
      {
        code: "MT0101",
        severity: "error" as const,
        object,
        path: "spec",
        message: "No DestinationRule has subset v9.",
        advice: "",
      },
    ],
  };
  const foundAt = (key: string) =>
    plain(panelOf(key, { picture, changes: noChanges, mesh: found, hidden: 0 })[5]!).trimEnd();
  const said = / found +MT0101 error No DestinationRule has subset v9\.$/;
  expect(foundAt("service:shop/catalog")).toMatch(said);
  expect(foundAt("service:shop/web service:shop/catalog")).toMatch(said);
  expect(foundAt("service:shop/web")).toMatch(/^ found +nothing$/);
});

test("of copies and of TCP: what they are, and no part of requests", () => {
  const copies = textOf("service:shop/db service:shop/catalog mirrored");
  expect(copies[0]).toBe(" db to catalog  http, mirrored copies only");
  expect(copies[1]).not.toContain("of what");
  expect(textOf("service:shop/web service:shop/db")[1]).toMatch(
    /^ rate +1000 B\/s in, 1000 B\/s out|^ rate +1\.0 [kK]B\/s in/,
  );
});

test("what changed stands beside the name, and where nothing is selected there is nothing", () => {
  const changes = { of: new Map([["unknown", ["new"]]]), gone: [] };
  expect(textOf("unknown", changes)[0]).toBe(
    " unknown  whoever calls without a proxy, root: nobody calls it  new",
  );
  expect(textOf("service:gone/gone")).toEqual([]);
});

test("of a box whose neighbours are hidden: not that it has none", () => {
  const left = without(picture, new Set(["service:shop/db", "service:shop/web"]));
  const lines = panelOf("service:shop/catalog", { picture: left, changes: noChanges, mesh, hidden: 2 });
  expect(plain(lines[4]!).trimEnd()).toMatch(/^ calls +nobody that is shown$/);
});

test("of a gRPC call: its protocol, and its status codes by name", () => {
  const unavailable: Traffic = {
    ...http(6, 0.1),
    requests: { ...http(6, 0.1).requests!, codes: { "grpc 14": perSecond(0.5), "grpc 99": perSecond(0.1) } },
  };
  const sketched = sketchMesh({
    namespace: "shop",
    services: [
      { name: "web", traffic: http(6) },
      { name: "catalog", traffic: unavailable },
    ],
    calls: [{ from: "web", to: "catalog", traffic: unavailable, protocol: "grpc" }],
  });
  const shown = groupGraph(sketched.graph, sketched.mesh);
  const scene = { picture: shown, changes: noChanges, mesh: sketched.mesh, hidden: 0 };
  const lines = panelOf("service:shop/web service:shop/catalog", scene).map((line) => plain(line).trimEnd());
  expect(lines[0]).toBe(" web to catalog  grpc");
  expect(lines[1]).toMatch(/errors 10 %/);
  expect(lines[2]).toMatch(/^ answers +grpc 14 UNAVAILABLE 0\.5\/s +grpc 99 0\.1\/s$/);
});

test("of a call that carries HTTP and gRPC: both, each with its own errors, on one edge", () => {
  const failing: Traffic = {
    ...http(3, 0.5),
    requests: { ...http(3, 0.5).requests!, codes: { "grpc 14": perSecond(1.5) } },
  };
  const sketched = sketchMesh({
    namespace: "shop",
    services: [
      { name: "web", traffic: http(8) },
      { name: "catalog", traffic: failing },
    ],
    calls: [
      { from: "web", to: "catalog", traffic: http(5), protocol: "http" },
      { from: "web", to: "catalog", traffic: failing, protocol: "grpc" },
    ],
  });
  const shown = groupGraph(sketched.graph, sketched.mesh);
  const scene = { picture: shown, changes: noChanges, mesh: sketched.mesh, hidden: 0 };
  expect(shown.calls.filter(({ to }) => to === "service:shop/catalog")).toHaveLength(1);
  const lines = panelOf("service:shop/web service:shop/catalog", scene).map((line) => plain(line).trimEnd());
  expect(lines[0]).toBe(" web to catalog  grpc 3.0/s 50 %, http 5.0/s ok");
  // 1.5 of 8 failed.
  expect(lines[1]).toMatch(/^ rate +8\.0\/s +errors 19 %/);
});
