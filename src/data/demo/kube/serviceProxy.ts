import { request as open, type IncomingMessage, type ServerResponse } from "node:http";
import type { Exchange } from "./exchange.ts";
import { refused, send, type Reply } from "./reply.ts";
import { keyOf } from "./objects.ts";
import { notFound, type Status } from "./status.ts";
import type { Target } from "./target.ts";

type ProxyTarget = Extract<Target, { is: "proxy" }>;

function unavailable(message: string): Status {
  return { code: 503, reason: "ServiceUnavailable", message };
}

/** `https:name:port`, `name:port` and `name` are all allowed; the scheme matters only to a real one. */
function partsOf(service: string): { readonly name: string; readonly port: string } {
  const parts = service.split(":");
  return parts.length === 3
    ? { name: parts[1] ?? "", port: parts[2] ?? "" }
    : { name: parts[0] ?? "", port: parts[1] ?? "" };
}

/** Headers that belong to one connection, and the credential, which is for the API server alone. */
const notForwarded = ["host", "connection", "authorization", "transfer-encoding", "keep-alive"];

/**
 * Forwards a request to what is behind a Service, as the API server's proxy path does.
 *
 * 404 where there is no such Service, 503 where nothing answers behind it.
 */
export function answerProxy(exchange: Exchange, target: ProxyTarget): Reply {
  const { request, query, upstream, access, backend } = exchange;
  const { name, port } = partsOf(target.service);
  const { namespace } = target;
  const allowed = access({
    verb: request.method === "POST" ? "create" : "get",
    group: "",
    resource: "services",
    subresource: "proxy",
    namespace,
    name: target.service,
  });
  if (!allowed) {
    const message = `services "${target.service}" is forbidden: User "demo" cannot get resource "services/proxy" in API group "" in the namespace "${namespace}"`;
    return refused({ code: 403, reason: "Forbidden", message });
  }
  const base = upstream({ namespace, name, port });
  const services = backend.kinds.find((kind) => kind.group === "" && kind.kind === "Service");
  if (services !== undefined && backend.storage.find(services, keyOf(namespace, name)) === null) {
    return refused(notFound(services, name));
  }
  if (base === null) {
    return refused(unavailable(`no endpoints available for service "${target.service}"`));
  }
  const search = query.size === 0 ? "" : `?${query.toString()}`;
  return forward(request, `${base}${target.path}${search}`);
}

function forward(request: IncomingMessage, url: string): Reply {
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([header]) => !notForwarded.includes(header)),
  );
  const start = (response: ServerResponse): void => {
    const behind = open(url, { method: request.method ?? "GET", headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
      answered.on("error", () => response.destroy());
    });
    behind.on("error", (error) => {
      if (response.headersSent) response.destroy();
      else send(response, refused(unavailable(`error trying to reach service: ${error.message}`)));
    });
    response.on("close", () => behind.destroy());
    request.pipe(behind);
  };
  return { is: "stream", start };
}
