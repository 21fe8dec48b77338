import type { WorkloadKey } from "../model/keys.ts";
import { SmallMap } from "../smallMap.ts";
import type { Reporter } from "../telemetry.ts";
import type { Caller, Callers, Group, Link } from "./callers.ts";
import type { Target, WorkloadEnd } from "./ends.ts";
import type { View } from "./tally.ts";

/** Workloads that a mirror rule points to, with the hosts that the rules name. */
export type Mirrors = ReadonlyMap<WorkloadKey, readonly string[]>;
/** Whose word counts; `null`: nobody's, nothing flows. */
export type Chosen = Reporter | null;

/** Everything between one caller and one workload, whatever the Service was called. */
export interface Pairing {
  readonly links: { readonly target: Target; readonly link: Link; readonly requests: Chosen }[];
  /** Requests and connections a second by the client's word. */
  client: number;
  connections: number;
}

/** One caller's sheets with whose word counts for each target. */
export interface Account {
  readonly caller: Caller;
  readonly callers: Callers;
  readonly mirrors: Mirrors;
  readonly groups: readonly { readonly group: Group; readonly requests: Chosen; readonly tcp: Chosen }[];
  readonly pairings: SmallMap<WorkloadEnd, Pairing>;
  /** Its own proxy, or a waypoint for it, reports requests. */
  readonly speaks: boolean;
  /** Its own proxy reports these: then it does for all that they call. */
  readonly ownWord: { readonly requests: boolean; readonly tcp: boolean };
}

/** Decides whose word counts for each target of one caller. */
export function accountOf(caller: Caller, callers: Callers, mirrors: Mirrors): Account {
  const pairings = new SmallMap<WorkloadEnd, Pairing>();
  const groups = caller.groups.values.map((group) => {
    const requests = reporterOf(caller, group, requestsIn);
    const tcp = tcpReporterOf(caller, group, requests);
    for (const link of group.links.values) {
      if (link.destination === null) continue;
      const pairing = pairings.get(link.destination) ?? pairings.add(link.destination, newPairing());
      pairing.links.push({ target: group.target, link, requests });
      if (isClients(requests)) pairing.client += requestsIn(link.views[requests]);
      if (isClients(tcp)) pairing.connections += connectionsIn(link.views[tcp]);
    }
    return { group, requests, tcp };
  });
  const speaks = groups.some(({ requests }) => isClients(requests));
  const ownWord = {
    requests: groups.some(({ requests }) => requests === "source"),
    tcp: groups.some(({ tcp }) => tcp === "source"),
  };
  return { caller, callers, mirrors, groups, pairings, speaks, ownWord };
}

const newPairing = (): Pairing => ({ links: [], client: 0, connections: 0 });

const isClients = (reporter: Chosen): reporter is "source" | "waypoint" =>
  reporter === "source" || reporter === "waypoint";

const requestsIn = (view: View | null): number => (view?.http?.rate ?? 0) + (view?.grpc?.rate ?? 0);

/** Connections opened; a connection that only carries bytes counts too, though it opened none. */
function connectionsIn(view: View | null): number {
  const tcp = view?.tcp ?? null;
  return tcp === null
    ? 0
    : tcp.opened + (tcp.received + tcp.sent) * Number.EPSILON + (tcp.flags === null ? 0 : Number.MIN_VALUE);
}

function reporterOf(caller: Caller, group: Group, amountIn: (view: View | null) => number): Chosen {
  const total: Record<Reporter, number> = { source: 0, waypoint: 0, destination: 0 };
  for (const { views } of group.links.values) {
    total.source += amountIn(views.source);
    total.waypoint += amountIn(views.waypoint);
    total.destination += amountIn(views.destination);
  }
  if (caller.end === null) return largest(total);
  return total.waypoint > 0
    ? "waypoint"
    : total.source > 0
      ? "source"
      : total.destination > 0
        ? "destination"
        : null;
}

/** Callers without a name are many: one reporter's word for some of them does not cover the others, so the one that saw most counts. */
function largest(total: Readonly<Record<Reporter, number>>): Chosen {
  const most = Math.max(total.source, total.waypoint, total.destination);
  if (most === 0) return null;
  return total.destination === most ? "destination" : total.waypoint === most ? "waypoint" : "source";
}

function tcpReporterOf(caller: Caller, group: Group, requests: Chosen): Chosen {
  const tcp = reporterOf(caller, group, connectionsIn);
  // Under a waypoint's requests, ztunnel's connections carry those same requests.
  if (requests === "waypoint" && tcp !== "waypoint") return null;
  // Only a ztunnel calls TCP what the server's sidecar takes for requests: its connections carry those same requests.
  if (requests === "destination" && tcp === "source" && caller.end !== null) return null;
  // The client speaks for this target and knows no connection: what the server calls TCP are its requests.
  if (requests === "source" && tcp === "destination" && caller.end !== null) return null;
  return tcp;
}
