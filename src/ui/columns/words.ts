/** Parts of the mesh in a word or two, and the tone that goes with them; the same in every view. */
import type { Tracing } from "../../data/mesh/model/observability.ts";
import type { BreakerState } from "../../data/mesh/model/breaker.ts";
import type { Canary, CanaryVerdict } from "../../data/mesh/model/canary.ts";
import type { GraphEdge } from "../../data/mesh/model/graph.ts";
import type { OutboundPolicy } from "../../data/mesh/model/egress.ts";
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { EffectiveMtls, Lock } from "../../data/mesh/model/security.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import { bytesPerSecond, perSecond, type Millis, type Ratio } from "../../data/mesh/units.ts";
import type { Tone } from "../paint/span.ts";
import { formatBytes, formatRate, formatRatio, formatShare, nothing } from "./format.ts";
import { answerWord } from "./grpcStatuses.ts";

/** From these error ratios on a number is coloured; Kiali's defaults (kiali.md 1.4: degraded 0.1 %, failure 10 %). */
const errorsWarn = 0.001;
const errorsBad = 0.1;

export function errorTone(errors: Ratio | null): Tone | undefined {
  if (errors === null) return "muted";
  if (errors >= errorsBad) return "bad";
  return errors >= errorsWarn ? "warn" : undefined;
}

/** Observed encryption in a cell: `full`, `62 %`, `none`; `partial` where some was plaintext and the rest did not say; where nobody saw any, the prediction in brackets, else `?`. */
export function lockWord(lock: Lock): string {
  if (lock.state === "unknown") return lock.predicted === null ? "?" : `(${predictedWords[lock.predicted]})`;
  if (lock.state === "partial" && lock.mtls !== null) return formatRatio(lock.mtls);
  return lock.state;
}

const predictedWords = { mtls: "full", plaintext: "none", broken: "broken" } as const;

export function lockTone(lock: Lock): Tone | undefined {
  if (contradicts(lock)) return "bad";
  if (lock.state === "unknown") return lock.predicted === "broken" ? "bad" : "muted";
  return lock.state === "full" ? "good" : "warn";
}

/** What was seen is not what the configuration predicts. A mixture contradicts no prediction: PERMISSIVE takes both. Where the two ends cannot talk, whatever was seen whole is one. */
export function contradicts(lock: Lock): boolean {
  if (lock.predicted === "broken") return lock.state === "full" || lock.state === "none";
  if (lock.predicted === "mtls") return lock.state === "none";
  return lock.predicted === "plaintext" && lock.state === "full";
}

export const breakerWords: Readonly<Record<BreakerState["verdict"], string>> = {
  none: nothing,
  tripping: "tripping",
  ejected: "ejected",
  closed: "closed",
  unknown: "unknown",
};

export const breakerTones: Readonly<Record<BreakerState["verdict"], Tone | undefined>> = {
  none: "muted",
  tripping: "bad",
  ejected: "bad",
  closed: undefined,
  unknown: "muted",
};

/** `20 % 2/5` while it moves, else its phase. */
export function canaryWord(canary: Canary): string {
  if (canary.suspended) return "suspended";
  if (canary.phase !== "Progressing") return canary.phase === "" ? "new" : canary.phase;
  const step = canary.step === null ? "" : ` ${canary.step.now}/${canary.step.of}`;
  return `${formatShare(canary.weight?.share ?? null)}${step}`;
}

const phaseTones: Readonly<Record<string, Tone>> = {
  Failed: "bad",
  Succeeded: "good",
  Initialized: "good",
};

export function canaryTone(canary: Canary): Tone | undefined {
  if (canary.suspended) return "warn";
  if (canary.verdict.is === "worse") return "bad";
  if (canary.waitsAt !== null) return "warn";
  return phaseTones[canary.phase] ?? "accent";
}

/** `errors +1.4 pt`, `p95 x1.8`, `healthy`, `quiet (n 12)`; `unknown (P95)` where that column says nothing of one side. */
export function verdictWord(verdict: CanaryVerdict): string {
  if (verdict.is === "quiet") return `quiet (n ${verdict.requests.toFixed(0)})`;
  if (verdict.is === "healthy") return "healthy";
  if (verdict.is === "unknown") return `unknown (${lackWords(verdict.lacks)})`;
  if (verdict.signal === "p95") return `p95 x${verdict.by.toFixed(1)}`;
  return `errors +${(verdict.by * 100).toFixed(1)} pt`;
}

