import type { EgressHost } from "../../data/mesh/model/egress.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Tone } from "../paint/span.ts";
import { formatRatio } from "./format.ts";
import type { Column, Scope, Table } from "./table.ts";
import {
  errorsOf,
  errorTone,
  outboundTone,
  outboundWord,
  rateOrder,
  rateTone,
  rateWord,
  sourceWord,
} from "./words.ts";

const kindTones: Readonly<Record<EgressHost["kind"], Tone>> = {
  passthrough: "warn",
  blackhole: "bad",
  external: "external",
};

const columns: readonly Column<EgressHost>[] = [
  {
    id: "host",
    title: "HOST",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ host }) => host,
    sort: ({ host }) => host,
  },
  {
    id: "kind",
    title: "KIND",
    width: 11,
    align: "left",
    letter: "K",
    cell: ({ kind }) => kind,
    tone: ({ kind }) => kindTones[kind],
    sort: ({ kind }) => kind,
  },
  {
    id: "from",
    title: "CALLER",
    width: 21,
    align: "left",
    letter: "C",
    cell: ({ from }) => from,
    sort: ({ from }) => from,
  },
  {
    id: "rate",
    title: "RATE",
    width: 9,
    align: "right",
    letter: "R",
    cell: ({ traffic }) => rateWord(traffic),
    tone: ({ traffic }) => rateTone(traffic),
    sort: ({ traffic }) => rateOrder(traffic),
  },
  {
    id: "errors",
    title: "ERR",
    width: 6,
    align: "right",
    letter: "E",
    drop: 2,
    cell: ({ traffic }) => formatRatio(errorsOf(traffic)),
    tone: ({ traffic }) => errorTone(errorsOf(traffic)),
    sort: ({ traffic }) => errorsOf(traffic),
  },
  {
    id: "policy",
    title: "POLICY",
    width: 13,
    align: "left",
    letter: "O",
    drop: 1,
    cell: ({ policy }) => outboundWord(policy),
    tone: ({ policy }) => outboundTone(policy),
    sort: ({ policy }) => policy.mode,
  },
  {
    id: "policyFrom",
    title: "DECIDED BY",
    width: 30,
    align: "left",
    drop: 3,
    cell: ({ policy }) => sourceWord(policy.from),
    tone: () => "muted",
  },
];

/** One row for each caller and host outside of the mesh; what is cut off first, then what passes unnamed. */
export const egressTable: Table<EgressHost> = {
  key: ({ from, kind, host }) => `${from}>${kind}:${host}`,
  rows: egressRows,
  order: "worst first",
  columns,
};

const ranks: Readonly<Record<EgressHost["kind"], number>> = { blackhole: 2, passthrough: 1, external: 0 };

function egressRows({ egress }: Mesh, scope: Scope): readonly EgressHost[] {
  return egress.hosts
    .filter(({ from }) => scope.namespace === null || from.startsWith(`${scope.namespace}/`))
    .map((host) => ({ host, rank: ranks[host.kind], rate: rateOrder(host.traffic) ?? -2 }))
    .sort((a, b) => b.rank - a.rank || b.rate - a.rate)
    .map(({ host }) => host);
}
