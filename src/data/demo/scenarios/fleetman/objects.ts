/** The fleet manager: its programs, versions and first routes. */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { custom, service, workload } from "../objects.ts";

export const namespace = "default";
export const staff = "fleetman-staff-service";
export const staffHost = `${staff}.default.svc.cluster.local`;

interface App {
  readonly name: string;
  readonly app?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly image: string;
  readonly replicas?: number;
}

export const deployed = ({ name, app = name, labels = {}, image, replicas = 1 }: App): Manifest =>
  workload({
    namespace,
    name,
    labels: { app, ...labels },
    replicas,
    image: `richardchesterwood/istio-fleetman-${image}`,
    port: 8080,
  });

export const served = (name: string, app: string, nodePort?: number): Manifest =>
  service({
    namespace,
    name: `fleetman-${name}`,
    labels: { app },
    selector: { app },
    ...(nodePort === undefined ? {} : { type: "NodePort" as const }),
    ports: [{ name: "http", port: 8080, targetPort: 8080, ...(nodePort === undefined ? {} : { nodePort }) }],
  });

export const apps: readonly Manifest[] = [
  deployed({ name: "webapp", labels: { version: "original" }, image: "webapp-angular:6" }),
  deployed({
    name: "webapp-experimental",
    app: "webapp",
    labels: { version: "experimental" },
    image: "webapp-angular:6-experimental",
  }),
  deployed({ name: "api-gateway", image: "api-gateway:6" }),
  deployed({ name: "vehicle-telemetry", image: "vehicle-telemetry:6" }),
  deployed({ name: "position-tracker", image: "position-tracker:6" }),
  deployed({ name: "position-simulator", image: "position-simulator:6" }),
  deployed({
    name: "staff-service",
    labels: { version: "safe" },
    image: "staff-service:6-placeholder",
  }),
  deployed({
    name: "staff-service-risky-version",
    app: "staff-service",
    labels: { version: "risky" },
    image: "staff-service:6",
  }),
  served("webapp", "webapp"),
  served("api-gateway", "api-gateway"),
  served("vehicle-telemetry", "vehicle-telemetry"),
  served("position-tracker", "position-tracker"),
  served("staff-service", "staff-service"),
];

const subset = (name: string, version: string): Json => ({ name, labels: { version } });

/** The host is written short here and as FQDN in the VirtualService: both mean the same. */
export const staffRule = (spec: Readonly<Record<string, Json>>): Manifest =>
  custom("DestinationRule", {
    namespace,
    name: staff,
    spec: {
      host: staff,
      subsets: [subset("safe-group", "safe"), subset("risky-group", "risky")],
      ...spec,
    },
  });

export const staffRoute: Manifest = custom("VirtualService", {
  namespace,
  name: staff,
  spec: {
    hosts: [staffHost],
    http: [
      {
        route: [
          { destination: { host: staffHost, subset: "safe-group" }, weight: 90 },
          { destination: { host: staffHost, subset: "risky-group" }, weight: 10 },
        ],
      },
    ],
  },
});

export const gateway = (name: string, ...hosts: readonly string[]): Manifest =>
  custom("Gateway", {
    namespace,
    name,
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
    },
  });

export const webapp = (name: string, spec: Readonly<Record<string, Json>>): Manifest =>
  custom("VirtualService", {
    namespace,
    name,
    spec: { gateways: ["ingress-gateway-configuration"], ...spec },
  });

export const webappTo = (version: string): Json => ({
  route: [{ destination: { host: "fleetman-webapp.default.svc.cluster.local", subset: version } }],
});

export const webappRule: Manifest = custom("DestinationRule", {
  namespace,
  name: "fleetman-webapp",
  spec: {
    host: "fleetman-webapp.default.svc.cluster.local",
    subsets: [subset("original", "original"), subset("experimental", "experimental")],
  },
});
