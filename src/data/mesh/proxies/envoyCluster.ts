/** Names that istiod gives to Envoy's clusters: `outbound|80|v1|catalog.shop.svc.cluster.local` (pilot/pkg/model/context.go, `BuildSubsetKey`). */
export interface ClusterName {
  readonly port: number;
  readonly subset: string | null;
  readonly host: string;
}

/** `null`: not one of a service: inbound, PassthroughCluster, BlackHoleCluster, Envoy's own. */
export function clusterNamed(name: string): ClusterName | null {
  // Istio ends the name of the stats with `;` (istio.md 4.6).
  const [direction, port = "", subset = "", host = "", ...rest] = name.replace(/;.*$/, "").split("|");
  if (direction !== "outbound" || host === "" || rest.length > 0 || !/^\d+$/.test(port)) return null;
  return { port: Number(port), subset: subset === "" ? null : subset, host };
}

/** How a waypoint names the whole service: by what it speaks. */
const whole = ["http", "tcp"];

/**
 * The same in a waypoint: `inbound-vip|80|http/v1|catalog.shop.svc.cluster.local`, `http` and `tcp` alone for the whole service
 * (pilot/pkg/networking/core/cluster_waypoint.go). `null`: none of a service either.
 */
export function waypointClusterNamed(name: string): ClusterName | null {
  const [direction, port = "", speaks = "", host = "", ...rest] = name.replace(/;.*$/, "").split("|");
  if (direction !== "inbound-vip" || host === "" || rest.length > 0 || !/^\d+$/.test(port)) return null;
  const subset = whole.includes(speaks) ? null : speaks.replace(/^(http|tcp)\//, "");
  return { port: Number(port), subset: subset === "" ? null : subset, host };
}
