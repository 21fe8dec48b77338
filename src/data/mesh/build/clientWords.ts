/** What Envoy's gauges of the clients say of one row of breakers (istio.md 4.6, tier 1). */
import type { FlowIndex } from "../join/flowIndex.ts";
import type { SeenCluster } from "../join/clusterStats.ts";
import type { SeenByClients } from "../model/breaker.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";

interface Row {
  readonly subset: string | null;
  /** `null`: every port that has no row of its own. */
  readonly port: number | null;
  /** Ports that have one. */
  readonly apart: readonly number[];
}

/**
 * Each port has a cluster, and the same proxies have all of them: the counts of a row are those of its port with the most, never their sum.
 * `null`: no client exports a gauge of it, or none has used it yet, for Envoy makes stats late.
 */
export function seenByClients(
  known: KnownMesh,
  flows: FlowIndex,
  service: KnownService,
  row: Row,
): SeenByClients | null {
  const isOf = ownNames(known, service, row);
  const groups = [flows.clusters.get(service.host), flows.clusters.get("")];
  const own = groups.flatMap((group) => group ?? []).filter(isOf);
  const most = (count: "watching" | "ejecting" | "mostEjected" | "limiting" | "open"): number =>
    own.reduce((highest, one) => Math.max(highest, one[count]), 0);
  const [watching, limiting] = [most("watching"), most("limiting")];
  if (watching === 0 && limiting === 0) return null;
  return {
    ejections:
      watching === 0 ? null : { clients: watching, seeing: most("ejecting"), mostHosts: most("mostEjected") },
    pools: limiting === 0 ? null : { clients: limiting, open: most("open") },
  };
}

function ownNames(
  { registry }: KnownMesh,
  service: KnownService,
  { subset, port, apart }: Row,
): (one: SeenCluster) => boolean {
  const pattern = registry.settings.main?.outboundClusterStatName ?? null;
  const isOwnPort = (one: number): boolean => (port === null ? !apart.includes(one) : one === port);
  const ports = service.ports.filter((one) => isOwnPort(one.port));
  const names = new Set(pattern === null ? [] : ports.map((one) => statName(pattern, service, subset, one)));
  return ({ cluster, name }) =>
    cluster === null
      ? names.has(name.replace(/;.*$/, ""))
      : cluster.host === service.host && cluster.subset === subset && isOwnPort(cluster.port);
}

/**
 * The name that istiod gives the stats of a cluster by `meshConfig.outboundClusterStatName` (Istio: pilot/pkg/networking/util,
 * `BuildStatPrefix`). Clusters that a pattern calls the same share their stats. Envoy keeps no colon in the name of a stat.
 */
function statName(
  pattern: string,
  { host, kind, name, namespace }: KnownService,
  subset: string | null,
  port: KnownService["ports"][number],
): string {
  const words: Readonly<Record<string, string>> = {
    // The short name is of a Kubernetes Service; any other host has none.
    "%SERVICE%": kind === "service" ? `${name}.${namespace}` : host,
    "%SERVICE_FQDN%": host,
    "%SERVICE_PORT%": String(port.port),
    "%TARGET_PORT%": String(port.targetPort ?? port.port),
    "%SERVICE_PORT_NAME%": port.name,
    "%SUBSET_NAME%": subset ?? "",
  };
  return pattern.replace(/%[A-Z_]+%/g, (word) => words[word] ?? word).replaceAll(":", "_");
}
