/**
 * Which waypoint the traffic of a Service goes through (istio.io, "Configure waypoint proxies"; `fetchWaypointForService` in
 * pilot/pkg/serviceregistry/kube/controller/ambient/waypoints.go).
 */
import type { KubeService } from "../declared/core.ts";
import type { GatewayApiGateway } from "../declared/gatewayApi.ts";
import type { Labels } from "../declared/meta.ts";
import type { Waypoint } from "../model/waypoint.ts";
import { hasLabels } from "./labels.ts";
import { onceFor } from "./once.ts";
import type { Registry } from "./registry.ts";

const USE = "istio.io/use-waypoint";
const USE_NAMESPACE = "istio.io/use-waypoint-namespace";
/** On the Gateway: `service` (the default), `workload`, `all` or `none`. */
const FOR = "istio.io/waypoint-for";
const INGRESS = "istio.io/ingress-use-waypoint";
/** On the Service of a Gateway that istiod deployed: by which of its controllers. */
const MANAGED = "gateway.istio.io/managed";
const NONE = "none";

const nobody: readonly KubeService[] = [];

/** Services that name a waypoint by a label of their own; the same list for as long as there is none. */
export const servicesWithWaypoint = onceFor((services: readonly KubeService[]): readonly KubeService[] => {
  const found = services.filter(({ meta }) => meta.labels[USE] !== undefined);
  return found.length === 0 ? nobody : found;
});

/** A Service, or a host of a ServiceEntry, that may ask for a waypoint. */
export interface Asking {
  readonly namespace: string;
  readonly labels: Labels;
  /** Without an address of its own: its callers dial the pods. */
  readonly headless: boolean;
}

/**
 * The waypoint of a Service; `null`: it asks for none, or opted out with `none`.
 *
 * @param isRead can Gateways of this namespace be read? Where they cannot, one that is not listed may exist.
 */
export function waypointOf(
  registry: Registry,
  { namespace, labels, headless }: Asking,
  isRead: (namespace: string) => boolean,
): Waypoint | null {
  // A waypoint has none itself.
  if (labels[MANAGED] === "istio.io-mesh-controller") return null;
  const spaceLabels = registry.namespaces.get(namespace)?.meta.labels ?? {};
  const gateway = waypointNamed(namespace, labels[USE] === undefined ? spaceLabels : labels);
  if (gateway === null) return null;
  const ingress = isTrue(labels[INGRESS] ?? spaceLabels[INGRESS]);
  const found = registry.gatewayApiGateways.get(gateway);
  if (found === undefined && !isRead(gateway.split("/")[0] ?? "")) {
    return { gateway, ingress, takes: "unknown", why: `Gateway ${gateway} cannot be read` };
  }
  const said = headless
    ? passed("callers of a headless Service dial its pods")
    : found === undefined
      ? passed(`there is no Gateway ${gateway}`)
      : taken(found, { gateway, namespace, spaceLabels });
  return { gateway, ingress, ...said };
}

/** What these labels alone name, of a namespace or of a Service in it. */
export function waypointNamed(namespace: string, labels: Labels): string | null {
  const name = labels[USE];
  return name === undefined || name === NONE ? null : `${labels[USE_NAMESPACE] ?? namespace}/${name}`;
}

interface Place {
  readonly gateway: string;
  /** Of the Service, with its labels. */
  readonly namespace: string;
  readonly spaceLabels: Labels;
}

const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === "true";

type Taken = Pick<Waypoint, "takes" | "why">;

const passed = (why: string): Taken => ({ takes: "no", why });

/** Does this Gateway take what is sent to Services of a namespace? */
function taken(found: GatewayApiGateway, place: Place): Taken {
  const { gateway, namespace } = place;
  const kind = found.meta.labels[FOR] ?? "service";
  if (kind !== "service" && kind !== "all") {
    return passed(`waypoint ${gateway} is for ${kind === "workload" ? "addresses of pods" : kind} (${FOR})`);
  }
  const admitted = admits(found, place);
  if (admitted === null) {
    const why = `whom waypoint ${gateway} admits is written in expressions that are not read (allowedRoutes)`;
    return { takes: "unknown", why };
  }
  return admitted
    ? { takes: "yes", why: null }
    : passed(`waypoint ${gateway} does not admit namespace ${namespace} (allowedRoutes)`);
}

/** By its HBONE listener; without one it takes its own namespace (`makeAllowedRoutes`). `null`: by what is not read. */
function admits({ meta, listeners }: GatewayApiGateway, { namespace, spaceLabels }: Place): boolean | null {
  const tunnel = listeners.find(({ protocol, port }) => protocol === "HBONE" && port === 15008);
  const { from = "Same", labels = null } = tunnel?.admits ?? {};
  if (from === "All") return true;
  if (from !== "Selector") return meta.ref.namespace === namespace;
  return labels === null ? null : hasLabels(spaceLabels, labels);
}
