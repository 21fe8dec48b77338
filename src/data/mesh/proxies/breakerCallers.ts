/** Whose proxies to ask about the breaker of a service: those of its callers, for each of them keeps one of its own (istio.md 4.6, tier 2). */
import type { Labels } from "../declared/meta.ts";
import type { GraphEdge } from "../model/graph.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Mesh } from "../model/mesh.ts";
import type { Workload } from "../model/workload.ts";
import { perSecond, type PerSecond } from "../units.ts";

export interface BreakerCaller {
  readonly workload: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  /** Of its pods. */
  readonly selector: Labels;
  /** Requests to the service; `null`: it only opens connections. */
  readonly rate: PerSecond | null;
}

export interface BreakerCallers {
  /** With a proxy of their own, the busiest first. */
  readonly withProxy: readonly BreakerCaller[];
  /** No Envoy stands between these and the service: no breaker does either. */
  readonly without: readonly Workload[];
}

/** Callers whose proxies are asked: each is a tunnel, and an answer of some MB in a large mesh. */
export const mostCallers = 3;

/** By the traffic of the window. A caller that nothing but telemetry knows is left out: it has no pods to ask. */
export function breakerCallers({ graph, workloads }: Mesh, service: ServiceKey): BreakerCallers {
  const calls = new Map<string, Calls>();
  for (const edge of graph.edges) {
    if (edge.to === `service:${service}` && !edge.mirrored) add(calls, edge);
  }
  const callers = workloads
    .filter(({ key, kind }) => kind !== null && calls.has(`workload:${key}`))
    .toSorted((a, b) => busyness(calls, b) - busyness(calls, a));
  return {
    withProxy: callers.filter(hasEnvoy).map(({ key, namespace, name, selector }) => {
      const rate = calls.get(`workload:${key}`)?.requests ?? null;
      return { workload: key, namespace, name, selector, rate: rate === null ? null : perSecond(rate) };
    }),
    without: callers.filter((caller) => !hasEnvoy(caller)),
  };
}

interface Calls {
  readonly requests: number | null;
  readonly bytes: number;
}

function add(calls: Map<string, Calls>, { from, traffic: { requests, connections } }: GraphEdge): void {
  const { requests: before = null, bytes = 0 } = calls.get(from) ?? {};
  const sum = requests === null ? before : (before ?? 0) + requests.rate;
  calls.set(from, {
    requests: sum,
    bytes: bytes + (connections === null ? 0 : connections.received + connections.sent),
  });
}

/** Requests a second; who only opens connections comes after all of those, by bytes. */
function busyness(calls: ReadonlyMap<string, Calls>, { key }: Workload): number {
  const { requests = null, bytes = 0 } = calls.get(`workload:${key}`) ?? {};
  return requests ?? -1 / (1 + bytes);
}

const hasEnvoy = ({ proxy }: Workload): boolean =>
  proxy === "sidecar" || proxy === "gateway" || proxy === "waypoint" || proxy === "unknown";
