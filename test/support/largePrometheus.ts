/**
 * Answers the table of queries for a large cluster without evaluating PromQL: the answers of 200,000 series are written straight away, so that
 * what is measured is the reader. That the queries mean what they say is the contract tests' affair; this knows them by their metrics alone.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { metrics, pairLabels, type QueryName, type QueryScope } from "../../src/data/prometheus/metrics.ts";
import { istioNames } from "../../src/data/prometheus/metrics.ts";
import { millis } from "../../src/data/mesh/units.ts";
import type { LargeEdge } from "./largeCluster.ts";

export interface LargePrometheus {
  readonly url: string;
  /** From now on every answer has new rates for this part of the edges, 0 to 1. */
  change(part: number): void;
  /** From now on every answer takes that much longer. */
  delay(ms: number): void;
  readonly count: () => PrometheusCounts;
  stop(): Promise<void>;
}

/** Since the start. */
export interface PrometheusCounts {
  readonly queries: number;
  /** Of the answers. */
  readonly bytes: number;
  /** The newest ones, one for each time that the rates were asked for; the last one may not be whole yet. */
  readonly refreshes: readonly Refresh[];
  /** How often the rates were asked for, and how often while an earlier refresh had not got all of its answers. */
  readonly asked: number;
  readonly overlaps: number;
  /** Queries that wait for their answer. */
  readonly open: number;
}

/** What one refresh asked, the questions about the server before it among them. */
interface Refresh {
  readonly queries: number;
  readonly bytes: number;
  /** When its rates were asked for, in ms since the epoch. */
  readonly at: number;
}

/** Istio's histogram (istio.md 4.2). */
const bounds =
  "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf".split(
    " ",
  );

const reporters = ["source", "destination"] as const;

interface Row {
  readonly edge: LargeEdge;
  /** Who reports it: labels as JSON without the closing brace, and the end they are about. */
  readonly reports: readonly { readonly reporter: string; readonly labels: string }[];
}

/** What a proxy says of an end that has none. */
const nobody = {
  name: "unknown",
  namespace: "unknown",
  revision: "latest",
  version: "unknown",
  cluster: "unknown",
};

function endOf(workload: LargeEdge["at"]): typeof nobody {
  if (workload === null) return nobody;
  const { name, namespace, version } = workload;
  return { name, namespace, revision: version, version, cluster: "Kubernetes" };
}

function labelsOf(edge: LargeEdge, reporter: string): string {
  const [from, at] = [endOf(edge.from), endOf(edge.at)];
  const values: Record<keyof typeof pairLabels, string> = {
    sourceWorkload: from.name,
    sourceNamespace: from.namespace,
    sourceRevision: from.revision,
    sourceCluster: from.cluster,
    service: edge.host,
    serviceName: edge.serviceName,
    serviceNamespace: edge.serviceNamespace,
    destinationWorkload: at.name,
    destinationNamespace: at.namespace,
    destinationRevision: at.revision,
    destinationVersion: at.version,
    destinationCluster: at.cluster,
  };
  const keys = Object.keys(pairLabels) as (keyof typeof pairLabels)[];
  const labels = Object.fromEntries(keys.map((key) => [pairLabels[key], values[key]]));
  return JSON.stringify({ ...labels, reporter }).slice(0, -1);
}

/** A proxy stands at each end that is in the mesh. */
function rowOf(edge: LargeEdge): Row {
  const ends = [edge.from, edge.at];
  const present = reporters.filter((_, end) => ends[end] !== null);
  return { edge, reports: present.map((reporter) => ({ reporter, labels: labelsOf(edge, reporter) })) };
}

type Rated = readonly [row: Row, rate: number];
type Vector = (rows: readonly Rated[], at: string) => readonly string[];

/** Only the side that takes a connection knows what it came in. */
function securityOf({ from }: LargeEdge, reporter: string): string {
  if (reporter === "source") return "unknown";
  return from === null ? "none" : "mutual_tls";
}

const requests: Vector = (rows, at) =>
  rows.flatMap(([{ edge, reports }, rate]) =>
    edge.protocol === "tcp"
      ? []
      : reports.map(
          ({ labels, reporter }) =>
            `{"metric":${labels},"request_protocol":"${edge.protocol}","connection_security_policy":"${securityOf(edge, reporter)}"},"value":[${at},"${rate}"]}`,
        ),
  );

const failures = {
  http: `"response_code":"503","grpc_response_status":"","response_flags":"UO"`,
  grpc: `"response_code":"200","grpc_response_status":"14","response_flags":"-"`,
};

const responses: Vector = (rows, at) =>
  rows.flatMap(([{ edge, reports }, rate]) => {
    const { protocol, errors } = edge;
    if (protocol === "tcp" || errors === 0) return [];
    return reports.map(
      ({ labels }) =>
        `{"metric":${labels},"request_protocol":"${protocol}",${failures[protocol]}},"value":[${at},"${rate * errors}"]}`,
    );
  });

/** The caller's view, or the server's where the caller has no proxy. */
const durations: Vector = (rows, at) =>
  rows.flatMap(([{ edge, reports }, rate]) =>
    edge.protocol === "tcp"
      ? []
      : bounds.map((le, bound) => {
          const part = bound < edge.slowness ? 0 : Math.min(1, (bound - edge.slowness + 1) / 6);
          return `{"metric":${reports[0]?.labels ?? "{"},"le":"${le}"},"value":[${at},"${rate * part}"]}`;
        }),
  );

/** Connections, or bytes: so many for each connection. */
const connections =
  (each: number): Vector =>
  (rows, at) =>
    rows.flatMap(([{ edge, reports }, rate]) =>
      edge.protocol === "tcp"
        ? reports.map(
            ({ labels, reporter }) =>
              `{"metric":${labels},"connection_security_policy":"${securityOf(edge, reporter)}"},"value":[${at},"${rate * each}"]}`,
          )
        : [],
    );

