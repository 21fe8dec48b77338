/** What the simulated proxies write to their standard output: Istio's default access log, one line for each request that they report. */
import { accessLogFor } from "../../mesh/resolve/accessLog.ts";
import type { Registry } from "../../mesh/resolve/registry.ts";
import { podAddress } from "../controllers/names.ts";
import type { LoggedLine, PodLogs } from "../kube/exchange.ts";
import type { Request } from "./plan.ts";
import type { Node } from "./topology.ts";
import type { Endpoint, Upstream } from "./upstreams.ts";

/** What a proxy has done with one request, or with one connection (`protocol` tcp). */
export interface Handled {
  readonly node: Node;
  readonly pod: string;
  readonly request: Request;
  readonly path: string;
  readonly protocol: "http" | "grpc" | "tcp";
  readonly code: number;
  /** Comma-joined in Envoy's order; "-": none. */
  readonly flags: string;
  readonly ms: number;
  readonly sent: number;
  /** `inbound`: it came in for the pod's own program. */
  readonly to: { readonly upstream: Upstream | null } | "inbound";
  readonly endpoint: Endpoint | null;
  /** Why the proxy answered by itself; absent: what the rest says. */
  readonly details?: string;
}

/** The standard output of proxies. */
export interface ProxyLogs extends PodLogs {
  write(at: number, handled: Handled): void;
}

/** Lines that are kept of each pod, as a kubelet keeps some megabytes. */
const kept = 1000;

interface Held {
  readonly at: number;
  readonly number: number;
  readonly handled: Handled;
}

export function createProxyLogs(): ProxyLogs {
  const logs = new Map<string, Held[]>();
  const listeners = new Map<string, Set<(line: LoggedLine) => void>>();
  let written = 0;
  return {
    write(at, handled) {
      const key = `${handled.node.namespace}/${handled.pod}`;
      const log = logs.get(key) ?? [];
      logs.set(key, log);
      written += 1;
      // A kubelet's clock never goes back from one line to the next.
      const ended = Math.max(log.at(-1)?.at ?? 0, at + handled.ms);
      const held = { at: ended, number: written, handled };
      log.push(held);
      if (log.length > 2 * kept) log.splice(0, log.length - kept);
      for (const listener of listeners.get(key) ?? []) listener(lineOf(held));
    },
    read: (pod) => (logs.get(pod) ?? []).slice(-kept).map(lineOf),
    follow(pod, listener) {
      const own = listeners.get(pod) ?? new Set();
      listeners.set(pod, own.add(listener));
      return () => void own.delete(listener);
    },
  };
}

/** Which proxies write to their standard output, by the Telemetry objects and mesh configuration of one state of the cluster. */
export function writersIn(registry: Registry): (node: Node) => boolean {
  const known = new WeakMap<Node, boolean>();
  return (node) => {
    const before = known.get(node);
    if (before !== undefined) return before;
    // ztunnel's own log is on its node, in another form.
    const log =
      node.proxy === "none" || node.proxy === "ambient"
        ? null
        : accessLogFor(registry, node.namespace, node.labels);
    const writes = log?.is === "on" && log.providers.includes("envoy");
    known.set(node, writes);
    return writes;
  };
}

const quoted = (text: string): string => `"${text}"`;

/** `EnvoyTextLogFormat` of Istio (istio.io, "Envoy Access Logs"). */
function lineOf({ at, number, handled }: Held): LoggedLine {
  const { request, protocol, code, flags, ms, sent } = handled;
  const isTcp = protocol === "tcp";
  const text = [
    `[${new Date(at - ms).toISOString()}]`,
    quoted(isTcp ? "- - -" : requestLine(handled)),
    isTcp ? 0 : code,
    flags,
    detailsOf(handled),
    "-",
    quoted(flags.includes("UF") ? "TLS_error:_WRONG_VERSION_NUMBER" : "-"),
    ...[request.call.requestBytes, sent, Math.round(ms)],
    isTcp || flags !== "-" ? "-" : Math.max(0, Math.round(ms) - 1),
    ...headersOf(handled, number),
    ...addressesOf(handled, number),
    "-",
    isTcp ? "-" : "default",
  ].join(" ");
  return { at, text };
}

const requestLine = ({ request, path, protocol }: Handled): string =>
  `${request.call.method} ${path} ${protocol === "grpc" ? "HTTP/2" : "HTTP/1.1"}`;

const outsideAddress = "10.244.0.1";

/** X-Forwarded-For, the agent, the id of the request, its authority. */
function headersOf({ node, request, protocol }: Handled, number: number): readonly string[] {
  const forwarded = node.proxy === "gateway" ? outsideAddress : "-";
  if (protocol === "tcp") return ["-", "-", "-", "-"].map(quoted);
  const agent = request.headers["user-agent"] ?? "Go-http-client/1.1";
  return [forwarded, agent, requestId(number), request.call.host].map(quoted);
}

/** Upstream host and cluster, then the ends of both connections. */
function addressesOf({ node, pod, request, to, endpoint }: Handled, number: number): readonly string[] {
  const own = podAddress(pod);
  const caller = node.proxy === "gateway" ? outsideAddress : own;
  return [
    quoted(endpoint === null ? "-" : `${podAddress(endpoint.pod)}:${endpoint.port}`),
    clusterOf(to, endpoint),
    endpoint === null ? "-" : `${own}:${port(number)}`,
    `${own}:${request.call.port}`,
    `${caller}:${port(number + 7)}`,
  ];
}

const port = (number: number): number => 32_768 + (number % 28_000);

/** A number in the shape of a UUID: no chance is drawn for it, so that what is logged changes nothing of what happens. */
function requestId(number: number): string {
  const digits = number.toString(16).padStart(12, "0");
  return `00000000-0000-4000-8000-${digits}`;
}

function clusterOf(to: Handled["to"], endpoint: Endpoint | null): string {
  if (to === "inbound") return `inbound|${endpoint?.port ?? 0}||`;
  return to.upstream === null || to.upstream.missing ? "-" : to.upstream.id;
}

/** %RESPONSE_CODE_DETAILS% by flag (envoyproxy.io, "Response Code Details"). */
const details: Readonly<Record<string, string>> = {
  UH: "no_healthy_upstream",
  UO: "upstream_reset_before_response_started{overflow}",
  UF: "upstream_reset_before_response_started{connection_failure}",
  UC: "upstream_reset_before_response_started{connection_termination}",
  UT: "response_timeout",
  NC: "cluster_not_found",
  NR: "route_not_found",
  FI: "fault_filter_abort",
  DC: "downstream_remote_disconnect",
};

function detailsOf({ flags, protocol, to, endpoint, details: said }: Handled): string {
  if (protocol === "tcp") return "-";
  if (said !== undefined) return said;
  const known = flags
    .split(",")
    .map((flag) => details[flag])
    .find((words) => words !== undefined);
  if (known !== undefined) return known;
  return endpoint === null && to !== "inbound" && to.upstream === null ? "direct_response" : "via_upstream";
}
