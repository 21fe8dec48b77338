import { ratioOf } from "../../data/mesh/units.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Edit, EditPatch, Guard, Plan, ShiftChange, WeightRow } from "../change.ts";
import type { Held, Seen } from "./held.ts";
import { ruleIn } from "./meantRule.ts";
import { ownerOf, possibleOwners, runGuards } from "./owners.ts";
import { editPatch, refuse, refuseGone, setTo, shortHost, type Action } from "./planning.ts";
import { valueAt } from "./pointer.ts";
import { absentWeight, rawRule, weightsIn, type RawDestination, type RawRule } from "./routeObject.ts";
import { isGrave, shiftBlockers, shiftWarnings, suspends, type ShiftContext } from "./shiftChecks.ts";

/**
 * Moves traffic between the destinations of one rule. Only weight numbers change: what else the object holds, known to us or not, stays as it was.
 * A route that Flagger is moving is suspended first (terminal-tools.md 0.3).
 */
export const shiftTraffic: Action<ShiftChange> = {
  kind: "shift",
  title: "Shift traffic",

  needs: (mesh, { route, service }) => ({
    objects: [route, ...possibleOwners(mesh, route, service).map(({ ref }) => ref)],
    lists: [],
  }),

  plan(mesh, change, seen) {
    const held = seen.object(change.route);
    if (held === null) return refuseGone(change, change.route);
    const raw = rawRule(held, change.protocol, change.rule);
    if (raw === null) {
      const summary = `shift ${clean(change.service)}`;
      return refuse(change, summary, `the object has no rule ${change.rule + 1} any more: look again`);
    }
    return planned(contextOf({ mesh, change, held, raw }, seen));
  },
};

type Found = Pick<ShiftContext, "mesh" | "change" | "held" | "raw">;

function contextOf(found: Found, seen: Seen): ShiftContext {
  const { mesh, change, held, raw } = found;
  const service = mesh.services.find(({ key }) => key === change.service) ?? null;
  const canaries = possibleOwners(mesh, change.route, change.service);
  return {
    ...found,
    service,
    rule: ruleIn(mesh, change),
    owner: ownerOf(held, raw, canaries, seen),
    rows: rowsOf(held, raw, change.weights),
  };
}

/** What a destination is called on the command line: its subset, or its Service. */
export function destinationName(
  { host, subset }: Pick<RawDestination, "host" | "subset">,
  namespace: string,
): string {
  return clean(subset ?? shortHost(host, namespace));
}

function rowsOf(held: Held, raw: RawRule, weights: readonly number[]): readonly WeightRow[] {
  const before = weightsIn(raw, held.ref);
  const single = raw.destinations.length === 1;
  const share = (list: readonly number[], at: number): WeightRow["before"]["share"] =>
    single
      ? ratioOf(1, 1)
      : ratioOf(
          list[at] ?? 0,
          list.reduce((sum, one) => sum + one, 0),
        );
  return raw.destinations.map((destination, at) => ({
    name: destinationName(destination, held.ref.namespace ?? ""),
    before: { weight: destination.weight, share: share(before, at) },
    after: { weight: weights[at] ?? 0, share: share(weights, at) },
  }));
}

/** `add` where a weight is absent; nothing where absence already says it. */
function weightEdits(held: Held, raw: RawRule, weights: readonly number[]): readonly Edit[] {
  return raw.destinations.flatMap(({ weightPath, weight }, at) => {
    const now = weights[at] ?? 0;
    return weight === null && now === absentWeight(held.ref) ? [] : setTo(held, weightPath, now);
  });
}

/** The patch of the weights; `null` where they are so already. Every destination is guarded, changed or not: a share is of all of them. */
export function weightPatch(held: Held, raw: RawRule, weights: readonly number[]): EditPatch | null {
  const edits = weightEdits(held, raw, weights);
  if (edits.length === 0) return null;
  const guards = [...raw.guards, ...raw.destinations.flatMap((destination) => destination.guards)];
  return editPatch(held, edits, guards);
}

function against(blockers: readonly string[], patch: EditPatch | null): Pick<Plan, "blockers" | "isDone"> {
  if (blockers.length > 0 || patch !== null) return { blockers };
  return { blockers: ["the weights are so already"], isDone: true };
}

function planned(context: ShiftContext): Plan {
  const { change, held, raw, rows, owner } = context;
  const patch = weightPatch(held, raw, change.weights);
  const canary = owner.flagger?.held ?? null;
  const first = canary !== null && suspends(context) ? [suspendPatch(canary, runGuards(canary))] : [];
  return {
    change,
    summary: summaryOf(change, rows),
    patches: patch === null ? [] : [...first, patch],
    ...(canary === null || first.length > 0 ? {} : { relies: [asItIs(canary)] }),
    weights: rows,
    warnings: shiftWarnings(context),
    cuts: [],
    afterwards: first.length === 0 ? null : SUSPENDED,
    ...against(shiftBlockers(context), patch),
    grave: isGrave(rows),
  };
}

/** A canary that is not suspended for the shift, because it is so, or idle: nobody may have set it going since (terminal-tools.md 0.1). */
const asItIs = (canary: Held): EditPatch => ({
  ...editPatch(
    canary,
    [],
    [...runGuards(canary), { path: "/spec/suspend", value: valueAt(canary.json, "/spec/suspend") ?? null }],
  ),
  pinned: false,
});

const SUSPENDED = "Flagger does nothing about it until its Canary is resumed.";

/** `spec.suspend: true`. Flagger writes the Canary's status at every tick, so its version is no guard: the value is. */
export function suspendPatch(canary: Held, guards: readonly Guard[] = []): EditPatch {
  return { ...editPatch(canary, setTo(canary, "/spec/suspend", true), guards), pinned: false };
}

function summaryOf({ service, rule }: ShiftChange, rows: readonly WeightRow[]): string {
  const moves = rows.map(({ name, before, after }) => `${name} ${before.weight ?? "-"} -> ${after.weight}`);
  return `shift ${clean(service)}, rule ${rule + 1}: ${moves.join(", ")}`;
}
