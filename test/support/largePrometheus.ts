/**
 * Answers the table of queries for a large cluster without evaluating PromQL: the answers of 200,000 series are written straight away, so that
 * what is measured is the reader. That the queries mean what they say is the contract tests' affair; this knows them by their metrics alone.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { istioNames, pairLabels, type QueryName } from "../../src/data/prometheus/metrics.ts";
import type { LargeEdge } from "./largeCluster.ts";
import { queryLedger, queryOf, type PrometheusCounts } from "./queryLedger.ts";

export interface LargePrometheus {
  readonly url: string;
  /** From now on every answer has new rates for this part of the edges, 0 to 1. */
  change(part: number): void;
  /** From now on every answer takes that much longer. */
  delay(ms: number): void;
  readonly count: () => PrometheusCounts;
  stop(): Promise<void>;
}

/** Istio's histogram (istio.md 4.2). */
export const bounds =
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

/** The labels of a pair as a reporter writes them. */
function labelsOf(edge: LargeEdge, reporter: string): Readonly<Record<string, string>> {
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
  return { ...labels, reporter };
}

/** A proxy stands at each end that is in the mesh: who reports, with which labels, and the workload whose pods do. */
export function reportsOf(edge: LargeEdge) {
  const ends = { source: edge.from, destination: edge.at };
  return reporters.flatMap((reporter) => {
    const workload = ends[reporter];
    return workload === null ? [] : [{ reporter, workload, labels: labelsOf(edge, reporter) }];
  });
}

function rowOf(edge: LargeEdge): Row {
  const reports = reportsOf(edge).map(({ reporter, labels }) => ({
    reporter,
    labels: JSON.stringify(labels).slice(0, -1),
  }));
  return { edge, reports };
}

type Rated = readonly [row: Row, rate: number];
type Vector = (rows: readonly Rated[], at: string) => readonly string[];

/** Only the side that takes a connection knows what it came in. */
export function securityOf({ from }: LargeEdge, reporter: string): string {
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

/** The part of the requests that took no longer than a bound says. */
export const partUnder = (bound: number, { slowness }: LargeEdge): number =>
  bound < slowness ? 0 : Math.min(1, (bound - slowness + 1) / 6);

/** The caller's view, or the server's where the caller has no proxy. */
const durations: Vector = (rows, at) =>
  rows.flatMap(([{ edge, reports }, rate]) =>
    edge.protocol === "tcp"
      ? []
      : bounds.map((le, bound) => {
          const part = partUnder(bound, edge);
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
  clusters: () => [],
};

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

export async function startLargePrometheus(edges: readonly LargeEdge[]): Promise<LargePrometheus> {
  const { answer, change, turn } = answerer(edges);
  const { ask, count } = queryLedger();
  let delayMs = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
      // Of a mesh that does not fit into memory the largest rates are asked for: here all are answered, and the reader cuts.
      const promql = (parameters.get("query") ?? "").replace(/^topk\(\d+, (.*)\)$/s, "$1");
      const query = queryOf(promql);
      if (query === "requests") turn();
      const answered = ask(promql, parameters.get("time"));
      const text = url.pathname.endsWith("/labels") ? labelNames : answer(promql, query);
      // Also where who asked has gone before the answer: that question is not open any more.
      response.once("close", () => answered({ bytes: response.writableFinished ? text.length : 0 }));
      setTimeout(() => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(text);
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
