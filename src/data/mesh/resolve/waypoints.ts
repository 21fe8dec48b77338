/** Which waypoint the traffic of a Service goes through (istio.io, "Configure waypoint proxies"). */
import type { KubeService } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import { onceFor } from "./once.ts";
import type { Registry } from "./registry.ts";

const USE = "istio.io/use-waypoint";
const USE_NAMESPACE = "istio.io/use-waypoint-namespace";
const NONE = "none";

const nobody: readonly KubeService[] = [];

/** Services that name a waypoint by a label of their own; the same list for as long as there is none. */
export const servicesWithWaypoint = onceFor((services: readonly KubeService[]): readonly KubeService[] => {
  const found = services.filter(({ meta }) => meta.labels[USE] !== undefined);
  return found.length === 0 ? nobody : found;
});

/**
 * `namespace/name` of the Gateway that a Service asks for, by its own label, else by its namespace's; `null`: none, or it opted out with `none`.
 * Nothing says here that there is such a Gateway.
 */
export function waypointAskedFor(registry: Registry, namespace: string, labels: Labels): string | null {
  const spaceLabels = registry.namespaces.get(namespace)?.meta.labels ?? {};
  return waypointNamed(namespace, labels[USE] === undefined ? spaceLabels : labels);
}

/** What these labels alone name, of a namespace or of a Service in it. */
export function waypointNamed(namespace: string, labels: Labels): string | null {
  const name = labels[USE];
  return name === undefined || name === NONE ? null : `${labels[USE_NAMESPACE] ?? namespace}/${name}`;
}
