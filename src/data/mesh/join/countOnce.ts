import { Account, type Common } from "./accounts.ts";
import type { Caller, Chosen, Group, Link } from "./callers.ts";
import { copiesOf } from "./copies.ts";
import type { Flow, Protocol } from "./flow.ts";
import { addLinkSeen, isAny, onlySeen } from "./seen.ts";
import { withOne } from "../smallMap.ts";
import { newSeen, unseen, type ConnectionTally, type Seen, type View } from "./tally.ts";

/** Flows of one caller, to which more are added. */
export interface Counted {
  flows: readonly Flow[];
  copies: readonly Flow[];
}

/** Picks one reporter for everything that one caller calls; the rules are `joinTelemetry`'s. */
export function countOnce(caller: Caller, common: Common, into: Counted): void {
  const account = new Account(caller, common);
  for (const group of caller.groups.values) {
    for (const link of group.links.values) {
      const flow = flowOf(account, group, link);
      if (flow !== null) into.flows = withOne(into.flows, flow);
    }
  }
  for (const copy of copiesOf(account)) into.copies = withOne(into.copies, copy);
}

function flowOf(account: Account, group: Group, link: Link): Flow | null {
  const view = requestsSpokenFor(account, link, group.requests) ? null : viewBy(link, group.requests);
  const { http, grpc, durations } = view ?? silent;
  const tcp = connectionsSpokenFor(account, link, group.tcp)
    ? null
    : refusedToo(viewBy(link, group.tcp)?.tcp ?? null, link.destination);
  if (http === null && grpc === null && tcp === null) return null;
  const isCarried = group.tcp === null;
  const seen = {
    http: http === null ? unseen : seenOf(account, link, "http", isCarried),
    grpc: grpc === null ? unseen : seenOf(account, link, "grpc", isCarried),
    tcp: tcp === null ? unseen : seenOf(account, link, "tcp", false),
  };
  return {
    source: account.caller.end,
    target: group.target,
    destination: link.end,
    http,
    grpc,
    tcp,
    durations: account.common.bounds.sumOf(durations),
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

const viewBy = (link: Link, reporter: Chosen): View | null => (reporter === null ? null : link[reporter]);

/**
 * The server's word for a target that the client does not report: the client may report the same requests under another Service, or not send them but as copies.
 * A server that does not name its workload (a label that was removed) cannot be paired, and the client's own proxy reports all that it sends.
 */
function requestsSpokenFor(account: Account, { end }: Link, reporter: Chosen): boolean {
  if (reporter !== "destination" || account.caller.end === null) return false;
  if (end === null) return account.ownWord.requests;
  const { pairings, speaks, common } = account;
  return (pairings.get(end)?.client ?? 0) > 0 || (speaks && common.mirrors.has(end.key));
}

/** As for requests, but nobody copies connections. */
function connectionsSpokenFor(account: Account, { end }: Link, reporter: Chosen): boolean {
  if (reporter !== "destination" || account.caller.end === null) return false;
  return end === null ? account.ownWord.tcp : (account.pairings.get(end)?.connections ?? 0) > 0;
}

/**
 * What the server saw under this Service's name, else under any: it names the first Service that selects its pod.
 *
 * @param isCarried connections of the pair, if any, are the requests again: a ztunnel at the server knows how these travelled by them alone.
 */
function seenOf(account: Account, link: Link, protocol: Protocol, isCarried: boolean): Readonly<Seen> {
  const only = onlySeen(link, protocol);
  if (only !== null) return only;
  const seen = newSeen();
  const others = link.end === null ? [] : (account.pairings.get(link.end)?.links ?? []);
  for (const one of isCarried ? [protocol, "tcp" as const] : [protocol]) {
    addLinkSeen(seen, link, one);
    if (isAny(seen)) return seen;
    for (const other of others) addLinkSeen(seen, other.link, one);
    if (isAny(seen)) return seen;
  }
  return seen;
}
