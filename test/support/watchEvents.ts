/** What may be written to a small mesh, one object at a time: what a watch tells of it. */
import fc from "fast-check";
import type { Declared, DeclaredLists } from "../../src/data/mesh/declared/declared.ts";
import type { Meta } from "../../src/data/mesh/declared/meta.ts";
import { percent } from "../../src/data/mesh/units.ts";
import { forum, ingress, shopOf, v1, v2, webapp } from "./builtMesh.ts";
import {
  backend,
  connectionPool,
  destinationRule,
  flaggerCanary,
  gateway,
  gatewayApiGateway,
  httpMatch,
  httpRoute,
  meshConfig,
  meta,
  mirrorTo,
  namespace,
  outlierDetection,
  peerAuthentication,
  podsOf,
  rollout,
  rule,
  service,
  serviceEntry,
  sidecar,
  slice,
  tcpRule,
  to,
  trafficPolicy,
  virtualService,
  workload,
} from "./declaredOf.ts";

type ListName = keyof DeclaredLists;
type Objects = { readonly [K in ListName]: readonly (() => DeclaredLists[K][number])[] };

const lab = workload("lab/webapp", { app: "webapp" });
const maps = workload("shop/maps", { app: "maps", version: "v1" });
const waypoint = workload("shop/waypoint", { "gateway.networking.k8s.io/gateway-name": "waypoint" });
const both = { v1: { version: "v1" }, v2: { version: "v2" } };
const entry = { mode: "REGISTRY_ONLY" } as const;
const authorization = {
  selector: null,
  action: "ALLOW",
  rules: 1,
  conditions: [],
  targets: [],
  identities: [],
  methods: [],
} as const;

const split = (first: number) => rule([to("catalog", "v1", first), to("catalog", "v2", 100 - first)]);
const toCatalog = { hosts: ["catalog.shop.svc.cluster.local"] };
const parent = (kind: string, name: string, namespaceOf: string | null = null) => ({
  group: kind === "Service" ? "" : "gateway.networking.k8s.io",
  kind,
  namespace: namespaceOf,
  name,
  port: null,
  sectionName: null,
});

