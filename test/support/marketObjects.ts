/** Every kind of object that a change can be made to, in namespace `market`: with more in it than the program knows. */
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { sending, type KubeWorld } from "./kubeWorlds.ts";
import { collectionOf, meshFrom, type RawKubeObject } from "./rawMesh.ts";
import { installRollouts } from "./rolloutDefinition.ts";

const ISTIO = "networking.istio.io/v1";
const GATEWAY = "gateway.networking.k8s.io/v1";

const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: object,
  metadata: object = {},
): RawKubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "market", ...metadata },
  spec,
});

export const refTo = ({ apiVersion, kind, metadata }: RawKubeObject): ResourceRef => {
  const [group = "", version = apiVersion] = apiVersion.includes("/")
    ? apiVersion.split("/")
    : ["", apiVersion];
  return { group, version, kind, namespace: metadata.namespace, name: metadata.name };
};

const to = (host: string, subset: string | null, weight: number | null = null) => ({
  destination: { host, ...(subset === null ? {} : { subset }), port: { number: 80 } },
  ...(weight === null ? {} : { weight }),
});
const backends = (name: string, weight: number) => [
  { name, port: 80, weight },
  { name: `${name}-next`, port: 80 },
];
const parentRefs = (name: string) => [{ group: "", kind: "Service", name, port: 80 }];
const mirrorTo = (name: string, more: object = {}) => ({
  type: "RequestMirror",
  requestMirror: { backendRef: { name, port: 80 }, ...more },
});

export const cart = object(
  ISTIO,
  "VirtualService",
  "cart",
  {
    hosts: ["cart"],
    exportTo: ["*"],
    http: [
      { match: [{ uri: { prefix: "/v2" } }], delegate: { name: "cart-main", namespace: "market" } },
      { name: "old", route: [to("cart", "v1")], timeout: "3s" },
    ],
    tcp: [{ match: [{ port: 9000 }], route: [to("cart", "v1", 1), to("cart", "v2", 2), to("cart", "v3")] }],
    tls: [
      {
        match: [{ port: 443, sniHosts: ["cart.example.com"] }],
        route: [to("cart", "v1", 150), to("cart", "v2", 50)],
      },
    ],
  },
  { labels: { "example.com/team": "a.b" }, annotations: { note: "# a comment\n\ttabbed", "a.b/c_d": "~1" } },
);

export const cartMain = object(ISTIO, "VirtualService", "cart-main", {
  http: [
    {
      name: "main",
      match: [{ headers: { "x-user": { regex: ".*" } }, ignoreUriCase: true }],
      route: [to("cart", "v1", 70), { ...to("cart", "v2", 30), headers: { response: { add: { v: "2" } } } }],
      mirrors: [
        { destination: { host: "cart", subset: "v3" }, percentage: { value: 5 } },
        { destination: { host: "audit" } },
      ],
      retries: { attempts: 3, retryOn: "5xx" },
    },
  ],
});

const subsets = ["v1", "v2", "v3"].map((version) => ({ name: version, labels: { version } }));
export const cartRule = object(ISTIO, "DestinationRule", "cart", { host: "cart", subsets });

export const shop = object(GATEWAY, "HTTPRoute", "shop", {
  parentRefs: parentRefs("shop"),
  rules: [
    { name: "all", backendRefs: backends("shop", 3), timeouts: { request: "5s" } },
    {
      matches: [{ path: { type: "PathPrefix", value: "/beta" } }],
      filters: [
        { type: "RequestHeaderModifier", requestHeaderModifier: { set: [{ name: "x", value: "y" }] } },
        mirrorTo("audit", { fraction: { numerator: 1, denominator: 1000 } }),
        mirrorTo("shop-next", { percent: 7 }),
      ],
      backendRefs: [{ name: "shop-next", port: 80 }],
    },
  ],
});
export const quotes = object(GATEWAY, "GRPCRoute", "quotes", {
  parentRefs: parentRefs("quotes"),
  rules: [
    {
      matches: [{ method: { service: "quotes.Quotes", method: "Get" } }],
      backendRefs: backends("quotes", 9),
    },
  ],
});
export const ledger = object(GATEWAY, "TCPRoute", "ledger", {
  parentRefs: parentRefs("ledger"),
  rules: [{ name: "only", backendRefs: backends("ledger", 4) }],
});
export const vault = object(GATEWAY, "TLSRoute", "vault", {
  parentRefs: parentRefs("vault"),
  hostnames: ["vault.example.com"],
  rules: [{ backendRefs: backends("vault", 1) }],
});

