/** What ztunnel says of a connection: of TCP alone, at both ends, and whether it was HBONE (istio.md 4.2, 4.7; src/proxy/metrics.rs of istio/ztunnel). */
import { nodeIndexOf } from "../controllers/names.ts";
import { noPeer, type Ends, type Peer } from "./peers.ts";
import type { DestinationEnd, SourceEnd } from "./reportedEnds.ts";

/** Key of its DaemonSet. */
export const ztunnel = "istio-system/ztunnel";

type Reporting = Pick<Ends, "pod" | "podNamespace" | "podApp">;

/** One pod on each node reports for all of the node's. */
function reportingFor(pod: string, tunnels: readonly string[]): Reporting {
  return {
    pod: tunnels[nodeIndexOf(pod) % Math.max(1, tunnels.length)] ?? "ztunnel",
    podNamespace: "istio-system",
    podApp: "ztunnel",
  };
}

/** It knows workloads by istiod's word, in which app and version are the canonical ones. */
const asTold = (peer: Peer): Peer => ({
  ...peer,
  app: peer.canonicalService,
  version: peer.canonicalRevision,
});

/** HBONE, or not known: what is inside of a connection may be TLS of the program's own. */
const securityOf = (security: Ends["security"]): Ends["security"] =>
  security === "mutual_tls" ? security : "unknown";

export function tunnelledFrom(
  { client, pod, service, endpoint }: SourceEnd,
  tunnels: readonly string[],
): Ends {
  const node = endpoint?.node ?? null;
  return {
    reporter: "source",
    ...reportingFor(pod, tunnels),
    source: asTold(client.peer),
    // Only the identity of a handshake is one; at this end nobody has shown any.
    sourcePrincipal: "unknown",
    destination: node === null ? noPeer : asTold(node.peer),
    destinationPrincipal: node === null ? "unknown" : node.principal,
    service: { ...service, namespace: node?.namespace ?? "unknown" },
    protocol: "tcp",
    security: securityOf(endpoint?.security ?? "unknown"),
  };
}

/** @param ends as a sidecar would have them. */
export function tunnelledTo(
  ends: Ends,
  { client, endpoint }: DestinationEnd,
  tunnels: readonly string[],
): Ends {
  return {
    ...ends,
    ...reportingFor(endpoint.pod, tunnels),
    // Whoever calls is looked up by address.
    source: asTold(client.peer),
    destination: asTold(endpoint.node.peer),
    destinationPrincipal: endpoint.node.principal,
    protocol: "tcp",
    security: securityOf(endpoint.security),
  };
}
