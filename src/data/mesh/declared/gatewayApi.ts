/** gateway.networking.k8s.io routes and Gateways. Versions are separate Services here; there is no subset. */
import type { Labels, Meta } from "./meta.ts";
import type { HttpMatch, Mirror } from "./routing.ts";

export interface ParentRef {
  readonly group: string;
  readonly kind: string;
  /** `null`: the namespace of the route. */
  readonly namespace: string | null;
  readonly name: string;
  readonly port: number | null;
  readonly sectionName: string | null;
}

export interface BackendRef {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly port: number | null;
  /** `null`: absent, which counts as 1. */
  readonly weight: number | null;
}

export interface GatewayApiRule {
  readonly name: string | null;
  /** gRPC method matches are written as uri matches: `/service/method`. */
  readonly matches: readonly HttpMatch[];
  readonly backends: readonly BackendRef[];
  readonly mirrors: readonly (Omit<Mirror, "destination"> & { readonly backend: BackendRef })[];
  readonly redirect: boolean;
}

export interface GatewayApiRoute {
  readonly meta: Meta;
  readonly kind: "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute";
  readonly parents: readonly ParentRef[];
  readonly hostnames: readonly string[];
  readonly rules: readonly GatewayApiRule[];
  /** From `status.parents`: `null` while no controller has spoken. */
  readonly accepted: boolean | null;
  readonly resolvedRefs: boolean | null;
}

export interface GatewayApiGateway {
  readonly meta: Meta;
  readonly className: string;
  readonly listeners: readonly {
    readonly name: string;
    readonly hostname: string | null;
    readonly port: number;
    readonly protocol: string;
    /** `allowedRoutes.namespaces`; absent: only its own. `labels` of the selector, `null`: it has expressions, which are not read. */
    readonly admits?: { readonly from: string; readonly labels: Labels | null };
  }[];
  readonly infrastructureLabels: Labels;
}