/** Several states of several objects of each kind. */
const objects: Objects = {
  namespaces: [
    () => namespace("shop", { "istio-injection": "enabled" }),
    () => namespace("shop", { "istio.io/dataplane-mode": "ambient" }),
    () => namespace("shop", { "istio-injection": "enabled", "istio.io/use-waypoint": "waypoint" }),
    () => namespace("lab"),
    () => namespace("lab", { "istio.io/rev": "canary" }),
  ],
  services: [
    () => service("shop/catalog"),
    () => service("shop/catalog", { meta: meta("Service", "shop/catalog", { labels: { team: "blue" } }) }),
    () => service("shop/catalog", { selector: { app: "catalog", version: "v1" } }),
    () =>
      service("shop/forum", {
        meta: meta("Service", "shop/forum", { annotations: { "networking.istio.io/exportTo": "." } }),
      }),
    () => service("shop/maps"),
    () => service("lab/webapp"),
    () => service("lab/catalog", { type: "ExternalName", externalName: "catalog.shop", selector: null }),
  ],
  endpointSlices: [
    () => slice("shop/catalog", [...podsOf(v1), ...podsOf(v2)]),
    () => slice("shop/catalog", podsOf(v1), podsOf(v2)),
    () => slice("shop/catalog", []),
    () => slice("shop/maps", podsOf(maps)),
    () => slice("lab/webapp", podsOf(lab)),
  ],
  workloads: [
    () => v1,
    () => workload("shop/catalog-v1", { app: "catalog", version: "v1" }, { ready: 0 }),
    () => workload("shop/catalog-v2", { app: "catalog", version: "v3" }),
    () => workload("shop/catalog-v2", { app: "catalog", version: "v2" }),
    () => maps,
    () => lab,
    () => waypoint,
    () => workload("istio-system/istiod", { app: "istiod" }),
  ],
  pods: [
    ...podsOf(v1).map((pod) => () => pod),
    ...podsOf(v2, 1, {}).map((pod) => () => pod),
    ...podsOf(v2).map((pod) => () => pod),
    ...podsOf(maps).map((pod) => () => pod),
    ...podsOf(lab, 1, {}).map((pod) => () => pod),
  ],
  virtualServices: [
    () => virtualService("shop/catalog", [split(90)]),
    () => virtualService("shop/catalog", [split(50)], { exportTo: ["."] }),
    () =>
      virtualService("shop/catalog", [
        rule([to("catalog", "v2")], { matches: [httpMatch({ sourceLabels: { app: "forum" } })] }),
        rule([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2", 50)] }),
      ]),
    () => virtualService("shop/catalog", [rule([], { delegate: { name: "part", namespace: null } })]),
    () => virtualService("shop/part", [split(70)], { hosts: [] }),
    () => virtualService("shop/part", [rule([to("catalog", "v2"), to("forum", null, 5)])], { hosts: [] }),
    () =>
      virtualService("shop/front", [split(20)], {
        hosts: ["shop.example.com"],
        gateways: ["istio-system/front"],
      }),
    () =>
      virtualService("shop/front", [rule([to("forum")])], {
        hosts: ["catalog", "shop.example.com"],
        gateways: ["mesh", "istio-system/front"],
      }),
    () =>
      virtualService("lab/other", [rule([to("catalog.shop.svc.cluster.local", "v1")])], {
        ...toCatalog,
        meta: meta("VirtualService", "lab/other", { created: 500 as never }),
      }),
    () => virtualService("shop/wide", [rule([to("forum")])], { hosts: ["*.shop.svc.cluster.local"] }),
    () => virtualService("shop/tcp", [], { hosts: ["forum"], tcp: [tcpRule([to("catalog", "v1")])] }),
    () =>
      virtualService("shop/maps", [rule([to("maps.example.com")], { matches: [httpMatch({ port: 80 })] })], {
        hosts: ["maps.example.com"],
      }),
  ],
  destinationRules: [
    () =>
      destinationRule("shop/catalog", both, {
        trafficPolicy: trafficPolicy({ outlierDetection: outlierDetection() }),
      }),
    () => destinationRule("shop/catalog", { v1: { version: "v1" } }),
    () =>
      destinationRule("shop/more", both, {
        host: "catalog",
        trafficPolicy: trafficPolicy({ connectionPool: connectionPool({ maxConnections: 5 }) }),
      }),
    () => destinationRule("lab/catalog", { v2: { version: "v2" } }, { host: toCatalog.hosts[0]! }),
    () => destinationRule("istio-system/all", {}, { host: "*.shop.svc.cluster.local" }),
    () =>
      destinationRule(
        "shop/forum",
        {},
        {
          trafficPolicy: trafficPolicy({ tls: { mode: "DISABLE" } as never }),
        },
      ),
    () => destinationRule("istio-system/front", { v1: {} }, { host: toCatalog.hosts[0]! }),
  ],
  gateways: [
    () => gateway("istio-system/front", { istio: "ingressgateway" }),
    () => gateway("istio-system/front", { istio: "ingressgateway" }, ["shop/*.example.com"]),
    () => gateway("shop/front", { app: "forum" }),
  ],
  serviceEntries: [
    () => serviceEntry("shop/maps", ["maps.example.com"]),
    () =>
      serviceEntry("shop/maps", ["maps.example.com", "*.maps.example.com"], { location: "MESH_INTERNAL" }),
    () => serviceEntry("lab/maps", ["maps.example.com"], { workloadSelector: { app: "webapp" } }),
    () => serviceEntry("shop/twin", toCatalog.hosts, { resolution: "STATIC" }),
  ],
  sidecars: [
    () => sidecar("shop/default", { egressHosts: ["./*"] }),
    () => sidecar("shop/default", { outboundTrafficPolicy: entry }),
    () => sidecar("shop/one", { workloadSelector: { app: "webapp" }, egressHosts: ["lab/*"] }),
    () => sidecar("istio-system/default", { egressHosts: ["~/*"] }),
  ],
  peerAuthentications: [
    () => peerAuthentication("shop/default", "STRICT"),
    () => peerAuthentication("shop/default", "DISABLE"),
    () => peerAuthentication("istio-system/default", "STRICT"),
    () =>
      peerAuthentication("shop/one", "PERMISSIVE", {
        selector: { app: "catalog" },
        portLevelMtls: { "80": "DISABLE" },
      }),
  ],
  authorizationPolicies: [
    () => ({ meta: meta("AuthorizationPolicy", "shop/nobody"), ...authorization }),
    () => ({
      meta: meta("AuthorizationPolicy", "shop/nobody"),
      ...authorization,
      selector: { app: "forum" },
    }),
    () => ({ meta: meta("AuthorizationPolicy", "istio-system/all"), ...authorization, action: "DENY" }),
  ],
  requestAuthentications: [
    () => ({
      meta: meta("RequestAuthentication", "shop/jwt"),
      selector: null,
      targets: [],
      issuers: ["issuer@example.com"],
    }),
    () => ({
      meta: meta("RequestAuthentication", "shop/jwt"),
      selector: { app: "forum" },
      targets: [],
      issuers: [],
    }),
    () => ({
      meta: meta("RequestAuthentication", "istio-system/jwt"),
      selector: null,
      targets: [{ kind: "Service", name: "catalog" }],
      issuers: ["other@example.com"],
    }),
  ],
  telemetries: [
    () => ({
      meta: meta("Telemetry", "shop/log"),
      selector: null,
      accessLogging: { disabled: false, providers: [] },
      tracing: null,
    }),
    () => ({
      meta: meta("Telemetry", "shop/log"),
      selector: { app: "forum" },
      accessLogging: { disabled: true, providers: [] },
      tracing: { sampling: null, disabled: true },
    }),
    () => ({
      meta: meta("Telemetry", "istio-system/log"),
      selector: null,
      accessLogging: null,
      tracing: { sampling: percent(5), disabled: null },
    }),
    () => ({
      meta: meta("Telemetry", "istio-system/log"),
      selector: null,
      accessLogging: { disabled: false, providers: ["otel"] },
      tracing: null,
    }),
  ],
  canaries: [() => flaggerCanary("shop/catalog"), () => flaggerCanary("shop/catalog", { suspend: true })],
  canaryEvents: [
    () => ({
      meta: meta("Event", "shop/catalog.1"),
      canary: "catalog",
      type: "Normal",
      message: "Advance catalog.shop canary weight 10",
      at: null,
    }),
  ],
  rollouts: [
    () => rollout("shop/catalog", { stableService: "catalog", canaryService: "forum" }),
    () => rollout("shop/catalog", { virtualServices: [{ name: "catalog", routes: [] }] }),
  ],
  gatewayApiRoutes: [
    () => httpRoute("shop/forum", [{ backends: [backend("catalog", 3), backend("forum", 1)] }]),
    () =>
      httpRoute("shop/forum", [{ backends: [backend("forum")] }], {
        parents: [parent("Service", "forum"), parent("Gateway", "front")],
      }),
    () =>
      httpRoute("lab/consumer", [{ backends: [backend("forum", null, "shop")] }], {
        parents: [parent("Service", "catalog", "shop")],
      }),
  ],
  gatewayApiGateways: [
    () => gatewayApiGateway("shop/front"),
    () => gatewayApiGateway("shop/waypoint", { className: "istio-waypoint" }),
  ],
  meshConfigs: [
    () => meshConfig(),
    () => meshConfig({ enableAutoMtls: false, outboundMode: "REGISTRY_ONLY" }),
    () => meshConfig({ rootNamespace: "lab", accessLogFile: "/dev/stdout", tracingSampling: percent(9) }),
    () =>
      meshConfig({
        defaultTrafficPolicy: trafficPolicy({ outlierDetection: outlierDetection() }),
        defaultExportTo: { service: ["."], virtualService: ["."], destinationRule: ["."] },
      }),
  ],
};

export const kinds = Object.keys(objects) as readonly ListName[];

/** A mesh with some of everything. */
export const busyShop = (): Declared =>
  shopOf(
    {
      namespaces: [
        namespace("shop", { "istio-injection": "enabled" }),
        namespace("istio-system"),
        namespace("lab"),
      ],
      virtualServices: [objects.virtualServices[0]!(), objects.virtualServices[6]!()],
      destinationRules: [objects.destinationRules[0]!()],
      gateways: [objects.gateways[0]!()],
      serviceEntries: [objects.serviceEntries[0]!()],
      meshConfigs: [meshConfig()],
    },
    [v1, v2, webapp, forum, ingress, lab],
  );

export interface WatchEvent {
  readonly list: ListName;
  /** Which of the objects of its kind, in which state. */
  readonly which: number;
  readonly is: "ADDED" | "MODIFIED" | "DELETED";
}

/** Any object of any kind comes, changes or goes. */
export const watchEvents: fc.Arbitrary<WatchEvent> = fc.record({
  list: fc.constantFrom(...kinds),
  which: fc.nat(60),
  is: fc.constantFrom("ADDED" as const, "MODIFIED" as const, "DELETED" as const),
});

const nameOf = ({ ref }: Meta): string => `${ref.kind} ${ref.namespace ?? ""}/${ref.name}`;

/** The cluster after an event: a list is another one where something of its kind changed, and what did not change is the same object. */
export function after(declared: Declared, { list, which, is }: WatchEvent): Declared {
  const made: readonly (() => { readonly meta: Meta })[] = objects[list];
  const object = structuredClone(made[which % made.length]!());
  const before: readonly { readonly meta: Meta }[] = declared[list];
  const at = before.findIndex(({ meta: one }) => nameOf(one) === nameOf(object.meta));
  if (is === "DELETED") return at < 0 ? declared : { ...declared, [list]: before.toSpliced(at, 1) };
  return { ...declared, [list]: at < 0 ? [...before, object] : before.with(at, object) };
}
