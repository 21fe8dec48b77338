/** What Flagger does at one visit: `advanceCanary` of pkg/controller/scheduler.go, with the Istio provider (istio.md 7.1). */
import type { KubeObject } from "../../kube/objects.ts";
import { specOf, templateHash } from "./canaryObject.ts";
import { allToPrimary } from "./canaryRoutes.ts";
import { statusOf, type Phase } from "./canaryStatus.ts";
import { asksForRollback, mayBegin, mayIncrease, passesPreRollout, passesRollout, tellEnd } from "./hooks.ts";
import { haltReason } from "./metricChecks.ts";
import { nextStep, runBlueGreen, runMatched, runWeighted } from "./strategies.ts";
import {
  beginPhase,
  copyToPrimary,
  count,
  deployments,
  enter,
  reconciledRouting,
  say,
  scale,
  setRoutes,
  type FlaggerCluster,
  type Visit,
} from "./visit.ts";

/** Does what Flagger would do now. A suspended Canary is left alone. */
export function advanceCanary(cluster: FlaggerCluster, canary: KubeObject, now: number): void {
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
    own: `${spec.name}.${spec.namespace}`,
    routing: reconciledRouting(cluster.store, spec),
  };
  phases[visit.status.phase](visit);
}

const phases: Readonly<Record<Phase, (visit: Visit) => void>> = {
  "": idle,
  Initialized: idle,
  Succeeded: idle,
  Failed: idle,
  Waiting: begin,
  Progressing: analyse,
  WaitingPromotion: analyse,
  Promoting: shiftToPrimary,
  Finalising: finish,
};

const isNew = ({ target, status }: Visit): boolean => templateHash(target) !== status.lastAppliedSpec;

function idle(visit: Visit): void {
  if (isNew(visit)) begin(visit);
}

/** A run that waits for its yes begins anew at each visit, and falls back to waiting. */
function begin(visit: Visit): void {
  beginPhase(visit, "Progressing");
  if (!mayBegin(visit)) return;
  say(visit, `New revision detected! Scaling up ${visit.named}`);
  scale(visit, 1);
  beginPhase(visit, "Progressing");
}

function analyse(visit: Visit): void {
  const { spec, status, named, own } = visit;
  if (isNew(visit)) {
    setRoutes(visit, allToPrimary);
    beginPhase(visit, "Progressing");
    say(visit, `New revision detected! Restarting analysis for ${named}`);
  } else if (spec.skipAnalysis) skip(visit);
  else if (asksForRollback(visit)) {
    say(visit, `Rolling back ${own} manual webhook invoked`, "Warning");
    rollBack(visit);
  } else if (status.failedChecks >= spec.threshold) rollBack(visit);
  else if (passes(visit)) goOn(visit);
  else count(visit, { failedChecks: status.failedChecks + 1 });
}

/** Before the canary gets anything, not even copies, there is nothing to measure. */
function passes(visit: Visit): boolean {
  const { spec, status, routing, named } = visit;
  if (routing.canary === 0 && status.iterations === 0 && !(spec.mirror && routing.mirrored)) {
    say(visit, `Starting canary analysis for ${named}`);
    return passesPreRollout(visit);
  }
  if (!passesRollout(visit)) return false;
  const halt = haltReason(spec, visit.served, visit.now);
  if (halt !== null) say(visit, halt, "Warning");
  return halt === null;
}

function goOn(visit: Visit): void {
  const { spec, status, routing } = visit;
  if (spec.iterations > 0 && spec.match.length > 0) runMatched(visit);
  else if (spec.iterations > 0) runBlueGreen(visit);
  else if (nextStep(spec, routing.canary) > 0) {
    const asks = !routing.mirrored && status.phase !== "WaitingPromotion";
    if (!asks || mayIncrease(visit)) runWeighted(visit);
  }
}

/** All at once, or by `stepWeightPromotion` at each visit. */
function shiftToPrimary(visit: Visit): void {
  const { spec, routing, own } = visit;
  const step = spec.stepWeightPromotion;
  if (step === 0) {
    say(visit, "Routing all traffic to primary");
    setRoutes(visit, allToPrimary);
    enter(visit, "Finalising");
    return;
  }
  if (routing.canary <= 0) return;
  const primary = Math.min(100, routing.primary + step);
  const canary = Math.max(0, routing.canary - step);
  setRoutes(visit, { primary, canary, mirrored: false });
  say(visit, `Advance ${own} primary weight ${primary}`);
  if (primary === 100) enter(visit, "Finalising");
  else count(visit, { canaryWeight: canary });
}

function finish(visit: Visit): void {
  scale(visit, 0);
  enter(visit, "Succeeded");
  tellEnd(visit);
  say(visit, `Promotion completed! Scaling down ${visit.named}`);
}

function skip(visit: Visit): void {
  setRoutes(visit, allToPrimary);
  copyToPrimary(visit);
  scale(visit, 0);
  enter(visit, "Succeeded");
  say(visit, `Promotion completed! Canary analysis was skipped for ${visit.named}`);
}

function rollBack(visit: Visit): void {
  const { own, spec, status } = visit;
  if (status.failedChecks >= spec.threshold) {
    say(visit, `Rolling back ${own} failed checks threshold reached ${status.failedChecks}`, "Warning");
  }
  setRoutes(visit, allToPrimary);
  say(visit, `Canary failed! Scaling down ${own}`, "Warning");
  scale(visit, 0);
  beginPhase(visit, "Failed");
  tellEnd(visit);
}
