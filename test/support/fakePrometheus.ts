/** A Prometheus whose answers a test writes: for what a real one cannot be made to say. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { istioNames, metrics, queryNames, type QueryName } from "../../src/data/prometheus/metrics.ts";

type Labels = Readonly<Record<string, string>>;

export interface FakePrometheus {
  readonly url: string;
  /** Everything asked, oldest first. `promql` is the selector where label names were asked for. */
  readonly asked: readonly {
    readonly method: string;
    readonly promql: string;
    readonly headers: IncomingHttpHeaders;
  }[];
  stop(): Promise<void>;
}

export interface FakeAnswers {
  /** Rows of one query, each of value 1; a status for a refusal. None by default. */
  readonly rows?: Readonly<Partial<Record<QueryName, readonly Labels[] | number>>>;
  /** Label names of requests; by default there is nothing. */
  readonly labels?: readonly string[];
  /** Of the metrics that exist, one row each; all by default. */
  readonly present?: readonly Labels[];
}

const everything: readonly Labels[] = Object.values(istioNames).map((name) => ({
  __name__: name,
  reporter: "source",
}));

/** The query that a text is: by its metric and how it is summed up. */
function nameOf(promql: string): QueryName | null {
  const scope = { window: 60_000 as never, names: istioNames, matchers: "", latencyHosts: null };
  if (promql.includes(istioNames.durationBucket) && !promql.startsWith("count")) return "durations";
  return queryNames.find((name) => metrics[name].promql(scope) === promql) ?? null;
}

function replyTo(
  promql: string,
  { rows = {}, present = everything }: FakeAnswers,
): readonly [number, unknown] {
  const vector = (list: readonly Labels[]): readonly [number, unknown] => [
    200,
    {
      status: "success",
      data: { resultType: "vector", result: list.map((metric) => ({ metric, value: [1, "1"] })) },
    },
  ];
  if (promql === "time()") {
    const result = [Date.now() / 1000, String(Date.now() / 1000)];
    return [200, { status: "success", data: { resultType: "scalar", result } }];
  }
  if (promql.startsWith("count")) return vector(present);
  const name = nameOf(promql);
  const answer = name === null ? [] : (rows[name] ?? []);
  if (typeof answer === "number") return [answer, { status: "error", error: "too many samples" }];
  return vector(answer);
}

/** Listens on a free port of loopback. */
export async function startFakePrometheus(answers: FakeAnswers = {}): Promise<FakePrometheus> {
  const asked: { method: string; promql: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://prometheus");
      const form = request.method === "POST" ? new URLSearchParams(body) : url.searchParams;
      const promql = form.get("query") ?? form.get("match[]") ?? "";
      asked.push({ method: request.method ?? "", promql, headers: request.headers });
      const names = { status: "success", data: answers.labels ?? [] };
      const [status, reply] = url.pathname.endsWith("/labels") ? [200, names] : replyTo(promql, answers);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
