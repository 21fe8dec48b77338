import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { CanaryChange } from "../change.ts";
import { generatedRoutes } from "./flaggerRoutes.ts";
import { flaggerPlan } from "./flaggerVerbs.ts";
import { sameRef } from "./held.ts";
import { refuseGone, staleness, type Action } from "./planning.ts";
import { rolloutPlan } from "./rolloutVerbs.ts";

/** Pause, resume, promote and the like: the same words for Flagger and Argo Rollouts, and what each really does with them in the warnings. */
export const steerCanary: Action<CanaryChange> = {
  kind: "canary",
  title: "Canary",

  needs(mesh, { canary, verb }) {
    const known = mesh.canaries.find(({ ref }) => sameRef(ref, canary));
    const weighs = known?.controller === "Flagger" && (verb === "abort" || verb === "resume");
    return { objects: [canary, ...(weighs ? generatedRoutes(mesh, known) : [])], lists: [] };
  },

  plan(mesh, change, seen) {
    const held = seen.object(change.canary);
    if (held === null) return refuseGone(change, change.canary);
    const summary = clean(`${change.verb} ${nameOf(change.canary)}`);
    const steered = { mesh, change, summary, held, seen };
    const plan = change.canary.kind === "Rollout" ? rolloutPlan(steered) : flaggerPlan(steered);
    return { ...plan, warnings: [...staleness(mesh), ...plan.warnings] };
  },
};
