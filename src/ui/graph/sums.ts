/** Telemetry of several edges as one. */
import type { Lock } from "../../data/mesh/model/security.ts";
import {
  noTraffic,
  ratesByName,
  type Connections,
  type Requests,
  type Traffic,
} from "../../data/mesh/traffic.ts";
import {
  bytesPerSecond,
  perSecond,
  ratioOf,
  type Millis,
  type PerSecond,
  type Ratio,
} from "../../data/mesh/units.ts";

/** Rates add up; quantiles cannot, so the worst one stands for all. What one part does not know, the sum does not either. */
export function sumTraffic(parts: readonly Traffic[]): Traffic {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const requests = parts.flatMap((part) => part.requests ?? []);
  const connections = parts.flatMap((part) => part.connections ?? []);
  if (requests.length + connections.length === 0) return noTraffic;
  return { requests: sumRequests(requests), connections: sumConnections(connections) };
}

// One loop each, and no lists between: these run for every call of every refresh.

function sumRequests(parts: readonly Requests[]): Requests | null {
  const [first] = parts;
  if (first === undefined) return null;
  let [rate, failed, isKnown] = [0, 0, true];
  let { reporter } = first;
  for (const part of parts) {
    rate += part.rate;
    failed += part.rate * (part.errors ?? 0);
    isKnown &&= part.errors !== null || part.rate === 0;
    if (part.reporter !== reporter) reporter = "mixed";
  }
  return {
    rate: perSecond(rate),
    errors: isKnown ? ratioOf(failed, rate) : null,
    p50: worst(parts, "p50"),
    p95: worst(parts, "p95"),
    p99: worst(parts, "p99"),
    codes: sumRates(parts, "codes"),
    flags: sumRates(parts, "flags"),
    reporter,
  };
}

function sumConnections(parts: readonly Connections[]): Connections | null {
  const [first] = parts;
  if (first === undefined) return null;
  let [opened, received, sent] = [0, 0, 0];
  let { reporter } = first;
  for (const part of parts) {
    opened += part.opened;
    received += part.received;
    sent += part.sent;
    if (part.reporter !== reporter) reporter = "mixed";
  }
  return {
    opened: perSecond(opened),
    received: bytesPerSecond(received),
    sent: bytesPerSecond(sent),
    flags: sumRates(parts, "flags"),
    reporter,
  };
}

type Rates = Readonly<Record<string, PerSecond>>;

function sumRates<K extends "codes" | "flags">(
  parts: readonly { readonly [name in K]: Rates | null }[],
  of: K,
): Rates | null {
  let sums: Map<string, number> | null = null;
  for (const part of parts) {
    const rates = part[of];
    if (rates === null) return null;
    for (const name in rates) {
      sums ??= new Map<string, number>();
      sums.set(name, (sums.get(name) ?? 0) + (rates[name] ?? 0));
    }
  }
  return ratesByName(sums);
}

/** The encrypted part weighted by what each edge carries; a prediction only where all predict the same, `broken` where one does. */
export function sumLocks(parts: readonly { readonly lock: Lock; readonly traffic: Traffic }[]): Lock {
  const [first] = parts;
  if (first === undefined) return { state: "unknown", mtls: null, predicted: null };
  if (parts.length === 1) return first.lock;
  const seen = parts.filter(({ lock }) => lock.mtls !== null || lock.state === "partial");
  const volumes = seen.map(
    (part) => (part.traffic.requests?.rate ?? 0) + (part.traffic.connections?.opened ?? 0),
  );
  const isWeighed = total(volumes) > 0;
  const encrypted = total(
    seen.map((part, index) => (part.lock.mtls ?? 0) * (isWeighed ? (volumes[index] ?? 0) : 1)),
  );
  const mtls = ratioOf(encrypted, isWeighed ? total(volumes) : seen.length);
  const isOpenQuestion = mtls === 0 && seen.some(({ lock }) => lock.mtls === null);
  const predictions = new Set(parts.map((part) => part.lock.predicted));
  const predicted = predictions.size === 1 ? first.lock.predicted : null;
  const state = isOpenQuestion ? "partial" : stateOf(mtls);
  return {
    state,
    mtls: isOpenQuestion ? null : mtls,
    predicted: predictions.has("broken") ? "broken" : predicted,
  };
}

function stateOf(mtls: number | null): Lock["state"] {
  if (mtls === null) return "unknown";
  if (mtls >= 1) return "full";
  return mtls > 0 ? "partial" : "none";
}

/** What a call is of all that its caller sends, protocol by protocol; `null` for TCP alone and for silence. */
export function shareOf(part: Traffic, whole: Traffic): Ratio | null {
  return part.requests === null ? null : ratioOf(part.requests.rate, whole.requests?.rate ?? 0);
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function worst(parts: readonly Requests[], of: "p50" | "p95" | "p99"): Millis | null {
  let most: Millis | null = null;
  for (const { [of]: value } of parts) if (value !== null && (most === null || value > most)) most = value;
  return most;
}
