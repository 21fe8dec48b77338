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
  /** Queries answered so far, the bytes of their answers, and refreshes: how often the rates were asked for. */
  readonly count: () => { readonly queries: number; readonly bytes: number; readonly refreshes: number };
  stop(): Promise<void>;
}

/** Istio's histogram (istio.md 4.2). */
const bounds =
  "0.5 1 5 10 25 50 100 250 500 1000 2500 5000 10000 30000 60000 300000 600000 1800000 3600000 +Inf".split(
    " ",
  );

const reporters = ["source", "destination"] as const;

interface Row {
  readonly edge: LargeEdge;
  readonly host: string;
  /** Labels as JSON without the closing brace, for each reporter. */
  readonly labels: readonly [string, string];
}

function labelsOf({ from, to, at }: LargeEdge, reporter: string): string {
  const values: Record<keyof typeof pairLabels, string> = {
    sourceWorkload: from.name,
    sourceNamespace: from.namespace,
    sourceRevision: from.version,
    sourceCluster: "Kubernetes",
    service: hostOf({ to }),
    serviceName: to.name,
    serviceNamespace: to.namespace,
    destinationWorkload: at.name,
    destinationNamespace: at.namespace,
    destinationRevision: at.version,
    destinationVersion: at.version,
    destinationCluster: "Kubernetes",
  };
  const keys = Object.keys(pairLabels) as (keyof typeof pairLabels)[];
  const labels = Object.fromEntries(keys.map((key) => [pairLabels[key], values[key]]));
  return JSON.stringify({ ...labels, reporter }).slice(0, -1);
}

const hostOf = ({ to }: Pick<LargeEdge, "to">): string => `${to.name}.${to.namespace}.svc.cluster.local`;

type Vector = (rows: readonly Row[], rate: (index: number) => number, at: string) => readonly string[];

const requests: Vector = (rows, rate, at) =>
  rows.flatMap(({ labels }, index) =>
    labels.map((own, which) => {
      const security = which === 0 ? "unknown" : "mutual_tls";
      return `{"metric":${own},"request_protocol":"http","connection_security_policy":"${security}"},"value":[${at},"${rate(index)}"]}`;
    }),
  );

const responses: Vector = (rows, rate, at) =>
  rows.flatMap(({ edge, labels }, index) =>
    edge.errors === 0
      ? []
      : labels.map(
          (own) =>
            `{"metric":${own},"request_protocol":"http","response_code":"503","grpc_response_status":"","response_flags":"-"},"value":[${at},"${rate(index) * edge.errors}"]}`,
        ),
  );

const durations: Vector = (rows, rate, at) =>
  rows.flatMap(({ edge, labels: [source] }, index) =>
    bounds.map((le, bound) => {
      const part = bound < edge.slowness ? 0 : Math.min(1, (bound - edge.slowness + 1) / 6);
      return `{"metric":${source},"le":"${le}"},"value":[${at},"${rate(index) * part}"]}`;
    }),
  );

const none: Vector = () => [];

const vectors: Readonly<Record<QueryName, Vector>> = {
  requests,
  responses,
  durations,
  tcpOpened: none,
  tcpSent: none,
  tcpReceived: none,
  tcpFailed: none,
};

/** The queries as the program writes them for a scope, by their text; of `durations` only the beginning is the same for all hosts. */
function queryOf(promql: string): QueryName | null {
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

export async function startLargePrometheus(edges: readonly LargeEdge[]): Promise<LargePrometheus> {
  const rows = edges.map((edge): Row => {
    const [source, destination] = [labelsOf(edge, "source"), labelsOf(edge, "destination")];
    return { edge, host: hostOf(edge), labels: [source, destination] };
  });
  let [part, turn, queries, bytes, refreshes] = [0, 0, 0, 0, 0];
  const rateNow = (index: number): number => {
    const { rate } = rows[index]!.edge;
    return index < rows.length * part ? rate * (1 + ((turn + index) % 7) / 10) : rate;
  };
  const answerTo = (promql: string): string => {
    const at = (Date.now() / 1000).toFixed(3);
    if (promql === "time()") return wrapped("scalar", `[${at},"${at}"]`);
    if (promql.startsWith("count by")) return wrapped("vector", `[${presence()}]`);
    const query = queryOf(promql);
    if (query === null) return wrapped("vector", "[]");
    if (query === "requests") refreshes += 1;
    if (query === "requests") turn += part === 0 ? 0 : 1;
    const isAsked = query === "durations" ? hostsIn(promql) : null;
    const chosen = isAsked === null ? rows : rows.filter(({ host }) => isAsked(host));
    const indexes = new Map(chosen.map((row, index) => [index, rows.indexOf(row)]));
    const rate = isAsked === null ? rateNow : (index: number): number => rateNow(indexes.get(index) ?? index);
    return wrapped("vector", `[${vectors[query](chosen, rate, at).join(",")}]`);
  };
  const labels = JSON.stringify({
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
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const parameters = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
      const answer = url.pathname.endsWith("/labels") ? labels : answerTo(parameters.get("query") ?? "");
      queries += 1;
      bytes += answer.length;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change: (next) => (part = next),
    count: () => ({ queries, bytes, refreshes }),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
