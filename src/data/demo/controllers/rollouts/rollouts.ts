import type { ObjectStore } from "../../kube/store.ts";
import { visitEach } from "../visitEach.ts";
import { advanceRollout } from "./advance.ts";
import { removeOrphans } from "./replicaSets.ts";

export interface ArgoRollouts {
  /** Looks at every Rollout; who deleted one takes its ReplicaSets with it. */
  step(now: number): void;
}

/** A small Argo Rollouts: canary steps with weights and pauses, Istio as traffic router; no analysis, no experiments (istio.md 7.2). */
export function startRollouts(store: ObjectStore): ArgoRollouts {
  return {
    step(now) {
      const rollouts = store.list({ group: "argoproj.io", kind: "Rollout" });
      visitEach(rollouts, (rollout) => advanceRollout(store, rollout, now));
      removeOrphans(store, rollouts);
    },
  };
}
