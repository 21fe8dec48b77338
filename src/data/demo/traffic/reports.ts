/** Who reports what with which labels: the source's and the destination's word on the same request (istio.md 4.2, 4.5). */
import type { ConnectionReport, IstioMetrics, RequestReport } from "./istioMetrics.ts";
import { endpointOnly, noPeer, type Ends, type Peer } from "./peers.ts";
import { serviceHost } from "../../mesh/resolve/hosts.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { sortedByAge } from "../../mesh/resolve/age.ts";
import type { Registry } from "../../mesh/resolve/registry.ts";
import type { Node, Topology } from "./topology.ts";
import { tunnelledFrom, tunnelledTo, ztunnel } from "./tunnelReports.ts";
import type { Endpoint } from "./upstreams.ts";
import type { DestinationEnd, Known, SourceEnd } from "./reportedEnds.ts";

export interface Reports<T> {
  source(end: SourceEnd): T;
  destination(end: DestinationEnd): T;
}

/** Reports on requests, found again without building their labels. */
export function requestReports(metrics: IstioMetrics, topology: Topology): Reports<RequestReport> {
  return reportsOf(topology, metrics.requests);
}

export function connectionReports(metrics: IstioMetrics, topology: Topology): Reports<ConnectionReport> {
  return reportsOf(topology, metrics.connections);
}

function reportsOf<T>(topology: Topology, make: (ends: Ends) => T): Reports<T> {
  const { registry } = topology;
  const tunnels = topology.nodes.get(ztunnel)?.pods ?? [];
  const known = new Map<string, T>();
  const once = (key: string, ends: () => Ends): T => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(ends());
    known.set(key, made);
    return made;
  };
  return {
    source: (end) => {
      const { endpoint, service, client, caller } = end;
      const to = endpoint === null ? "" : `${endpoint.node.key} ${endpoint.security}`;
      const from = `${caller?.key ?? ""} ${end.pod}`;
      return once(`${from} ${service.host} ${service.name} ${end.protocol} ${to} ${end.known}`, () => {
        if (client.proxy === "ambient") return tunnelledFrom(end, tunnels);
        return caller === undefined ? sourceEnds(end) : waypointEnds(end, caller);
      });
    },
    destination: (end) => {
      const { client, endpoint } = end;
      return once(`${client.key}>${endpoint.pod} ${endpoint.security} ${end.protocol}`, () =>
        endpoint.node.proxy === "ambient"
          ? tunnelledTo(destinationEnds(registry, end), end, tunnels)
          : destinationEnds(registry, end),
      );
    },
  };
}

function sourceEnds({ client, pod, service, protocol, endpoint, known }: SourceEnd): Ends {
  const isMutual = endpoint?.security === "mutual_tls" && known !== "nothing";
  const destination = known === "nothing" || endpoint === null ? noPeer : seenBy(endpoint, known);
  return {
    reporter: "source",
    pod,
    podNamespace: client.namespace,
    source: client.peer,
    sourcePrincipal: isMutual ? client.principal : "unknown",
    destination,
    destinationPrincipal: isMutual ? endpoint.node.principal : "unknown",
    // The client learns the namespace from its peer, not from the cluster (istio.md 4.2).
    service: { ...service, namespace: destination.namespace },
    protocol,
    security: "unknown",
  };
}

/** A waypoint knows both ends: whose request it is, and who answered it. */
function waypointEnds(end: SourceEnd, caller: Node): Ends {
  const ends = sourceEnds(end);
  return {
    ...ends,
    reporter: "waypoint",
    source: caller.peer,
    sourcePrincipal: caller.principal,
    service: { ...ends.service, namespace: end.client.namespace },
    security: "mutual_tls",
  };
}

function seenBy({ node }: Endpoint, known: Known): Peer {
  // A pod without a proxy never introduces itself; the endpoint's metadata is all there is.
  return known === "all" && node.proxy !== "none" ? node.peer : endpointOnly(node.peer);
}

function destinationEnds(registry: Registry, { client, endpoint, protocol }: DestinationEnd): Ends {
  const { node, pod, security } = endpoint;
  const isMutual = security === "mutual_tls";
  return {
    reporter: "destination",
    pod,
    podNamespace: node.namespace,
    source: client.proxy === "none" ? noPeer : client.peer,
    sourcePrincipal: isMutual ? client.principal : "unknown",
    destination: node.peer,
    destinationPrincipal: isMutual ? node.principal : "unknown",
    service: inboundService(registry, node),
    protocol,
    security,
  };
}

/** A pod behind several Services names only the first of them: `services[0]` of its inbound cluster (istio.md 4.3). */
function inboundService(registry: Registry, node: Node): Ends["service"] {
  const { labels } = node;
  const service = sortedByAge(registry.lists.services).find(
    ({ meta, selector }) =>
      meta.ref.namespace === node.namespace && selector !== null && hasLabels(labels, selector),
  );
  const name = service?.meta.ref.name ?? "InboundPassthroughCluster";
  const host = service === undefined ? "unknown" : serviceHost(node.namespace, name);
  return { host, name, namespace: node.namespace };
}
