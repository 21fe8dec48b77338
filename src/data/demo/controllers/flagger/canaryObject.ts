/** What Flagger reads of a Canary, and what it writes into its status (istio.md 7.1). */
import { parseSpan } from "../../../mesh/duration.ts";
import type { Json } from "../../../mesh/json.ts";
import { boolAt, fieldsAt, listAt, numberAt, objectAt, textAt, textsOrNull } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";

export interface MetricCheck {
  readonly name: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly min: number | null;
  readonly max: number | null;
}

export interface CanarySpec {
  readonly namespace: string;
  readonly name: string;
  readonly target: string;
  readonly apex: string;
  readonly suspend: boolean;
  readonly skipAnalysis: boolean;
  readonly gateways: readonly string[] | null;
  readonly hosts: readonly string[] | null;
  /** Milliseconds. */
  readonly interval: number;
  readonly threshold: number;
  readonly maxWeight: number;
  readonly stepWeight: number;
  readonly stepWeights: readonly number[];
  readonly match: readonly Json[];
  readonly metrics: readonly MetricCheck[];
}

export type Phase = "" | "Initialized" | "Progressing" | "Promoting" | "Finalising" | "Succeeded" | "Failed";

export interface CanaryStatus {
  readonly phase: Phase;
  readonly failedChecks: number;
  readonly canaryWeight: number;
  readonly lastAppliedSpec: string;
  readonly lastPromotedSpec: string;
  /** RFC 3339; "" before the first. */
  readonly lastTransitionTime: string;
}

const phases: readonly Phase[] = [
  "Initialized",
  "Progressing",
  "Promoting",
  "Finalising",
  "Succeeded",
  "Failed",
];

const specs = new WeakMap<KubeObject, CanarySpec>();

export function specOf(canary: KubeObject): CanarySpec {
  const spec = specs.get(canary) ?? readSpec(canary);
  specs.set(canary, spec);
  return spec;
}

function readSpec(canary: KubeObject): CanarySpec {
  const spec = fieldsAt(canary, "spec");
  const analysis = fieldsAt(spec, "analysis");
  const target = textAt(spec, "targetRef", "name") ?? canary.metadata.name;
  const stepWeights = listAt(analysis, "stepWeights").filter((step) => typeof step === "number");
  return {
    namespace: canary.metadata.namespace ?? "default",
    name: canary.metadata.name,
    target,
    apex: textAt(spec, "service", "name") ?? target,
    suspend: boolAt(spec, "suspend"),
    skipAnalysis: boolAt(spec, "skipAnalysis"),
    gateways: textsOrNull(spec, "service", "gateways"),
    hosts: textsOrNull(spec, "service", "hosts"),
    interval: intervalOf(analysis),
    threshold: numberAt(analysis, "threshold") ?? 1,
    maxWeight: numberAt(analysis, "maxWeight") ?? stepWeights.at(-1) ?? 100,
    stepWeight: numberAt(analysis, "stepWeight") ?? 0,
    stepWeights,
    match: listAt(analysis, "match"),
    metrics: listAt(analysis, "metrics").map(metricOf),
  };
}

/** A minute where none is written, or none that Flagger could wait for. */
function intervalOf(from: Json): number {
  return parseSpan(textAt(from, "interval") ?? "") ?? 60_000;
}

function metricOf(metric: Json): MetricCheck {
  return {
    name: textAt(metric, "name") ?? "",
    interval: intervalOf(metric),
    min: numberAt(metric, "thresholdRange", "min"),
    max: numberAt(metric, "thresholdRange", "max"),
  };
}

export function statusOf(canary: KubeObject): CanaryStatus {
  const status = fieldsAt(canary, "status");
  return {
    phase: phases.find((phase) => phase === status["phase"]) ?? "",
    failedChecks: numberAt(status, "failedChecks") ?? 0,
    canaryWeight: numberAt(status, "canaryWeight") ?? 0,
    lastAppliedSpec: textAt(status, "lastAppliedSpec") ?? "",
    lastPromotedSpec: textAt(status, "lastPromotedSpec") ?? "",
    lastTransitionTime: textAt(status, "lastTransitionTime") ?? "",
  };
}

/** Flagger's own words (pkg/canary/status.go). */
const messages: Readonly<Record<Phase, string>> = {
  "": "",
  Initialized: "Deployment initialization completed.",
  Progressing: "New revision detected, progressing canary analysis.",
  Promoting: "Canary analysis completed, starting primary rolling update.",
  Finalising: "Canary analysis completed, routing all traffic to primary.",
  Succeeded: "Canary analysis completed successfully, promotion finished.",
  Failed: "Canary analysis failed, Deployment scaled to zero.",
};

/** Phases in which status keeps a weight; in all others Flagger writes 0, whatever the route says. */
const weighted: ReadonlySet<Phase> = new Set(["Progressing", "Promoting"]);

export function withStatus(canary: KubeObject, status: CanaryStatus): KubeObject {
  const { phase, lastTransitionTime } = status;
  const promoted =
    phase === "Succeeded" || phase === "Initialized" ? "True" : phase === "Failed" ? "False" : "Unknown";
  const condition = {
    type: "Promoted",
    status: promoted,
    reason: phase,
    message: messages[phase],
    lastTransitionTime,
    lastUpdateTime: lastTransitionTime,
  };
  const written: JsonObject = {
    ...fieldsAt(canary, "status"),
    ...status,
    canaryWeight: weighted.has(phase) ? status.canaryWeight : 0,
    iterations: 0,
    trackedConfigs: {},
    conditions: [condition],
  };
  return { ...canary, status: written };
}

/** Stands for Flagger's hash of the pod template. */
export function templateHash(deployment: KubeObject): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(objectAt(deployment, "spec", "template"))) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}
