/** Flagger's Canary (flagger.app/v1beta1) and Argo's Rollout (argoproj.io/v1alpha1). */
import type { CanaryMetricCheck, FlaggerCanary, Rollout, RolloutStep } from "../../mesh/declared/delivery.ts";
import { millis, type Instant, type Millis } from "../../mesh/units.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

export function readCanary({ meta, spec, status }: RawObject): FlaggerCanary {
  const target = spec.at("targetRef");
  const targetRef = { kind: target.at("kind").textOrNull() ?? "Deployment", name: target.at("name").text() };
  // `canaryAnalysis` is the name that old objects use.
  const analysis = spec.at("analysis").absent ? spec.at("canaryAnalysis") : spec.at("analysis");
  return {
    meta,
    targetRef,
    apex: spec.at("service").at("name").nameOrNull() ?? targetRef.name,
    provider: spec.at("provider").nameOrNull(),
    suspend: spec.at("suspend").flag(),
    skipAnalysis: spec.at("skipAnalysis").flag(),
    revertOnDeletion: spec.at("revertOnDeletion").flag(),
    analysis: readAnalysis(analysis),
    status: readCanaryStatus(status),
  };
}

/** Defaults: a minute between steps, one failed check allowed (istio.md 7.1). */
function readAnalysis(analysis: Field): FlaggerCanary["analysis"] {
  return {
    interval: analysis.at("interval").durationOrNull() ?? millis(60_000),
    threshold: analysis.at("threshold").numberOr(1),
    maxWeight: analysis.at("maxWeight").numberOrNull(),
    stepWeight: analysis.at("stepWeight").numberOrNull(),
    stepWeights: analysis
      .at("stepWeights")
      .items()
      .map((weight) => weight.number()),
    iterations: analysis.at("iterations").numberOrNull(),
    mirror: analysis.at("mirror").flag(),
    sessionCookie: analysis.at("sessionAffinity").at("cookieName").nameOrNull(),
    matches: analysis.at("match").items().length,
    metrics: analysis.at("metrics").items().map(readMetric),
    webhooks: analysis
      .at("webhooks")
      .items()
      .map((hook) => ({
        type: hook.at("type").textOrNull() ?? "",
        name: hook.at("name").textOrNull() ?? "",
      })),
  };
}

function readMetric(metric: Field): CanaryMetricCheck {
  const range = metric.at("thresholdRange");
  return {
    name: metric.at("name").text(),
    interval: metric.at("interval").durationOrNull(),
    min: range.at("min").numberOrNull(),
    max: range.at("max").numberOrNull(),
    isTemplate: !metric.at("templateRef").absent,
  };
}

function readCanaryStatus(status: Field): FlaggerCanary["status"] {
  const promoted = status
    .at("conditions")
    .items()
    .find((condition) => condition.at("type").textOrNull() === "Promoted");
  return {
    phase: status.at("phase").textOrNull() ?? "",
    failedChecks: status.at("failedChecks").numberOr(0),
    canaryWeight: status.at("canaryWeight").numberOr(0),
    iterations: status.at("iterations").numberOr(0),
    lastTransition: status.at("lastTransitionTime").timeOrNull(),
    message: promoted?.at("message").nameOrNull() ?? null,
  };
}

export function readRollout({ meta, spec, status }: RawObject): Rollout {
  const canary = spec.at("strategy").at("canary");
  const istio = canary.at("trafficRouting").at("istio");
  return {
    meta,
    paused: spec.at("paused").flag(),
    pausedSince: pausedSince(status),
    phase: status.at("phase").textOrNull() ?? "",
    message: status.at("message").nameOrNull(),
    stepIndex: status.at("currentStepIndex").numberOrNull(),
    steps: canary.at("steps").items().map(readStep),
    canaryService: canary.at("canaryService").nameOrNull(),
    stableService: canary.at("stableService").nameOrNull(),
    virtualServices: readVirtualServices(istio),
    destinationRule: readDestinationRuleRef(istio.at("destinationRule")),
    aborted: status.at("abort").flag(),
    weights: readWeights(status.at("canary").at("weights")),
  };
}

/** A step is an object with one member, which names what it does. */
function readStep(step: Field): RolloutStep {
  const pause = step.at("pause");
  return {
    name: step.entries()[0]?.[0] ?? "",
    setWeight: step.at("setWeight").numberOrNull(),
    pause: pause.absent ? null : { duration: pauseDuration(pause.at("duration")) },
  };
}

/** A duration, or seconds in either spelling (argo-rollouts, `RolloutPause.DurationSeconds`). */
function pauseDuration(field: Field): Millis | null {
  if (typeof field.value === "number") return millis(field.number() * 1000);
  const text = field.textOrNull();
  if (text === null) return null;
  return /^\d+$/.test(text) ? millis(Number(text) * 1000) : field.duration();
}

/** The reason that a step gives; analyses have others. */
const stepReason = "CanaryPauseStep";

function pausedSince(status: Field): Instant | null {
  const conditions = status.at("pauseConditions").items();
  const ofStep = conditions.find((one) => one.at("reason").textOrNull() === stepReason);
  return ofStep?.at("startTime").timeOrNull() ?? null;
}

function readVirtualServices(istio: Field): Rollout["virtualServices"] {
  const single = istio.at("virtualService");
  const all = single.absent ? istio.at("virtualServices").items() : [single];
  return all.map((item) => ({ name: item.at("name").text(), routes: item.at("routes").texts() }));
}

function readDestinationRuleRef(field: Field): Rollout["destinationRule"] {
  if (field.absent) return null;
  return {
    name: field.at("name").text(),
    canarySubset: field.at("canarySubsetName").nameOrNull(),
    stableSubset: field.at("stableSubsetName").nameOrNull(),
  };
}

function readWeights(weights: Field): Rollout["weights"] {
  if (weights.absent) return null;
  return {
    canary: weights.at("canary").at("weight").numberOr(0),
    stable: weights.at("stable").at("weight").numberOr(0),
  };
}
