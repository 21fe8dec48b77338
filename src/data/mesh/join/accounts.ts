import type { WorkloadKey } from "../model/keys.ts";
import { SmallMap } from "../smallMap.ts";
import type { Reporter } from "../telemetry.ts";
import type { Caller, Chosen, Group, Link } from "./callers.ts";
import type { Ends, Target, WorkloadEnd } from "./ends.ts";
import type { Bounds } from "./ladders.ts";
import type { View } from "./tally.ts";

/** Workloads that a mirror rule points to, with the hosts that the rules name. */
export type Mirrors = ReadonlyMap<WorkloadKey, readonly string[]>;

/** What is the same for all callers. */
export interface Common {
  readonly ends: Ends;
  readonly bounds: Bounds;
  readonly mirrors: Mirrors;
}

/** Everything between one caller and one workload, whatever the Service was called. */
export interface Pairing {
  readonly links: { readonly target: Target; readonly link: Link; readonly requests: Chosen }[];
  /** Requests and connections a second by the client's word. */
  client: number;
  connections: number;
}

/** One caller's sheets with whose word counts for each target. */
export class Account {
  readonly caller: Caller;
  readonly common: Common;
  /** Its own proxy, or a waypoint for it, reports requests. */
  readonly speaks: boolean;
  /** Its own proxy reports these: then it does for all that they call. */
  readonly ownWord: { readonly requests: boolean; readonly tcp: boolean };
  #pairings: SmallMap<WorkloadEnd, Pairing> | null = null;

  /** Decides whose word counts for each target. */
  constructor(caller: Caller, common: Common) {
    this.caller = caller;
    this.common = common;
    let speaks = false;
    const ownWord = { requests: false, tcp: false };
    for (const group of caller.groups.values) {
      group.requests = reporterOf(caller, group, requestsIn);
      group.tcp = tcpReporterOf(caller, group);
      speaks ||= isClients(group.requests);
      ownWord.requests ||= group.requests === "source";
      ownWord.tcp ||= group.tcp === "source";
    }
    this.speaks = speaks;
    this.ownWord = ownWord;
  }

  /** By who answered. Most callers are never asked for them: their own proxy's word, and what the server saw of it, is all there is to say. */
  get pairings(): SmallMap<WorkloadEnd, Pairing> {
    return (this.#pairings ??= pairingsOf(this.caller));
  }
}

function pairingsOf({ groups }: Caller): SmallMap<WorkloadEnd, Pairing> {
  const pairings = new SmallMap<WorkloadEnd, Pairing>();
  for (const { target, links, requests, tcp } of groups.values) {
    for (const link of links.values) {
      if (link.end === null) continue;
      const pairing = pairings.get(link.end) ?? pairings.add(link.end, newPairing());
      pairing.links.push({ target, link, requests });
      if (isClients(requests)) pairing.client += requestsIn(link[requests]);
      if (isClients(tcp)) pairing.connections += connectionsIn(link[tcp]);
    }
  }
  return pairings;
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
  // Three variables: a record of them would be made anew for each pair.
  let source = 0;
  let waypoint = 0;
  let destination = 0;
  for (const link of group.links.values) {
    source += amountIn(link.source);
    waypoint += amountIn(link.waypoint);
    destination += amountIn(link.destination);
  }
  if (caller.end === null) return largest({ source, waypoint, destination });
  return waypoint > 0 ? "waypoint" : source > 0 ? "source" : destination > 0 ? "destination" : null;
}

/** Callers without a name are many: one reporter's word for some of them does not cover the others, so the one that saw most counts. */
function largest(total: Readonly<Record<Reporter, number>>): Chosen {
  const most = Math.max(total.source, total.waypoint, total.destination);
  if (most === 0) return null;
  return total.destination === most ? "destination" : total.waypoint === most ? "waypoint" : "source";
}

function tcpReporterOf(caller: Caller, group: Group): Chosen {
  const { requests } = group;
  const tcp = reporterOf(caller, group, connectionsIn);
  // Under a waypoint's requests, ztunnel's connections carry those same requests.
  if (requests === "waypoint" && tcp !== "waypoint") return null;
  // Only a ztunnel calls TCP what the server's sidecar takes for requests: its connections carry those same requests.
  if (requests === "destination" && tcp === "source" && caller.end !== null) return null;
  // The client speaks for this target and knows no connection: what the server calls TCP are its requests.
  if (requests === "source" && tcp === "destination" && caller.end !== null) return null;
  return tcp;
}
