/** Everything the API server told us, parsed; the input of `buildMesh`. */
import type { DataError } from "../result.ts";
import type { Finding } from "../finding.ts";
import type { EndpointSlice, KubeService, KubeWorkload, Namespace, Pod } from "./core.ts";
import type { CanaryEvent, FlaggerCanary, Rollout } from "./delivery.ts";
import type { GatewayApiGateway, GatewayApiRoute } from "./gatewayApi.ts";
import type { MeshConfig } from "./meshConfig.ts";
import type { DestinationRule, Gateway, ServiceEntry, Sidecar, VirtualService } from "./routing.ts";
import type {
  AuthorizationPolicy,
  PeerAuthentication,
  RequestAuthentication,
  Telemetry,
} from "./security.ts";

/** The lists of one cluster. Arrays of one kind keep their identity while nothing of that kind changes. */
export interface DeclaredLists {
  readonly namespaces: readonly Namespace[];
  readonly services: readonly KubeService[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly workloads: readonly KubeWorkload[];
  readonly pods: readonly Pod[];
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly gateways: readonly Gateway[];
  readonly serviceEntries: readonly ServiceEntry[];
  readonly sidecars: readonly Sidecar[];
  readonly peerAuthentications: readonly PeerAuthentication[];
  readonly authorizationPolicies: readonly AuthorizationPolicy[];
  readonly requestAuthentications: readonly RequestAuthentication[];
  readonly telemetries: readonly Telemetry[];
  readonly canaries: readonly FlaggerCanary[];
  readonly canaryEvents: readonly CanaryEvent[];
  readonly rollouts: readonly Rollout[];
  readonly gatewayApiRoutes: readonly GatewayApiRoute[];
  readonly gatewayApiGateways: readonly GatewayApiGateway[];
  readonly meshConfigs: readonly MeshConfig[];
}

/**
 * How well one kind can be read.
 *
 * - `loading`: its first list is not complete. - `live`: listed and watched.
 * - `absent`: the server does not serve it: there is none. - `forbidden`: it may exist, the user may not see it.
 * - `stale`: it was read once and the watch is down; old data stays.
 */
export type KindState =
  | { readonly is: "loading" | "live" | "absent" }
  | { readonly is: "forbidden" | "stale"; readonly error: DataError };

export interface KindStatus {
  /** `virtualservices.networking.istio.io`, as `kubectl api-resources` names it. */
  readonly kind: string;
  /** Namespace where only that one may be read; `null`: the whole cluster. */
  readonly namespace: string | null;
  readonly state: KindState;
  readonly objects: number;
}

export interface Declared extends DeclaredLists {
  /** Objects that could not be read, by name and field. */
  readonly unreadable: readonly Finding[];
  readonly kinds: readonly KindStatus[];
  /** Read from manifests: `kinds` names what they hold, by namespace, and of nothing else anything is known. Absent: from a cluster. */
  readonly fromFiles?: boolean;
}

export const emptyLists: DeclaredLists = {
  namespaces: [],
  services: [],
  endpointSlices: [],
  workloads: [],
  pods: [],
  virtualServices: [],
  destinationRules: [],
  gateways: [],
  serviceEntries: [],
  sidecars: [],
  peerAuthentications: [],
  authorizationPolicies: [],
  requestAuthentications: [],
  telemetries: [],
  canaries: [],
  canaryEvents: [],
  rollouts: [],
  gatewayApiRoutes: [],
  gatewayApiGateways: [],
  meshConfigs: [],
};

export const emptyDeclared: Declared = { ...emptyLists, unreadable: [], kinds: [] };
