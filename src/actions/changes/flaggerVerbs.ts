/** What a person can do to a Flagger canary (istio.md 7.1; terminal-tools.md 0.1, 0.3, 6.4). */
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Canary } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import { serviceHost } from "../../data/mesh/resolve/hosts.ts";
import type { CanaryChange, CanaryVerb, EditPatch, Plan } from "../change.ts";
import { sameRef, type Held, type Seen } from "./held.ts";
import { flaggerState, type FlaggerState } from "./owners.ts";
import { editPatch, refuse, setTo } from "./planning.ts";
import { valueAt } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";
import { rawRule, weightsIn, type RawRule } from "./routeObject.ts";
import { suspendPatch, weightPatch } from "./shiftTraffic.ts";
import { apportion } from "./weights.ts";

/** A canary with what was read of it and its routes. */
export interface Steered {
  readonly mesh: Mesh;
  readonly change: CanaryChange;
  readonly summary: string;
  readonly held: Held;
  readonly seen: Seen;
}

/** The routes that Flagger generates for a canary: those of its apex that bear its name. */
export function generatedRoutes(mesh: Mesh, canary: Canary): readonly ResourceRef[] {
  const namespace = canary.ref.namespace ?? "";
  const service = mesh.services.find(({ key }) => key === `${namespace}/${canary.apex}`);
  const refs = (service?.routes ?? []).flatMap(({ ref, rules }) => [ref, ...rules.map((rule) => rule.ref)]);
  const own = refs.filter(({ name, namespace: at }) => name === canary.apex && at === namespace);
  return own.filter((ref, i) => own.findIndex((one) => sameRef(one, ref)) === i);
}

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

const verbs: Readonly<Record<CanaryVerb, Verb>> = {
  pause: ({ change, summary, held }, { suspended }) =>
    suspended
      ? refuse(change, summary, "it is suspended already")
      : {
          ...refuse(change, summary),
          patches: [suspendPatch(held)],
          warnings: ["weights stay where they are; nobody repairs its routes until it is resumed"],
        },
  resume,
  promote,
  abort,
  next: unknownVerb("Flagger takes the next step by itself; promote skips the analysis"),
  retry: unknownVerb("Flagger starts again when the target's pod template or configuration changes"),
};

/** Takes `spec.suspend` away; first, weights that Flagger would take for "past the last step" go back to a listed one. */
function resume(steered: Steered, state: FlaggerState): Plan {
  const { change, summary, held } = steered;
  if (!state.suspended) return refuse(change, summary, "it is not suspended");
  const back = state.underWay && state.stepWeights.length > 0 ? backToStep(steered, state) : [];
  const routes = back.map(({ ref }) => nameOf(ref));
  const warnings = [
    ...(routes.length === 0
      ? []
      : [
          `the canary's weight goes back to a listed step first (${routes.join(", ")}): from any other, Flagger's next passing check sends everything to the canary`,
        ]),
    ...(state.idle ? ["it is idle: weights that were set by hand are where its next run starts"] : []),
  ];
  return { ...refuse(change, summary), patches: [...back, unsuspend(held)], warnings };
}

function unsuspend(held: Held): EditPatch {
  return { ...editPatch(held, setTo(held, "/spec/suspend", false)), pinned: false };
}

/** `skipAnalysis` does not carry the weight on: it goes to primary, the canary's version is copied there, and the canary is scaled to zero. */
function promote({ change, summary, held }: Steered, state: FlaggerState): Plan {
  if (state.idle || state.phase === "")
    return refuse(change, summary, "there is no new version to promote: it is idle");
  if (valueAt(held.json, "/spec/skipAnalysis") === true)
    return refuse(change, summary, "skipAnalysis is set already");
  const edits = [
    ...setTo(held, "/spec/skipAnalysis", true),
    ...(state.suspended ? setTo(held, "/spec/suspend", false) : []),
  ];
  return {
    ...refuse(change, summary),
    patches: [{ ...editPatch(held, edits), pinned: false }],
    warnings: [
      "Flagger first sends everything to primary, then copies the new version there and scales the canary to zero: its checks no longer count",
      "skipAnalysis stays set and promotes the next version unchecked too: undo this when it has succeeded",
      ...(state.suspended ? ["it is suspended: this resumes it"] : []),
    ],
    grave: true,
  };
}

