import type { Breaker, SeenByClients } from "../../data/mesh/model/breaker.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { ConnectionPool, OutlierDetection } from "../../data/mesh/declared/routing.ts";
import { formatDuration, formatRate, nothing } from "./format.ts";
import type { Column, Scope, Table } from "./table.ts";
import { breakerTones, breakerWords, sourceWord } from "./words.ts";

const columns: readonly Column<Breaker>[] = [
  {
    id: "service",
    title: "SERVICE",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ service }) => nameOf(service),
    sort: ({ service }) => nameOf(service),
  },
  {
    id: "namespace",
    title: "NAMESPACE",
    width: 13,
    align: "left",
    letter: "P",
    drop: 0,
    cell: ({ service }) => namespaceOf(service),
    tone: () => "muted",
    sort: ({ service }) => namespaceOf(service),
  },
  {
    id: "subset",
    title: "SUBSET",
    width: 12,
    align: "left",
    cell: ({ subset }) => subset ?? nothing,
  },
  {
    id: "port",
    title: "PORT",
    width: 5,
    align: "right",
    drop: 4,
    cell: ({ port }) => (port === null ? nothing : String(port)),
  },
  {
    id: "state",
    title: "STATE",
    width: 8,
    align: "left",
    letter: "S",
    cell: ({ state }) => breakerWords[state.verdict],
    tone: ({ state }) => breakerTones[state.verdict],
    sort: ({ state }) => rankOf(state.verdict),
  },
  {
    id: "overflow",
    title: "UO",
    width: 7,
    align: "right",
    letter: "O",
    drop: 1,
    cell: ({ state }) => formatRate(state.overflow),
    tone: ({ state }) => ((state.overflow ?? 0) > 0 ? "bad" : "muted"),
    sort: ({ state }) => state.overflow,
  },
  {
    id: "noHealthy",
    title: "UH",
    width: 7,
    align: "right",
    letter: "H",
    drop: 2,
    cell: ({ state }) => formatRate(state.noHealthyUpstream),
    tone: ({ state }) => ((state.noHealthyUpstream ?? 0) > 0 ? "bad" : "muted"),
    sort: ({ state }) => state.noHealthyUpstream,
  },
  {
    id: "ejectable",
    title: "EJECT",
    width: 7,
    align: "right",
    drop: 3,
    cell: ({ ejectable, hosts }) => (ejectable === null ? nothing : `${ejectable} of ${hosts}`),
    tone: ({ ejectable }) => (ejectable === 0 ? "warn" : undefined),
  },
  {
    id: "clients",
    title: "CLIENTS",
    width: 12,
    least: 7,
    align: "left",
    drop: 6,
    cell: ({ seen }) => (seen === undefined ? nothing : clientsWord(seen)),
    tone: ({ seen }) => (seen === undefined || !isUp(seen) ? "muted" : "bad"),
  },
  {
    id: "limits",
    title: "LIMITS",
    width: 36,
    least: 20,
    align: "left",
    cell: (breaker) => shortLimits(breaker),
    full: (breaker) => limitWords(breaker),
  },
  {
    id: "definedBy",
    title: "DEFINED BY",
    width: 30,
    align: "left",
    drop: 5,
    cell: ({ definedBy }) => sourceWord(definedBy),
    tone: () => "muted",
  },
];

/** One row for each cluster with a limit, those that refuse requests first. */
export const breakerTable: Table<Breaker> = {
  key: ({ service, subset, port }) => `${service}/${subset ?? ""}/${port ?? ""}`,
  rows: breakerRows,
  order: "worst first",
  columns,
};

function breakerRows({ breakers }: Mesh, scope: Scope): readonly Breaker[] {
  const trouble = ({ state }: Breaker): number => (state.overflow ?? 0) + (state.noHealthyUpstream ?? 0);
  return breakers
    .filter(({ service }) => scope.namespace === null || namespaceOf(service) === scope.namespace)
    .map((breaker) => ({ breaker, rank: rankOf(breaker.state.verdict), trouble: trouble(breaker) }))
    .sort((a, b) => b.rank - a.rank || b.trouble - a.trouble)
    .map(({ breaker }) => breaker);
}

const rankOf = (verdict: Breaker["state"]["verdict"]): number =>
  verdict === "tripping" || verdict === "ejected" ? 2 : verdict === "none" ? 0 : 1;

const namespaceOf = (key: string): string => key.slice(0, key.indexOf("/"));
const nameOf = (key: string): string => key.slice(key.indexOf("/") + 1);

const isUp = ({ pools, ejections }: SeenByClients): boolean =>
  (pools?.open ?? 0) > 0 || (ejections?.seeing ?? 0) > 0;

/** `2/12 open`, `3/12 eject`: the clients with an open pool first; where neither is, how many there are to say so. */
function clientsWord({ pools, ejections }: SeenByClients): string {
  const open = pools !== null && pools.open > 0 ? [`${pools.open}/${pools.clients} open`] : [];
  const out =
    ejections !== null && ejections.seeing > 0 ? [`${ejections.seeing}/${ejections.clients} eject`] : [];
  const words = [...open, ...out];
  return words.length > 0 ? words.join(" ") : `0/${Math.max(pools?.clients ?? 0, ejections?.clients ?? 0)}`;
}

