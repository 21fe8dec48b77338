/** What a person can do to a Flagger canary (istio.md 7.1; terminal-tools.md 0.1, 0.3, 6.4). */
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { CanaryVerb, EditPatch, Plan } from "../change.ts";
import { onRoutes, sidedRules, type SidedRule, type Steered } from "./flaggerRoutes.ts";
import type { Held } from "./held.ts";
import { flaggerState, runGuards, type FlaggerState } from "./owners.ts";
import { editPatch, refuse, setTo } from "./planning.ts";
import { valueAt } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";
import { suspendPatch } from "./shiftTraffic.ts";

export function flaggerPlan(steered: Steered): Plan {
  const state = flaggerState(steered.held);
  const plan = verbs[steered.change.verb](steered, state);
  return { ...plan, warnings: [...plan.warnings, ...revertersOf(steered.held)] };
}

type Verb = (steered: Steered, state: FlaggerState) => Plan;

const unknownVerb =
  (advice: string): Verb =>
  ({ change, summary }) =>
    refuse(change, summary, advice);

/** Phases in which it waits until one of its webhooks lets it go on. */
const gates: Readonly<Record<string, string>> = {
  Waiting: "confirm-rollout",
  WaitingPromotion: "confirm-promotion",
};

const verbs: Readonly<Record<CanaryVerb, Verb>> = {
  pause: ({ change, summary, held }, { suspended }) =>
    suspended
      ? refuse(change, summary, "it is suspended already")
      : {
          ...refuse(change, summary),
          patches: [suspendPatch(held)],
          warnings: ["weights stay where they are; nobody repairs its routes until it is resumed"],
          afterwards: "Flagger does nothing about it, new versions included, until it is resumed.",
        },
  resume,
  promote,
  abort,
  next({ change, summary }, { phase }) {
    const gate = gates[phase];
    if (gate === undefined)
      return refuse(change, summary, "Flagger takes the next step by itself; promote skips the analysis");
    const otherwise = phase === "Waiting" ? "" : "; promote skips the analysis";
    return refuse(change, summary, `it is ${phase}: its ${gate} webhook has to say yes${otherwise}`);
  },
  retry: unknownVerb("Flagger starts again when the target's pod template or configuration changes"),
};

/** Takes `spec.suspend` away; first, weights that Flagger would take for "past the last step" go back to a listed one. */
function resume(steered: Steered, state: FlaggerState): Plan {
  const { change, summary, held } = steered;
  if (!state.suspended) return refuse(change, summary, "it is not suspended");
  const rules = state.underWay ? sidedRules(steered, state).filter(({ forSessions }) => !forSessions) : [];
  const back = state.stepWeights.length > 0 ? onRoutes(rules, backToStep(state)) : [];
  const routes = back.map(({ ref }) => nameOf(ref)).join(", ");
  const moved =
    back.length === 0
      ? []
      : [
          `the canary's weight goes back to a listed step first (${routes}): from any other, Flagger's next passing check sends everything to the canary`,
        ];
  const further = state.idle
    ? ["it is idle: weights that were set by hand are where its next run starts"]
    : rules.slice(0, 1).flatMap((rule) => goesOn(rule, state));
  const resumed = {
    ...editPatch(held, setTo(held, "/spec/suspend", false), runGuards(held)),
    pinned: false,
  };
  return { ...refuse(change, summary), patches: [...back, resumed], warnings: [...moved, ...further] };
}

const stepAtOrBelow = ({ stepWeights }: FlaggerState, weight: number): number =>
  [0, ...stepWeights].filter((one) => one <= weight).reduce((a, b) => Math.max(a, b));

/** The nearest listed step at or below the canary's weight, or none at all, in parts of 100. */
const backToStep =
  (state: FlaggerState) =>
  ({ primary, canary, share }: SidedRule, weights: readonly number[]): readonly number[] => {
    const step = stepAtOrBelow(state, share);
    if (weights[canary] === step && weights[primary] === 100 - step) return weights;
    return weights.map((weight, i) => (i === canary ? step : i === primary ? 100 - step : weight));
  };

