import type { Account, Pairing } from "./accounts.ts";
import type { WorkloadEnd } from "./ends.ts";
import type { Flow } from "./flow.ts";
import { addLinkSeen } from "./seen.ts";
import { newRequests, newSeen, type RequestTally } from "./tally.ts";

/** What servers count beyond their client, at workloads that a mirror rule points to. */
export function copiesOf(account: Account): readonly Flow[] {
  const { mirrors } = account.common;
  if (!account.speaks || account.caller.end === null || mirrors.size === 0) return none;
  const copies: Flow[] = [];
  for (const destination of account.pairings.keys) {
    const hosts = mirrors.get(destination.key);
    const pairing = account.pairings.get(destination);
    const copy =
      hosts === undefined || pairing === undefined ? null : copyOf(account, destination, pairing, hosts);
    if (copy !== null) copies.push(copy);
  }
  return copies;
}

const none: readonly Flow[] = [];

function copyOf(
  account: Account,
  destination: WorkloadEnd,
  pairing: Pairing,
  hosts: readonly string[],
): Flow | null {
  const http = surplusOf(pairing, "http");
  const grpc = surplusOf(pairing, "grpc");
  if (http === null && grpc === null) return null;
  const named = pairing.links.find(
    ({ target, link }) => link.destination !== null && hosts.includes(target.host),
  );
  const target = named?.target ?? account.common.ends.service(hosts[0] ?? "unknown");
  // Which of the durations belong to copies cannot be told unless all of them do.
  const copied =
    pairing.client > 0 ? [] : pairing.links.flatMap(({ link }) => link.destination?.durations ?? []);
  const durations = account.common.bounds.sumOf(copied);
  const seen = { http: newSeen(), grpc: newSeen(), tcp: newSeen() };
  for (const { link } of pairing.links) {
    addLinkSeen(seen.http, link, "http");
    addLinkSeen(seen.grpc, link, "grpc");
  }
  return { source: account.caller.end, target, destination, http, grpc, tcp: null, durations, seen };
}

function surplusOf(pairing: Pairing, protocol: "http" | "grpc"): RequestTally | null {
  let client = 0;
  const server = newRequests("destination");
  for (const { link, requests } of pairing.links) {
    if (requests !== null && requests !== "destination") client += link[requests]?.[protocol]?.rate ?? 0;
    const tally = link.destination?.[protocol] ?? nothing;
    server.rate += tally.rate;
    server.errors += tally.errors;
  }
  const rate = server.rate - client;
  return rate > 0 ? { ...server, rate, errors: (server.errors * rate) / server.rate } : null;
}

const nothing: RequestTally = newRequests("destination");
