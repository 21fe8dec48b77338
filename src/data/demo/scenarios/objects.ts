/** Builds the manifests of a scenario: what a chart or `kubectl create` would write, and no more. */
import type { Json } from "../../mesh/json.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Manifest } from "../kube/objects.ts";

type Fields = Readonly<Record<string, Json>>;

export function namespace(name: string, labels: Labels = {}): Manifest {
  const metadata = { name, labels: { "kubernetes.io/metadata.name": name, ...labels } };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata,
    ...fields({ spec: { finalizers: ["kubernetes"] } }),
  };
}

export function configMap(namespace: string, name: string, data: Labels, labels: Labels = {}): Manifest {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, ...fields({ data }) };
}

export interface WorkloadShape {
  readonly namespace: string;
  readonly name: string;
  readonly kind?: "Deployment" | "StatefulSet" | "DaemonSet";
  /** Labels of the pods; the selector is those named in `selects`, all of them unless told. */
  readonly labels: Labels;
  readonly selects?: readonly string[];
  readonly annotations?: Labels;
  /** Of a DaemonSet nobody asks: it has one on each node. */
  readonly replicas: number;
  readonly image: string;
  readonly port: number;
  readonly portName?: string;
  readonly serviceAccount?: string;
  /** Zone whose nodes it runs on, `eu-central-1a`: its region and a letter. */
  readonly zone?: string;
  /** Of the workload itself. */
  readonly meta?: Fields;
}

export function workload(shape: WorkloadShape): Manifest {
  const { namespace, name, kind = "Deployment", labels, replicas } = shape;
  const selects = shape.selects ?? Object.keys(labels);
  const matchLabels = Object.fromEntries(Object.entries(labels).filter(([key]) => selects.includes(key)));
  const template = {
    metadata: { labels, ...(shape.annotations === undefined ? {} : { annotations: shape.annotations }) },
    spec: {
      serviceAccountName: shape.serviceAccount ?? name,
      ...(shape.zone === undefined ? {} : { nodeSelector: nodesIn(shape.zone) }),
      containers: [containerOf(shape)],
    },
  };
  const serviceName = kind === "StatefulSet" ? { serviceName: name } : {};
  const counted = kind === "DaemonSet" ? {} : { replicas };
  const spec = { ...counted, selector: { matchLabels }, ...serviceName, template };
  const metadata = { name, namespace, labels, ...shape.meta };
  return { apiVersion: "apps/v1", kind, metadata, ...fields({ spec }) };
}

const nodesIn = (zone: string): Labels => ({
  "topology.kubernetes.io/region": zone.slice(0, -1),
  "topology.kubernetes.io/zone": zone,
});

function containerOf({ labels, name, image, port, portName = "http" }: WorkloadShape): Json {
  return {
    name: image.includes("/proxyv2:") ? "istio-proxy" : (labels["app"] ?? name),
    image,
    imagePullPolicy: "IfNotPresent",
    ports: [{ name: portName, containerPort: port, protocol: "TCP" }],
  };
}

interface PortShape {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number | string;
  readonly nodePort?: number;
  readonly appProtocol?: string;
}

export interface ServiceShape {
  readonly namespace: string;
  readonly name: string;
  readonly selector: Labels;
  readonly ports: readonly PortShape[];
  readonly labels?: Labels;
  readonly type?: "ClusterIP" | "NodePort" | "LoadBalancer";
  readonly meta?: Fields;
}

export function service(shape: ServiceShape): Manifest {
  const { namespace, name, selector, labels = {}, type = "ClusterIP" } = shape;
  const ports = shape.ports.map((port) => ({ ...port, protocol: "TCP" }));
  const metadata = { name, namespace, labels, ...shape.meta };
  return { apiVersion: "v1", kind: "Service", metadata, ...fields({ spec: { type, selector, ports } }) };
}

const groups = {
  VirtualService: "networking.istio.io/v1",
  DestinationRule: "networking.istio.io/v1",
  Gateway: "networking.istio.io/v1",
  ServiceEntry: "networking.istio.io/v1",
  Sidecar: "networking.istio.io/v1",
  PeerAuthentication: "security.istio.io/v1",
  AuthorizationPolicy: "security.istio.io/v1",
  RequestAuthentication: "security.istio.io/v1",
  Telemetry: "telemetry.istio.io/v1",
  Canary: "flagger.app/v1beta1",
  Rollout: "argoproj.io/v1alpha1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
  GRPCRoute: "gateway.networking.k8s.io/v1",
  TCPRoute: "gateway.networking.k8s.io/v1",
  TLSRoute: "gateway.networking.k8s.io/v1",
} as const;

export interface CustomShape {
  readonly namespace: string;
  readonly name: string;
  readonly spec: Json;
  readonly meta?: Fields;
}

/** An object of Istio, Flagger or Argo, or a route of the Gateway API. */
export function custom(
  kind: keyof typeof groups,
  { namespace, name, spec, meta = {} }: CustomShape,
): Manifest {
  return { apiVersion: groups[kind], kind, metadata: { name, namespace, ...meta }, ...fields({ spec }) };
}

export interface ListenerShape {
  readonly name: string;
  readonly port: number;
  readonly protocol: "HTTP" | "HTTPS" | "TCP" | "TLS";
  /** Absent: every host. */
  readonly hostname?: string;
}

/** A Gateway of the Gateway API, deployed by istiod. */
export function kubeGateway(
  namespace: string,
  name: string,
  ...listeners: readonly ListenerShape[]
): Manifest {
  const spec = { gatewayClassName: "istio", listeners: listeners.map((listener): Json => ({ ...listener })) };
  const apiVersion = "gateway.networking.k8s.io/v1";
  return { apiVersion, kind: "Gateway", metadata: { name, namespace }, ...fields({ spec }) };
}

/** A waypoint for a namespace, as `istioctl waypoint apply --for` writes it. */
export function waypoint(
  namespace: string,
  name: string,
  takes: "service" | "workload" = "service",
): Manifest {
  const labels = { "istio.io/waypoint-for": takes };
  const spec = {
    gatewayClassName: "istio-waypoint",
    listeners: [{ name: "mesh", port: 15008, protocol: "HBONE" }],
  };
  const apiVersion = "gateway.networking.k8s.io/v1";
  return { apiVersion, kind: "Gateway", metadata: { name, namespace, labels }, ...fields({ spec }) };
}

/** `Manifest` names only what every object has; the rest of an object goes along with it. */
function fields(rest: Fields): Fields {
  return rest;
}
