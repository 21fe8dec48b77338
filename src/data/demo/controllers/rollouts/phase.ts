/** How a Rollout is, in Argo's words (utils/rollout, CalculateRolloutPhase). */
import { labelsAt, listAt, textAt } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import { timestampOf } from "../timestamp.ts";
import type { Version } from "./replicaSets.ts";
import type { RolloutSpec, RolloutStatus } from "./rolloutObject.ts";

interface Stood {
  readonly rollout: KubeObject;
  readonly spec: RolloutSpec;
  readonly status: RolloutStatus;
  readonly versions: readonly Version[];
  readonly now: number;
  /** Of the newest template. */
  readonly revision: number;
}

/** The derived part of the status: phase, message, conditions and counts. */
export function phaseOf(stood: Stood): JsonObject {
  const { rollout, spec, status, versions } = stood;
  const [phase, message] = wordsFor(stood);
  const sum = (of: (version: Version) => number): number => versions.reduce((all, one) => all + of(one), 0);
  const updated = versions.find(({ hash }) => hash === status.currentPodHash)?.available ?? 0;
  const running = sum(({ available }) => available);
  return {
    phase,
    ...(message === "" ? {} : { message }),
    conditions: [progressing(stood)],
    observedGeneration: String(rollout.metadata.generation ?? 1),
    replicas: running,
    HPAReplicas: running,
    readyReplicas: running,
    availableReplicas: running,
    updatedReplicas: updated,
    selector: Object.entries(labelsAt(spec.selector, "matchLabels"))
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  };
}

function wordsFor({ spec, status, versions, revision }: Stood): readonly [phase: string, message: string] {
  if (status.abort) {
    return ["Degraded", `RolloutAborted: Rollout aborted update to revision ${revision}`];
  }
  if (spec.paused) return ["Paused", "manually paused"];
  if (status.pausedSince !== null) return ["Paused", "CanaryPauseStep"];
  const newest = versions.find(({ hash }) => hash === status.currentPodHash);
  const { available, replicas } = newest ?? { available: 0, replicas: 1 };
  if (status.currentPodHash !== status.stableRS) {
    return available < replicas
      ? ["Progressing", "more replicas need to be updated"]
      : ["Progressing", "waiting for all steps to complete"];
  }
  return available < spec.replicas
    ? ["Progressing", "updated replicas are still becoming available"]
    : ["Healthy", ""];
}

const reasons: Readonly<Record<string, readonly [status: string, reason: string]>> = {
  Healthy: ["True", "NewReplicaSetAvailable"],
  Paused: ["Unknown", "RolloutPaused"],
  Degraded: ["False", "RolloutAborted"],
  Progressing: ["True", "ReplicaSetUpdated"],
};

/** The condition `Progressing`; its times are those of the last change of its reason. */
function progressing(stood: Stood): JsonObject {
  const [phase, message] = wordsFor(stood);
  const [status, reason] = reasons[phase] ?? ["Unknown", phase];
  const before = listAt(stood.rollout, "status", "conditions").find(
    (condition) => textAt(condition, "reason") === reason,
  );
  const time = textAt(before, "lastTransitionTime") ?? timestampOf(stood.now);
  return { type: "Progressing", status, reason, message, lastTransitionTime: time, lastUpdateTime: time };
}
