import fc from "fast-check";
import { expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { KubeObject, Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";
import { custom } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Scenario } from "../../../../src/data/demo/scenarios/scenario.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { basket } from "../controllers/rolloutMesh.ts";

const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, "", 0, -1, 1e9, true, "(", "*", "a.b", [], {}, [{}], [null]),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

/** The value with one thing somewhere inside it replaced, or left out. */
function changedAt(value: Json, path: readonly number[], by: Json | undefined): Json | undefined {
  const [step = 0, ...rest] = path;
  if (path.length === 0 || typeof value !== "object" || value === null) return by;
  const entries = Object.entries(value);
  if (entries.length === 0) return by;
  const [key] = entries[step % entries.length]!;
  const changed = entries
    .map(([name, inner]): [string, Json | undefined] => [
      name,
      name === key ? changedAt(inner, rest, by) : inner,
    ])
    .filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return Array.isArray(value) ? changed.map(([, inner]) => inner) : Object.fromEntries(changed);
}

const changes = fc.array(
  fc.record({
    object: fc.nat(),
    path: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 8 }),
    by: fc.option(odd, { nil: undefined }),
  }),
  { minLength: 1, maxLength: 4 },
);

const ofInterest = new Set([
  "VirtualService",
  "HTTPRoute",
  "Rollout",
  "ReplicaSet",
  "DestinationRule",
  "Gateway",
  "PeerAuthentication",
  "Canary",
  "Service",
  "Deployment",
  "ConfigMap",
  "EndpointSlice",
  "Pod",
]);

const overBasket = custom("HTTPRoute", {
  namespace: "shop",
  name: "over-basket",
  spec: {
    parentRefs: [{ name: "edge" }, { group: "", kind: "Service", name: "basket" }],
    rules: [{ backendRefs: [{ name: "basket-stable", port: 80, weight: 9 }] }],
  },
});
const edge = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "shop" },
  ...{
    spec: { gatewayClassName: "istio", listeners: [{ name: "web", port: 80, protocol: "HTTP" }] },
  },
} satisfies Manifest;

const everything: Scenario = {
  ...coolstore,
  manifests: [...coolstore.manifests, ...basket(), edge, overBasket],
};

test("whatever a client writes into the objects, as long as the API server takes it, the mesh goes on", () => {
  fc.assert(
    fc.property(changes, (list) => {
      let now = Date.UTC(2026, 0, 1);
      const { store, kinds } = createBackend({ clock: () => now });
      const played = playScenario(everything, store, 1);
      const pass = (): void => {
        for (let tick = 0; tick < 11; tick += 1, now += 5000) played.tick(now, now + 5000);
      };
      pass();
      for (const { object: index, path, by } of list) {
        const objects = kinds.filter(({ kind }) => ofInterest.has(kind)).flatMap((kind) => store.list(kind));
        const object = objects[index % objects.length]!;
        const { apiVersion, kind, metadata, ...body } = object;
        const changed = {
          apiVersion,
          kind,
          metadata,
          ...(changedAt(body, path, by) as object),
        } as KubeObject;
        try {
          store.apply(changed);
        } catch {
          // The API server refuses it.
        }
      }
      expect(pass).not.toThrow();
    }),
    { numRuns: 100 },
  );
}, 120_000);
