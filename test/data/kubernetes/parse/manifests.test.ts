import { describe, expect, test } from "vitest";
import { declaredFromManifests } from "../../../../src/data/kubernetes/parse/manifests.ts";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { checkDeclared } from "../../../../src/data/mesh/checks/runChecks.ts";

const service = (name: string, namespace?: string, port = 80) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: { selector: { app: name }, ports: [{ name: "http", port }] },
});
const route = (host: string, spec: object = {}) => ({
  apiVersion: "networking.istio.io/v1beta1",
  kind: "VirtualService",
  metadata: { name: "catalog", namespace: "shop" },
  spec: { hosts: ["catalog"], http: [{ route: [{ destination: { host } }] }], ...spec },
});
const codes = (...documents: readonly unknown[]) =>
  checkDeclared(knownMesh(declaredFromManifests(documents, "shop"))).map(({ code }) => code);

test("objects that name no namespace are in the one that is given, as with kubectl's -n", () => {
  const { services } = declaredFromManifests([service("catalog"), service("webapp", "web")], "shop");
  expect(services.map(({ meta }) => `${meta.ref.namespace ?? ""}/${meta.ref.name}`)).toEqual([
    "shop/catalog",
    "web/webapp",
  ]);
});

test("a List stands for its items", () => {
  const list = { apiVersion: "v1", kind: "List", items: [service("catalog"), service("webapp")] };
  expect(declaredFromManifests([list], "shop").services).toHaveLength(2);
});

test("of two objects with one name the later counts, as if both were applied", () => {
  const { services } = declaredFromManifests(
    [service("catalog", "shop", 80), service("webapp"), service("catalog", "shop", 8080)],
    "shop",
  );
  expect(services.map(({ meta, ports }) => [meta.ref.name, ports[0]?.port])).toEqual([
    ["webapp", 80],
    ["catalog", 8080],
  ]);
});

test("what is no object of the mesh is passed over", () => {
  const others = [null, "text", [], {}, { kind: "Service" }, { apiVersion: "v1", kind: "ServiceAccount" }];
  const declared = declaredFromManifests([...others, service("catalog")], "shop");
  expect(declared.unreadable).toEqual([]);
  expect(declared.kinds).toEqual([
    { kind: "services", namespace: "shop", state: { is: "live" }, objects: 1 },
  ]);
});

test("an object with a field of the wrong type is a finding", () => {
  expect(codes(route("catalog", { hosts: "catalog" }))).toEqual(["MT0001"]);
});

describe("of what the files do not hold nothing is claimed", () => {
  test("a route alone may send to a Service of the cluster", () => {
    expect(codes(route("catlog"))).toEqual([]);
  });

  test("a route beside the Services of its namespace is held against them", () => {
    expect(codes(route("catlog"), service("catalog"))).toEqual(["MT0105"]);
    expect(codes(route("catalog.shop"), service("catalog"))).toEqual(["MT0105"]);
    expect(codes(route("catalog"), service("catalog"))).toEqual([]);
  });

  test("a Service of another namespace, or a host outside, may be declared elsewhere", () => {
    expect(codes(route("webapp.web.svc.cluster.local"), service("catalog"))).toEqual([]);
    expect(codes(route("api.example.com"), service("catalog"))).toEqual([]);
  });
});
