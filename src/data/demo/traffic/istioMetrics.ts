import { Registry } from "prom-client";
import { labelsOf, type Ends } from "./peers.ts";
import { SeriesCounter, SeriesHistogram, type CounterSlot, type HistogramSlot } from "./series.ts";

/** Envoy's default bounds, which Istio keeps (istio.md 4.8). Milliseconds, or bytes. */
const envoyBounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
] as const;

/** How a request ended, as labels. Made once for each combination, so that it can be a key. */
export interface Outcome {
  readonly code: string;
  /** "" when not gRPC. */
  readonly grpc: string;
  /** Comma-joined in Envoy's order; "-": none. */
  readonly flags: string;
}

const outcomes = new Map<string, Outcome>();

/** `grpc_response_status` for an HTTP code of a proxy (Envoy's Grpc::Utility::httpToGrpcStatus); an application's 500 is INTERNAL. */
const grpcOf: Readonly<Record<number, string>> = {
  0: "",
  200: "0",
  400: "13",
  401: "16",
  403: "7",
  404: "12",
  429: "14",
  500: "13",
  502: "14",
  503: "14",
  504: "14",
};

/** gRPC errors travel in HTTP 200. */
export function outcomeOf(protocol: Ends["protocol"], code: number, flags: string): Outcome {
  const key = `${protocol} ${code} ${flags}`;
  const known = outcomes.get(key);
  if (known !== undefined) return known;
  const isGrpc = protocol === "grpc";
  const outcome = {
    code: isGrpc && code !== 0 ? "200" : String(code),
    grpc: isGrpc ? (grpcOf[code] ?? "2") : "",
    flags,
  };
  outcomes.set(key, outcome);
  return outcome;
}

interface RequestSlots {
  readonly requests: CounterSlot;
  readonly durations: HistogramSlot;
  readonly requestBytes: HistogramSlot;
  readonly responseBytes: HistogramSlot;
}

/** One proxy's word on requests between two ends. */
export interface RequestReport {
  record(outcome: Outcome, ms: number, requestBytes: number, responseBytes: number): void;
}

/** One proxy's word on connections between two ends; flags are those of the connection's end, `-` for a good one. */
export interface ConnectionReport {
  opened(flags: string): void;
  closed(flags: string, toServer: number, toClient: number): void;
}

/** Istio's standard metrics, with Istio's names, labels and buckets, in one prom-client registry. */
export interface IstioMetrics {
  readonly registry: Registry;
  readonly requests: (ends: Ends) => RequestReport;
  readonly connections: (ends: Ends) => ConnectionReport;
}

export function createIstioMetrics(): IstioMetrics {
  const registry = new Registry();
  const make = requestMetrics(registry);
  const makeConnections = connectionMetrics(registry);
  return {
    registry,
    requests: oncePerEnds(make),
    connections: oncePerEnds(makeConnections),
  };
}

/** The same ends must find the same series again after every change of the configuration. */
function oncePerEnds<T>(make: (ends: Ends) => T): (ends: Ends) => T {
  const known = new Map<string, T>();
  return (ends) => {
    const key = JSON.stringify(labelsOf(ends));
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(ends);
    known.set(key, made);
    return made;
  };
}

function onePer<Key, T>(make: (key: Key) => T): (key: Key) => T {
  const known = new Map<Key, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

function requestMetrics(registry: Registry): (ends: Ends) => RequestReport {
  const requests = new SeriesCounter(registry, "istio_requests_total", "requests_total");
  const histogram = (name: string, bounds: readonly number[]): SeriesHistogram =>
    new SeriesHistogram(registry, `istio_${name}`, name, bounds);
  const durations = histogram("request_duration_milliseconds", envoyBounds);
  // Sums and counts of sizes are what is read of them: buckets would only cost scrape time.
  const requestBytes = histogram("request_bytes", []);
  const responseBytes = histogram("response_bytes", []);
  return (ends) => {
    const slotsFor = onePer((outcome: Outcome): RequestSlots => {
      const labels = {
        ...labelsOf(ends),
        response_code: outcome.code,
        grpc_response_status: outcome.grpc,
        response_flags: outcome.flags,
      };
      return {
        requests: requests.slot(labels),
        durations: durations.slot(labels),
        requestBytes: requestBytes.slot(labels),
        responseBytes: responseBytes.slot(labels),
      };
    });
    return {
      record(outcome, ms, sent, received) {
        const slots = slotsFor(outcome);
        slots.requests.value += 1;
        slots.durations.observe(ms);
        slots.requestBytes.observe(sent);
        slots.responseBytes.observe(received);
      },
    };
  };
}

interface ConnectionSlots {
  readonly opened: CounterSlot;
  readonly closed: CounterSlot;
  readonly sent: CounterSlot;
  readonly received: CounterSlot;
}

function connectionMetrics(registry: Registry): (ends: Ends) => ConnectionReport {
  const counter = (name: string): SeriesCounter => new SeriesCounter(registry, `istio_tcp_${name}`, name);
  const opened = counter("connections_opened_total");
  const closed = counter("connections_closed_total");
  const sent = counter("sent_bytes_total");
  const received = counter("received_bytes_total");
  return (ends) => {
    const slotsFor = onePer((flags: string): ConnectionSlots => {
      const labels = { ...labelsOf(ends), response_flags: flags };
      return {
        opened: opened.slot(labels),
        closed: closed.slot(labels),
        sent: sent.slot(labels),
        received: received.slot(labels),
      };
    });
    return {
      opened: (flags) => void (slotsFor(flags).opened.value += 1),
      closed(flags, toServer, toClient) {
        const slots = slotsFor(flags);
        slots.closed.value += 1;
        // The proxy receives what goes to the server, and sends what goes to the client.
        slots.received.value += toServer;
        slots.sent.value += toClient;
      },
    };
  };
}
