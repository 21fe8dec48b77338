/** Services, AuthorizationPolicies, Gateway API, canaries, and the ambient mesh. */
import type { ServicePort } from "../../../../../src/data/mesh/declared/core.ts";
import type { Declared } from "../../../../../src/data/mesh/declared/declared.ts";
import type { GatewayApiRoute } from "../../../../../src/data/mesh/declared/gatewayApi.ts";
import type {
  AuthorizationPolicy,
  PolicyRule,
  RequestAuthentication,
} from "../../../../../src/data/mesh/declared/security.ts";
import { shopOf, v1, v2, webapp } from "../../../../support/builtMesh.ts";
import {
  backend,
  destinationRule,
  flaggerCanary,
  gatewayApiGateway,
  httpRoute,
  meta,
  namespace,
  peerAuthentication,
  podsOf,
  rollout,
  rule,
  service,
  to,
  virtualService,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const portOf = (more: Partial<ServicePort>): ServicePort => ({ ...service("shop/any").ports[0]!, ...more });
const catalogPort = (more: Partial<ServicePort>): Partial<Declared> => ({
  services: [service("shop/catalog", { ports: [portOf(more)] })],
});

const policy = (more: Partial<AuthorizationPolicy>): Partial<Declared> => ({
  authorizationPolicies: [
    {
      meta: meta("AuthorizationPolicy", "shop/catalog"),
      selector: { app: "catalog" },
      action: "ALLOW",
      rules: 1,
      conditions: [],
      targets: [],
      identities: [],
      methods: [],
      ...more,
    },
  ],
});
const source = "spec.rules[0].from[0].source";
const byPrincipal = policy({
  identities: [
    { path: `${source}.principals`, field: "principals", values: ["cluster.local/ns/shop/sa/webapp"] },
  ],
});
const peers = (mode: "DISABLE" | "PERMISSIVE") => ({
  peerAuthentications: [peerAuthentication("shop/default", mode)],
});
const fromNamespace = (name: string) =>
  policy({ identities: [{ path: `${source}.namespaces`, field: "namespaces", values: [name] }] });
const method = (name: string) =>
  policy({ methods: [{ path: "spec.rules[0].to[0].operation.methods", field: "methods", values: [name] }] });
const withoutProxies = {
  namespaces: [namespace("shop"), namespace("istio-system")],
  pods: [v1, webapp].flatMap((one) => podsOf(one, 1, {})),
};

const routed = (name: string, more: Partial<GatewayApiRoute> = {}): Partial<Declared> => ({
  gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends: [backend(name)] }], more)],
});
const parent = (name: string): GatewayApiRoute["parents"] => [
  {
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    namespace: null,
    name,
    port: null,
    sectionName: null,
  },
];
const listener = (name: string, hostname: string | null) => ({ name, hostname, port: 80, protocol: "HTTP" });
const gatewayOf = (...listeners: readonly ReturnType<typeof listener>[]): Partial<Declared> => ({
  gatewayApiGateways: [gatewayApiGateway("shop/front", { listeners })],
});

/** The shop without a sidecar, taken in by ztunnel. */
const ambient = (more: Partial<Declared>, labels: Readonly<Record<string, string>> = {}): Declared =>
  shopOf(
    {
      namespaces: [namespace("shop", { "istio.io/dataplane-mode": "ambient", ...labels }), namespace("web")],
      pods: [v1, v2].flatMap((one) => podsOf(one, 1, {})),
      ...more,
    },
    [v1, v2],
  );
const waypoint = { "istio.io/use-waypoint": "waypoint" };
const deployed = {
  gatewayApiGateways: [gatewayApiGateway("shop/waypoint", { className: "istio-waypoint" })],
};
const waypointFor = (takes: string): Partial<Declared> => ({
  gatewayApiGateways: deployed.gatewayApiGateways.map((one) => ({
    ...one,
    meta: { ...one.meta, labels: { "istio.io/waypoint-for": takes } },
  })),
});
const catalogService = service("shop/catalog");
const asksItself: Partial<Declared> = {
  services: [{ ...catalogService, meta: { ...catalogService.meta, labels: waypoint } }],
};
/** One rule, with what it compares of the caller or of the request. */
const asking = (rule: Partial<PolicyRule>, more: Partial<AuthorizationPolicy> = {}) =>
  policy({ conditions: [{ from: [], to: [], when: [], ...rule }], ...more });
