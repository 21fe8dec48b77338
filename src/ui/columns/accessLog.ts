/** Columns of a proxy's access log, and one line of it in sentences. */
import { upstreamNameOf, type AccessEntry } from "../../data/mesh/proxyLog/accessEntry.ts";
import type { LogLine } from "../../data/mesh/proxyLog/logTail.ts";
import { formatMillis, nothing } from "./format.ts";
import { flagMeaning } from "./responseFlags.ts";
import type { Column } from "./table.ts";

export interface LogRow {
  readonly line: LogLine;
  readonly entry: AccessEntry;
}

const orNothing = (text: string | null): string => text ?? nothing;

/** `18:00:00.123` of what Envoy writes in UTC. */
const timeOf = (start: string): string => /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(start)?.[1] ?? start;

/** `v2 reviews.default:9080`, `in :9080`, or the cluster's own name. */
function upstreamWord(cluster: string | null): string {
  if (cluster === null) return nothing;
  const name = upstreamNameOf(cluster);
  if (name === null) return cluster;
  if (name.host === null) return `in :${name.port}`;
  const host = name.host.replace(/\.svc\.cluster\.local$/, "");
  return `${name.subset === null ? "" : `${name.subset} `}${host}:${name.port}`;
}

const isFailed = ({ code, flags }: AccessEntry): boolean => code >= 500 || (code === 0 && flags.length > 0);

const orderColumns: readonly Column<LogRow>[] = [
  {
    ...{ id: "time", title: "TIME (UTC)", width: 12, least: 8, align: "left" },
    cell: ({ entry }) => timeOf(entry.start),
  },
  {
    ...{ id: "code", title: "CODE", width: 4, align: "right" },
    cell: ({ entry }) => String(entry.code),
    tone: ({ entry }) => (isFailed(entry) ? "bad" : entry.code >= 400 ? "warn" : undefined),
  },
  {
    ...{ id: "flags", title: "FLAGS", width: 6, align: "left" },
    cell: ({ entry }) => (entry.flags.length === 0 ? nothing : entry.flags.join(",")),
    tone: ({ entry }) => (entry.flags.length === 0 ? "muted" : "bad"),
  },
  {
    ...{ id: "duration", title: "TOOK", width: 7, align: "right", drop: 0 },
    cell: ({ entry }) => formatMillis(entry.duration),
  },
  {
    ...{ id: "method", title: "METHOD", width: 6, least: 4, align: "left", drop: 1 },
    cell: ({ entry }) => orNothing(entry.method),
  },
];

const whereColumns: readonly Column<LogRow>[] = [
  {
    ...{ id: "path", title: "PATH", width: "fill", align: "left" },
    cell: ({ entry }) => orNothing(entry.path),
  },
  {
    ...{ id: "upstream", title: "UPSTREAM", width: 36, least: 16, align: "left", drop: 2 },
    cell: ({ entry }) => upstreamWord(entry.cluster),
    tone: ({ entry }) => (entry.cluster === null ? "muted" : undefined),
  },
  {
    ...{ id: "authority", title: "AUTHORITY", width: 22, least: 12, align: "left", drop: 3 },
    cell: ({ entry }) => orNothing(entry.authority),
  },
];

const podColumn: Column<LogRow> = {
  ...{ id: "pod", title: "POD", width: 30, least: 14, align: "left", drop: 4 },
  cell: ({ line }) => line.pod,
};

/** @param hasManyPods which of them wrote a line is worth a column. */
export const accessColumns = (hasManyPods: boolean): readonly Column<LogRow>[] => [
  ...orderColumns,
  ...whereColumns,
  ...(hasManyPods ? [podColumn] : []),
];

/** What the columns have no room for. */
export function entrySentences({ line, entry }: LogRow): readonly string[] {
  const request = [entry.method, entry.path, entry.protocol].filter((part) => part !== null).join(" ");
  const flags = entry.flags.map((flag) => `${flag} (${flagMeaning(flag) ?? "no flag that meshtop knows"})`);
  const reasons = [...flags, entry.details, entry.termination, entry.failure];
  return [
    `${entry.start}  ${request === "" ? "a connection" : request}  ${entry.code}  ${said(reasons)}`,
    sentence([
      ["to", entry.authority],
      ["cluster", entry.cluster],
      ["upstream host", entry.upstreamHost],
      ["route", entry.route],
      ["SNI", entry.serverName],
    ]),
    sentence([
      ["from", entry.remote],
      ["forwarded for", entry.forwardedFor],
      ["agent", entry.userAgent],
      ["request id", entry.requestId],
      ["bytes in and out", `${entry.received ?? nothing} ${entry.sent ?? nothing}`],
      ["pod", line.pod],
    ]),
  ];
}

const said = (parts: readonly (string | null)[]): string => parts.filter((part) => part !== null).join(", ");

const sentence = (parts: readonly (readonly [string, string | null])[]): string =>
  parts.flatMap(([label, value]) => (value === null ? [] : [`${label} ${value}`])).join("  ");
