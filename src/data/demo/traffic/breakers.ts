/**
 * Connection pools and outlier ejection as Envoy keeps them: for each client pod apart, for each of its clusters (istio.md 4.6).
 */
import type { ConnectionPool, OutlierDetection } from "../../mesh/declared/routing.ts";
import { ejectable } from "../../mesh/resolve/breakerLimits.ts";
import type { Endpoint, Upstream } from "./upstreams.ts";

/** Envoy's max_ejection_time, which Istio does not set. */
const longestEjection = 300_000;

interface HostState {
  consecutive5xx: number;
  consecutiveGateway: number;
  ejections: number;
  /** Epoch ms. */
  ejectedUntil: number;
}

/** One client pod's view of one upstream. */
export interface ClusterState {
  readonly hosts: Map<string, HostState>;
  arrivals: number;
  served: number;
  busyMs: number;
  /** Part of the requests that the pool refuses: from the load of the tick before. */
  blocking: number;
  /** Requests, or connections of TCP, that were inside at once on average over the tick before: what the pool let in, times its mean duration. */
  inside: number;
  limits: ConnectionPool | null;
  isTcp: boolean;
}

/** What one client pod's gauges would say of one cluster. */
interface SeenCluster {
  readonly pod: string;
  readonly cluster: string;
  /** Of the endpoints that are there. */
  readonly ejected: number;
  /** More often than not, so that a scrape would find it. */
  readonly isFull: boolean;
}

export interface Breakers {
  /** Every cluster that a client has used, at an instant (epoch ms). */
  seenAt(at: number): readonly SeenCluster[];
  stateOf(pod: string, upstream: Upstream): ClusterState;
  /** The same of a cluster that the client has used; `null`: it has not, and this is no use. */
  known(pod: string, upstream: Upstream): ClusterState | null;
  /** Turns the load of a tick of this length into what the pools refuse in the next one. */
  endTick(ms: number): void;
}

export function createBreakers(): Breakers {
  const states = new Map<string, ClusterState>();
  const used = new Map<string, { readonly pod: string; readonly upstream: Upstream }>();
  return {
    seenAt: (at) =>
      [...used].flatMap(([key, { pod, upstream }]) => {
        const state = states.get(key);
        if (state === undefined) return [];
        const ejected = upstream.endpoints.length - healthy(state, upstream, at).length;
        return [{ pod, cluster: upstream.id, ejected, isFull: state.blocking > 0.5 }];
      }),
    stateOf(pod, upstream) {
      const key = `${pod} ${upstream.id}`;
      const known = states.get(key) ?? newState();
      states.set(key, known);
      used.set(key, { pod, upstream });
      known.limits = upstream.pool;
      known.isTcp = upstream.protocol === "tcp";
      return known;
    },
    known: (pod, upstream) => states.get(`${pod} ${upstream.id}`) ?? null,
    endTick(ms) {
      for (const state of states.values()) {
        const meanMs = state.served === 0 ? 0 : state.busyMs / state.served;
        const concurrency = (state.arrivals / ms) * meanMs;
        state.blocking = blockingOf(state.limits, concurrency, state.isTcp);
        state.inside = concurrency * (1 - state.blocking);
        // Where all were refused nothing is known of their duration: the old mean stands.
        if (state.served > 0) [state.busyMs, state.served] = [meanMs, 1];
        state.arrivals = 0;
      }
    },
  };
}

function newState(): ClusterState {
  return {
    hosts: new Map(),
    arrivals: 0,
    served: 0,
    busyMs: 0,
    blocking: 0,
    inside: 0,
    limits: null,
    isTcp: false,
  };
}

const negligible = 1e-15;

/**
 * Part of the requests that find the pool full: M/M/c/K with c requests at once and K - c waiting.
 *
 * HTTP: c is maxConnections or http2MaxRequests, whichever is less; http1MaxPendingRequests may wait for a connection, and
 * nothing may wait where http2MaxRequests is what is full. TCP: c is maxConnections, nobody waits. Limits left out do not
 * limit (istio.md 4.6, plan 1).
 * @param concurrency requests at once that would be open without a limit: arrivals a ms times their mean duration in ms.
 */
