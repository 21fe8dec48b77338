/** Whose proxies to ask about the breaker of a service: those of its callers, for each of them keeps one of its own (istio.md 4.6, tier 2). */
import type { Labels } from "../declared/meta.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Mesh } from "../model/mesh.ts";
import type { Workload } from "../model/workload.ts";
import { deployedBy } from "../resolve/client.ts";
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

/**
 * By the traffic of the window. What ztunnels send through a waypoint meets the waypoint's breaker, which is asked for all of them. A caller that
 * nothing but telemetry knows is left out: it has no pods to ask.
 */
export function breakerCallers(mesh: Mesh, service: ServiceKey): BreakerCallers {
  const calls = callsTo(mesh, service);
  const callers = mesh.workloads.filter(({ key, kind }) => kind !== null && calls.has(key));
  const waypoint = waypointOf(mesh, service);
  const through = waypoint === null ? [] : callers.filter(({ proxy }) => proxy === "ambient");
  if (waypoint !== null) for (const { key } of through) add(calls, waypoint.key, calls.get(key));
  const others = callers.filter((one) => !through.includes(one) && one !== waypoint);
  const asked = [
    ...others.filter(hasEnvoy),
    ...(waypoint !== null && calls.has(waypoint.key) ? [waypoint] : []),
  ];
  return {
    withProxy: asked
      .toSorted((a, b) => busyness(calls, b) - busyness(calls, a))
      .map(({ key, namespace, name, selector }) => {
        const rate = calls.get(key)?.requests ?? null;
        return { workload: key, namespace, name, selector, rate: rate === null ? null : perSecond(rate) };
      }),
    without: others.filter((caller) => !hasEnvoy(caller)),
  };
}

function waypointOf({ services, workloads }: Mesh, service: ServiceKey): Workload | null {
  const waypoint = services.find(({ key }) => key === service)?.waypoint ?? null;
  if (waypoint?.takes !== "yes") return null;
  const found = workloads.find(
    (workload) => workload.proxy === "waypoint" && deployedBy(workload) === waypoint.gateway,
  );
  return found ?? null;
}

interface Calls {
  readonly requests: number | null;
  readonly bytes: number;
}

type CallsByCaller = Map<WorkloadKey, Calls>;

function callsTo({ graph }: Mesh, service: ServiceKey): CallsByCaller {
  const calls: CallsByCaller = new Map();
  for (const { from, to, mirrored, traffic } of graph.edges) {
    if (to !== `service:${service}` || mirrored || !from.startsWith("workload:")) continue;
    const { requests, connections } = traffic;
    const bytes = connections === null ? 0 : connections.received + connections.sent;
    add(calls, from.slice("workload:".length), { requests: requests?.rate ?? null, bytes });
  }
  return calls;
}

function add(calls: CallsByCaller, caller: WorkloadKey, more: Calls = { requests: null, bytes: 0 }): void {
  const { requests, bytes } = calls.get(caller) ?? { requests: null, bytes: 0 };
  const sum = more.requests === null ? requests : (requests ?? 0) + more.requests;
  calls.set(caller, { requests: sum, bytes: bytes + more.bytes });
}

/** Requests a second; who only opens connections comes after all of those, by bytes. */
function busyness(calls: CallsByCaller, { key }: Workload): number {
  const { requests = null, bytes = 0 } = calls.get(key) ?? {};
  return requests ?? -1 / (1 + bytes);
}

const hasEnvoy = ({ proxy }: Workload): boolean =>
  proxy === "sidecar" || proxy === "gateway" || proxy === "waypoint" || proxy === "unknown";
