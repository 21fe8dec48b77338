/** One visit of Flagger to one Canary: `advanceCanary` of pkg/controller/scheduler.go for strategy canary (istio.md 7.1). */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, numberAt } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import type { ServedWindow } from "../../traffic/servedWindow.ts";
import { recordEvent } from "../events.ts";
import { timestampOf } from "../timestamp.ts";
import { specOf, statusOf, templateHash, withStatus } from "./canaryObject.ts";
import type { CanarySpec, CanaryStatus, Phase } from "./canaryObject.ts";
import { allToPrimary, generatedRoutes, isForeign, weightsIn, type Weights } from "./canaryRoutes.ts";
import { haltReason } from "./metricChecks.ts";

interface Visit {
  readonly store: ObjectStore;
  readonly served: ServedWindow;
  readonly now: number;
  readonly spec: CanarySpec;
  readonly status: CanaryStatus;
  readonly target: KubeObject;
  /** `name.namespace` of the target, as Flagger's messages name it. */
  readonly named: string;
  /** What the VirtualService says: Flagger reads its own weights back from there. */
  readonly weights: Weights;
}

const deployments = { group: "apps", kind: "Deployment" } as const;
const routes = { group: "networking.istio.io", kind: "VirtualService" } as const;
const canaries = { group: "flagger.app", kind: "Canary" } as const;

/** Does what Flagger would do at this visit. A suspended Canary is left alone. */
export function advanceCanary(
  cluster: { readonly store: ObjectStore; readonly served: ServedWindow },
  canary: KubeObject,
  now: number,
): void {
  const spec = specOf(canary);
  const target = cluster.store.get({ ...deployments, namespace: spec.namespace, name: spec.target });
  if (spec.suspend || target === null) return;
  const visit: Visit = {
    ...cluster,
    now,
    spec,
    status: statusOf(canary),
    target,
    named: `${spec.target}.${spec.namespace}`,
    weights: reconciledWeights(cluster.store, spec),
  };
  if (templateHash(target) !== visit.status.lastAppliedSpec) startAnalysis(visit);
  else steps[visit.status.phase](visit);
}

const idle = (): void => undefined;

const steps: Readonly<Record<Phase, (visit: Visit) => void>> = {
  "": idle,
  Initialized: idle,
  Succeeded: idle,
  Failed: idle,
  Progressing: analyse,
  Promoting: routeToPrimary,
  Finalising: finish,
};

/** Puts the generated VirtualService back where somebody changed more than weights. */
function reconciledWeights(store: ObjectStore, spec: CanarySpec): Weights {
  const route = store.get({ ...routes, namespace: spec.namespace, name: spec.apex });
  const weights = route === null ? null : weightsIn(route, spec);
  if (route !== null && weights !== null && !isForeign(route, spec)) return weights;
  writeRoutes(store, spec, allToPrimary);
  return allToPrimary;
}

function writeRoutes(store: ObjectStore, spec: CanarySpec, weights: Weights): void {
  const { namespace, apex: name } = spec;
  const before = store.get({ ...routes, namespace, name });
  const metadata = before?.metadata ?? { name, namespace };
  store.apply(
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata,
      ...{ spec: generatedRoutes(spec, weights) },
    },
    "flagger",
  );
}

function startAnalysis(visit: Visit): void {
  const { store, spec, target, named, status } = visit;
  const restarts = status.phase === "Progressing";
  say(visit, `New revision detected! ${restarts ? "Restarting analysis for" : "Scaling up"} ${named}`);
  if (restarts) writeRoutes(store, spec, allToPrimary);
  scale(visit, 1);
  const lastAppliedSpec = templateHash(target);
  enter(visit, "Progressing", { failedChecks: 0, canaryWeight: 0, lastAppliedSpec });
}

function analyse(visit: Visit): void {
  const { spec, status, weights } = visit;
  if (spec.skipAnalysis) skip(visit);
  else if (status.failedChecks >= spec.threshold) rollBack(visit);
  else if (!passes(visit)) write(visit, { failedChecks: status.failedChecks + 1 });
  else if (weights.canary >= spec.maxWeight) promote(visit);
  else advance(visit);
}

/** Before the canary has traffic there is nothing to check. */
function passes(visit: Visit): boolean {
  const { spec, weights, named } = visit;
  if (weights.canary === 0) {
    say(visit, `Starting canary analysis for ${named}`);
    return true;
  }
  const halt = haltReason(spec, visit.served, visit.now);
  if (halt !== null) say(visit, halt, "Warning");
  return halt === null;
}