const brokenConnections: Vector = (rows, at) =>
  rows.flatMap(([{ edge, reports }, rate]) =>
    edge.protocol === "tcp" && edge.errors > 0
      ? reports.map(
          ({ labels }) =>
            `{"metric":${labels},"response_flags":"UF"},"value":[${at},"${rate * edge.errors}"]}`,
        )
      : [],
  );

const vectors: Readonly<Record<QueryName, Vector>> = {
  requests,
  responses,
  durations,
  tcpOpened: connections(1),
  tcpSent: connections(9000),
  tcpReceived: connections(700),
  tcpFailed: brokenConnections,
};

/** The queries as the program writes them for a scope, by their text; of `durations` only the beginning is the same for all hosts. */
function queryOf(promql: string): QueryName | null {
  if (promql.startsWith("count by")) return null;
  if (promql.includes(istioNames.durationBucket)) return "durations";
  const scope: QueryScope = { window: millis(60_000), names: istioNames, matchers: "", latencyHosts: null };
  const known = (Object.keys(metrics) as QueryName[]).find((name) => {
    const [beginning = ""] = metrics[name].promql(scope).split("[1m]");
    return promql.startsWith(beginning);
  });
  return known ?? null;
}

/** Hosts that a query of latency is about; `null`: all. */
function hostsIn(promql: string): ((host: string) => boolean) | null {
  const matcher = /destination_service=~"((?:[^"\\]|\\.)*)"/.exec(promql)?.[1];
  if (matcher === undefined) return null;
  const pattern = new RegExp(`^(?:${matcher.replaceAll("\\\\", "\\")})$`);
  return (host) => pattern.test(host);
}

const presence = (): string =>
  Object.values(istioNames)
    .flatMap((name) =>
      reporters.map(
        (reporter) => `{"metric":{"__name__":"${name}","reporter":"${reporter}"},"value":[0,"1"]}`,
      ),
    )
    .join(",");

function wrapped(type: string, result: string): string {
  return `{"status":"success","data":{"resultType":"${type}","result":${result}}}`;
}

const labelNames = JSON.stringify({
  status: "success",
  data: [
    ...Object.values(pairLabels),
    "reporter",
    "request_protocol",
    "connection_security_policy",
    "response_code",
    "grpc_response_status",
    "response_flags",
  ],
});

/** Answers by the text of the question. */
function answerer(edges: readonly LargeEdge[]) {
  const rows = edges.map(rowOf);
  let [part, turn] = [0, 0];
  const ratedOf = (row: Row, index: number): Rated => {
    const { rate } = row.edge;
    return [row, index < rows.length * part ? rate * (1 + ((turn + index) % 7) / 10) : rate];
  };
  const rated = (query: QueryName, promql: string): readonly Rated[] => {
    const all = rows.map(ratedOf);
    const isAsked = query === "durations" ? hostsIn(promql) : null;
    return isAsked === null ? all : all.filter(([{ edge }]) => isAsked(edge.host));
  };
  return {
    change: (next: number): void => void (part = next),
    turn: (): void => void (turn += part === 0 ? 0 : 1),
    answer: (promql: string, query: QueryName | null): string => {
      const at = (Date.now() / 1000).toFixed(3);
      if (promql === "time()") return wrapped("scalar", `[${at},"${at}"]`);
      if (promql.startsWith("count by")) return wrapped("vector", `[${presence()}]`);
      if (query === null) return wrapped("vector", "[]");
      return wrapped("vector", `[${vectors[query](rated(query, promql), at).join(",")}]`);
    },
  };
}

/** Refreshes that are kept. */
const KEPT = 1000;

/** Sorts queries into refreshes: those of one share their instant, and what is asked about the server comes before them. */
function ledger() {
  let [queries, bytes, asked, overlaps, open, openNow] = [0, 0, 0, 0, 0, 0];
  let before = { queries: 0, bytes: 0 };
  let instant: string | null = null;
  const refreshes: { queries: number; bytes: number; at: number }[] = [];
  return {
    ask: (query: QueryName | null, time: string | null): ((answered: number) => void) => {
      queries += 1;
      open += 1;
      if (query === "requests") {
        asked += 1;
        overlaps += openNow > 0 ? 1 : 0;
        instant = time;
        refreshes.push({ ...before, at: Date.now() });
        if (refreshes.length > KEPT) refreshes.shift();
        before = { queries: 0, bytes: 0 };
      }
      const newest = refreshes.at(-1);
      const own = query !== null && time === instant && newest !== undefined ? newest : before;
      const isNow = own === newest;
      own.queries += 1;
      openNow += isNow ? 1 : 0;
      return (answered) => {
        open -= 1;
        openNow -= isNow ? 1 : 0;
        bytes += answered;
        own.bytes += answered;
      };
    },
    count: (): PrometheusCounts => ({ queries, bytes, refreshes: [...refreshes], asked, overlaps, open }),
  };
}

export async function startLargePrometheus(edges: readonly LargeEdge[]): Promise<LargePrometheus> {
  const { answer, change, turn } = answerer(edges);
  const { ask, count } = ledger();
  let delayMs = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
      const promql = parameters.get("query") ?? "";
      const query = queryOf(promql);
      if (query === "requests") turn();
      const answered = ask(query, parameters.get("time"));
      const text = url.pathname.endsWith("/labels") ? labelNames : answer(promql, query);
      setTimeout(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(text, () => answered(text.length));
      }, delayMs);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change,
    delay: (ms) => (delayMs = ms),
    count,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
