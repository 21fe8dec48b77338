/** Which endpoint of an upstream gets a request: any, always the same one of a client, or one nearby. */
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Request } from "./plan.ts";
import type { Run } from "./run.ts";
import type { Node } from "./topology.ts";
import type { Endpoint, Upstream } from "./upstreams.ts";

interface Asking {
  readonly client: Node;
  /** The pod whose proxy chooses. */
  readonly pod: string;
  readonly request: Request;
}

/** @param candidates those that are not ejected; at least one. */
export function endpointFor(
  run: Run,
  { sticky, nearFirst }: Pick<Upstream, "sticky" | "nearFirst">,
  candidates: readonly Endpoint[],
  asking: Asking,
): Endpoint {
  const near = nearFirst ? nearest(candidates, asking.client.labels) : candidates;
  const key = sticky === null ? null : hashed(run, sticky, asking);
  return key === null ? run.pick(near) : pinned(near, key);
}

/** Labels that Kubernetes copies from a node to its pods. */
const zone = "topology.kubernetes.io/zone";
const region = "topology.kubernetes.io/region";

/** Envoy's priorities by locality: the same zone, else the same region, else all of them. */
function nearest(candidates: readonly Endpoint[], own: Labels): readonly Endpoint[] {
  for (const label of [zone, region]) {
    const same = candidates.filter(
      ({ node }) => own[label] !== undefined && node.labels[label] === own[label],
    );
    if (same.length > 0) return same;
  }
  return candidates;
}

/** Clients behind a gateway that have an address of their own. */
const addresses = 200;

/** What a consistentHash hashes of a request; `null`: it is not there, and Envoy picks anybody. */
function hashed(run: Run, sticky: string, { client, pod, request }: Asking): string | null {
  if (sticky === "source IP") return client.proxy === "gateway" ? String(run.random.below(addresses)) : pod;
  const [what = "", ...name] = sticky.split(" ");
  const key = name.join(" ");
  if (what === "header") return request.headers[key.toLowerCase()] ?? null;
  if (what === "cookie") return cookie(request.headers["cookie"] ?? "", key);
  return new URLSearchParams(request.call.path.split("?")[1] ?? "").get(key.replace(/^parameter /, ""));
}

function cookie(header: string, name: string): string | null {
  const found = header.split(/;\s*/).find((one) => one.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

/** The endpoint with the highest hash: as on Envoy's ring, a key changes its endpoint only where that one goes. */
function pinned(candidates: readonly Endpoint[], key: string): Endpoint {
  let [best] = candidates;
  let highest = -1;
  for (const candidate of candidates) {
    const hash = hashOf(`${key}/${candidate.pod}`);
    if (hash > highest) [best, highest] = [candidate, hash];
  }
  if (best === undefined) throw new Error("Nothing to pick from.");
  return best;
}

/** FNV-1a, mixed once more: pods differ in their last letters alone. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
  return (hash ^ (hash >>> 12)) >>> 0;
}
