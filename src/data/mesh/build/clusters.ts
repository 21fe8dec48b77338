import { clean } from "../clean.ts";
import type { ClusterLink } from "../model/clusters.ts";
import type { Pair, Telemetry } from "../telemetry.ts";
import { perSecond } from "../units.ts";

interface Link {
  readonly from: string;
  readonly to: string;
  requests: number;
  connections: number;
}

/**
 * Traffic between the clusters of a mesh, as callers' proxies name them (istio.md 1, row 56); by name. Ends that a proxy does not know are left out, and so is
 * everything where only one cluster is named: that is the one whose objects are read.
 */
export function buildClusters(telemetry: Telemetry | null): readonly ClusterLink[] {
  if (telemetry === null) return [];
  const links = new Map<string, Link>();
  let last: Link | null = null;
  const add = (pair: Pair, requests: number, connections: number): void => {
    const { reporter, sourceCluster: from, destinationCluster: to } = pair;
    if (reporter !== "source" || !isNamed(from) || !isNamed(to)) return;
    // Most rows are of one link: no name is made for each of them.
    if (last?.from !== from || last.to !== to) {
      const key = `${from} ${to}`;
      last = links.get(key) ?? { from, to, requests: 0, connections: 0 };
      links.set(key, last);
    }
    last.requests += requests;
    last.connections += connections;
  };
  for (const pair of telemetry.requests) add(pair, measured(pair.rate), 0);
  for (const pair of telemetry.tcp) add(pair, 0, measured(pair.opened));
  const names = new Set([...links.values()].flatMap(({ from, to }) => [from, to]));
  if (names.size < 2) return [];
  return [...links]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { from, to, requests, connections }]) => ({
      from: clean(from),
      to: clean(to),
      requests: perSecond(requests),
      connections: perSecond(connections),
    }));
}

/** Prometheus may answer NaN. */
const measured = (rate: number): number => (Number.isFinite(rate) ? rate : 0);

const isNamed = (cluster: string): boolean => cluster !== "" && cluster !== "unknown";
