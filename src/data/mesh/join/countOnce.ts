import type { Ladder } from "../quantile.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { Reporter } from "../telemetry.ts";
import type { Caller, Callers, Group, Link } from "./callers.ts";
import type { Target, WorkloadEnd } from "./ends.ts";
import { addedLadders } from "./ladders.ts";
import {
  newRequests,
  newSeen,
  unseen,
  type ConnectionTally,
  type RequestTally,
  type Seen,
  type View,
} from "./tally.ts";

/** What flows from one caller through one target to one workload, each request and connection counted once. */
export interface Flow {
  readonly source: WorkloadEnd | null;
  readonly target: Target;
  readonly destination: WorkloadEnd | null;
  readonly http: RequestTally | null;
  readonly grpc: RequestTally | null;
  readonly tcp: ConnectionTally | null;
  /** By the reporter that counted the requests. */
  readonly durations: Ladder | null;
  /** How it travelled, by what server proxies and waypoints saw; weights, not rates. */
  readonly seen: Readonly<Record<Protocol, Readonly<Seen>>>;
}

export interface Joined {
  readonly flows: readonly Flow[];
  /** Mirrored copies, which no source counts; never part of `flows`. */
  readonly copies: readonly Flow[];
}

export type Protocol = "http" | "grpc" | "tcp";

type Mirrors = ReadonlyMap<WorkloadKey, readonly string[]>;
type Chosen = Reporter | null;

/** Everything between one caller and one workload, whatever the Service was called. */
interface Route {
  readonly links: { readonly target: Target; readonly link: Link; readonly requests: Chosen }[];
  /** Requests a second by the client's word. */
  client: number;
}

/** One caller's sheets with whose word counts for each target. */
interface Account {
  readonly caller: Caller;
  readonly callers: Callers;
  readonly mirrors: Mirrors;
  readonly groups: readonly { readonly group: Group; readonly requests: Chosen; readonly tcp: Chosen }[];
  readonly routes: ReadonlyMap<WorkloadEnd, Route>;
  /** Its own proxy, or a waypoint for it, reports requests. */
  readonly speaks: boolean;
}

/** Picks one reporter for every caller and target; the rules are `joinTelemetry`'s. */
export function countOnce(callers: Callers, mirrors: Mirrors): Joined {
  const flows: Flow[] = [];
  const copies: Flow[] = [];
  for (const caller of callers.all()) {
    const account = accountOf(caller, callers, mirrors);
    for (const { group, requests, tcp } of account.groups) {
      for (const link of group.links.values()) {
        const flow = flowOf(account, group.target, link, { requests, tcp });
        if (flow !== null) flows.push(flow);
      }
    }
    for (const copy of copiesOf(account)) copies.push(copy);
  }
  return { flows, copies };
}

function accountOf(caller: Caller, callers: Callers, mirrors: Mirrors): Account {
  const routes = new Map<WorkloadEnd, Route>();
  const groups = Array.from(caller.groups.values(), (group) => {
    const requests = reporterOf(caller, group, requestsIn);
    const tcp = tcpReporterOf(caller, group, requests);
    for (const link of group.links.values()) {
      if (link.destination === null) continue;
      let route = routes.get(link.destination);
      if (route === undefined) routes.set(link.destination, (route = { links: [], client: 0 }));
      route.links.push({ target: group.target, link, requests });
      if (requests !== null && requests !== "destination") route.client += requestsIn(link.views[requests]);
    }
    return { group, requests, tcp };
  });
  const speaks = groups.some(({ requests }) => requests === "source" || requests === "waypoint");
  return { caller, callers, mirrors, groups, routes, speaks };
}

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
  for (const { views } of group.links.values()) {
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
  // The client speaks for this target and knows no connection: what the server calls TCP are its requests.
  if (requests === "source" && tcp === "destination" && caller.end !== null) return null;
  return tcp;
}