/** What the clients' own gauges say of the limits that are set, in sentences. Empty: none of them exports any. */
export function clientSentences({
  seen,
  hosts,
  connectionPool,
  outlierDetection,
}: Breaker): readonly string[] {
  const { pools = null, ejections = null } = seen ?? {};
  return [
    ...(pools === null || (connectionPool === null && pools.open === 0) ? [] : [poolSentence(pools)]),
    ...(ejections === null || (outlierDetection === null && ejections.seeing === 0)
      ? []
      : [ejectedSentence(ejections, hosts)]),
  ];
}

type Told<Gauge extends keyof SeenByClients> = NonNullable<SeenByClients[Gauge]>;

const poolSentence = ({ clients, open }: Told<"pools">): string =>
  `${open} of ${counted(clients)}${clients === 1 ? "'s" : "'"} pools are open.`;

function ejectedSentence({ clients, seeing, mostHosts }: Told<"ejections">, hosts: number): string {
  const most = seeing === 0 ? "" : `, of ${mostHosts} of ${hosts} hosts at most`;
  return `${seeing} of ${counted(clients)} ${seeing === 1 ? "sees" : "see"} an ejection${most}.`;
}

const counted = (clients: number): string => (clients === 1 ? "1 client" : `${clients} clients`);

/** Both halves of a breaker in words: what the pool refuses, and what gets a host ejected. */
export function limitWords({ connectionPool, outlierDetection }: Breaker): string {
  return [
    ...(connectionPool === null ? [] : poolWords(connectionPool)),
    ...(outlierDetection === null ? [] : outlierWords(outlierDetection)),
  ].join(", ");
}

/**
 * The same in a cell: `conn 1 pend 1 req 1/1 5xx 1 5s 100%`. After `req` the requests and those of one connection; after what ejects a host for how
 * long, and how many hosts at most.
 */
function shortLimits({ connectionPool, outlierDetection }: Breaker): string {
  return [
    ...(connectionPool === null ? [] : shortPool(connectionPool)),
    ...(outlierDetection === null ? [] : shortOutlier(outlierDetection)),
  ].join(" ");
}

function shortPool(pool: ConnectionPool): readonly string[] {
  const requests = [pool.http2MaxRequests, pool.maxRequestsPerConnection];
  const most = pool.maxRequestsPerConnection === null ? requests.slice(0, 1) : requests;
  const limits: readonly (readonly [word: string, value: number | string | null])[] = [
    ["conn", pool.maxConnections],
    ["pend", pool.http1MaxPendingRequests],
    ["req", requests.every((one) => one === null) ? null : most.map((one) => one ?? nothing).join("/")],
    ["retry", pool.maxRetries],
    ["connect", pool.connectTimeout === null ? null : formatDuration(pool.connectTimeout)],
  ];
  return limits.flatMap(([word, value]) => (value === null ? [] : [`${word} ${value}`]));
}

function shortOutlier(outlier: OutlierDetection): readonly string[] {
  const counted: readonly (readonly [word: string, value: number | null])[] = [
    ["5xx", outlier.consecutive5xxErrors ?? 5],
    ["gw", outlier.consecutiveGatewayErrors],
    ["local", outlier.consecutiveLocalOriginFailures],
  ];
  return [
    ...counted.flatMap(([word, value]) => (value === null || value === 0 ? [] : [`${word} ${value}`])),
    outlier.baseEjectionTime === null ? "30s" : formatDuration(outlier.baseEjectionTime),
    `${outlier.maxEjectionPercent ?? 10}%`,
  ];
}

/** `connections 1, pending 1`. Only what is set: what is absent is Envoy's default, not a limit that somebody chose. */
function poolWords(pool: ConnectionPool): readonly string[] {
  const limits: readonly (readonly [value: number | null, words: string])[] = [
    [pool.maxConnections, "connections"],
    [pool.http1MaxPendingRequests, "pending"],
    [pool.http2MaxRequests, "requests"],
    [pool.maxRequestsPerConnection, "requests per connection"],
    [pool.maxRetries, "retries"],
  ];
  return [
    ...limits.flatMap(([value, words]) => (value === null ? [] : [`${words} ${value}`])),
    ...(pool.connectTimeout === null ? [] : [`connect in ${formatDuration(pool.connectTimeout)}`]),
  ];
}

/** Defaults of Envoy are said where nothing is set, because they act (istio.md 3). */
function outlierWords(outlier: OutlierDetection): readonly string[] {
  const counted: readonly (readonly [value: number | null, words: string])[] = [
    [outlier.consecutive5xxErrors ?? 5, "5xx in a row"],
    [outlier.consecutiveGatewayErrors, "gateway errors in a row"],
    [outlier.consecutiveLocalOriginFailures, "local failures in a row"],
  ];
  const triggers = counted.flatMap(([value, words]) =>
    value === null || value === 0 ? [] : [`${value} ${words}`],
  );
  const time = outlier.baseEjectionTime === null ? "30s" : formatDuration(outlier.baseEjectionTime);
  return [`out for ${time} after ${triggers.join(" or ")}`, `at most ${outlier.maxEjectionPercent ?? 10} %`];
}
