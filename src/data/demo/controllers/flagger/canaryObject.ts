/** What Flagger reads of a Canary (istio.md 7.1). */
import { parseSpan } from "../../../mesh/duration.ts";
import type { Json } from "../../../mesh/json.ts";
import { boolAt, fieldsAt, listAt, numberAt, objectAt, textAt, textsOrNull } from "../../kube/fields.ts";
import type { KubeObject } from "../../kube/objects.ts";

export interface MetricCheck {
  readonly name: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly min: number | null;
  readonly max: number | null;
}

/** Somebody who is asked on the way. */
export interface Webhook {
  /** `rollout` where none is written. */
  readonly type: string;
  readonly name: string;
  readonly url: string;
  /** What comes along in its body: of Flagger's loadtester, the `cmd` to run and its `type`. */
  readonly metadata: Readonly<Record<string, string>>;
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
  /** How much the primary gets back at each look while it is promoted; 0: all at once. */
  readonly stepWeightPromotion: number;
  /** How often an A/B test or blue-green passes; 0: the run goes by weights. */
  readonly iterations: number;
  readonly match: readonly Json[];
  readonly mirror: boolean;
  /** Percent of the requests that are copied; 0: none is written, and all are. */
  readonly mirrorWeight: number;
  readonly sessions: { readonly cookieName: string; readonly maxAge: number } | null;
  readonly metrics: readonly MetricCheck[];
  readonly webhooks: readonly Webhook[];
}

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
    ...stepsOf(analysis),
    match: listAt(analysis, "match"),
    mirror: boolAt(analysis, "mirror"),
    mirrorWeight: numberAt(analysis, "mirrorWeight") ?? 0,
    sessions: sessionsOf(analysis),
    metrics: listAt(analysis, "metrics").map(metricOf),
    webhooks: listAt(analysis, "webhooks").map(webhookOf),
  };
}

type Steps = Pick<
  CanarySpec,
  "maxWeight" | "stepWeight" | "stepWeights" | "stepWeightPromotion" | "iterations"
>;

/** The last of `stepWeights` is the highest weight, whatever `maxWeight` says (`maxWeight` of scheduler.go). */
function stepsOf(analysis: Json): Steps {
  const stepWeights = listAt(analysis, "stepWeights").filter((step) => typeof step === "number");
  const last = stepWeights.at(-1);
  return {
    maxWeight: last === undefined ? numberAt(analysis, "maxWeight") || 100 : Math.min(100, last),
    stepWeight: numberAt(analysis, "stepWeight") ?? 0,
    stepWeights,
    stepWeightPromotion: numberAt(analysis, "stepWeightPromotion") ?? 0,
    iterations: numberAt(analysis, "iterations") ?? 0,
  };
}

const aDay = 86_400;

function sessionsOf(analysis: Json): CanarySpec["sessions"] {
  const sessions = objectAt(analysis, "sessionAffinity");
  if (sessions === null) return null;
  const maxAge = numberAt(sessions, "maxAge") || aDay;
  return { cookieName: textAt(sessions, "cookieName") ?? "", maxAge };
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

function webhookOf(hook: Json): Webhook {
  const metadata = Object.entries(fieldsAt(hook, "metadata")).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return {
    type: textAt(hook, "type") || "rollout",
    name: textAt(hook, "name") ?? "",
    url: textAt(hook, "url") ?? "",
    metadata: Object.fromEntries(metadata),
  };
}

/** Stands for Flagger's hash of the pod template. */
export function templateHash(deployment: KubeObject): string {
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(objectAt(deployment, "spec", "template"))) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}
