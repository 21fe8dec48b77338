import type { Labels, Meta } from "./meta.ts";
import type { Percent } from "../units.ts";

export interface Namespace {
  readonly meta: Meta;
}

export interface ServicePort {
  /** "" for a single unnamed port. */
  readonly name: string;
  readonly port: number;
  /** A number, or the name of a container port; `null` where it is the same as `port`. */
  readonly targetPort: number | string | null;
  readonly nodePort: number | null;
  readonly appProtocol: string | null;
  readonly transport: "TCP" | "UDP" | "SCTP";
}

export interface KubeService {
  readonly meta: Meta;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** `clusterIP: None`. */
  readonly headless: boolean;
  readonly externalName: string | null;
  /** `null`: no selector, endpoints are written by hand. */
  readonly selector: Labels | null;
  readonly ports: readonly ServicePort[];
}

/** One address behind a Service. */
export interface Endpoint {
  readonly address: string;
  readonly ready: boolean;
  /** Name of the pod behind it, in the namespace of the Service; `null` when there is none. */
  readonly pod: string | null;
  readonly node: string | null;
  readonly zone: string | null;
}

/** One EndpointSlice, or one subset of an Endpoints object. A Service can have several. */
export interface EndpointSlice {
  readonly meta: Meta;
  /** Name of the Service, in the namespace of the slice. */
  readonly service: string;
  readonly endpoints: readonly Endpoint[];
}

export type WorkloadKind = "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout";

/** What runs pods: the name that Istio's metrics call `workload`. */
export interface KubeWorkload {
  readonly meta: Meta;
  readonly kind: WorkloadKind;
  /** `spec.selector.matchLabels`. */
  readonly selector: Labels;
  readonly template: {
    readonly labels: Labels;
    readonly annotations: Labels;
    /** `tracing.sampling` in annotation `proxy.istio.io/config`; absent: not written, or not readable. */
    readonly tracingSampling?: Percent;
  };
  /** Ports that the containers of the template declare. */
  readonly containerPorts: readonly { readonly name: string; readonly port: number }[];
  readonly desired: number;
  readonly ready: number;
}

/** Metadata of one pod; mesh-wide full pods are never listed. */
export interface Pod {
  readonly meta: Meta;
}
