import { describe, expect, test } from "vitest";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import { endpointsBehind, workloadsBehind } from "../../../../src/data/mesh/resolve/backends.ts";
import { workloadOfPod } from "../../../../src/data/mesh/resolve/workloadIndex.ts";
import { meta, podsOf, service, slice, workload } from "../../../support/declaredOf.ts";
import { registry } from "./builders.ts";

const catalog = service("shop/catalog");
const v1 = workload("shop/catalog-v1", { app: "catalog", version: "v1" }, { desired: 2, ready: 2 });
const v2 = workload("shop/catalog-v2", { app: "catalog", version: "v2" }, { desired: 1, ready: 0 });
const pods1 = podsOf(v1, 2);
const pods2 = podsOf(v2, 1);
const lists: Partial<DeclaredLists> = {
  services: [catalog],
  workloads: [v2, v1, workload("shop/other", { app: "other" }), workload("pay/catalog", { app: "catalog" })],
  pods: [...pods1, ...pods2],
  endpointSlices: [slice("shop/catalog", [...pods1, ...pods2], pods2)],
};
const workloadNames = (given: Partial<DeclaredLists>, labels = {}, of = catalog) =>
  workloadsBehind(registry(given), of, labels).map(({ meta: m }) => m.ref.name);

describe("subset labels -> pods -> workloads (istio.md 4.3)", () => {
  test("the Service's own namespace and selector, by name", () => {
    expect(workloadNames(lists)).toEqual(["catalog-v1", "catalog-v2"]);
  });

  test("a subset's labels narrow it", () => {
    expect(workloadNames(lists, { version: "v2" })).toEqual(["catalog-v2"]);
    expect(workloadNames(lists, { version: "v9" })).toEqual([]);
  });

  test("a workload scaled to zero is behind its Service too (Flagger's idle canary)", () => {
    expect(workloadNames({ ...lists, pods: [], endpointSlices: [] }, { version: "v2" })).toEqual([
      "catalog-v2",
    ]);
  });

  test("a label that only pods carry finds their workload (Argo's rollouts-pod-template-hash)", () => {
    const rollout = workload("shop/cart", { app: "cart" }, { kind: "Rollout" });
    const hashed = podsOf(rollout, 1, { "rollouts-pod-template-hash": "abc12" });
    const given = { workloads: [rollout], pods: hashed, endpointSlices: [slice("shop/cart", hashed)] };
    expect(workloadNames(given, { "rollouts-pod-template-hash": "abc12" }, service("shop/cart"))).toEqual([
      "cart",
    ]);
  });

  test("without a selector, whoever stands in the slices", () => {
    const manual = service("shop/manual", { selector: null });
    const given = { ...lists, endpointSlices: [slice("shop/manual", pods1)] };
    expect(workloadNames(given, {}, manual)).toEqual(["catalog-v1"]);
  });

  test("an empty selector selects nothing by itself", () => {
    expect(workloadNames({ ...lists, endpointSlices: [] }, {}, service("shop/x", { selector: {} }))).toEqual(
      [],
    );
  });
});

describe("endpoints of a Service and of its subsets", () => {
  const count = (given: Partial<DeclaredLists>, labels = {}) =>
    endpointsBehind(registry(given), catalog, labels);

  test("ready of all", () => {
    expect(count(lists)).toEqual({ ready: 2, total: 3 });
    expect(count(lists, { version: "v1" })).toEqual({ ready: 2, total: 2 });
    expect(count(lists, { version: "v2" })).toEqual({ ready: 0, total: 1 });
    expect(count(lists, { version: "v9" })).toEqual({ ready: 0, total: 0 });
  });

  test("a dual-stack pod has two addresses and is one endpoint", () => {
    const twice = [slice("shop/catalog", pods1), slice("shop/catalog", pods1)];
    expect(count({ ...lists, endpointSlices: twice })).toEqual({ ready: 2, total: 2 });
    const oneReady = [slice("shop/catalog", pods1), slice("shop/catalog", pods1, pods1)];
    expect(count({ ...lists, endpointSlices: oneReady })).toEqual({ ready: 2, total: 2 });
  });

  test("an address without a pod counts for the Service and for no subset", () => {
    const [endpoint] = slice("shop/catalog", pods1).endpoints;
    const manual = { ...slice("shop/catalog", []), endpoints: [{ ...endpoint!, pod: null }] };
    expect(count({ ...lists, endpointSlices: [manual] })).toEqual({ ready: 1, total: 1 });
    expect(count({ ...lists, endpointSlices: [manual] }, { version: "v1" })).toEqual({ ready: 0, total: 0 });
  });

  test("where pods cannot be read, the workload that a pod's name begins with lends its labels", () => {
    expect(count({ ...lists, pods: [] }, { version: "v1" })).toEqual({ ready: 2, total: 2 });
    expect(count({ ...lists, pods: [] }, { version: "v2" })).toEqual({ ready: 0, total: 1 });
  });

  test("where no EndpointSlice can be read at all, the workloads' own counts", () => {
    expect(count({ ...lists, endpointSlices: [] })).toEqual({ ready: 2, total: 3 });
    expect(count({ ...lists, endpointSlices: [] }, { version: "v2" })).toEqual({ ready: 0, total: 1 });
  });

  test("a Service whose slices are empty has no endpoints, whatever its workloads say", () => {
    const given = { ...lists, endpointSlices: [slice("shop/catalog", []), slice("shop/else", pods1)] };
    expect(count(given)).toEqual({ ready: 0, total: 0 });
  });
});

describe("the workload that runs a pod (GetDeployMetaFromPod)", () => {
  const index = registry({
    workloads: [
      v1,
      workload("shop/db", {}, { kind: "StatefulSet" }),
      workload("shop/db", {}, { kind: "Deployment" }),
    ],
  }).workloads;
  const owned = (kind: string, name: string, labels = {}) => ({
    meta: meta("Pod", "shop/p", { labels, owners: [{ apiVersion: "x", kind, name, controller: true }] }),
  });

  test.each([
    [
      "a Deployment through its ReplicaSet",
      owned("ReplicaSet", "catalog-v1-77", { "pod-template-hash": "77" }),
      "Deployment catalog-v1",
    ],
    ["a StatefulSet directly", owned("StatefulSet", "db"), "StatefulSet db"],
    ["a ReplicaSet of somebody unknown", owned("ReplicaSet", "x-77", { "pod-template-hash": "77" }), null],
    ["a Job", owned("Job", "migrate"), null],
    ["nobody", { meta: meta("Pod", "shop/p") }, null],
  ])("%s", (_, pod, expected) => {
    const found = workloadOfPod(index, pod);
    expect(found === null ? null : `${found.kind} ${found.meta.ref.name}`).toBe(expected);
  });
});
