/** Istio in Action's coolstore (chapter 5): webapp, catalog v1 and v2, forum; with a database, and a report that has no sidecar. */
import type { Manifest } from "../../kube/objects.ts";
import { custom, service, workload } from "../objects.ts";

const shop = "istioinaction";

const web = (name: string) => [{ name: "http", port: 80, targetPort: name === "catalog" ? 3000 : 8080 }];

export const apps: readonly Manifest[] = [
  workload({
    namespace: shop,
    name: "webapp",
    labels: { app: "webapp", version: "v1" },
    replicas: 2,
    image: "istioinaction/webapp:latest",
    port: 8080,
  }),
  service({
    namespace: shop,
    name: "webapp",
    labels: { app: "webapp" },
    selector: { app: "webapp" },
    ports: web("webapp"),
  }),
  ...(["v1", "v2"] as const).map((version) =>
    workload({
      namespace: shop,
      name: version === "v1" ? "catalog" : "catalog-v2",
      labels: { app: "catalog", version },
      replicas: 2,
      image: version === "v1" ? "istioinaction/catalog:latest" : "istioinaction/catalog:2.0.0-rc1",
      port: 3000,
      serviceAccount: "catalog",
    }),
  ),
  service({
    namespace: shop,
    name: "catalog",
    labels: { app: "catalog" },
    selector: { app: "catalog" },
    ports: web("catalog"),
  }),
  workload({
    namespace: shop,
    name: "forum",
    labels: { app: "forum", version: "v1" },
    replicas: 1,
    image: "istioinaction/forum:latest",
    port: 8080,
  }),
  service({
    namespace: shop,
    name: "forum",
    labels: { app: "forum" },
    selector: { app: "forum" },
    ports: web("forum"),
  }),
  workload({
    namespace: shop,
    name: "postgres",
    kind: "StatefulSet",
    labels: { app: "postgres", version: "v16" },
    selects: ["app"],
    replicas: 1,
    image: "docker.io/library/postgres:16",
    port: 5432,
    portName: "tcp-postgres",
  }),
  service({
    namespace: shop,
    name: "postgres",
    labels: { app: "postgres" },
    selector: { app: "postgres" },
    ports: [{ name: "tcp-postgres", port: 5432, targetPort: "tcp-postgres" }],
  }),
  workload({
    namespace: "default",
    name: "batch-report",
    labels: { app: "batch-report" },
    replicas: 1,
    image: "registry.example/batch-report:3",
    port: 9000,
  }),
];

export const traffic: readonly Manifest[] = [
  custom("Gateway", {
    namespace: shop,
    name: "coolstore-gateway",
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["webapp.istioinaction.io"] }],
    },
  }),
  custom("VirtualService", {
    namespace: shop,
    name: "webapp-virtualservice",
    spec: {
      hosts: ["webapp.istioinaction.io"],
      gateways: ["coolstore-gateway"],
      http: [{ route: [{ destination: { host: "webapp", port: { number: 80 } } }] }],
    },
  }),
  custom("DestinationRule", {
    namespace: shop,
    name: "catalog",
    spec: {
      host: "catalog.istioinaction.svc.cluster.local",
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 100 },
          http: { http1MaxPendingRequests: 50, http2MaxRequests: 200 },
        },
        outlierDetection: {
          consecutive5xxErrors: 7,
          interval: "10s",
          baseEjectionTime: "30s",
          maxEjectionPercent: 50,
        },
      },
      subsets: [
        { name: "version-v1", labels: { version: "v1" } },
        { name: "version-v2", labels: { version: "v2" } },
      ],
    },
  }),
  custom("VirtualService", {
    namespace: shop,
    name: "catalog",
    spec: {
      hosts: ["catalog"],
      gateways: ["mesh"],
      http: [
        {
          match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }],
          route: [{ destination: { host: "catalog", subset: "version-v2" } }],
        },
        {
          route: [
            { destination: { host: "catalog", subset: "version-v1" }, weight: 90 },
            { destination: { host: "catalog", subset: "version-v2" }, weight: 10 },
          ],
        },
      ],
    },
  }),
  custom("PeerAuthentication", { namespace: shop, name: "default", spec: { mtls: { mode: "STRICT" } } }),
  // batch-report has no sidecar: catalog must still take plaintext.
  custom("PeerAuthentication", {
    namespace: shop,
    name: "catalog-plaintext-callers",
    spec: { selector: { matchLabels: { app: "catalog" } }, mtls: { mode: "PERMISSIVE" } },
  }),
];
