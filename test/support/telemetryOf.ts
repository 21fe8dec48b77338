/** A Telemetry from short rows: `sent("shop/webapp", "shop/catalog", "shop/catalog-v1", 9)` is what webapp's own proxy reports. */
import type {
  Durations,
  Pair,
  Reporter,
  RequestRate,
  ResponseRate,
  TcpRate,
  Telemetry,
} from "../../src/data/mesh/telemetry.ts";
import { bytesPerSecond, instant, millis, perSecond } from "../../src/data/mesh/units.ts";

export interface Ends {
  /** `namespace/name`; `null`: a caller without a proxy. */
  readonly from: string | null;
  /** `namespace/name` of a Kubernetes Service, or a host with a dot and no slash. */
  readonly to: string;
  /** `namespace/name` of the workload that answered; `null`: none. */
  readonly at: string | null;
}

const nowhere = { namespace: "unknown", name: "unknown" };

function split(at: string | null): { readonly namespace: string; readonly name: string } {
  if (at === null) return nowhere;
  const [namespace = "unknown", name = "unknown"] = at.split("/");
  return { namespace, name };
}

function pair(reporter: Reporter, { from, to, at }: Ends, more: Partial<Pair> = {}): Pair {
  const source = split(from);
  const destination = split(at);
  const service = to.includes("/") ? split(to) : null;
  return {
    reporter,
    sourceWorkload: source.name,
    sourceNamespace: source.namespace,
    sourceRevision: "latest",
    sourceCluster: from === null ? "unknown" : "Kubernetes",
    service: service === null ? to : `${service.name}.${service.namespace}.svc.cluster.local`,
    serviceName: service === null ? to : service.name,
    // The source reports the namespace of the peer, which it does not know when none was picked.
    serviceNamespace:
      service === null || (reporter === "source" && at === null) ? "unknown" : service.namespace,
    destinationWorkload: destination.name,
    destinationNamespace: destination.namespace,
    destinationRevision: "latest",
    destinationVersion: "unknown",
    destinationCluster: at === null ? "unknown" : "Kubernetes",
    ...more,
  };
}

export function requests(
  reporter: Reporter,
  ends: Ends,
  rate: number,
  more: Partial<RequestRate> = {},
): RequestRate {
  const security = reporter === "source" ? "unknown" : ends.from === null ? "none" : "mutual_tls";
  return { ...pair(reporter, ends), protocol: "http", security, rate: perSecond(rate), ...more };
}

/** Requests of these ends that did not plainly succeed; `requests` must count them too. */
export function responses(
  reporter: Reporter,
  ends: Ends,
  rate: number,
  more: Partial<ResponseRate> = {},
): ResponseRate {
  return {
    ...pair(reporter, ends),
    protocol: "http",
    code: "503",
    grpcStatus: "",
    flags: "-",
    rate: perSecond(rate),
    ...more,
  };
}

/** `rates` are cumulative, by upper bound in milliseconds; the last bound is Infinity. */
export function durations(
  reporter: Reporter,
  ends: Ends,
  rates: readonly (readonly [le: number, rate: number])[],
): Durations {
  return { ...pair(reporter, ends), bounds: rates.map(([le]) => le), rates: rates.map(([, rate]) => rate) };
}

export function connections(
  reporter: Reporter,
  ends: Ends,
  opened: number,
  more: Partial<TcpRate> = {},
): TcpRate {
  const security = reporter === "source" ? "unknown" : ends.from === null ? "none" : "mutual_tls";
  return {
    ...pair(reporter, ends),
    security,
    opened: perSecond(opened),
    received: bytesPerSecond(0),
    sent: bytesPerSecond(0),
    failed: {},
    ...more,
  };
}

/** What client's proxy and server's proxy report of the same requests. */
export function both(from: string, to: string, at: string, rate: number): readonly RequestRate[] {
  const ends = { from, to, at };
  return [requests("source", ends, rate), requests("destination", ends, rate)];
}

/** Nothing is missing, and sidecars report on both ends. */
export const capabilities: Telemetry["capabilities"] = {
  metrics: [],
  missingMetrics: {},
  missingLabels: {},
  reporters: ["source", "destination"],
};

/** A Prometheus whose series of requests carry no such label. */
export const withoutLabel = (label: string): Pick<Telemetry, "capabilities"> => ({
  capabilities: { ...capabilities, missingLabels: { istio_requests_total: [label] } },
});

/** One query of the table refused; its rows are those of `keptFrom`, or there are none. */
export const withoutAnswer = (
  query: string,
  keptFrom: Telemetry["failed"][number]["keptFrom"] = null,
): Pick<Telemetry, "failed"> => ({
  failed: [
    {
      query,
      keptFrom,
      error: { kind: "refused", message: `Prometheus refused ${query} (422).`, advice: null },
    },
  ],
});

export function telemetryOf(parts: Partial<Telemetry> = {}): Telemetry {
  return {
    at: instant(1_700_000_000_000),
    window: millis(60_000),
    requests: [],
    responses: [],
    durations: [],
    tcp: [],
    capabilities,
    latencyHosts: null,
    failed: [],
    ...parts,
  };
}
