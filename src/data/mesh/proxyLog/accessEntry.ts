/** One line of a proxy's access log, in the two shapes that Istio writes: its default text format and its JSON encoding. */
import { clean } from "../clean.ts";
import { millis, type Millis } from "../units.ts";

/** What Envoy wrote of one request or one connection. `null` stands for its `-`: there was none. Cleaned. */
export interface AccessEntry {
  /** When it began, as written: `2026-11-21T18:00:00.123Z`. */
  readonly start: string;
  readonly method: string | null;
  /** With its query. */
  readonly path: string | null;
  readonly protocol: string | null;
  /** 0: no answer was sent, or a connection of no HTTP. */
  readonly code: number;
  /** Response flags in the order of the line; empty for `-`. */
  readonly flags: readonly string[];
  /** %RESPONSE_CODE_DETAILS%: `via_upstream`, `no_healthy_upstream`. */
  readonly details: string | null;
  /** Why the connection ended, and why the one to the upstream did not come to be. */
  readonly termination: string | null;
  readonly failure: string | null;
  readonly received: number | null;
  readonly sent: number | null;
  /** From the first byte in to the last byte out. */
  readonly duration: Millis | null;
  readonly forwardedFor: string | null;
  readonly userAgent: string | null;
  readonly requestId: string | null;
  readonly authority: string | null;
  readonly upstreamHost: string | null;
  /** `outbound|9080|v2|reviews.default.svc.cluster.local`, `inbound|9080||`, `PassthroughCluster`. */
  readonly cluster: string | null;
  /** Address of whoever called. */
  readonly remote: string | null;
  /** SNI. */
  readonly serverName: string | null;
  readonly route: string | null;
}

/**
 * Istio's default, `EnvoyTextLogFormat` (istio.io, "Envoy Access Logs"): start, request line, code, flags, details, termination,
 * transport failure, bytes in and out, duration, upstream time, forwarded for, agent, request id, authority, upstream host, cluster,
 * three addresses, SNI, route. Envoy escapes no quotation mark: a header that holds one makes the line match no more, and it is shown
 * as it is, so that no caller can write another entry into the log than the one that happened.
 */
const textFormat = new RegExp(
  [
    String.raw`^\[([^\]]*)\] "([^"]*)" (\d+|-) (\S+) ([^"]*?) (\S+) "([^"]*)"`,
    String.raw`(\d+|-) (\d+|-) (\d+|-) (\S+)`,
    String.raw`"([^"]*)" "([^"]*)" "([^"]*)" "([^"]*)" "([^"]*)"`,
    String.raw`(\S+) (\S+) (\S+) (\S+) (\S+)(?: ([^"]*))?$`,
  ].join(" "),
);

/** Cleans: what comes in is a stranger's. `null`: no line of an access log in either shape. */
export function parseAccessLine(line: string): AccessEntry | null {
  return line.startsWith("{") ? parseJson(line) : line.startsWith("[") ? parseText(clean(line)) : null;
}

const orNull = (text: string | undefined): string | null =>
  text === undefined || text === "-" || text === "" ? null : text;

function numberOf(text: string | undefined): number | null {
  const number = Number(text);
  return text === undefined || text === "-" || text === "" || !Number.isFinite(number) ? null : number;
}

function durationOf(text: string | undefined): Millis | null {
  const number = numberOf(text);
  return number === null ? null : millis(number);
}

const flagsOf = (text: string | undefined): readonly string[] => orNull(text)?.split(",") ?? [];

function parseText(line: string): AccessEntry | null {
  const parts = textFormat.exec(line);
  if (parts === null) return null;
  const [, start = "", request = "", code, flags, details, termination, failure, received, sent, duration] =
    parts;
  const [forwardedFor, userAgent, requestId, authority, upstreamHost, cluster, , , remote, sni, route] =
    parts.slice(12);
  return {
    start,
    ...requestLine(request),
    code: numberOf(code) ?? 0,
    flags: flagsOf(flags),
    details: orNull(details),
    termination: orNull(termination),
    failure: orNull(failure),
    received: numberOf(received),
    sent: numberOf(sent),
    duration: durationOf(duration),
    forwardedFor: orNull(forwardedFor),
    userAgent: orNull(userAgent),
    requestId: orNull(requestId),
    authority: orNull(authority),
    upstreamHost: orNull(upstreamHost),
    cluster: orNull(cluster),
    remote: orNull(remote),
    serverName: orNull(sni),
    route: orNull(route),
  };
}

/** `GET /reviews/0 HTTP/1.1`; `- - -` of a connection. */
function requestLine(text: string): Pick<AccessEntry, "method" | "path" | "protocol"> {
  const first = text.indexOf(" ");
  const last = text.lastIndexOf(" ");
  if (first < 0 || first === last) return { method: orNull(text), path: null, protocol: null };
  return {
    method: orNull(text.slice(0, first)),
    path: orNull(text.slice(first + 1, last)),
    protocol: orNull(text.slice(last + 1)),
  };
}

/** The names of `EnvoyJSONLogFormatIstio`. Whoever writes other ones has another format, and sees the lines as they are. */
function parseJson(line: string): AccessEntry | null {
  const held = objectIn(line);
  if (held === null || !("start_time" in held) || !("response_code" in held)) return null;
  const at = (name: string): string | undefined => {
    const value = held[name];
    if (typeof value === "number") return String(value);
    return typeof value === "string" ? clean(value) : undefined;
  };
  return {
    start: at("start_time") ?? "",
    method: orNull(at("method")),
    path: orNull(at("path")),
    protocol: orNull(at("protocol")),
    code: numberOf(at("response_code")) ?? 0,
    flags: flagsOf(at("response_flags")),
    details: orNull(at("response_code_details")),
    termination: orNull(at("connection_termination_details")),
    failure: orNull(at("upstream_transport_failure_reason")),
    received: numberOf(at("bytes_received")),
    sent: numberOf(at("bytes_sent")),
    duration: durationOf(at("duration")),
    forwardedFor: orNull(at("x_forwarded_for")),
    userAgent: orNull(at("user_agent")),
    requestId: orNull(at("request_id")),
    authority: orNull(at("authority")),
    upstreamHost: orNull(at("upstream_host")),
    cluster: orNull(at("upstream_cluster")),
    remote: orNull(at("downstream_remote_address")),
    serverName: orNull(at("requested_server_name")),
    route: orNull(at("route_name")),
  };
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const held: unknown = JSON.parse(line);
    return typeof held === "object" && held !== null && !Array.isArray(held)
      ? (held as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

/** The parts of a cluster's name: `outbound|9080|v2|host`. */
export interface UpstreamName {
  readonly direction: "outbound" | "inbound";
  readonly port: string;
  readonly subset: string | null;
  /** `null`: inbound, where the host is the pod itself. */
  readonly host: string | null;
}

/** `null`: another name, such as PassthroughCluster. Newer proxies end theirs with `;`. */
export function upstreamNameOf(cluster: string): UpstreamName | null {
  const [direction, port = "", subset = "", host = ""] = cluster.replace(/;$/, "").split("|");
  if (direction !== "outbound" && direction !== "inbound") return null;
  return { direction, port, subset: orNull(subset), host: orNull(host) };
}
