import { expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";
import { service } from "../../../../src/data/demo/scenarios/objects.ts";
import { declarationsOf } from "../../../../src/data/demo/traffic/declarations.ts";
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { smallMesh, to, virtualService } from "./smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const v1 = { destination_workload: "api" };
const v2 = { destination_workload: "api-v2" };

function coolstoreAfterAMinute(): ObjectStore {
  let now = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => now });
  const played = playScenario(coolstore, store, 1);
  for (let tick = 0; tick < 12; tick += 1, now += 5000) played.tick(now, now + 5000);
  return store;
}

/** The lists that are other arrays. */
function replaced(before: DeclaredLists, after: DeclaredLists): readonly string[] {
  const names = Object.keys(before) as (keyof DeclaredLists)[];
  return names.filter((name) => before[name] !== after[name]);
}

test("a change of one VirtualService gives a new list of them with one new object, and no other new list", () => {
  const store = coolstoreAfterAMinute();
  const read = declarationsOf(store);
  const before = read().lists;
  expect(replaced(before, read().lists)).toEqual([]);
  const name = { group: "networking.istio.io", kind: "VirtualService", namespace: "istioinaction" };
  const catalog = store.get({ ...name, name: "catalog" })!;
  store.apply({ ...catalog, metadata: { ...catalog.metadata, labels: { team: "catalog" } } });
  const after = read().lists;
  expect(replaced(before, after)).toEqual(["virtualServices"]);
  const other = after.virtualServices.filter((item) => !before.virtualServices.includes(item));
  expect(other.map(({ meta }) => [meta.ref.name, meta.labels])).toEqual([["catalog", { team: "catalog" }]]);
});

test("an object that is deleted leaves its list, and the others stay the same objects", () => {
  const store = coolstoreAfterAMinute();
  const read = declarationsOf(store);
  const before = read().lists.services;
  store.delete({ group: "", kind: "Service", namespace: "istioinaction", name: "catalog" });
  const left = before.filter(({ meta }) => meta.ref.name !== "catalog");
  expect(left.length).toBe(before.length - 1);
  for (const [index, item] of read().lists.services.entries()) expect(item).toBe(left[index]);
});

test("a VirtualService that istiod can't convert routes nothing: every ready pod takes its part", async () => {
  const broken = virtualService([{ timeout: "soon", route: [to("v1")] }]);
  const mesh = smallMesh({ objects: [broken] });
  mesh.pass(30);
  expect(await mesh.requests({ ...source, ...v2 })).toBeGreaterThan(0);
  mesh.store.apply(virtualService([{ timeout: "1s", route: [to("v1")] }]));
  await mesh.reset();
  mesh.pass(30);
  expect(await mesh.requests({ ...source, ...v1 })).toBe(await mesh.requests(source));
});

function manifest(apiVersion: string, kind: string, name: string, spec: Json): Manifest {
  return { apiVersion, kind, metadata: { name, namespace: "shop" }, ...{ spec } };
}

const versions = ["v1", "v2"].map((version) =>
  service({
    namespace: "shop",
    name: `api-${version}`,
    selector: { app: "api", version },
    ports: [{ name: "http", port: 80, targetPort: 8080 }],
  }),
);

test("an HTTPRoute on a Service splits its requests by the weights of its backends", async () => {
  const route = (first: number, second: number): Manifest =>
    manifest("gateway.networking.k8s.io/v1", "HTTPRoute", "api", {
      parentRefs: [{ group: "", kind: "Service", name: "api", port: 80 }],
      rules: [
        {
          backendRefs: [
            { name: "api-v1", port: 80, weight: first },
            { name: "api-v2", port: 80, weight: second },
          ],
        },
      ],
    });
  const mesh = smallMesh({ objects: [...versions, route(0, 1)] });
  mesh.pass(30);
  expect(await mesh.requests({ ...source, ...v2 })).toBeGreaterThan(0);
  expect(await mesh.requests({ ...source, ...v2, destination_service_name: "api-v2" })).toBe(
    await mesh.requests(source),
  );
  mesh.store.apply(route(0, 0));
  await mesh.reset();
  mesh.pass(30);
  expect(await mesh.requests({ ...source, response_code: "500" })).toBe(await mesh.requests(source));
});

test("a Rollout that refers to a Deployment of its name takes no pods from it", async () => {
  const rollout = manifest("argoproj.io/v1alpha1", "Rollout", "api", {
    workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
    strategy: { canary: {} },
  });
  const mesh = smallMesh({ objects: [rollout, virtualService([{ route: [to("v1")] }])] });
  mesh.pass(30);
  const answered = { reporter: "destination", ...v1, response_code: "200" };
  expect(await mesh.requests(answered)).toBeGreaterThan(0);
  expect(await mesh.requests(answered)).toBe(await mesh.requests(source));
});