export const checkout = object(ISTIO, "VirtualService", "checkout", {
  hosts: ["checkout"],
  http: [
    {
      match: [{ headers: { beta: { exact: "1" } } }],
      route: [to("checkout-canary", null, 40), to("checkout-primary", null, 60)],
    },
    { route: [to("checkout-primary", null, 60), to("checkout-canary", null, 40)], retries: { attempts: 1 } },
  ],
});
export const canary = object("flagger.app/v1beta1", "Canary", "checkout", {
  targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout" },
  service: { port: 80, portDiscovery: true },
  analysis: { interval: "1m", threshold: 5, stepWeights: [10, 20, 50] },
});

const steps = [{ setWeight: 10 }, { pause: {} }, { setWeight: 50 }, { pause: { duration: "1h" } }];
export const rollout = object("argoproj.io/v1alpha1", "Rollout", "basket", {
  replicas: 2,
  selector: { matchLabels: { app: "basket" } },
  strategy: {
    canary: {
      canaryService: "basket-next",
      stableService: "basket",
      trafficRouting: { istio: { virtualService: { name: "basket", routes: ["all"] } } },
      steps,
    },
  },
});

export const wide = object(ISTIO, "Sidecar", "default", { egress: [{ hosts: ["./*", "istio-system/*"] }] });
export const revisionText = [
  "outboundTrafficPolicy: { } # of the new revision",
  "defaultConfig:\n  proxyMetadata:\n    A: 'b'",
  "",
].join("\n");
export const revision: RawKubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "istio-canary", namespace: "istio-system" },
  data: { mesh: revisionText, meshNetworks: "networks: {}" },
};

export const everything = [
  ...[cart, cartMain, cartRule, shop, quotes, ledger, vault, checkout],
  ...[canary, rollout, wide, revision],
];

const names = [
  "cart",
  "audit",
  "basket",
  "basket-next",
  "checkout",
  "checkout-primary",
  "checkout-canary",
].concat(["shop", "quotes", "ledger", "vault"].flatMap((name) => [name, `${name}-next`]));

/** @param canaryStatus of the Canary, as the mesh knows it. */
export function marketMesh(): Mesh {
  const status = { phase: "Progressing" };
  return meshFrom(
    everything.map((one) => (one === canary ? { ...one, status } : one)),
    "market",
    names,
    ["cart"],
  );
}

export const pathTo = (one: RawKubeObject): string => `${collectionOf(one)}/${one.metadata.name}`;

type World = Pick<KubeWorld, "fetch">;

const merge = (body: object) => sending("PATCH", body, "application/merge-patch+json");

/** @param status of the object from now on; members that are null go. */
export async function setStatus(world: World, one: RawKubeObject, status: object): Promise<void> {
  const answer = await world.fetch(`${pathTo(one)}/status`, merge({ status }));
  if (answer.status !== 200) throw new Error(answer.text);
}

export async function setSpec(world: World, one: RawKubeObject, spec: object): Promise<void> {
  const answer = await world.fetch(pathTo(one), merge({ spec }));
  if (answer.status !== 200) throw new Error(answer.text);
}

async function remake(world: World, one: RawKubeObject): Promise<void> {
  await world.fetch(pathTo(one), { method: "DELETE" });
  const made = await world.fetch(collectionOf(one), sending("POST", one));
  if (made.status !== 201) throw new Error(`${pathTo(one)}: ${made.status} ${made.text}`);
}

/** kube-apiserver 1.20 takes the empty group of a Service for null, so on a server the parents are Gateways. */
function served(one: RawKubeObject): RawKubeObject {
  const spec = one["spec"] as { parentRefs?: unknown } | undefined;
  return spec?.parentRefs === undefined
    ? one
    : { ...one, spec: { ...spec, parentRefs: [{ name: "gateway" }] } };
}

/** Every object as it was in the beginning: the Canary under way, the Rollout at a pause; Sidecars and ServiceEntries of others are gone. */
export async function fillMarket(world: World): Promise<void> {
  for (const name of ["market", "istio-system"]) {
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await world.fetch("/api/v1/namespaces", sending("POST", space));
  }
  await installRollouts((path, init) => world.fetch(path, init));
  for (const plural of ["sidecars", "serviceentries"]) {
    await world.fetch(`/apis/networking.istio.io/v1/namespaces/market/${plural}`, { method: "DELETE" });
  }
  await Promise.all(everything.map((one) => remake(world, served(one))));
  await setStatus(world, canary, { phase: "Progressing", canaryWeight: 40, failedChecks: 0, iterations: 0 });
  await setStatus(world, rollout, {
    phase: "Paused",
    currentStepIndex: 1,
    currentPodHash: "new",
    stableRS: "old",
    pauseConditions: [{ reason: "CanaryPauseStep", startTime: "2026-01-01T00:00:00Z" }],
  });
}
