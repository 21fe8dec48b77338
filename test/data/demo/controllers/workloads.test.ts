import fc from "fast-check";
import { expect, test } from "vitest";
import { controlWorkloads } from "../../../../src/data/demo/controllers/workloads.ts";
import type { KubeObject, Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { namespace, service, workload } from "../../../../src/data/demo/scenarios/objects.ts";

function cluster(...manifests: readonly Manifest[]): { store: ObjectStore; reconcile: () => void } {
  const { store } = createBackend({ clock: () => Date.UTC(2026, 0, 1) });
  const controller = controlWorkloads(store);
  for (const manifest of manifests) store.apply(manifest);
  return { store, reconcile: () => controller.reconcile() };
}

const pods = (store: ObjectStore): readonly KubeObject[] => store.list({ group: "", kind: "Pod" });
const slices = (store: ObjectStore): readonly KubeObject[] =>
  store.list({ group: "discovery.k8s.io", kind: "EndpointSlice" });

function shop(replicas: number): Manifest {
  const labels = { app: "shop", version: "v1" };
  return workload({ namespace: "ns", name: "shop", labels, replicas, image: "shop:1", port: 8080 });
}

const shopService = service({
  namespace: "ns",
  name: "shop",
  selector: { app: "shop" },
  ports: [{ name: "http", port: 80, targetPort: "http" }],
});

test("pods of an injected namespace carry what Istio's injector adds, those of others do not", () => {
  const { store, reconcile } = cluster(namespace("ns", { "istio-injection": "enabled" }), shop(1));
  reconcile();
  expect(pods(store)[0]?.metadata.labels).toMatchObject({
    app: "shop",
    version: "v1",
    "security.istio.io/tlsMode": "istio",
    "service.istio.io/canonical-name": "shop",
    "service.istio.io/canonical-revision": "v1",
  });
  expect(pods(store)[0]?.metadata.annotations).toHaveProperty(["sidecar.istio.io/status"]);
  const plain = cluster(namespace("ns"), shop(1));
  plain.reconcile();
  expect(pods(plain.store)[0]?.metadata.labels).not.toHaveProperty(["security.istio.io/tlsMode"]);
});

test("a Deployment's pods are named after the ReplicaSet of their template, a StatefulSet's are counted", () => {
  const { store, reconcile } = cluster(
    namespace("ns"),
    shop(1),
    workload({
      namespace: "ns",
      name: "db",
      kind: "StatefulSet",
      labels: { app: "db" },
      replicas: 2,
      image: "db:1",
      port: 5432,
    }),
  );
  reconcile();
  const names = pods(store).map(({ metadata }) => metadata.name);
  expect(names.slice(0, 2)).toEqual(["db-0", "db-1"]);
  const shopPod = pods(store)[2]!;
  const hash = shopPod.metadata.labels?.["pod-template-hash"] ?? "";
  expect(shopPod.metadata.name).toMatch(new RegExp(`^shop-${hash}-[b-z2-9]{5}$`));
  expect(shopPod.metadata["ownerReferences"]).toMatchObject([{ kind: "ReplicaSet", name: `shop-${hash}` }]);
});

test("a new image means new pods, and the old ones are gone", () => {
  const { store, reconcile } = cluster(namespace("ns"), shop(2));
  reconcile();
  const before = pods(store).map(({ metadata }) => metadata.name);
  store.apply(
    workload({
      namespace: "ns",
      name: "shop",
      labels: { app: "shop" },
      replicas: 2,
      image: "shop:2",
      port: 1,
    }),
  );
  reconcile();
  const after = pods(store).map(({ metadata }) => metadata.name);
  expect(after).toHaveLength(2);
  expect(after.filter((name) => before.includes(name))).toEqual([]);
});

test("whatever replicas become, pods, endpoints and status follow", () => {
  const { store, reconcile } = cluster(namespace("ns"), shop(1), shopService);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), (replicas) => {
      store.apply(shop(replicas));
      reconcile();
      const names = pods(store).map(({ metadata }) => metadata.name);
      expect(new Set(names).size).toBe(replicas);
      const [slice] = slices(store);
      const endpoints = slice?.["endpoints"] as { targetRef: { name: string } }[];
      expect(endpoints.map(({ targetRef }) => targetRef.name).sort()).toEqual([...names].sort());
      const deployment = store.get({ group: "apps", kind: "Deployment", namespace: "ns", name: "shop" });
      expect(deployment?.["status"]).toMatchObject({ replicas, readyReplicas: replicas });
    }),
    { numRuns: 30 },
  );
});

test("a cluster has room for 100 pods of a workload: the others are not ready", () => {
  const { store, reconcile } = cluster(namespace("ns"), shop(1_000_000), shopService);
  reconcile();
  expect(pods(store)).toHaveLength(100);
  const deployment = store.get({ group: "apps", kind: "Deployment", namespace: "ns", name: "shop" });
  expect(deployment?.["status"]).toMatchObject({ replicas: 1_000_000, readyReplicas: 100 });
});

test("a slice names its Service, and the number of a named container port", () => {
  const { store, reconcile } = cluster(namespace("ns"), shop(1), shopService);
  reconcile();
  expect(slices(store)).toHaveLength(1);
  expect(slices(store)[0]?.metadata.labels).toMatchObject({ "kubernetes.io/service-name": "shop" });
  expect(slices(store)[0]?.["ports"]).toEqual([{ name: "http", port: 8080, protocol: "TCP" }]);
});

test("a slice that somebody wrote by hand is left alone", () => {
  const byHand = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "outside", namespace: "ns", labels: { "kubernetes.io/service-name": "outside" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["192.0.2.1"] }],
    ports: [],
  };
  const { store, reconcile } = cluster(namespace("ns"), shop(1), shopService, byHand);
  reconcile();
  store.apply(shop(3));
  reconcile();
  expect(slices(store).map(({ metadata }) => metadata.name)).toContain("outside");
});

test("when nothing changed, reconciling writes nothing", () => {
  const { store, reconcile } = cluster(namespace("ns"), shop(2), shopService);
  reconcile();
  let writes = 0;
  store.subscribe(() => (writes += 1));
  reconcile();
  expect(writes).toBe(0);
});
