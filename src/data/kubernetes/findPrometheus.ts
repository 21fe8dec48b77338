/** A Prometheus among the Services of the cluster, for those who named none. Pure. */
import type { KubeService, ServicePort } from "../mesh/declared/core.ts";

export interface FoundPrometheus {
  /** `/api/v1/namespaces/ns/services/name:port/proxy`: reachable with nothing but a kubeconfig. */
  readonly path: string;
  /** `namespace/name`. */
  readonly name: string;
}

/** Where Prometheus usually lives, likeliest first: Istio's addon, then the common charts. */
const namespaces = ["istio-system", "monitoring", "prometheus", "observability"];
/** Names that the charts give, likeliest first. */
const names = [
  /^prometheus$/,
  /^prometheus-server$/,
  /^kube-prometheus.*-prometheus$/,
  /prometheus$/,
  /^prometheus-operated$/,
  /^prometheus-.*server$/,
  /^kube-prometheus/,
];
/** Parts of the same charts that answer no queries. */
const others =
  /alertmanager|exporter|pushgateway|operator(?!-prometheus)|adapter|grafana|kube-state|node-|webhook|thanos-(ruler|discovery)|blackbox/;

/** The best of the Services that look like a Prometheus; `null` where none does. Ties go to the first by namespace and name. */
export function findPrometheus(services: readonly KubeService[]): FoundPrometheus | null {
  const candidates = services.flatMap((service) => {
    const port = portOf(service);
    const score = scoreOf(service);
    return port === null || score === null ? [] : [{ service, port, score }];
  });
  const [best] = candidates.toSorted(
    (a, b) => a.score - b.score || compare(idOf(a.service), idOf(b.service)),
  );
  if (best === undefined) return null;
  const { namespace, name } = best.service.meta.ref;
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace ?? "default")}/services/${target(best.service, best.port)}/proxy`,
    name: `${namespace ?? "default"}/${name}`,
  };
}

function target({ meta }: KubeService, port: ServicePort): string {
  const scheme = port.name === "https" || port.appProtocol === "https" || port.port === 443 ? "https:" : "";
  return `${scheme}${encodeURIComponent(meta.ref.name)}:${port.port}`;
}

function idOf({ meta }: KubeService): string {
  return `${meta.ref.namespace ?? ""}/${meta.ref.name}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Lower is likelier; `null`: not a Prometheus. The namespace weighs more than the name. */
function scoreOf({ meta, type }: KubeService): number | null {
  const { name, namespace } = meta.ref;
  if (type === "ExternalName" || others.test(name)) return null;
  const byName = names.findIndex((pattern) => pattern.test(name));
  const { labels } = meta;
  const labelled = labels["app.kubernetes.io/name"] === "prometheus" || labels["app"] === "prometheus";
  if (byName === -1 && !labelled) return null;
  const place = namespaces.indexOf(namespace ?? "");
  return (place === -1 ? namespaces.length : place) * 100 + (byName === -1 ? names.length : byName);
}

/** Port 9090, else one by name, else 80, else the only one. */
function portOf({ ports }: KubeService): ServicePort | null {
  const tcp = ports.filter((port) => port.transport === "TCP");
  return (
    tcp.find((port) => port.port === 9090) ??
    tcp.find((port) => ["http-web", "web", "http", "http-prometheus"].includes(port.name)) ??
    tcp.find((port) => port.port === 80) ??
    (tcp.length === 1 ? (tcp[0] ?? null) : null)
  );
}
