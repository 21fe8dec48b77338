/** Proxies by what istiod says of them: the columns of istioctl's proxy-status, and each type of configuration by itself. */
import { worstOf, xdsTypes, type ProxySync, type XdsState } from "../../data/mesh/proxies/syncStatus.ts";
import type { Tone } from "../paint/span.ts";
import { nothing } from "./format.ts";
import type { Column, Table } from "./table.ts";

const syncTones: Readonly<Record<XdsState, Tone>> = {
  synced: "good",
  stale: "bad",
  rejected: "bad",
  "not sent": "muted",
};

function typeColumn(type: string): Column<ProxySync> {
  const stateOf = ({ xds }: ProxySync): XdsState | null =>
    xds.find((one) => one.type === type)?.state ?? null;
  return {
    id: type.toLowerCase(),
    title: type,
    width: 8,
    align: "left",
    ...(drops[type] === undefined ? {} : { drop: drops[type] }),
    cell: (row) => stateOf(row) ?? nothing,
    tone: (row) => syncTones[stateOf(row) ?? "not sent"],
  };
}

const ranks: Readonly<Record<XdsState, number>> = { rejected: 3, stale: 2, synced: 1, "not sent": 0 };

/** The routes stay as long as the name does: they are what a shift waits for. */
const drops: Readonly<Record<string, number>> = { CDS: 1, LDS: 2, EDS: 3, ECDS: 7 };

export const proxyColumns: readonly Column<ProxySync>[] = [
  {
    id: "name",
    title: "NAME",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ pod }) => pod,
    sort: ({ pod }) => pod,
  },
  {
    id: "namespace",
    title: "NAMESPACE",
    width: 13,
    align: "left",
    letter: "P",
    drop: 0,
    cell: ({ namespace }) => namespace,
    tone: () => "muted",
    sort: ({ namespace }) => namespace,
  },
  {
    id: "cluster",
    title: "CLUSTER",
    width: 11,
    align: "left",
    letter: "C",
    drop: 6,
    cell: ({ cluster }) => cluster || nothing,
    tone: () => "muted",
    sort: ({ cluster }) => cluster,
  },
  {
    id: "istiod",
    title: "ISTIOD",
    width: 23,
    least: 8,
    align: "left",
    letter: "I",
    drop: 4,
    cell: ({ istiod }) => istiod.name,
    sort: ({ istiod }) => istiod.name,
  },
  {
    id: "version",
    title: "VERSION",
    width: 8,
    align: "left",
    letter: "V",
    drop: 5,
    cell: ({ version }) => version || nothing,
    sort: ({ version }) => version,
  },
  {
    id: "subscribed",
    title: "SUBSCRIBED",
    width: 10,
    align: "right",
    letter: "S",
    drop: 8,
    cell: ({ xds }) => String(xds.length),
    sort: (row) => ranks[worstOf(row)],
  },
  ...xdsTypes.map(typeColumn),
];

/** One row for each proxy and the istiod that serves it. */
export function proxyTable(all: readonly ProxySync[]): Table<ProxySync> {
  return {
    key: ({ key, istiod }) => `${key}@${istiod.name}`,
    rows: (_mesh, { namespace }) =>
      namespace === null ? all : all.filter((proxy) => proxy.namespace === namespace),
    order: "worst first",
    columns: proxyColumns,
  };
}