function flowOf(
  account: Account,
  target: Target,
  link: Link,
  chosen: { requests: Chosen; tcp: Chosen },
): Flow | null {
  const view = requestsSpokenFor(account, link, chosen.requests) ? null : viewBy(link, chosen.requests);
  const { http, grpc, durations } = view ?? silent;
  const tcp = viewBy(link, chosen.tcp)?.tcp ?? null;
  if (http === null && grpc === null && tcp === null) return null;
  const seen = {
    http: http === null ? unseen : seenOf(account, link, "http"),
    grpc: grpc === null ? unseen : seenOf(account, link, "grpc"),
    tcp: tcp === null ? unseen : seenOf(account, link, "tcp"),
  };
  return {
    source: account.caller.end,
    target,
    destination: link.destination,
    http,
    grpc,
    tcp,
    durations,
    seen,
  };
}

const silent: Pick<View, "http" | "grpc" | "durations"> = { http: null, grpc: null, durations: null };

const viewBy = (link: Link, reporter: Chosen): View | null =>
  reporter === null ? null : link.views[reporter];

/** The server's word for a target that the client does not report: the client may report the same requests under another Service, or not send them but as copies. */
function requestsSpokenFor(
  { caller, routes, mirrors, speaks }: Account,
  { destination }: Link,
  reporter: Chosen,
): boolean {
  if (reporter !== "destination" || caller.end === null || destination === null) return false;
  return (routes.get(destination)?.client ?? 0) > 0 || (speaks && mirrors.has(destination.key));
}

/** What the server saw under this Service's name, else under any: it names the first Service that selects its pod. */
function seenOf({ routes }: Account, link: Link, protocol: Protocol): Seen {
  const seen = newSeen();
  addSeen(seen, link, protocol);
  if (link.destination === null || seen.mtls + seen.plain + seen.hidden > 0) return seen;
  for (const other of routes.get(link.destination)?.links ?? []) addSeen(seen, other.link, protocol);
  return seen;
}

function addSeen(seen: Seen, { views }: Link, protocol: Protocol): void {
  for (const view of [views.destination, views.waypoint]) {
    const part = view?.[protocol]?.seen;
    if (part === undefined) continue;
    seen.mtls += part.mtls;
    seen.plain += part.plain;
    seen.hidden += part.hidden;
  }
}

/** What servers count beyond their client, at workloads that a mirror rule points to. */
function copiesOf(account: Account): readonly Flow[] {
  if (!account.speaks || account.caller.end === null || account.mirrors.size === 0) return [];
  const copies: Flow[] = [];
  for (const [destination, route] of account.routes) {
    const hosts = account.mirrors.get(destination.key);
    const copy = hosts === undefined ? null : copyOf(account, destination, route, hosts);
    if (copy !== null) copies.push(copy);
  }
  return copies;
}

function copyOf(
  account: Account,
  destination: WorkloadEnd,
  route: Route,
  hosts: readonly string[],
): Flow | null {
  const http = surplusOf(route, "http");
  const grpc = surplusOf(route, "grpc");
  if (http === null && grpc === null) return null;
  const named = route.links.find(
    ({ target, link }) => link.views.destination !== null && hosts.includes(target.host),
  );
  const target = named?.target ?? account.callers.ends.service(hosts[0] ?? "unknown");
  // Which of the durations belong to copies cannot be told unless all of them do.
  const durations = route.client > 0 ? null : durationsAt(route);
  const seen = { http: newSeen(), grpc: newSeen(), tcp: newSeen() };
  for (const { link } of route.links) {
    addSeen(seen.http, link, "http");
    addSeen(seen.grpc, link, "grpc");
  }
  return { source: account.caller.end, target, destination, http, grpc, tcp: null, durations, seen };
}

function durationsAt({ links }: Route): Ladder | null {
  let sum: Ladder | null = null;
  for (const { link } of links) {
    const ladder = link.views.destination?.durations ?? null;
    if (ladder !== null) sum = sum === null ? ladder : addedLadders(sum, ladder);
  }
  return sum;
}

function surplusOf(route: Route, protocol: "http" | "grpc"): RequestTally | null {
  let client = 0;
  const server = newRequests("destination");
  for (const { link, requests } of route.links) {
    if (requests !== null && requests !== "destination")
      client += link.views[requests]?.[protocol]?.rate ?? 0;
    const tally = link.views.destination?.[protocol] ?? nothing;
    server.rate += tally.rate;
    server.errors += tally.errors;
  }
  const rate = server.rate - client;
  return rate > 0 ? { ...server, rate, errors: (server.errors * rate) / server.rate } : null;
}

const nothing: RequestTally = newRequests("destination");
