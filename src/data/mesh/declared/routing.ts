/** Istio's networking.istio.io kinds as the mesh model reads them. `null` means absent in the object. */
import type { Millis, Percent } from "../units.ts";
import type { Labels, Meta } from "./meta.ts";

export type StringMatch =
  | { readonly exact: string }
  | { readonly prefix: string }
  | { readonly regex: string }
  | { readonly present: true };

/** Fields of one entry are AND-ed; entries of one rule are OR-ed. */
export interface HttpMatch {
  readonly name: string | null;
  readonly uri: StringMatch | null;
  readonly scheme: StringMatch | null;
  readonly method: StringMatch | null;
  readonly authority: StringMatch | null;
  readonly headers: Readonly<Record<string, StringMatch>>;
  readonly withoutHeaders: Readonly<Record<string, StringMatch>>;
  readonly queryParams: Readonly<Record<string, StringMatch>>;
  readonly ignoreUriCase: boolean;
  readonly port: number | null;
  readonly sourceLabels: Labels;
  readonly sourceNamespace: string | null;
  /** Narrows the rule to these gateways; `null` inherits those of the VirtualService. */
  readonly gateways: readonly string[] | null;
  readonly statPrefix: string | null;
}

/** Asks for nothing: every request matches. */
export const anyRequest: HttpMatch = {
  name: null,
  uri: null,
  scheme: null,
  method: null,
  authority: null,
  headers: {},
  withoutHeaders: {},
  queryParams: {},
  ignoreUriCase: false,
  port: null,
  sourceLabels: {},
  sourceNamespace: null,
  gateways: null,
  statPrefix: null,
};

export interface Destination {
  /** As written: a short name is relative to the namespace of its object (istio.md 2.4). */
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
}

export interface WeightedDestination {
  readonly destination: Destination;
  /** `null` when the object carries no weight: 0 among several, ignored on a single destination. */
  readonly weight: number | null;
  /** Adds or removes headers on this destination. */
  readonly hasHeaders: boolean;
}

export interface Mirror {
  readonly destination: Destination;
  /** After Istio's precedence: mirrorPercentage, then mirrorPercent, then 100. */
  readonly percent: Percent;
  /** Which field the percentage stands in; `null` where none does and 100 is the default. */
  readonly percentField:
    "mirrorPercentage" | "mirrorPercent" | "mirror_percent" | "percentage" | "percent" | "fraction" | null;
  /** `mirror`, or the index in `mirrors`, or of the RequestMirror in `filters`. */
  readonly at: "mirror" | number;
}

export interface Fault {
  readonly delay: { readonly percent: Percent; readonly fixedDelay: Millis } | null;
  readonly abort: {
    readonly percent: Percent;
    readonly httpStatus: number | null;
    readonly grpcStatus: string | null;
  } | null;
}

export interface Retries {
  readonly attempts: number;
  readonly perTryTimeout: Millis | null;
  readonly retryOn: string | null;
}

export interface HttpRule {
  readonly name: string | null;
  readonly matches: readonly HttpMatch[];
  readonly destinations: readonly WeightedDestination[];
  readonly mirrors: readonly Mirror[];
  readonly redirect: string | null;
  readonly directResponse: number | null;
  readonly delegate: { readonly name: string; readonly namespace: string | null } | null;
  readonly fault: Fault | null;
  readonly timeout: Millis | null;
  readonly retries: Retries | null;
  readonly rewrite: string | null;
}

export interface L4Match {
  readonly port: number | null;
  readonly destinationSubnets: readonly string[];
  /** TLS only. */
  readonly sniHosts: readonly string[];
  readonly sourceLabels: Labels;
  readonly sourceNamespace: string | null;
  readonly gateways: readonly string[] | null;
}

/** A tcp or tls rule: the choice is made once for each connection. */
export interface L4Rule {
  readonly matches: readonly L4Match[];
  readonly destinations: readonly WeightedDestination[];
}

