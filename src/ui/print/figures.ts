/** Figures as JSON fields, units in their names. Absent where nothing was measured; `null` where measured and there is none. */
import type { Json } from "../../data/mesh/json.ts";
import type { Observed } from "../../data/mesh/model/service.ts";
import type { Lock } from "../../data/mesh/model/security.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Connections, Requests, Traffic } from "../../data/mesh/traffic.ts";

export type Fields = Readonly<Record<string, Json>>;

/** Six decimals: what a rate means, without the noise of its last bits. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Without the fields that nobody measured. */
export function present(fields: Readonly<Record<string, number | null>>): Fields {
  const measured = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [[name, rounded(value)]],
  );
  return Object.fromEntries(measured) as Fields;
}

function requestFields(requests: Requests): Fields {
  return present({
    rps: requests.rate,
    errorRatio: requests.errors,
    p50Ms: requests.p50,
    p95Ms: requests.p95,
    p99Ms: requests.p99,
  });
}

function connectionFields(connections: Connections): Fields {
  return present({
    connectionsPerSecond: connections.opened,
    bytesPerSecond: connections.sent + connections.received,
    sentBytesPerSecond: connections.sent,
    receivedBytesPerSecond: connections.received,
  });
}

/** `codes` and `flags`. */
export const answerFields = (traffic: Traffic): Fields => ({
  ...codeFields(traffic),
  ...flagFields(traffic),
});

/** `codes`: those of requests that did not plainly succeed, `503` or `grpc 14`; absent where nobody measured them. */
function codeFields({ requests }: Traffic): Fields {
  const codes = requests?.codes ?? null;
  return codes === null ? {} : { codes: present(codes) };
}

/** `flags`: those that were seen; absent where nothing flowed, and where none was seen because nobody could. */
function flagFields({ requests, connections }: Traffic): Fields {
  const parts = [requests, connections].flatMap((part) => (part === null ? [] : [part.flags]));
  const flags: Record<string, number> = {};
  for (const measured of parts) {
    for (const [flag, rate] of Object.entries(measured ?? {}))
      flags[flag] = rounded((flags[flag] ?? 0) + rate);
  }
  const isKnown = parts.length > 0 && !parts.includes(null);
  return isKnown || Object.keys(flags).length > 0 ? { flags } : {};
}

/** `rps`, `errorRatio`, `p50Ms`, ...; for TCP `bytesPerSecond` and its parts. Empty without traffic. */
export function trafficFields(traffic: Traffic): Fields {
  return {
    ...(traffic.requests === null ? {} : requestFields(traffic.requests)),
    ...(traffic.connections === null ? {} : connectionFields(traffic.connections)),
  };
}

/** `observedShare` with its 95 % interval and the number of `requests` it is of; `null` when it could not be told. */
export function observedFields(observed: Observed | null): Fields {
  if (observed === null) return { observedShare: null };
  return {
    observedShare: rounded(observed.share),
    observedLow: rounded(observed.low),
    observedHigh: rounded(observed.high),
    requests: observed.requests,
  };
}

export function lockFields(lock: Lock): Fields {
  return {
    state: lock.state,
    mtlsRatio: lock.mtls === null ? null : rounded(lock.mtls),
    predicted: lock.predicted,
  };
}

/** `kind namespace/name` as fields; text such as "default" stays text. */
export function refFields(ref: ResourceRef | string): Json {
  if (typeof ref === "string") return ref;
  return { group: ref.group, kind: ref.kind, namespace: ref.namespace, name: ref.name };
}
