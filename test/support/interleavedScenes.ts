/** Changes of the shop, and what somebody else may do to the same objects at the same time. */
import type { WantedChange } from "../../src/actions/change.ts";
import type { Scene } from "./interleaved.ts";
import { sending, type KubeWorld } from "./kubeWorlds.ts";
import { canary, configMap, fillShop, pathOf, payments, shopMesh } from "./shopObjects.ts";

type World = Pick<KubeWorld, "fetch">;
type Deed = (world: World) => Promise<unknown>;

const mesh = shopMesh();
const istio = "/apis/networking.istio.io/v1/namespaces/shop";
const sidecar = `${istio}/sidecars/default`;
const entry = `${istio}/serviceentries/api-example-com`;

const asOther = (path: string): string => `${path}?fieldManager=other`;
const merged = (path: string, body: object): Deed => {
  return (world) => world.fetch(asOther(path), sending("PATCH", body, "application/merge-patch+json"));
};
const deleted =
  (path: string): Deed =>
  (world) =>
    world.fetch(path, { method: "DELETE" });
const made = (path: string, object: object): Deed => {
  return (world) => world.fetch(asOther(path.slice(0, path.lastIndexOf("/"))), sending("POST", object));
};
const both =
  (...deeds: readonly Deed[]): Deed =>
  async (world) => {
    for (const deed of deeds) await deed(world);
  };
let count = 0;
/** Something that no plan of ours is about, another one each time. */
const noted =
  (path: string): Deed =>
  (world) => {
    count += 1;
    return merged(path, { metadata: { annotations: { note: `n${count}` } } })(world);
  };

const routed = (...weights: readonly [string, number][]): object => ({
  spec: {
    hosts: ["payments"],
    http: [
      { route: weights.map(([name, weight]) => ({ destination: { host: `payments-${name}` }, weight })) },
    ],
  },
});
const route = pathOf(payments);
const madeRoute = (...weights: readonly [string, number][]): Deed =>
  made(route, {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: payments.name, namespace: payments.namespace },
    ...routed(...weights),
  });

/** On a route of Flagger and its Canary. */
const canaryOthers: Scene["others"] = {
  shifts: merged(route, routed(["primary", 75], ["canary", 25])),
  "shifts back": merged(route, routed(["primary", 85], ["canary", 15])),
  swaps: merged(route, routed(["canary", 85], ["primary", 15])),
  "puts a copy in front": merged(route, {
    spec: {
      http: ["blue", null].map((team) => ({
        ...(team === null ? {} : { match: [{ headers: { "x-team": { exact: team } } }] }),
        route: [
          { destination: { host: "payments-primary" }, weight: 70 },
          { destination: { host: "payments-canary" }, weight: 30 },
        ],
      })),
    },
  }),
  notes: noted(route),
  deletes: deleted(route),
  "makes anew": both(deleted(route), madeRoute(["primary", 85], ["canary", 15])),
  ticks: (world) => {
    count += 1;
    return world.fetch(
      `${pathOf(canary)}/status`,
      sending("PATCH", { status: { iterations: count } }, "application/merge-patch+json"),
    );
  },
  finishes: (world) =>
    world.fetch(
      `${pathOf(canary)}/status`,
      sending("PATCH", { status: { phase: "Succeeded" } }, "application/merge-patch+json"),
    ),
  resumes: merged(pathOf(canary), { spec: { suspend: false } }),
  suspends: merged(pathOf(canary), { spec: { suspend: true } }),
};
const canaryPaths = [pathOf(canary), route];

/** On an object that the change makes. */
function makingOthers(path: string, object: { readonly spec: object }, changedSpec: object): Scene["others"] {
  return {
    "makes the same": made(path, object),
    "makes another one": made(path, { ...object, spec: { ...object.spec, ...changedSpec } }),
    changes: merged(path, { spec: changedSpec }),
    notes: noted(path),
    labels: merged(path, { metadata: { labels: { team: "blue" } } }),
    deletes: deleted(path),
    "makes anew": both(deleted(path), made(path, object)),
  };
}

const named = (kind: string, name: string, spec: object): { readonly spec: object } => ({
  ...{ apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace: "shop" } },
  spec,
});
const emptied =
  (...paths: readonly string[]): Scene["fill"] =>
  async (world) => {
    for (const path of paths) await world.fetch(path, { method: "DELETE" });
  };

const config = (mode: string) => ({ data: { mesh: `outboundTrafficPolicy:\n  mode: ${mode}\n` } });

const outbound: WantedChange = {
  kind: "outbound",
  target: { is: "sidecar", namespace: "shop", labels: null },
  mode: "REGISTRY_ONLY",
};

export const scenes: Readonly<Record<string, Scene>> = {
  "a shift by hand of a route that Flagger moves": {
    mesh,
    change: {
      kind: "shift",
      service: "shop/payments",
      route: payments,
      protocol: "http",
      rule: 0,
      weights: [70, 30],
    },
    paths: canaryPaths,
    fill: fillShop,
    others: canaryOthers,
  },
  "a canary resumed, its weights on a listed step first": {
    mesh,
    change: { kind: "canary", canary, verb: "resume" },
    paths: canaryPaths,
    fill: async (world) => {
      await fillShop(world);
      await canaryOthers["suspends"]?.(world);
    },
    others: canaryOthers,
  },
  "a Sidecar that is made": {
    mesh,
    change: outbound,
    paths: [sidecar],
    fill: emptied(sidecar),
    others: makingOthers(
      sidecar,
      named("Sidecar", "default", { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } }),
      { egress: [{ hosts: ["./*"] }] },
    ),
  },
  "a ServiceEntry that is made": {
    mesh,
    change: { kind: "declareHost", namespace: "shop", host: "api.example.com" },
    paths: [entry],
    fill: emptied(entry),
    others: makingOthers(
      entry,
      named("ServiceEntry", "api-example-com", {
        hosts: ["api.example.com"],
        exportTo: ["."],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        ports: [
          { number: 80, name: "http", protocol: "HTTP" },
          { number: 443, name: "tls", protocol: "TLS" },
        ],
      }),
      { exportTo: ["*"] },
    ),
  },
  "the outbound policy of the mesh": {
    mesh,
    change: { kind: "outbound", target: { is: "mesh", configMap }, mode: "REGISTRY_ONLY" },
    paths: [pathOf(configMap)],
    fill: fillShop,
    others: {
      allows: merged(pathOf(configMap), config("ALLOW_ANY")),
      forbids: merged(pathOf(configMap), config("REGISTRY_ONLY")),
      "changes networks": merged(pathOf(configMap), { data: { meshNetworks: "networks: {a: {}}" } }),
      notes: noted(pathOf(configMap)),
      deletes: deleted(pathOf(configMap)),
    },
  },
};
