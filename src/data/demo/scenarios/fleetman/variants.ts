/** Breakers, stickiness, prefixes, subdomains and mTLS of the fleet manager (istio.md 1, rows 36 to 45). */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, calls, program, visits } from "../calls.ts";
import { custom, namespace as namespaceObject, workload } from "../objects.ts";
import { meshConfigWithStats } from "../istioPlatform.ts";
import { all, having, playing, type Variant } from "../variant.ts";
import {
  deployed,
  gateway,
  namespace,
  served,
  staff,
  staffHost,
  staffRule,
  webapp,
  webappTo,
} from "./objects.ts";

const badStaff = playing({
  behaviours: { "default/staff-service-risky-version": program(answering(30, 60, 1)) },
});

const strict = (spec: Readonly<Record<string, Json>>, at: string): Manifest =>
  custom("PeerAuthentication", {
    namespace: at,
    name: "default",
    spec: { mtls: { mode: "STRICT" }, ...spec },
  });

/** Somebody without a sidecar who calls the NodePort. */
const outsider: readonly Manifest[] = [
  namespaceObject("outside"),
  workload({
    namespace: "outside",
    name: "laptop",
    labels: { app: "laptop" },
    replicas: 1,
    image: "curlimages/curl",
    port: 8080,
  }),
  served("webapp", "webapp", 32000),
];

const browsing = (path: string, rate: number) => visits(rate, { host: "fleetman.com", path });

function fromOutside() {
  return { host: "fleetman-webapp.default", port: 8080 };
}

const ejecting = all(
  badStaff,
  having(
    staffRule({
      trafficPolicy: {
        outlierDetection: {
          consecutive5xxErrors: 2,
          interval: "10s",
          baseEjectionTime: "30s",
          maxEjectionPercent: 100,
        },
      },
    }),
  ),
);

export const fleetmanVariants: readonly Variant[] = [
  {
    name: "breaker",
    says: "The risky version always fails, and outlier detection takes its pod out for a while.",
    of: ejecting,
  },
  {
    name: "breaker-stats",
    says: "The same with three clients, and proxies export the stats of their breakers: each client ejects for itself.",
    of: all(
      ejecting,
      having(meshConfigWithStats, deployed({ name: "api-gateway", image: "api-gateway:6", replicas: 3 })),
    ),
  },
  {
    name: "risky-fails",
    says: "The risky version always fails, and nothing takes it out.",
    of: badStaff,
  },
  {
    name: "sticky",
    says: "Clients are hashed by their address onto one subset with all pods: one version gets everything.",
    of: having(
      staffRule({
        subsets: [{ name: "all-staff-service-pods", labels: { app: "staff-service" } }],
        trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } },
      }),
      custom("VirtualService", {
        namespace,
        name: staff,
        spec: {
          hosts: [staffHost],
          http: [{ route: [{ destination: { host: staffHost, subset: "all-staff-service-pods" } }] }],
        },
      }),
    ),
  },
  {
    name: "prefixes",
    says: "Two prefixes in one rule lead to the experimental web application.",
    of: all(
      having(
        webapp("fleetman-webapp", {
          hosts: ["*"],
          http: [
            {
              match: [{ uri: { prefix: "/experimental" } }, { uri: { prefix: "/canary" } }],
              ...(webappTo("experimental") as object),
            },
            { match: [{ uri: { prefix: "/" } }], ...(webappTo("original") as object) },
          ],
        }),
      ),
      playing({ sources: [browsing("/", 3), browsing("/experimental", 1), browsing("/canary", 0.5)] }),
    ),
  },
  {
    name: "shadowed",
    says: "An older VirtualService has the exact host, so the one with host * never sees a request.",
    of: having(
      gateway("older-gateway", "fleetman.com"),
      webapp("older-fleetman", {
        hosts: ["fleetman.com"],
        gateways: ["older-gateway"],
        http: [webappTo("experimental")],
      }),
    ),
  },
  {
    name: "subdomains",
    says: "One Gateway with two hosts, and a VirtualService for each.",
    of: all(
      having(
        gateway("ingress-gateway-configuration", "fleetman.com", "experimental.fleetman.com"),
        webapp("fleetman-webapp", { hosts: ["fleetman.com"], http: [webappTo("original")] }),
        webapp("fleetman-webapp-experiment", {
          hosts: ["experimental.fleetman.com"],
          http: [webappTo("experimental")],
        }),
      ),
      playing({
        sources: [browsing("/", 3), visits(1, { host: "experimental.fleetman.com" })],
      }),
    ),
  },
  {
    name: "nodeport",
    says: "Somebody without a sidecar calls the web application through its NodePort: plaintext.",
    of: all(
      having(...outsider),
      playing({ sources: [browsing("/", 3), calls("outside/laptop", 1, fromOutside())] }),
    ),
  },
  {
    name: "strict-mesh",
    says: "STRICT for the mesh: the plaintext caller is cut off.",
    of: all(
      having(...outsider, strict({}, "istio-system")),
      playing({ sources: [browsing("/", 3), calls("outside/laptop", 1, fromOutside())] }),
    ),
  },
  {
    name: "strict-namespace",
    says: "STRICT for the namespace.",
    of: all(
      having(...outsider, strict({}, namespace)),
      playing({ sources: [browsing("/", 3), calls("outside/laptop", 1, fromOutside())] }),
    ),
  },
  {
    name: "strict-workload",
    says: "STRICT for one workload alone.",
    of: all(
      having(...outsider, {
        ...strict({ selector: { matchLabels: { app: "webapp" } } }, namespace),
        metadata: { name: "webapp-strict", namespace },
      }),
      playing({ sources: [browsing("/", 3), calls("outside/laptop", 1, fromOutside())] }),
    ),
  },
];
