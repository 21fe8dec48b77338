import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusal, success, type Answer } from "./answer.ts";
import { queryInstant, queryRange, type Source } from "./queryApi.ts";
import { labelNames, labelValues, seriesSets } from "./seriesApi.ts";

export interface PrometheusServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Ends the server and every connection to it. */
  stop(): Promise<void>;
}

/**
 * Serves the reading half of Prometheus' HTTP API on loopback, on a free port: `/api/v1/query`, `query_range`, `labels`,
 * `label/<name>/values`, `series` (each by GET, and by POST but for label values), `status/buildinfo`, `/-/ready`, `/-/healthy`.
 * Anything else is 404, as there.
 * @param options.clock now in milliseconds since the epoch: the time of a query that names none.
 */
export async function startPrometheusServer(options: Source): Promise<PrometheusServer> {
  const server = createServer((request, response) => {
    respond(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Handler = (source: Source, parameters: URLSearchParams) => Answer;

const forms: Readonly<Partial<Record<string, Handler>>> = {
  "/api/v1/query": queryInstant,
  "/api/v1/query_range": queryRange,
  "/api/v1/labels": labelNames,
  "/api/v1/series": seriesSets,
};

const texts: Readonly<Partial<Record<string, string>>> = {
  "/-/ready": "Prometheus Server is Ready.\n",
  "/-/healthy": "Prometheus Server is Healthy.\n",
};

/** The version whose semantics the engine has; the build says who answers. */
const BUILD = {
  version: "2.42.0",
  revision: "meshtop demo",
  branch: "demo",
  buildUser: "",
  buildDate: "",
  goVersion: "",
};

async function respond(source: Source, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const text = texts[url.pathname];
  if (text !== undefined) {
    response.writeHead(200, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
    return;
  }
  const parameters = await parametersOf(request, url);
  const answer =
    parameters === null ? tooLarge : answerTo(source, request.method ?? "GET", url.pathname, parameters);
  if (answer === null) {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404 page not found\n");
    return;
  }
  response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
}

const tooLarge = refusal("bad_data", "error parsing form values: http: request body too large");

function answerTo(source: Source, method: string, path: string, parameters: URLSearchParams): Answer | null {
  if (method !== "GET" && method !== "POST") return null;
  const form = forms[path];
  if (form !== undefined) return form(source, parameters);
  if (method !== "GET") return null;
  if (path === "/api/v1/status/buildinfo") return success(BUILD);
  const name = /^\/api\/v1\/label\/([^/]+)\/values$/.exec(path)?.[1];
  return name === undefined ? null : labelValues(source, parameters, name);
}

/** As Go reads forms: 10 MB at most. */
const LARGEST_FORM = 10 * 1024 * 1024;

/** The parameters of the body, then those of the address; `null` where the body is too large. */
async function parametersOf(request: IncomingMessage, url: URL): Promise<URLSearchParams | null> {
  if (request.method !== "POST") return url.searchParams;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end all the same: who breaks off resets the connection, and the answer with it.
    if (size <= LARGEST_FORM) chunks.push(chunk);
  }
  if (size > LARGEST_FORM) return null;
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  const body = new URLSearchParams(isForm ? Buffer.concat(chunks).toString("utf8") : "");
  return new URLSearchParams([...body, ...url.searchParams]);
}