/** Flagger has no field for abort; suspended with all weight on primary is what takes users off the canary at once. */
function abort(steered: Steered, state: FlaggerState): Plan {
  const { change, summary, held } = steered;
  const routes = onRoutes(steered, state, (rule, sides) => {
    const weights = weightsIn(rule, rule.ref);
    const total = weights.reduce((sum, one) => sum + one, 0) || 100;
    return weights.map((_, i) => (i === sides.primary ? total : 0));
  });
  const found = generatedHeld(steered);
  if (found.length === 0) return refuse(change, summary, "no route with its primary and its canary is found");
  const first = state.suspended || state.idle ? [] : [suspendPatch(held)];
  if (routes.length === 0 && first.length === 0)
    return refuse(change, summary, "all weight is on primary already");
  return {
    ...refuse(change, summary),
    patches: [...first, ...routes],
    warnings: [
      ...(first.length > 0
        ? [
            "Flagger is suspended, so it neither goes on nor calls it failed: put the target's old image back, then resume",
          ]
        : []),
      ...found.flatMap(revertersOf),
    ],
    grave: true,
  };
}

const generatedHeld = ({ mesh, held, seen }: Steered): readonly Held[] => {
  const canary = mesh.canaries.find(({ ref }) => sameRef(ref, held.ref));
  return canary === undefined ? [] : generatedRoutes(mesh, canary).flatMap((ref) => seen.object(ref) ?? []);
};

interface Sides {
  readonly primary: number;
  readonly canary: number;
}

type SidedRule = RawRule & { readonly ref: ResourceRef };

/** One patch for each route object with rules that name both sides and whose weights change. */
function onRoutes(
  steered: Steered,
  { apex }: FlaggerState,
  change: (rule: SidedRule, sides: Sides) => readonly number[],
): readonly EditPatch[] {
  const namespace = steered.held.ref.namespace ?? "";
  return generatedHeld(steered).flatMap((held) => {
    const patches = rulesIn(held).flatMap((rule) => {
      const at = (name: string): number =>
        rule.destinations.findIndex(({ host }) => host === serviceHost(namespace, name));
      const sides = { primary: at(`${apex}-primary`), canary: at(`${apex}-canary`) };
      if (sides.primary < 0 || sides.canary < 0) return [];
      return weightPatch(held, rule, change({ ...rule, ref: held.ref }, sides)) ?? [];
    });
    if (patches.length === 0) return [];
    return [
      editPatch(
        held,
        patches.flatMap(({ edits }) => edits),
        patches.flatMap(({ guards }) => guards),
      ),
    ];
  });
}

function rulesIn(held: Held): readonly RawRule[] {
  const protocols: readonly Rule["protocol"][] =
    held.ref.kind === "VirtualService" ? ["http", "tcp", "tls"] : ["http"];
  return protocols.flatMap((protocol) => {
    const rules: RawRule[] = [];
    for (let i = 0; ; i += 1) {
      const rule = rawRule(held, protocol, i);
      if (rule === null) return rules;
      rules.push(rule);
    }
  });
}

/** The nearest listed step at or below the canary's weight, or none at all. Flagger counts in parts of 100. */
function backToStep(steered: Steered, state: FlaggerState): readonly EditPatch[] {
  return onRoutes(steered, state, (rule, { primary, canary }) => {
    const weights = weightsIn(rule, rule.ref);
    const [stable, candidate] = apportion(100, [weights[primary] ?? 0, weights[canary] ?? 0]);
    if (stable === undefined || candidate === undefined) return weights;
    const step = [0, ...state.stepWeights].filter((one) => one <= candidate).reduce((a, b) => Math.max(a, b));
    if (weights[canary] === step && weights[primary] === 100 - step) return weights;
    return weights.map((weight, i) => (i === canary ? step : i === primary ? 100 - step : weight));
  });
}
