import { accountOf, type Account, type Chosen, type Mirrors } from "./accounts.ts";
import type { Caller, Callers, Link } from "./callers.ts";
import { copiesOf } from "./copies.ts";
import type { Target } from "./ends.ts";
import type { Flow, Protocol } from "./flow.ts";
import { addLinkSeen } from "./seen.ts";
import { newSeen, unseen, type ConnectionTally, type Seen, type View } from "./tally.ts";

/** Flows of one caller, to which more are added. */
interface Counted {
  readonly flows: Flow[];
  readonly copies: Flow[];
}

/** Picks one reporter for everything that one caller calls; the rules are `joinTelemetry`'s. */
export function countOnce(caller: Caller, callers: Callers, mirrors: Mirrors, into: Counted): void {
  const account = accountOf(caller, callers, mirrors);
  for (const { group, requests, tcp } of account.groups) {
    for (const link of group.links.values) {
      const flow = flowOf(account, group.target, link, { requests, tcp });
      if (flow !== null) into.flows.push(flow);
    }
  }
  for (const copy of copiesOf(account)) into.copies.push(copy);
}

function flowOf(
  account: Account,
  target: Target,
  link: Link,
  chosen: { requests: Chosen; tcp: Chosen },
): Flow | null {
  const view = requestsSpokenFor(account, link, chosen.requests) ? null : viewBy(link, chosen.requests);
  const { http, grpc, durations } = view ?? silent;
  const tcp = connectionsSpokenFor(account, link, chosen.tcp)
    ? null
    : refusedToo(viewBy(link, chosen.tcp)?.tcp ?? null, link.views.destination);
  if (http === null && grpc === null && tcp === null) return null;
  const isCarried = chosen.tcp === null;
  const seen = {
    http: http === null ? unseen : seenOf(account, link, "http", isCarried),
    grpc: grpc === null ? unseen : seenOf(account, link, "grpc", isCarried),
    tcp: tcp === null ? unseen : seenOf(account, link, "tcp", false),
  };
  return {
    source: account.caller.end,
    target,
    destination: link.destination,
    http,
    grpc,
    tcp,
    durations: account.callers.bounds.sumOf(durations),
    seen,
  };
}

/** That it was a policy which closed a connection, the server's ztunnel says alone (flag DENY, istio.md 4.7). */
function refusedToo(tcp: ConnectionTally | null, server: View | null): ConnectionTally | null {
  const denied = server?.tcp?.flags?.get("DENY");
  if (tcp === null || denied === undefined || tcp.flags?.has("DENY") === true) return tcp;
  return { ...tcp, flags: new Map([...(tcp.flags ?? []), ["DENY", denied]]) };
}

const silent: Pick<View, "http" | "grpc" | "durations"> = { http: null, grpc: null, durations: null };

const viewBy = (link: Link, reporter: Chosen): View | null =>
  reporter === null ? null : link.views[reporter];

/**
 * The server's word for a target that the client does not report: the client may report the same requests under another Service, or not send them but as copies.
 * A server that does not name its workload (a label that was removed) cannot be paired, and the client's own proxy reports all that it sends.
 */
function requestsSpokenFor(
  { caller, pairings, mirrors, speaks, ownWord }: Account,
  { destination }: Link,
  reporter: Chosen,
): boolean {
  if (reporter !== "destination" || caller.end === null) return false;
  if (destination === null) return ownWord.requests;
  return (pairings.get(destination)?.client ?? 0) > 0 || (speaks && mirrors.has(destination.key));
}

/** As for requests, but nobody copies connections. */
function connectionsSpokenFor(
  { caller, pairings, ownWord }: Account,
  { destination }: Link,
  reporter: Chosen,
): boolean {
  if (reporter !== "destination" || caller.end === null) return false;
  return destination === null ? ownWord.tcp : (pairings.get(destination)?.connections ?? 0) > 0;
}

/**
 * What the server saw under this Service's name, else under any: it names the first Service that selects its pod.
 *
 * @param isCarried connections of the pair, if any, are the requests again: a ztunnel at the server knows how these travelled by them alone.
 */
function seenOf({ pairings }: Account, link: Link, protocol: Protocol, isCarried: boolean): Seen {
  const seen = newSeen();
  const others = link.destination === null ? [] : (pairings.get(link.destination)?.links ?? []);
  for (const one of isCarried ? [protocol, "tcp" as const] : [protocol]) {
    addLinkSeen(seen, link, one);
    if (isAny(seen)) return seen;
    for (const other of others) addLinkSeen(seen, other.link, one);
    if (isAny(seen)) return seen;
  }
  return seen;
}

const isAny = ({ mtls, plain, hidden }: Seen): boolean => mtls + plain + hidden > 0;
