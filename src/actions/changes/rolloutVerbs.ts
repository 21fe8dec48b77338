/** What a person can do to an Argo Rollout: the patches of its kubectl plugin (istio.md 7.2). Never its VirtualService. */
import type { CanaryVerb, Edit, EditPatch, Plan } from "../change.ts";
import type { Steered } from "./flaggerRoutes.ts";
import { listAt, textAt, type Held } from "./held.ts";
import { runGuards, stepIndexOf } from "./owners.ts";
import { editPatch, refuse, removeAt, setTo } from "./planning.ts";
import { isJsonArray, valueAt } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";

type Verb = (steered: Steered) => Plan;

const verbs: Readonly<Record<CanaryVerb, Verb>> = {
  // Whatever it is doing by now: it is to stop.
  pause: (steered) =>
    isPaused(steered.held)
      ? because(steered, "it is paused already")
      : planOf(
          steered,
          [{ ...spec(steered.held, setTo(steered.held, "/spec/paused", true)), guards: [] }],
          [],
        ),

  resume: (steered) => {
    const { held } = steered;
    if (!isPaused(held) && !waits(held)) return because(steered, "it is not paused");
    return planOf(steered, [spec(held, unpaused(held)), status(held, goOn(held))], []);
  },

  next(steered) {
    const { held } = steered;
    const now = stepIndexOf(held);
    const steps = listAt(held, "/spec/strategy/canary/steps").length;
    if (now === null || now >= steps) return because(steered, "it has no step to go on to");
    const move = waits(held) ? goOn(held) : setTo(held, "/status/currentStepIndex", now + 1);
    return planOf(steered, [spec(held, unpaused(held)), status(held, move)], []);
  },

  promote(steered) {
    const { held } = steered;
    const current = textAt(held, "/status/currentPodHash");
    if (current === null || current === textAt(held, "/status/stableRS")) {
      return because(steered, "there is no new version to promote: the stable one is current");
    }
    const full = setTo(held, "/status/promoteFull", true);
    if (full.length === 0) return because(steered, "it is being promoted already");
    const plan = planOf(
      steered,
      [spec(held, unpaused(held)), status(held, full)],
      ["every step, pause and analysis that is left is skipped"],
    );
    return { ...plan, grave: true };
  },

  abort(steered) {
    const { held } = steered;
    if (valueAt(held.json, "/status/abort") === true) return because(steered, "it is aborted already");
    const current = textAt(held, "/status/currentPodHash");
    if (current !== null && current === textAt(held, "/status/stableRS")) {
      return because(steered, "nothing is under way: the stable version is current");
    }
    const plan = planOf(
      steered,
      [status(held, setTo(held, "/status/abort", true))],
      [
        "all traffic goes back to the stable version; it stays Degraded until it is retried or the old image is put back",
      ],
    );
    return { ...plan, grave: true };
  },

  retry: (steered) =>
    valueAt(steered.held.json, "/status/abort") === true
      ? planOf(steered, [status(steered.held, setTo(steered.held, "/status/abort", false))], [])
      : because(steered, "it was not aborted"),
};

export function rolloutPlan(steered: Steered): Plan {
  if (valueAt(steered.held.json, "/status") === undefined) {
    return because(steered, "its controller has not looked at it yet");
  }
  return verbs[steered.change.verb](steered);
}

const because = ({ change, summary }: Steered, reason: string): Plan => refuse(change, summary, reason);

function planOf(steered: Steered, patches: readonly EditPatch[], warnings: readonly string[]): Plan {
  return {
    ...refuse(steered.change, steered.summary),
    patches: patches.filter(({ edits }) => edits.length > 0),
    warnings: [...warnings, ...revertersOf(steered.held)],
  };
}

/** The controller writes the status all the time, so the version is no guard: the values are, and the version of the pods. */
const spec = (held: Held, edits: readonly Edit[]): EditPatch => ({
  ...editPatch(held, edits, runGuards(held)),
  pinned: false,
});
const status = (held: Held, edits: readonly Edit[]): EditPatch => ({
  ...spec(held, edits),
  subresource: "status",
});

const isPaused = (held: Held): boolean => valueAt(held.json, "/spec/paused") === true;

/** It stands at a pause of its steps. */
function waits(held: Held): boolean {
  const conditions = valueAt(held.json, "/status/pauseConditions");
  return isJsonArray(conditions) && conditions.length > 0;
}

const unpaused = (held: Held): readonly Edit[] => (isPaused(held) ? setTo(held, "/spec/paused", false) : []);
const goOn = (held: Held): readonly Edit[] => (waits(held) ? removeAt(held, "/status/pauseConditions") : []);
