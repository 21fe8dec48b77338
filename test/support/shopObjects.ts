/** The shop of `builtMesh.ts` as objects on a server, and the mesh that knows them. */
import type { ShiftChange } from "../../src/actions/change.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import { meshOf, shopOf, v1, v2 } from "./builtMesh.ts";
import {
  backend,
  destinationRule,
  flaggerCanary,
  httpRoute,
  meshConfig,
  podsOf,
  rollout,
  rule,
  service,
  slice,
  tcpRule,
  to,
  virtualService,
} from "./declaredOf.ts";
import { sending, type KubeWorld } from "./kubeWorlds.ts";

const ref = (group: string, kind: string, at: string, version = "v1"): ResourceRef => {
  const [namespace = "", name = ""] = at.split("/");
  return { group, version, kind, namespace, name };
};
export const route = ref("networking.istio.io", "VirtualService", "shop/catalog");
export const payments = ref("networking.istio.io", "VirtualService", "shop/payments");
export const httpRouteRef = ref("gateway.networking.k8s.io", "HTTPRoute", "shop/orders");
export const canary = ref("flagger.app", "Canary", "shop/payments", "v1beta1");
export const configMap = ref("", "ConfigMap", "istio-system/istio");

/** As people write it: comments, quotes, an order of its own. */
export const meshText = [
  "# Who changes this tells #mesh first.",
  "accessLogFile: /dev/stdout   # for now",
  "outboundTrafficPolicy:",
  "  # never REGISTRY_ONLY on a Friday",
  '  mode: "ALLOW_ANY"  # agreed 2025-11',
  "defaultConfig: {discoveryAddress: 'istiod.istio-system.svc:15012', tracing: {}}",
  "trustDomain: cluster.local",
  "",
].join("\n");

const weighed = (host: string, subset: string | null, weight?: number) => ({
  destination: { host, ...(subset === null ? {} : { subset }) },
  ...(weight === undefined ? {} : { weight }),
});
const metadata = (one: ResourceRef, more: object = {}) => ({
  name: one.name,
  namespace: one.namespace,
  ...more,
});

/** By the path of their collection. */
const objects: Readonly<Record<string, readonly object[]>> = {
  "/apis/networking.istio.io/v1/namespaces/shop/virtualservices": [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: metadata(route, { annotations: { note: "# a comment\n" } }),
      spec: {
        hosts: ["catalog"],
        http: [
          {
            match: [{ headers: { "x-cohort": { exact: "internal" } } }],
            route: [weighed("catalog", "v2")],
            mirror: { host: "catalog", subset: "v1" },
            mirrorPercent: 40,
          },
          {
            name: "main",
            route: [weighed("catalog", "v1", 90), weighed("catalog", "v2")],
            timeout: "3s",
            retries: { attempts: 2 },
            fault: { delay: { percentage: { value: 0.1 }, fixedDelay: "5s" } },
          },
        ],
        tcp: [{ route: [weighed("catalog", "v1", 20), weighed("catalog", "v2", 80)] }],
      },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: metadata(payments),
      spec: {
        hosts: ["payments"],
        http: [{ route: [weighed("payments-primary", null, 85), weighed("payments-canary", null, 15)] }],
      },
    },
  ],
  "/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes": [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: metadata(httpRouteRef),
      spec: {
        parentRefs: [{ name: "gateway" }],
        rules: [
          {
            backendRefs: [
              { name: "orders", port: 80 },
              { name: "catalog", port: 80, weight: 3 },
            ],
          },
        ],
      },
    },
  ],
  "/apis/flagger.app/v1beta1/namespaces/shop/canaries": [
    {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      metadata: metadata(canary),
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "payments" },
        service: { port: 80 },
        analysis: { interval: "1m", threshold: 5, stepWeights: [10, 20, 50] },
      },
    },
  ],
  "/api/v1/namespaces/istio-system/configmaps": [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: metadata(configMap),
      data: { mesh: meshText, meshNetworks: "networks: {}" },
    },
  ],
};

