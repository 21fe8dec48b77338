/** Istio itself, with its gateway, Prometheus and Flagger. */
import type { Manifest } from "../kube/objects.ts";
import { configMap, custom, namespace, service, workload } from "./objects.ts";

/** Comments and order are part of it: whoever changes the mode must leave the rest as it is. */
const meshYaml = (
  mode: string,
  proxyConfig = "",
): string => `# Written by hand after the install; see runbook "egress".
accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
  # sampling is set with the Telemetry API
  tracing: {}
${proxyConfig}enablePrometheusMerge: true
# ALLOW_ANY until every outside host has its ServiceEntry
outboundTrafficPolicy:
  mode: ${mode}
rootNamespace: istio-system
trustDomain: cluster.local
`;

const system = "istio-system";

/** The mesh ConfigMap of the default revision with this outbound mode. */
export const meshConfig = (mode: "ALLOW_ANY" | "REGISTRY_ONLY"): Manifest =>
  configMap(
    system,
    "istio",
    { mesh: meshYaml(mode), meshNetworks: "networks: {}" },
    { "istio.io/rev": "default", release: "istio" },
  );

/** It tells the proxies to export the stats of their clusters' breakers. */
export const meshConfigWithStats: Manifest = configMap(
  system,
  "istio",
  {
    mesh: meshYaml(
      "ALLOW_ANY",
      `  proxyStatsMatcher:
    inclusionRegexps:
    - ".*outlier_detection.*"
    - ".*circuit_breakers.*"
`,
    ),
    meshNetworks: "networks: {}",
  },
  { "istio.io/rev": "default", release: "istio" },
);

/** That of another revision, with all that is the default's. */
export const meshConfigOf = (revision: string): Manifest =>
  configMap(
    system,
    `istio-${revision}`,
    { mesh: meshYaml("ALLOW_ANY"), meshNetworks: "networks: {}" },
    { "istio.io/rev": revision, release: "istio" },
  );

/** Everything that is there before a user installs anything; `namespaces` have the sidecar injected. */
export const istioPlatform = (...namespaces: readonly string[]): readonly Manifest[] => [
  namespace(system),
  ...(namespaces.includes("default") ? [] : [namespace("default")]),
  ...namespaces.map((name) => namespace(name, { "istio-injection": "enabled" })),
  meshConfig("ALLOW_ANY"),
  ...installed,
];

/** The Service of istio-ingressgateway; `more`: listeners that a default installation does not have. */
export function ingressService(
  ...more: readonly { readonly name: string; readonly port: number }[]
): Manifest {
  const labels = { app: "istio-ingressgateway", istio: "ingressgateway" };
  return service({
    namespace: system,
    name: "istio-ingressgateway",
    type: "LoadBalancer",
    labels,
    selector: labels,
    ports: [
      { name: "status-port", port: 15021, targetPort: 15021, nodePort: 30021 },
      { name: "http2", port: 80, targetPort: 8080, nodePort: 30000 },
      { name: "https", port: 443, targetPort: 8443, nodePort: 30005 },
      ...more.map(({ name, port }) => ({ name, port, targetPort: port })),
    ],
  });
}

/** What the ambient profile adds: both run on every node. */
export const ambientPlatform: readonly Manifest[] = [
  workload({
    namespace: system,
    name: "ztunnel",
    kind: "DaemonSet",
    labels: { app: "ztunnel", "sidecar.istio.io/inject": "false", "istio.io/dataplane-mode": "none" },
    selects: ["app"],
    replicas: 1,
    image: "docker.io/istio/ztunnel:1.27.1",
    port: 15020,
    portName: "ztunnel-stats",
  }),
  workload({
    namespace: system,
    name: "istio-cni-node",
    kind: "DaemonSet",
    labels: {
      "k8s-app": "istio-cni-node",
      "sidecar.istio.io/inject": "false",
      "istio.io/dataplane-mode": "none",
    },
    selects: ["k8s-app"],
    replicas: 1,
    image: "docker.io/istio/install-cni:1.27.1",
    port: 15014,
    portName: "metrics",
    serviceAccount: "istio-cni",
  }),
];

const installed: readonly Manifest[] = [
  workload({
    namespace: system,
    name: "istiod",
    labels: { app: "istiod", istio: "pilot", "istio.io/rev": "default", "sidecar.istio.io/inject": "false" },
    selects: ["app", "istio"],
    replicas: 1,
    image: "docker.io/istio/pilot:1.27.1",
    port: 15010,
    portName: "grpc-xds",
  }),
  service({
    namespace: system,
    name: "istiod",
    labels: { app: "istiod", istio: "pilot", "istio.io/rev": "default" },
    selector: { app: "istiod", istio: "pilot" },
    ports: [
      { name: "grpc-xds", port: 15010, targetPort: 15010 },
      { name: "https-dns", port: 15012, targetPort: 15012 },
      { name: "https-webhook", port: 443, targetPort: 15017 },
      { name: "http-monitoring", port: 15014, targetPort: 15014 },
    ],
  }),
  workload({
    namespace: system,
    name: "istio-ingressgateway",
    labels: {
      app: "istio-ingressgateway",
      istio: "ingressgateway",
      "service.istio.io/canonical-name": "istio-ingressgateway",
      "service.istio.io/canonical-revision": "latest",
      "sidecar.istio.io/inject": "false",
    },
    selects: ["app", "istio"],
    replicas: 2,
    image: "docker.io/istio/proxyv2:1.27.1",
    port: 8080,
    portName: "http2",
    serviceAccount: "istio-ingressgateway-service-account",
  }),
  ingressService(),
  workload({
    namespace: system,
    name: "flagger",
    labels: { "app.kubernetes.io/name": "flagger", "sidecar.istio.io/inject": "false" },
    replicas: 1,
    image: "ghcr.io/fluxcd/flagger:1.44.0",
    port: 8080,
  }),
  workload({
    namespace: system,
    name: "prometheus",
    labels: { "app.kubernetes.io/name": "prometheus", "sidecar.istio.io/inject": "false" },
    replicas: 1,
    image: "prom/prometheus:v3.5.0",
    port: 9090,
  }),
  service({
    namespace: system,
    name: "prometheus",
    labels: { "app.kubernetes.io/name": "prometheus" },
    selector: { "app.kubernetes.io/name": "prometheus" },
    ports: [{ name: "http", port: 9090, targetPort: 9090 }],
  }),
  custom("PeerAuthentication", {
    namespace: system,
    name: "default",
    spec: { mtls: { mode: "PERMISSIVE" } },
  }),
];