const lackWords = (lacks: readonly ("errors" | "p95")[]): string =>
  lacks.length > 1 ? "both" : lacks.includes("errors") ? "ERR" : "P95";

export const verdictTones: Readonly<Record<CanaryVerdict["is"], Tone | undefined>> = {
  quiet: "muted",
  worse: "bad",
  unknown: "muted",
  healthy: "good",
};

/** `PeerAuthentication istioinaction/default`, or `default` where no object speaks. */
export function sourceWord(from: ResourceRef | "default" | "mesh default"): string {
  return typeof from === "string" ? from : nameOf(from);
}

/** `istioinaction/default`: the object without its kind, where the column says it already; `default` where no object speaks. */
export function objectWord(from: ResourceRef | "default"): string {
  if (typeof from === "string") return from;
  return from.namespace === null ? from.name : `${from.namespace}/${from.name}`;
}

export const mtlsTones: Readonly<Record<EffectiveMtls["mode"], Tone | undefined>> = {
  STRICT: "good",
  PERMISSIVE: undefined,
  DISABLE: "warn",
};

/** The mode, or what is written where istiod cannot read it. */
export function outboundWord(policy: OutboundPolicy): string {
  return policy.mode ?? `unreadable: ${policy.written ?? "?"}`;
}

export function outboundTone(policy: OutboundPolicy): Tone | undefined {
  if (policy.mode === null) return "bad";
  return policy.mode === "REGISTRY_ONLY" ? "good" : undefined;
}

/** The rate of one thing in its own unit: requests, else connections, else nothing. */
export function rateWord(traffic: Traffic): string {
  if (traffic.requests !== null) return formatRate(traffic.requests.rate);
  return traffic.connections === null ? nothing : formatBytes(bytesPerSecond(throughput(traffic)));
}

/** The same of one edge; gRPC says so, for its unit is that of HTTP: `11.0/s grpc`. */
export function edgeRateWord({ traffic, protocol }: Pick<GraphEdge, "traffic" | "protocol">): string {
  return `${rateWord(traffic)}${protocol === "grpc" ? " grpc" : ""}`;
}

export function rateTone(traffic: Traffic): Tone | undefined {
  if (traffic.requests !== null) return undefined;
  return traffic.connections === null ? "muted" : "tcp";
}

/** What orders by traffic: requests a second; pure TCP comes after every HTTP service and before those without traffic. */
export function rateOrder(traffic: Traffic): number | null {
  if (traffic.requests !== null) return traffic.requests.rate;
  return traffic.connections === null ? null : -1 / (1 + throughput(traffic));
}

const throughput = ({ connections }: Traffic): number =>
  connections === null ? 0 : connections.received + connections.sent;

export const errorsOf = (traffic: Traffic): Ratio | null => traffic.requests?.errors ?? null;
export const p95Of = (traffic: Traffic): Millis | null => traffic.requests?.p95 ?? null;

/** `UO 0.4/s  UH 0.1/s`, the most frequent first; "" without any, and where nobody measured. */
export function flagWords(traffic: Traffic): string {
  return amounts(traffic.requests?.flags ?? traffic.connections?.flags ?? {});
}

/** The same in a cell of its own: `?` where nobody measured. */
export function flagCell(traffic: Traffic): string {
  const isUnknown = traffic.requests?.flags === null || traffic.connections?.flags === null;
  return flagWords(traffic) || (isUnknown ? "?" : "");
}

/** `503 0.5/s  grpc 14 UNAVAILABLE 0.1/s`; "" without any. */
export function codeWords(traffic: Traffic): string {
  return amounts(traffic.requests?.codes ?? {}, answerWord);
}

function amounts(
  rates: Readonly<Record<string, number>>,
  wordOf: (name: string) => string = (name) => name,
): string {
  return Object.entries(rates)
    .filter(([, rate]) => rate > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, rate]) => `${wordOf(name)} ${formatRate(perSecond(rate))}`)
    .join("  ");
}

const samplingSource = (from: ResourceRef): string =>
  from.kind === "Telemetry" || from.kind === "ConfigMap"
    ? sourceWord(from)
    : `annotation proxy.istio.io/config of ${sourceWord(from)}`;

/** `1 % of the requests that begin here, from ConfigMap istio-system/istio`. */
export function tracingWord({ sampling, from, isReported }: Tracing): string {
  const by = from === "default" ? "Istio's default" : `from ${samplingSource(from)}`;
  const unsent = isReported ? "" : "; its spans are not sent (disableSpanReporting)";
  return `${Number(sampling.toFixed(3))} % of the requests that begin here, ${by}${unsent}`;
}