function advance(visit: Visit): void {
  const { spec, weights } = visit;
  const canary = Math.min(100, weights.canary + nextStep(spec, weights.canary));
  writeRoutes(visit.store, spec, { primary: 100 - canary, canary });
  write(visit, { canaryWeight: canary });
  say(visit, `Advance ${spec.name}.${spec.namespace} canary weight ${canary}`);
}

/** A weight that is not in `stepWeights` jumps straight to 100 (`nextStepWeight`). */
function nextStep({ stepWeights, stepWeight }: CanarySpec, weight: number): number {
  if (stepWeights.length === 0) return stepWeight;
  const index = weight === 0 ? -1 : stepWeights.indexOf(weight);
  const next = weight !== 0 && index < 0 ? undefined : stepWeights[index + 1];
  return (next ?? 100) - weight;
}

function promote(visit: Visit): void {
  const { named, spec, weights } = visit;
  copyToPrimary(visit);
  say(visit, `Copying ${named} template spec to ${spec.target}-primary.${spec.namespace}`);
  enter(visit, "Promoting", { canaryWeight: weights.canary });
}

function routeToPrimary(visit: Visit): void {
  writeRoutes(visit.store, visit.spec, allToPrimary);
  say(visit, "Routing all traffic to primary");
  enter(visit, "Finalising", {});
}

function finish(visit: Visit): void {
  scale(visit, 0);
  say(visit, `Promotion completed! Scaling down ${visit.named}`);
  enter(visit, "Succeeded", { lastPromotedSpec: visit.status.lastAppliedSpec });
}

function skip(visit: Visit): void {
  copyToPrimary(visit);
  writeRoutes(visit.store, visit.spec, allToPrimary);
  scale(visit, 0);
  say(visit, `Promotion completed! Canary analysis was skipped for ${visit.named}`);
  enter(visit, "Succeeded", { lastPromotedSpec: visit.status.lastAppliedSpec });
}

function rollBack(visit: Visit): void {
  const { named, status } = visit;
  say(visit, `Rolling back ${named} failed checks threshold reached ${status.failedChecks}`, "Warning");
  writeRoutes(visit.store, visit.spec, allToPrimary);
  scale(visit, 0);
  say(visit, `Canary failed! Scaling down ${named}`, "Warning");
  enter(visit, "Failed", {});
}

/** The primary gets the target's pod template, but keeps the labels that its Services select. */
function copyToPrimary({ store, spec, target }: Visit): void {
  const primary = store.get({ ...deployments, namespace: spec.namespace, name: `${spec.target}-primary` });
  if (primary === null) return;
  const template: Json = {
    ...fieldsAt(target, "spec", "template"),
    metadata: fieldsAt(primary, "spec", "template", "metadata"),
  };
  store.apply(withSpec(primary, { template }), "flagger");
}

function scale({ store, spec }: Visit, replicas: number): void {
  const target = store.get({ ...deployments, namespace: spec.namespace, name: spec.target });
  if (target === null || (replicas > 0 && (numberAt(target, "spec", "replicas") ?? 1) > 0)) return;
  store.apply(withSpec(target, { replicas }), "flagger");
}

function withSpec(object: KubeObject, change: JsonObject): KubeObject {
  return { ...object, spec: { ...fieldsAt(object, "spec"), ...change } };
}

function enter(visit: Visit, phase: Phase, change: Partial<CanaryStatus>): void {
  write(visit, { ...change, phase });
}

/** Every write of the status moves lastTransitionTime, also one that keeps the phase. */
function write({ store, spec, now }: Visit, change: Partial<CanaryStatus>): void {
  const canary = store.get({ ...canaries, namespace: spec.namespace, name: spec.name });
  if (canary === null) return;
  const status = { ...statusOf(canary), lastTransitionTime: timestampOf(now), ...change };
  store.apply(withStatus(canary, status), "flagger");
}

function say({ store, spec, now }: Visit, message: string, type: "Normal" | "Warning" = "Normal"): void {
  const canary = store.get({ ...canaries, namespace: spec.namespace, name: spec.name });
  if (canary === null) return;
  // Flagger has this one reason for everything; the text is in the message.
  recordEvent(store, canary, { at: now, type, reason: "Synced", message, from: "flagger" });
}
