import type { EndpointSlice } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import type { DataError, Result } from "../result.ts";
import type { Instant } from "../units.ts";
import type { EnvoyCluster } from "./envoyClusters.ts";

/** One caller, of whose pods one is asked, and the service that it is asked about. */
export interface BreakerWish {
  readonly namespace: string;
  /** Of the workload that calls. */
  readonly name: string;
  /** What selects its pods. */
  readonly selector: Labels;
  /** FQDN of the service. */
  readonly host: string;
}

/** What the proxy of one pod of one caller says of a service's clusters. It speaks for no other pod. */
export interface BreakerLook {
  readonly at: Instant;
  /** `null`: no pod was found to ask. */
  readonly pod: string | null;
  /** Of this service alone; by port, the whole service before its subsets. */
  readonly clusters: Result<readonly EnvoyCluster[], DataError>;
}

/** The clusters of one host, in the order to show. */
export function clustersOf(all: readonly EnvoyCluster[], host: string): readonly EnvoyCluster[] {
  return all
    .filter((cluster) => cluster.host === host)
    .toSorted((a, b) => a.port - b.port || compare(a.subset ?? "", b.subset ?? ""));
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

/** The same with the pods behind the addresses of ejected hosts, where the endpoints of the Service tell. */
export function withPods(
  all: readonly EnvoyCluster[],
  slices: readonly EndpointSlice[],
): readonly EnvoyCluster[] {
  const wanted = new Set(all.flatMap((one) => (one.ejected.length === 0 ? [] : [serviceIn(one.host)])));
  if (wanted.size === 0) return all;
  const pods = new Map<string, string>();
  for (const { meta, service, endpoints } of slices) {
    const name = `${service}.${meta.ref.namespace ?? ""}`;
    if (!wanted.has(name)) continue;
    for (const { address, pod } of endpoints) if (pod !== null) pods.set(`${name} ${address}`, pod);
  }
  return all.map((cluster) => ({
    ...cluster,
    ejected: cluster.ejected.map(({ address }) => ({
      address,
      pod: pods.get(`${serviceIn(cluster.host)} ${ipOf(address)}`) ?? null,
    })),
  }));
}

/** `catalog.shop` of `catalog.shop.svc.cluster.local`. */
const serviceIn = (host: string): string => host.split(".", 2).join(".");

/** Without the port: `10.0.0.1`, `fd00::1`. */
const ipOf = (address: string): string => address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