const proving = (more: Partial<RequestAuthentication> = {}): Partial<Declared> => ({
  requestAuthentications: [
    {
      meta: meta("RequestAuthentication", "shop/catalog"),
      selector: { app: "catalog" },
      targets: [],
      issuers: ["issuer@example.com"],
      ...more,
    },
  ],
});
const toService = { selector: null, targets: [{ kind: "Service", name: "catalog" }] };
const tokens = { from: [{ requestPrincipals: ["*"] }] };
const host = "catalog.shop.svc.cluster.local";
const steering = (name: string) => rollout("shop/catalog", { virtualServices: [{ name, routes: [] }] });
const bySubsets = (canarySubset: string | null) =>
  rollout("shop/catalog", { destinationRule: { name: "catalog", canarySubset, stableSubset: "v1" } });
const routes = { virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])])] };
const routesElsewhere = {
  virtualServices: [virtualService("web/catalog", [rule([to(host)])], { hosts: [host] })],
};
const subsets = { destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" } })] };
const subsetsElsewhere = {
  destinationRules: [destinationRule("web/catalog", { v1: { version: "v1" } }, { host })],
};

export const workloadCases: readonly CheckCase[] = [
  {
    fault: "a port that is named foo",
    code: "MT0901",
    at: "Service shop/catalog spec.ports[0].name",
    ...inShop(catalogPort({ name: "foo" }), catalogPort({ name: "grpc-web" })),
  },
  {
    fault: "a port without a name or an appProtocol",
    code: "MT0901",
    at: "Service shop/catalog spec.ports[0].name",
    ...inShop(catalogPort({ name: "" }), catalogPort({ name: "", appProtocol: "kubernetes.io/h2c" })),
  },
  {
    fault: "an appProtocol that Istio does not know",
    code: "MT0902",
    at: "Service shop/catalog spec.ports[0].appProtocol",
    ...inShop(catalogPort({ appProtocol: "example.com/soap" }), catalogPort({ appProtocol: "HTTP" })),
  },
  {
    fault: "a targetPort by the name of nobody's port",
    code: "MT0903",
    at: "Service shop/catalog spec.ports[0].targetPort",
    // A number needs no declaration: the container may listen on 9999 all the same.
    ...inShop(catalogPort({ targetPort: "web" }), catalogPort({ targetPort: 9999 })),
  },
  {
    fault: "principals where mTLS is switched off",
    code: "MT0701",
    at: `AuthorizationPolicy shop/catalog ${source}.principals`,
    ...inShop({ ...byPrincipal, ...peers("DISABLE") }, { ...byPrincipal, ...peers("PERMISSIVE") }),
  },
  {
    fault: "callers of a namespace that does not exist",
    code: "MT0702",
    at: `AuthorizationPolicy shop/catalog ${source}.namespaces`,
    ...inShop(fromNamespace("webb"), fromNamespace("istio-*")),
  },
  {
    fault: "a method in small letters",
    code: "MT0703",
    at: "AuthorizationPolicy shop/catalog spec.rules[0].to[0].operation.methods",
    ...inShop(method("get"), method("PROPFIND")),
  },
  {
    fault: "a policy for pods without a proxy",
    code: "MT0704",
    at: "AuthorizationPolicy shop/catalog spec.selector",
    faulty: shopOf({ ...withoutProxies, ...policy({}) }, [v1, webapp]),
    mended: shopOf(policy({}), [v1, webapp]),
  },
  {
    fault: "a route on a Gateway that does not exist",
    code: "MT0801",
    at: "HTTPRoute shop/catalog spec.parentRefs[0]",
    ...inShop(
      { ...routed("catalog", { parents: parent("back") }), ...gatewayOf(listener("http", null)) },
      { ...routed("catalog", { parents: parent("front") }), ...gatewayOf(listener("http", null)) },
    ),
  },
  {
    fault: "a backend that does not exist",
    code: "MT0802",
    at: "HTTPRoute shop/catalog spec.rules[0].backendRefs[0]",
    ...inShop(routed("catlog", { resolvedRefs: false }), routed("catalog")),
  },
  {
    fault: "a route whose controller does not accept it",
    code: "MT0803",
    at: "HTTPRoute shop/catalog status.parents",
    ...inShop(routed("catalog", { accepted: false }), routed("catalog", { accepted: null })),
  },
  {
    fault: "a reference that the controller does not resolve",
    code: "MT0803",
    at: "HTTPRoute shop/catalog status.parents",
    ...inShop(routed("catalog", { resolvedRefs: false }), routed("catalog")),
  },
  {
    fault: "two listeners with one hostname",
    code: "MT0804",
    at: "Gateway shop/front spec.listeners[1]",
    ...inShop(
      gatewayOf(listener("a", "shop.example.com"), listener("b", "shop.example.com")),
      gatewayOf(listener("a", "shop.example.com"), listener("b", "shop.example.org")),
    ),
  },
  {
    fault: "a Canary of a Deployment that does not exist",
    code: "MT1101",
    at: "Canary shop/payments spec.targetRef",
    ...inShop({ canaries: [flaggerCanary("shop/payments")] }, { canaries: [flaggerCanary("shop/webapp")] }),
  },
  {
    fault: "a Rollout that steers a VirtualService which does not exist",
    code: "MT1102",
    at: "Rollout shop/catalog spec.strategy.canary.trafficRouting.istio.virtualService",
    ...inShop(
      { rollouts: [steering("gone")] },
      { rollouts: [{ ...steering("catalog"), canaryService: "catalog" }], ...routes },
    ),
  },
  {
    fault: "a Rollout that steers a subset which does not exist",
    code: "MT1102",
    at: "Rollout shop/catalog spec.strategy.canary.trafficRouting.istio.destinationRule",
    ...inShop({ rollouts: [bySubsets("v9")], ...subsets }, { rollouts: [bySubsets(null)], ...subsets }),
  },
  {
    fault: "a route in the ambient mesh without a waypoint",
    code: "MT0118",
    at: "VirtualService shop/catalog spec.hosts[0]",
    faulty: ambient(routes),
    mended: ambient({ ...routes, ...deployed }, waypoint),
  },
  {
    fault: "a namespace with a waypoint that does not exist",
    code: "MT0120",
    at: "Namespace shop metadata.labels",
    faulty: ambient({}, waypoint),
    mended: ambient(deployed, waypoint),
  },
  {
    fault: "a service that asks for a waypoint which is for pods alone",
    code: "MT0121",
    at: "Service shop/catalog metadata.labels",
    faulty: ambient({ ...asksItself, ...waypointFor("workload") }),
    mended: ambient({ ...asksItself, ...waypointFor("all") }),
  },
  {
    fault: "methods compared by a ztunnel",
    code: "MT0705",
    at: "AuthorizationPolicy shop/catalog spec.rules",
    faulty: ambient(asking({ to: [{ methods: ["GET"] }] })),
    mended: ambient(asking({ to: [{ ports: ["8080"] }] })),
  },
  {
    fault: "tokens proved, and nobody asks for one",
    code: "MT0706",
    at: "RequestAuthentication shop/catalog spec.jwtRules",
    ...inShop(
      { ...proving(), ...asking({ to: [{ methods: ["GET"] }] }) },
      { ...proving(), ...asking(tokens) },
    ),
  },
  {
    fault: "tokens proved, and one is asked for on no path",
    code: "MT0706",
    at: "RequestAuthentication shop/catalog spec.jwtRules",
    ...inShop(proving(), {
      ...proving(),
      ...asking(
        { from: [{ notRequestPrincipals: ["*"] }], to: [{ paths: ["/admin*"] }] },
        { action: "DENY" },
      ),
    }),
  },
  {
    fault: "tokens for a ztunnel to prove",
    code: "MT0707",
    at: "RequestAuthentication shop/catalog spec.selector",
    faulty: ambient(proving()),
    mended: ambient(proving(toService)),
  },
  {
    fault: "a route for a waypoint of another namespace",
    code: "MT0119",
    at: "VirtualService web/catalog spec.hosts[0]",
    faulty: ambient({ ...routesElsewhere, ...deployed }, waypoint),
    mended: ambient({ ...routes, ...deployed }, waypoint),
  },
  {
    fault: "subsets in the ambient mesh without a waypoint",
    code: "MT0310",
    at: "DestinationRule shop/catalog spec.host",
    faulty: ambient(subsets),
    mended: ambient({ ...subsets, ...deployed }, waypoint),
  },
  {
    fault: "subsets for a waypoint of another namespace",
    code: "MT0311",
    at: "DestinationRule web/catalog spec.host",
    faulty: ambient({ ...subsetsElsewhere, ...deployed }, waypoint),
    mended: ambient({ ...subsets, ...deployed }, waypoint),
  },
];
