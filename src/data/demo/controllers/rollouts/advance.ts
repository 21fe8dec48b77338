/** One look of Argo's controller at one Rollout with canary steps (rollout/canary.go, rollout/trafficrouting.go; istio.md 7.2). */
import { fieldsAt } from "../../kube/fields.ts";
import { sameJson, type JsonObject, type KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { recordEvent } from "../events.ts";
import { timestampOf } from "../timestamp.ts";
import { phaseOf } from "./phase.ts";
import {
  newVersion,
  scaleDownAfter,
  scaleTo,
  versionsOf,
  wantedTemplate,
  type Version,
} from "./replicaSets.ts";
import { specOf, statusFields, statusOf } from "./rolloutObject.ts";
import type { RolloutSpec, RolloutStatus, Step } from "./rolloutObject.ts";
import { writeHashes, writeWeights } from "./rolloutRoutes.ts";

const rollouts = { group: "argoproj.io", kind: "Rollout" } as const;
const manager = "rollouts-controller";

interface Look {
  readonly store: ObjectStore;
  readonly now: number;
  readonly rollout: KubeObject;
  readonly spec: RolloutSpec;
  readonly status: RolloutStatus;
  readonly versions: readonly Version[];
}

/** Does what the controller would do until there is nothing more to do at this instant. */
export function advanceRollout(store: ObjectStore, rollout: KubeObject, now: number): void {
  const { namespace = "default", name } = rollout.metadata;
  // A step leads to the next; more than these are no rollout that anybody wrote.
  for (let looks = 0; looks < 100; looks += 1) {
    const current = store.get({ ...rollouts, namespace, name });
    if (current === null || !lookOnce(store, current, now)) return;
  }
}

/** Gives whether the status has moved, so that there may be more to do. */
function lookOnce(store: ObjectStore, rollout: KubeObject, now: number): boolean {
  const spec = specOf(rollout);
  const wanted = wantedTemplate(store, rollout);
  if (wanted === null) return false;
  const before = statusOf(rollout);
  // A Rollout that somebody paused takes up no new template.
  const isNew = wanted.hash !== before.currentPodHash && !(spec.paused && before.stableRS !== "");
  if (isNew) newVersion(store, rollout, wanted);
  const status = isNew ? restarted(before, wanted.hash, spec) : settled(before, spec, now);
  const look: Look = { store, now, rollout, spec, status, versions: versionsOf(store, rollout) };
  if (isNew && before.currentPodHash !== "") {
    say(look, "RolloutUpdated", `Rollout updated to revision ${newestOf(look)?.revision ?? 1}`);
  }
  scale(look);
  route({ ...look, versions: versionsOf(store, rollout) });
  const next = isNew ? status : advanced({ ...look, versions: versionsOf(store, rollout) });
  return write(look, next);
}

const isAtStable = ({ currentPodHash, stableRS }: RolloutStatus): boolean => currentPodHash === stableRS;

/** Another template begins from the first step, with nothing left of the last run; the stable one again is done at once. */
function restarted(status: RolloutStatus, hash: string, { steps }: RolloutSpec): RolloutStatus {
  const skips = hash === status.stableRS || status.stableRS === "";
  return {
    ...status,
    currentPodHash: hash,
    currentStepIndex: skips ? steps.length : 0,
    pausedSince: null,
    controllerPause: false,
    abort: false,
    abortedAt: "",
    promoteFull: false,
  };
}

/** What a person has written into the status, thought to its end. */
function settled(status: RolloutStatus, { steps }: RolloutSpec, now: number): RolloutStatus {
  const unpaused = { ...status, pausedSince: null, controllerPause: false };
  if (status.promoteFull) {
    return { ...unpaused, abort: false, abortedAt: "", currentStepIndex: steps.length };
  }
  if (!status.abort) return { ...status, abortedAt: "" };
  const abortedAt = status.abortedAt === "" ? timestampOf(now) : status.abortedAt;
  return { ...unpaused, abortedAt, currentStepIndex: isAtStable(status) ? steps.length : 0 };
}

const newestOf = ({ versions, status }: Pick<Look, "versions" | "status">): Version | undefined =>
  versions.find(({ hash }) => hash === status.currentPodHash);

const availableOf = (look: Look): number => newestOf(look)?.available ?? 0;

function scale(look: Look): void {
  const { store, spec, status, versions, now } = look;
  for (const version of versions) {
    if (version.hash === status.stableRS) scaleTo(store, version, spec.replicas);
    else if (version.hash !== status.currentPodHash) scaleDownAfter(store, version, spec.scaleDownDelay, now);
    else if (status.abort) scaleDownAfter(store, version, spec.abortScaleDownDelay, now);
    else scaleTo(store, version, canaryReplicas(look));
  }
}

/** With traffic routing the stable version keeps all of its pods, and the canary gets its part on top. */
function canaryReplicas({ spec, status }: Look): number {
  if (status.promoteFull || status.currentStepIndex >= spec.steps.length) return spec.replicas;
  return Math.ceil((spec.replicas * weightAt(spec, status.currentStepIndex)) / 100);
}

/** The weight that was set last, at this step or before; 0 before the first (`GetCurrentSetWeight`). */
function weightAt({ steps }: RolloutSpec, index: number): number {
  const weight = steps.slice(0, index + 1).findLast(({ setWeight }) => setWeight !== null)?.setWeight ?? 0;
  return Math.min(100, Math.max(0, Math.floor(weight)));
}

function route(look: Look): void {
  const { store, spec, status } = look;
  const canary = availableOf(look) > 0 || isAtStable(status) ? status.currentPodHash : "";
  writeHashes(store, spec, { canary, stable: status.stableRS });
  writeWeights(store, spec, desiredWeight(look));
}

/** Never more than there are pods for: until those of a step are up, the weight of the step before it stands. */
function desiredWeight(look: Look): number {
  const { spec, status } = look;
  const available = availableOf(look);
  if (isAtStable(status) || status.abort || available === 0) return 0;
  if (status.promoteFull) return Math.min(100, Math.floor((100 * available) / Math.max(1, spec.replicas)));
  if (available < canaryReplicas(look)) return weightAt(spec, status.currentStepIndex - 1);
  return status.currentStepIndex >= spec.steps.length ? 100 : weightAt(spec, status.currentStepIndex);
}

/** The status after what is done is taken for done. */
function advanced(look: Look): RolloutStatus {
  const { spec, status } = look;
  if (isAtStable(status) || status.abort) return { ...status, promoteFull: false };
  const step = spec.steps[status.currentStepIndex];
  if (step === undefined || status.stableRS === "") {
    return availableOf(look) >= spec.replicas ? promoted(look) : status;
  }
  return spec.paused ? status : atStep(look, step);
}

function atStep(look: Look, step: Step): RolloutStatus {
  const { status, now } = look;
  if (step.pause === null) {
    return availableOf(look) >= canaryReplicas(look) ? stepDone(look, step) : status;
  }
  if (!status.controllerPause) {
    say(look, "RolloutPaused", "Rollout is paused (CanaryPauseStep)");
    return { ...status, controllerPause: true, pausedSince: now };
  }
  const { pausedSince } = status;
  const { until } = step.pause;
  // Somebody took the condition away, or the time is over.
  const isOver = pausedSince === null || (until !== null && now > pausedSince + until);
  return isOver ? stepDone(look, step) : status;
}

function stepDone(look: Look, { words }: Step): RolloutStatus {
  const { spec, status } = look;
  const done = status.currentStepIndex + 1;
  say(look, "RolloutStepCompleted", `Rollout step ${done}/${spec.steps.length} completed (${words})`);
  return { ...status, currentStepIndex: done, pausedSince: null, controllerPause: false };
}

function promoted(look: Look): RolloutStatus {
  const { spec, status } = look;
  const why = status.promoteFull
    ? "Full promotion requested"
    : status.stableRS === ""
      ? "Initial deploy"
      : `Completed all ${spec.steps.length} canary steps`;
  const revision = newestOf(look)?.revision ?? 1;
  const message = `Rollout completed update to revision ${revision} (${status.currentPodHash}): ${why}`;
  say(look, "RolloutCompleted", message);
  return {
    ...status,
    stableRS: status.currentPodHash,
    currentStepIndex: spec.steps.length,
    promoteFull: false,
  };
}

/** Gives whether the controller's own part of the status has moved. */
function write(look: Look, status: RolloutStatus): boolean {
  const { store, rollout, spec, versions, now } = look;
  const revision = newestOf({ versions, status })?.revision ?? 1;
  const canary = desiredWeight({ ...look, status, versions: versionsOf(store, rollout) });
  const side = (weight: number, podTemplateHash: string, service: string | null): JsonObject => ({
    weight,
    podTemplateHash,
    ...(service === null ? {} : { serviceName: service }),
  });
  const said: JsonObject = {
    ...statusFields(status, spec.steps.length, timestampOf),
    ...phaseOf({ rollout, spec, status, versions, now, revision }),
    canary: {
      weights: {
        canary: side(canary, status.currentPodHash, spec.canaryService),
        stable: side(100 - canary, status.stableRS, spec.stableService),
      },
    },
  };
  if (sameJson(fieldsAt(rollout, "status"), said)) return false;
  const next: KubeObject = { ...rollout, status: said };
  store.apply(next, manager);
  return !sameJson({ ...statusOf(rollout) }, { ...status });
}

function say({ store, rollout, now }: Look, reason: string, message: string): void {
  recordEvent(store, rollout, { at: now, type: "Normal", reason, message, from: manager });
}
