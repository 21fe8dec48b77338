/** The other pages of chapter 5, and what can go wrong on them (istio.md 1, rows 1 to 20). */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, request } from "../calls.ts";
import { meshConfig } from "../istioPlatform.ts";
import { custom } from "../objects.ts";
import { catalogOverGrpc } from "./grpc.ts";
import { catalogRelease } from "./release.ts";
import { strategyVariants } from "./strategies.ts";
import { all, having, lacking, lagging, playing, type Variant } from "../variant.ts";

const shop = "istioinaction";

/** The VirtualService `catalog` with these rules. */
const catalog = (...http: readonly Json[]): Manifest =>
  custom("VirtualService", {
    namespace: shop,
    name: "catalog",
    spec: { hosts: ["catalog"], gateways: ["mesh"], http },
  });

const to = (subset: string | null, weight: number | null = null): Json => ({
  destination: { host: "catalog", ...(subset === null ? {} : { subset }) },
  ...(weight === null ? {} : { weight }),
});

const [v1, v2] = ["version-v1", "version-v2"] as const;

const insiders: Json = {
  match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }],
  route: [to(v2)],
};

const split = (one: number, two: number): Manifest =>
  catalog(insiders, { route: [to(v1, one), to(v2, two)] });

/** `catalog` behind the gateway itself, where the chapter begins. */
const throughGateway = (...http: readonly Json[]): Manifest =>
  custom("VirtualService", {
    namespace: shop,
    name: "webapp-virtualservice",
    spec: { hosts: ["webapp.istioinaction.io"], gateways: ["coolstore-gateway"], http },
  });

const webappRoute: Json = { route: [{ destination: { host: "webapp", port: { number: 80 } } }] };

const serviceEntry = custom("ServiceEntry", {
  namespace: shop,
  name: "jsonplaceholder",
  spec: {
    hosts: ["jsonplaceholder.typicode.com"],
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    resolution: "DNS",
    location: "MESH_EXTERNAL",
  },
});

const mirror = (percentage: number | null): Manifest =>
  catalog({
    route: [to(v1)],
    mirror: { host: "catalog", subset: v2 },
    ...(percentage === null ? {} : { mirrorPercentage: { value: percentage } }),
  });

const telemetry = (namespace: string, name: string, spec: Readonly<Record<string, Json>>): Manifest =>
  custom("Telemetry", { namespace, name, spec });

const accessLogs: readonly Manifest[] = [
  telemetry("istio-system", "mesh-default", { accessLogging: [{ providers: [{ name: "otel" }] }] }),
  telemetry(shop, "quiet", { accessLogging: [{ disabled: true }] }),
  telemetry(shop, "webapp", {
    selector: { matchLabels: { app: "webapp" } },
    accessLogging: [{ providers: [{ name: "envoy" }], disabled: false }],
  }),
];

const sampled: readonly Manifest[] = [
  telemetry(shop, "webapp-traces", {
    selector: { matchLabels: { app: "webapp" } },
    tracing: [{ randomSamplingPercentage: 25 }],
  }),
];

const rule = (subsets: readonly Json[]): Manifest =>
  custom("DestinationRule", {
    namespace: shop,
    name: "catalog",
    spec: { host: "catalog.istioinaction.svc.cluster.local", subsets },
  });

const subset = (name: string, version: string): Json => ({ name, labels: { version } });

