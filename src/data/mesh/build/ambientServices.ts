/** Services of the ambient mesh, for which no proxy of layer 7 stands but a waypoint (istio.md 3, Ambient). */
import { onceFor } from "../resolve/once.ts";
import type { Registry } from "../resolve/registry.ts";
import type { ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { waypointAskedFor } from "../resolve/waypoints.ts";
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

export const usesWaypoint = (registry: Registry, { labels, namespace }: KnownService): boolean =>
  waypointAskedFor(registry, namespace, labels) !== null;

/** Why no proxy applies a route; `null`: some proxy does, or may. */
export function whyUnapplied(known: KnownMesh, { scope, hosts }: ResolvedRoute): string | null {
  if (!scope.mesh || scope.gateways.length > 0) return null;
  const services = hosts.map((host) => known.serviceByHost.get(host));
  const alone = services.filter(
    (service) => isAmbient(known, service) && !usesWaypoint(known.registry, service),
  );
  if (alone.length === 0 || alone.length < services.length) return null;
  const names = alone.map((service) => service?.key ?? "").join(", ");
  return `Nobody applies this: ${names} is in the ambient mesh and uses no waypoint, so connections go to all its endpoints.`;
}
