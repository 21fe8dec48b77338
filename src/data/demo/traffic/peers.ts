/** Who is at either end of a request, in the labels that Istio's proxies give them (istio.md 4.2). */
import type { Labels } from "../../mesh/declared/meta.ts";

/** The part of the labels that names one end. */
export interface Peer {
  readonly workload: string;
  readonly namespace: string;
  readonly app: string;
  readonly version: string;
  readonly canonicalService: string;
  readonly canonicalRevision: string;
  readonly cluster: string;
}

const unknown = "unknown";

/** Nobody known: every label says so, but for the revision, whose default is `latest`. */
export const noPeer: Peer = {
  workload: unknown,
  namespace: unknown,
  app: unknown,
  version: unknown,
  canonicalService: unknown,
  canonicalRevision: "latest",
  cluster: unknown,
};

/** What istiod would put into the metadata of a proxy (or of an endpoint) of this workload. */
export function peerOf(namespace: string, workload: string, labels: Labels): Peer {
  const { app, version } = labels;
  return {
    workload,
    namespace,
    app: app ?? unknown,
    version: version ?? unknown,
    canonicalService:
      labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? app ?? workload,
    canonicalRevision:
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      version ??
      "latest",
    cluster: "Kubernetes",
  };
}

/** What a client knows of a host that it picked and that never answered: the endpoint's metadata has no app and no version. */
export function endpointOnly(peer: Peer): Peer {
  return { ...peer, app: unknown, version: unknown };
}

/** `destination_service`, `_name` and `_namespace`. */
export interface ServiceLabels {
  readonly host: string;
  readonly name: string;
  readonly namespace: string;
}

export type Security = "mutual_tls" | "none" | "unknown";

/** Everything about one series but how the request ended. */
export interface Ends {
  readonly reporter: "source" | "destination" | "waypoint";
  /** The pod whose proxy reports, and its namespace: labels of the scrape. */
  readonly pod: string;
  readonly podNamespace: string;
  /** Label `app` of a pod of ztunnel's, by which its series are told from those of other proxies. */
  readonly podApp?: "ztunnel";
  readonly source: Peer;
  readonly sourcePrincipal: string;
  readonly destination: Peer;
  readonly destinationPrincipal: string;
  readonly service: ServiceLabels;
  readonly protocol: "http" | "grpc" | "tcp";
  readonly security: Security;
}

/** Labels that all of Istio's metrics have, in Istio's names. */
export function labelsOf(ends: Ends): Readonly<Record<string, string>> {
  const { source, destination, service } = ends;
  return {
    reporter: ends.reporter,
    source_workload: source.workload,
    source_canonical_service: source.canonicalService,
    source_canonical_revision: source.canonicalRevision,
    source_workload_namespace: source.namespace,
    source_principal: ends.sourcePrincipal,
    source_app: source.app,
    source_version: source.version,
    source_cluster: source.cluster,
    destination_workload: destination.workload,
    destination_workload_namespace: destination.namespace,
    destination_principal: ends.destinationPrincipal,
    destination_app: destination.app,
    destination_version: destination.version,
    destination_service: service.host,
    destination_canonical_service: destination.canonicalService,
    destination_canonical_revision: destination.canonicalRevision,
    destination_service_name: service.name,
    destination_service_namespace: service.namespace,
    destination_cluster: destination.cluster,
    request_protocol: ends.protocol,
    connection_security_policy: ends.security,
    pod: ends.pod,
    namespace: ends.podNamespace,
    ...(ends.podApp === undefined ? {} : { app: ends.podApp }),
  };
}