export const coolstoreVariants: readonly Variant[] = [
  {
    name: "no-gateway",
    says: "Nothing listens on the ingress gateway: connections are reset, and no metric tells of them.",
    of: lacking("Gateway", "coolstore-gateway"),
  },
  {
    name: "gateway-only",
    says: "A Gateway without a VirtualService: the gateway answers 404 NR.",
    of: lacking("VirtualService", "webapp-virtualservice"),
  },
  {
    name: "no-subset",
    says: "The route names no subset: everything goes there, v1 and v2 in turn.",
    of: having(catalog({ route: [to(null)] })),
  },
  { name: "pinned", says: "All traffic on v1, without a weight.", of: having(catalog({ route: [to(v1)] })) },
  {
    name: "dark-launch",
    says: "Only the cohort internal sees v2.",
    of: having(catalog(insiders, { route: [to(v1)] })),
  },
  {
    name: "dark-launch-gateway",
    says: "The cohort is told apart at the gateway already, by a VirtualService that is bound to it.",
    of: having(
      throughGateway({ ...(insiders as object), route: [to(null)] }, webappRoute),
      catalog({ route: [to(v1)] }),
    ),
  },
  { name: "canary-50-50", says: "Half of the traffic on v2.", of: having(split(50, 50)) },
  {
    name: "stale-proxy",
    says: "Half of the traffic should be on v2, but webapp's proxy has not taken the routes and forum's has refused its listeners.",
    of: all(
      having(split(50, 50)),
      lagging(
        { workload: `${shop}/webapp`, types: ["RDS"], rejects: null, holds: [split(90, 10)] },
        {
          workload: `${shop}/forum`,
          types: ["LDS"],
          rejects: "Error adding/updating listener(s) 0.0.0.0_80: error adding listener: duplicate address",
          holds: [],
        },
      ),
    ),
  },
  { name: "rolled-back", says: "v2 is at 0 again.", of: having(split(100, 0)) },
  {
    name: "missing-subset",
    says: "No DestinationRule defines version-v2: a tenth of the requests is answered 503 NC.",
    of: having(rule([subset(v1, "v1")])),
  },
  {
    name: "no-endpoints",
    says: "No pod has the label of version-v2: a tenth of the requests is answered 503 UH.",
    of: having(rule([subset(v1, "v1"), subset(v2, "v9")])),
  },
  {
    name: "grpc",
    says: "Catalog speaks gRPC, and no pod has the label of version-v2: what goes there ends as 14 UNAVAILABLE, in HTTP 200.",
    of: all(catalogOverGrpc, having(rule([subset(v1, "v1"), subset(v2, "v9")]))),
  },
  {
    name: "mirror",
    says: "Every request on v1 is copied to v2: no percentage is all of them.",
    of: having(mirror(null)),
  },
  { name: "mirror-20", says: "A fifth of the requests on v1 is copied to v2.", of: having(mirror(20)) },
  {
    name: "registry-only",
    says: "Unknown hosts are cut: forum's calls outside are answered 502.",
    of: having(meshConfig("REGISTRY_ONLY")),
  },
  {
    name: "service-entry",
    says: "Unknown hosts are cut, and a ServiceEntry makes this one known.",
    of: having(meshConfig("REGISTRY_ONLY"), serviceEntry),
  },
  {
    name: "service-entry-allow-any",
    says: "A ServiceEntry names the host outside, though nobody asks for it.",
    of: having(serviceEntry),
  },
  {
    name: "access-log",
    says: "Telemetry sends the mesh's access log to a collector, that of istioinaction nowhere, and webapp's to its standard output.",
    of: having(...accessLogs),
  },
  {
    name: "tracing",
    says: "A Telemetry traces a quarter of the requests that begin at webapp; everywhere else it is Istio's 1 %.",
    of: having(...sampled),
  },
  {
    name: "catalog-release",
    says: "Flagger releases catalog by weights that only webapp's calls get; all others stay on the primary.",
    of: catalogRelease(0),
  },
  {
    name: "catalog-halted",
    says: "The new catalog fails its checks: Flagger halts at 10 %, and rolls back at the fifth failure.",
    of: catalogRelease(0.3),
  },
  ...strategyVariants,
  {
    name: "canary-halted",
    says: "The next release of recommendation fails its checks, and Flagger halts and rolls back.",
    of: playing({
      behaviours: {
        "istioinaction/recommendation": {
          ...answering(16, 38, 0.3),
          calls: [],
          forwards: [],
        },
      },
    }),
  },
  {
    name: "canary-quiet",
    says: "Nobody calls recommendation: Flagger finds no values and halts the advancement.",
    of: playing({
      behaviours: {
        "istioinaction/webapp": {
          ...answering(4, 11),
          forwards: ["x-istio-cohort"],
          calls: [{ ...request, host: "catalog.istioinaction", path: "/items", onlyFor: "/api/catalog" }],
        },
      },
    }),
  },
];