export interface VirtualService {
  readonly meta: Meta;
  /** Empty: a delegate. */
  readonly hosts: readonly string[];
  /** As written; `null` means [`mesh`]. */
  readonly gateways: readonly string[] | null;
  readonly exportTo: readonly string[] | null;
  readonly http: readonly HttpRule[];
  readonly tcp: readonly L4Rule[];
  readonly tls: readonly L4Rule[];
}

export interface ConnectionPool {
  readonly maxConnections: number | null;
  readonly connectTimeout: Millis | null;
  readonly http1MaxPendingRequests: number | null;
  readonly http2MaxRequests: number | null;
  readonly maxRequestsPerConnection: number | null;
  readonly maxRetries: number | null;
}

export interface OutlierDetection {
  /** `null`: absent, Envoy's 5. 0 switches it off. */
  readonly consecutive5xxErrors: number | null;
  readonly consecutiveGatewayErrors: number | null;
  readonly consecutiveLocalOriginFailures: number | null;
  /** Period of the ejection sweep, not a window for errors. `null`: 10 s. */
  readonly interval: Millis | null;
  /** Multiplied by the number of ejections. `null`: 30 s. */
  readonly baseEjectionTime: Millis | null;
  /** `null`: 10. */
  readonly maxEjectionPercent: number | null;
  readonly minHealthPercent: number | null;
}

export type ClientTlsMode = "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL";

export interface LoadBalancer {
  readonly simple: string | null;
  /** What a consistentHash hashes, in words: "header x-user", "source IP", "cookie user"; `null` without one. */
  readonly consistentHash: string | null;
  /** Of localityLbSetting; `distribute`: fixed shares for each locality. `null`: the mesh's own setting, which is on by default. */
  readonly locality: "on" | "off" | "distribute" | null;
}

export interface TrafficPolicyBlocks {
  readonly connectionPool: ConnectionPool | null;
  readonly outlierDetection: OutlierDetection | null;
  readonly loadBalancer: LoadBalancer | null;
  readonly tls: { readonly mode: ClientTlsMode; readonly credentialName: string | null } | null;
}

export interface TrafficPolicy extends TrafficPolicyBlocks {
  readonly portLevelSettings: readonly (TrafficPolicyBlocks & { readonly port: number })[];
}

export interface DestinationRule {
  readonly meta: Meta;
  readonly host: string;
  readonly exportTo: readonly string[] | null;
  readonly workloadSelector: Labels | null;
  readonly trafficPolicy: TrafficPolicy | null;
  readonly subsets: readonly {
    readonly name: string;
    readonly labels: Labels;
    readonly trafficPolicy: TrafficPolicy | null;
  }[];
}

export interface GatewayServer {
  readonly port: { readonly number: number; readonly name: string; readonly protocol: string };
  /** As written, `ns/host` included. */
  readonly hosts: readonly string[];
  readonly tlsMode: string | null;
  readonly credentialName: string | null;
}

export interface Gateway {
  readonly meta: Meta;
  readonly selector: Labels;
  readonly servers: readonly GatewayServer[];
}

export interface ServiceEntry {
  readonly meta: Meta;
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly {
    readonly number: number;
    readonly name: string;
    readonly protocol: string;
    readonly targetPort: number | null;
  }[];
  readonly location: "MESH_EXTERNAL" | "MESH_INTERNAL";
  readonly resolution: string;
  readonly exportTo: readonly string[] | null;
  readonly workloadSelector: Labels | null;
  readonly endpoints: readonly { readonly address: string; readonly labels: Labels }[];
}

export type OutboundMode = "ALLOW_ANY" | "REGISTRY_ONLY" | "ALLOW_ANY_DYNAMIC_DNS";

export interface Sidecar {
  readonly meta: Meta;
  readonly workloadSelector: Labels | null;
  /** `null`: no block, the mesh's mode applies. `mode: null`: a block without a mode, which proto reads as REGISTRY_ONLY (KIA1007). */
  readonly outboundTrafficPolicy: { readonly mode: string | null } | null;
  /** `hosts` of every egress listener; `null`: everything visible is imported. */
  readonly egressHosts: readonly string[] | null;
}