/** What the first check after a resume makes of the weight that it finds. */
function goesOn({ share }: SidedRule, state: FlaggerState): readonly string[] {
  const { maxWeight, stepWeights } = state;
  if (maxWeight === null) return [];
  const weight = stepWeights.length > 0 ? stepAtOrBelow(state, share) : share;
  if (weight >= maxWeight)
    return [
      `the canary is at its highest weight (${maxWeight}): the next passing check begins its promotion`,
    ];
  if (weight === 0) return ["from weight 0 it runs its pre-rollout checks again"];
  return [`it goes on from weight ${weight}`];
}

/** Already on its way there, where skipping the analysis changes nothing. */
const promoting: ReadonlySet<string> = new Set(["Promoting", "Finalising"]);

/** `skipAnalysis` does not carry the weight on: it goes to primary, the canary's version is copied there, and the canary is scaled to zero. */
function promote({ change, summary, held }: Steered, state: FlaggerState): Plan {
  if (state.idle || state.phase === "")
    return refuse(change, summary, "there is no new version to promote: it is idle");
  if (promoting.has(state.phase)) return refuse(change, summary, "it is being promoted already");
  // `checkCanaryStatus` ends the look before it comes to skipAnalysis (pkg/controller/scheduler.go).
  if (state.phase === "Waiting")
    return refuse(
      change,
      summary,
      "it is Waiting: its confirm-rollout webhook has to say yes before Flagger looks at anything else",
    );
  if (valueAt(held.json, "/spec/skipAnalysis") === true)
    return refuse(change, summary, "skipAnalysis is set already");
  const edits = [
    ...setTo(held, "/spec/skipAnalysis", true),
    ...(state.suspended ? setTo(held, "/spec/suspend", false) : []),
  ];
  return {
    ...refuse(change, summary),
    patches: [{ ...editPatch(held, edits, runGuards(held)), pinned: false }],
    warnings: [
      "Flagger first sends everything to primary, then copies the new version there and scales the canary to zero: its checks no longer count",
      "skipAnalysis stays set and promotes the next version unchecked, too: undo this when it has succeeded",
      ...(state.suspended ? ["it is suspended: this resumes it, and undo suspends it again"] : []),
    ],
    afterwards: `skipAnalysis of ${nameOf(held.ref)} stays set: undo this when it has succeeded, or every later version is promoted unchecked.`,
    grave: true,
  };
}

/** Flagger has no field for abort; suspended with all weight on primary is what takes users off the canary at once. */
function abort(steered: Steered, state: FlaggerState): Plan {
  const { change, summary, held } = steered;
  const rules = sidedRules(steered, state);
  if (rules.length === 0) return refuse(change, summary, "no route with its primary and its canary is found");
  const routes = onRoutes(rules, ({ primary }, weights) => {
    const total = weights.reduce((sum, one) => sum + one, 0) || 100;
    return weights.map((_, i) => (i === primary ? total : 0));
  });
  const first: readonly EditPatch[] = state.suspended || state.idle ? [] : [suspendPatch(held)];
  if (routes.length === 0 && first.length === 0)
    return refuse(change, summary, "all weight is on primary already");
  const objects: readonly Held[] = [...new Set(rules.map((rule) => rule.held))];
  const suspends = first.length > 0;
  return {
    ...refuse(change, summary),
    patches: [...first, ...routes],
    warnings: [
      ...(suspends
        ? [
            "Flagger is suspended, so it neither goes on nor calls it failed: put the target's old image back, then resume",
          ]
        : []),
      ...(state.idle ? ["it is idle: its next run starts from weight 0"] : []),
      ...objects.flatMap(revertersOf),
    ],
    afterwards: suspends ? "Flagger is suspended: put the target's old image back, then resume it." : null,
    grave: true,
  };
}