export function blockingOf(limits: ConnectionPool | null, concurrency: number, isTcp: boolean): number {
  if (limits === null || concurrency <= 0) return 0;
  const { servers, waiting } = placesIn(limits, isTcp);
  if (!Number.isFinite(servers + waiting)) return 0;
  let blocked = 1;
  for (let inside = 1; inside <= servers + waiting; inside += 1) {
    const load = (concurrency / Math.min(inside, servers)) * blocked;
    const before = blocked;
    blocked = load / (1 + load);
    // A limit of a billion is allowed: places beyond this one change nothing.
    if (Math.abs(blocked - before) < negligible) break;
  }
  return blocked;
}

function placesIn(
  limits: ConnectionPool,
  isTcp: boolean,
): { readonly servers: number; readonly waiting: number } {
  const connections = limits.maxConnections ?? Infinity;
  const requests = isTcp ? Infinity : (limits.http2MaxRequests ?? Infinity);
  const nobodyWaits = isTcp || requests <= connections;
  const waiting = nobodyWaits ? 0 : (limits.http1MaxPendingRequests ?? Infinity);
  return { servers: Math.min(connections, requests), waiting };
}

/** Endpoints that this client has not ejected. */
export function healthy(state: ClusterState, upstream: Upstream, at: number): readonly Endpoint[] {
  if (upstream.outlier === null) return upstream.endpoints;
  return upstream.endpoints.filter(({ pod }) => (state.hosts.get(pod)?.ejectedUntil ?? 0) <= at);
}

/** Counts an answer, and ejects its host where that was one too many. A failed connection counts as a gateway error. */
export function noteAnswer(
  state: ClusterState,
  upstream: Upstream,
  pod: string,
  answer: { readonly code: number; readonly at: number },
): void {
  if (upstream.outlier === null) return;
  const host = state.hosts.get(pod) ?? newHost();
  state.hosts.set(pod, host);
  const { code, at } = answer;
  host.consecutive5xx = code >= 500 ? host.consecutive5xx + 1 : 0;
  host.consecutiveGateway = code >= 502 && code <= 504 ? host.consecutiveGateway + 1 : 0;
  if (host.ejectedUntil > at || !isTooMany(upstream.outlier, host)) return;
  const out = upstream.endpoints.filter(
    (endpoint) => (state.hosts.get(endpoint.pod)?.ejectedUntil ?? 0) > at,
  );
  if (out.length >= ejectable(upstream.outlier, upstream.endpoints.length)) return;
  host.ejections += 1;
  host.ejectedUntil = ejectedUntil(upstream.outlier, host.ejections, at);
  [host.consecutive5xx, host.consecutiveGateway] = [0, 0];
}

function newHost(): HostState {
  return { consecutive5xx: 0, consecutiveGateway: 0, ejections: 0, ejectedUntil: 0 };
}

function isTooMany(outlier: OutlierDetection, host: HostState): boolean {
  const limit = outlier.consecutive5xxErrors ?? 5;
  const gatewayLimit = outlier.consecutiveGatewayErrors ?? 0;
  return (
    (limit > 0 && host.consecutive5xx >= limit) ||
    (gatewayLimit > 0 && host.consecutiveGateway >= gatewayLimit)
  );
}

/** Hosts come back in the sweep after their time, which grows with each ejection. */
function ejectedUntil(outlier: OutlierDetection, ejections: number, at: number): number {
  const base = outlier.baseEjectionTime ?? 30_000;
  const interval = Math.max(1, outlier.interval ?? 10_000);
  const time = Math.min(base * ejections, Math.max(base, longestEjection));
  return Math.ceil((at + time) / interval) * interval;
}
