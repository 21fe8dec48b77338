/** Which waypoint the traffic of a Service goes through (istio.io, "Configure waypoint proxies"). */
import type { Labels } from "../declared/meta.ts";
import type { Registry } from "./registry.ts";

const USE = "istio.io/use-waypoint";
const USE_NAMESPACE = "istio.io/use-waypoint-namespace";
const NONE = "none";

/**
 * `namespace/name` of the Gateway that a Service asks for, by its own label, else by its namespace's; `null`: none, or it opted out with `none`.
 * Nothing says here that there is such a Gateway.
 */
export function waypointAskedFor(registry: Registry, namespace: string, labels: Labels): string | null {
  const spaceLabels = registry.namespaces.get(namespace)?.meta.labels ?? {};
  const said = labels[USE] === undefined ? spaceLabels : labels;
  const name = said[USE];
  if (name === undefined || name === NONE) return null;
  return `${said[USE_NAMESPACE] ?? namespace}/${name}`;
}
