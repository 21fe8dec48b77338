/** Services of the ambient mesh, for which no proxy of layer 7 stands but a waypoint (istio.md 3, Ambient). */
import { coverageOf } from "../checks/coverage.ts";
import type { Declared } from "../declared/declared.ts";
import type { Waypoint } from "../model/waypoint.ts";
import { onceFor } from "../resolve/once.ts";
import type { ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { waypointOf } from "../resolve/waypoints.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";

/** A sidecar anywhere would apply routes for what it calls; where one may be, nothing can be said. */
const mayHaveSidecars = onceFor((workloads: KnownMesh["workloads"]): boolean =>
  [...workloads.values()].some(({ proxy }) => proxy === "sidecar" || proxy === "unknown"),
);

/** Every workload behind it is in the ambient mesh, and no sidecar anywhere could apply routes for it instead. */
export function isAmbient(
  { workloads }: KnownMesh,
  service: KnownService | undefined,
): service is KnownService {
  if (service === undefined || service.workloads.length === 0 || mayHaveSidecars(workloads)) return false;
  return service.workloads.every((key) => workloads.get(key)?.proxy === "ambient");
}

const coverage = onceFor((declared: Declared) => coverageOf(declared));

/** Which namespaces' Gateways can be read, as one text: what `waypointFor` looks at beside Services, namespaces and Gateways. */
export const gatewaySight = ({ kinds, fromFiles }: Pick<Declared, "kinds" | "fromFiles">): string =>
  [
    fromFiles === true ? "files" : "",
    ...kinds
      .filter(({ kind }) => kind === "gateways.gateway.networking.k8s.io")
      .map(({ namespace, state }) => `${namespace ?? "*"} ${state.is}`),
  ].join();

/** The waypoint that a service asks for; `null`: none. */
export function waypointFor({ declared, registry }: KnownMesh, service: KnownService): Waypoint | null {
  const { namespace, labels, declaredBy } = service;
  const headless = !("hosts" in declaredBy) && declaredBy.headless;
  const covers = coverage(declared);
  return waypointOf(
    registry,
    { namespace, labels, headless },
    (place) => covers("gatewayApiGateways", place) === "yes",
  );
}

/** The waypoints behind hosts as one text: the same while what is told of them is. */
export function waypointsBehind(known: KnownMesh, hosts: readonly string[]): string {
  return hosts
    .flatMap((host) => {
      const service = known.serviceByHost.get(host);
      const waypoint = service === undefined ? null : waypointFor(known, service);
      return waypoint === null ? [] : `${host} ${JSON.stringify(waypoint)}`;
    })
    .join();
}

/** What is sent to it goes through a waypoint, as far as anybody can tell. */
export function usesWaypoint(known: KnownMesh, service: KnownService): boolean {
  const waypoint = waypointFor(known, service);
  return waypoint !== null && waypoint.takes !== "no";
}

/** Why no proxy applies a route, or why nobody knows whether one does; `null`: some proxy does, or may. */
export function whyUnapplied(known: KnownMesh, route: ResolvedRoute): string | null {
  const { scope, hosts } = route;
  if (!scope.mesh || scope.gateways.length > 0 || hosts.length === 0) return null;
  const services = hosts.map((host) => known.serviceByHost.get(host));
  const reasons = services.map((service) => whyUnappliedFor(known, route, service));
  const [first = null] = reasons;
  if (first === null || reasons.includes(null)) return null;
  const names = services.map((service) => service?.key ?? "").join(", ");
  if (first.kind === "unknown")
    return `Nobody can tell whether a proxy applies this: ${names} is in the ambient mesh, and ${first.why}.`;
  return `Nobody applies this: ${names} is in the ambient mesh and ${first.why}.`;
}

interface Reason {
  readonly kind: "nobody" | "unknown";
  readonly why: string;
}

const aside = "so connections go to all its endpoints";

function whyUnappliedFor(
  known: KnownMesh,
  { ref }: ResolvedRoute,
  service: KnownService | undefined,
): Reason | null {
  if (!isAmbient(known, service)) return null;
  const waypoint = waypointFor(known, service);
  if (waypoint === null) return { kind: "nobody", why: `uses no waypoint, ${aside}` };
  const why = waypoint.why ?? "";
  if (waypoint.takes === "unknown") return { kind: "unknown", why };
  if (waypoint.takes === "no")
    return { kind: "nobody", why: `nothing sent to it goes through a waypoint: ${why}` };
  return isElsewhere(ref, service)
    ? { kind: "nobody", why: `its waypoint reads VirtualServices of namespace ${service.namespace} alone` }
    : null;
}

/** A waypoint applies the VirtualServices of the service's own namespace alone (istio.md 3, Ambient). */
export const isElsewhere = (ref: ResolvedRoute["ref"], service: KnownService): boolean =>
  ref.kind === "VirtualService" && ref.namespace !== service.namespace;