const names = ["catalog", "webapp", "payments", "payments-primary", "payments-canary", "orders", "basket"];

/** @param flagger phase and suspension of the Canary of payments, as the mesh knows them. */
export function shopMesh(): Mesh {
  const services = names.map((name) => service(`shop/${name}`));
  const rules = [
    rule([to("catalog", "v2")], { matches: [] }),
    rule([to("catalog", "v1", 90), to("catalog", "v2")], { name: "main" }),
  ];
  return meshOf(
    shopOf(
      {
        services,
        endpointSlices: services.map(({ meta }) =>
          slice(`shop/${meta.ref.name}`, [...podsOf(v1), ...podsOf(v2)]),
        ),
        destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
        virtualServices: [
          virtualService("shop/catalog", rules, {
            tcp: [tcpRule([to("catalog", "v1", 20), to("catalog", "v2", 80)])],
          }),
          virtualService("shop/payments", [
            rule([to("payments-primary", null, 85), to("payments-canary", null, 15)]),
          ]),
        ],
        gatewayApiRoutes: [
          httpRoute("shop/orders", [{ backends: [backend("orders"), backend("catalog", 3)] }]),
        ],
        canaries: [flaggerCanary("shop/payments", { analysis: { stepWeights: [10, 20, 50] } })],
        rollouts: [rollout("shop/basket", { canaryService: "basket", stableService: "basket-stable" })],
        meshConfigs: [meshConfig({ outboundMode: "ALLOW_ANY" })],
      },
      [v1, v2],
    ),
  );
}

const collectionOf = (one: ResourceRef): string => {
  const found = Object.entries(objects).find(([, list]) =>
    list.some((item) => (item as { kind: string }).kind === one.kind),
  );
  return found?.[0] ?? "";
};
export const pathOf = (one: ResourceRef): string => `${collectionOf(one)}/${one.name}`;

/** Every object as it was in the beginning; what else stands in the collections is deleted. */
export async function fillShop(world: Pick<KubeWorld, "fetch">): Promise<void> {
  for (const name of ["shop", "istio-system"]) {
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await world.fetch("/api/v1/namespaces", sending("POST", space));
  }
  await world.fetch("/apis/networking.istio.io/v1/namespaces/shop/sidecars", { method: "DELETE" });
  for (const [path, list] of Object.entries(objects)) {
    for (const object of list) {
      const { metadata } = object as { metadata: { name: string } };
      await world.fetch(`${path}/${metadata.name}`, { method: "DELETE" });
      const made = await world.fetch(path, sending("POST", object));
      if (made.status !== 201) throw new Error(`${path}: ${made.status} ${made.text}`);
    }
  }
  const status = { status: { phase: "Progressing", canaryWeight: 15, failedChecks: 0, iterations: 0 } };
  await world.fetch(`${pathOf(canary)}/status`, sending("PATCH", status, "application/merge-patch+json"));
}

interface Stored {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec?: unknown;
  readonly data?: unknown;
}

/** An object without what every write changes. */
export async function contentOf(world: Pick<KubeWorld, "fetch">, path: string): Promise<unknown> {
  const answer = await world.fetch(path);
  if (answer.status !== 200) return answer.status;
  const { metadata, ...rest } = answer.json<Stored>();
  const counted = new Set(["resourceVersion", "generation", "managedFields"]);
  return {
    ...rest,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !counted.has(key))),
  };
}

/** Of the second rule of the shop's route. */
export const shift: ShiftChange = {
  kind: "shift",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 1,
  weights: [60, 40],
};

/** Of a route that Flagger moves: it is suspended first, which makes two patches. */
export const handShift: ShiftChange = {
  ...shift,
  service: "shop/payments",
  route: payments,
  rule: 0,
  weights: [70, 30],
};
