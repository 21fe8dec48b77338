/** Taking back what the journal knows. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import { ok, type DataError, type Result } from "../data/mesh/result.ts";
import { inverseOf, type Edit, type Patch, type Plan } from "./change.ts";
import type { Seen } from "./changes/held.ts";
import { describeDeviations } from "./changes/differences.ts";
import { doneAlready, refuse } from "./changes/planning.ts";
import { isInEffect } from "./changes/inEffect.ts";
import { rebase } from "./changes/rebase.ts";
import { revertersOf } from "./changes/reverters.ts";
import { placeOf } from "./explain.ts";
import { elsewhere } from "./identity.ts";
import { invertedWeights, standingSteps, type Entry } from "./journalEntry.ts";
import type { Proposal } from "./proposal.ts";
import { gather, judged } from "./propose.ts";
import type { Ports } from "./run.ts";

/**
 * The inverse of an entry on the objects as they are now: an undo, or a redo where the entry is an undo itself. Blocked where a value that we wrote is another by
 * now, with the name of who changed it; it never overwrites.
 *
 * Errors: an object could not be read.
 */
export async function proposeUndo(
  entry: Entry,
  ports: Pick<Ports, "cluster" | "origin">,
  reason: string | null = null,
): Promise<Result<Proposal, DataError>> {
  const kind = entry.intent.kind === "undo" ? "redo" : "undo";
  const cause = { reason, of: { kind, root: entry.intent.root } } as const;
  const away = elsewhere(entry.intent, await placeOf(ports));
  if (away !== null) {
    const plan = refuse(changeOf(entry), titleOf(entry), away.replace(/\.$/, ""));
    return ok({ plan, rehearsal: null, cause });
  }
  const inverses = inversesOf(entry);
  const seen = await gather({ objects: inverses.map(({ ref }) => ref), lists: [] }, ports.cluster);
  if (!seen.ok) return seen;
  return ok(await judged(undoPlan(entry, inverses, seen.value), seen.value, ports.cluster, cause));
}

/** Newest first. A created object is known by the uid that it got. */
function inversesOf(entry: Entry): readonly Patch[] {
  return standingSteps(entry)
    .toReversed()
    .flatMap((step) => {
      const patch = entry.intent.patches[step]?.patch;
      if (patch === undefined) return [];
      const inverse = inverseOf(patch);
      const made = entry.sent.findLast((sent) => sent.step === step);
      if (inverse.do !== "delete" || made === undefined) return [inverse];
      return [{ ...inverse, uid: made.uid }];
    });
}

function undoPlan(entry: Entry, inverses: readonly Patch[], seen: Seen): Plan {
  if (inverses.length > 0 && inverses.every((patch) => isInEffect(patch, seen.object(patch.ref))))
    return doneAlready(changeOf(entry), titleOf(entry), "all that it would put back");
  const fits = inverses.map((patch) => ({ patch, fit: rebase(patch, seen.object(patch.ref)) }));
  const blockers = fits.flatMap(({ patch, fit }) =>
    fit.ok ? [] : [`${nameOf(patch.ref)} was changed since: ${describeDeviations(fit.error)}`],
  );
  const done = inverses.length === 0 ? ["nothing of it is in effect"] : [];
  return {
    change: changeOf(entry),
    summary: titleOf(entry),
    patches: fits.flatMap(({ fit }) => (fit.ok ? [fit.value] : [])),
    ...invertedWeights(entry.intent),
    warnings: undoWarnings(fits, seen),
    cuts: [],
    afterwards: null,
    blockers: [...blockers, ...done],
  };
}

/** What an inverse does not bring back, because a controller has acted on it meanwhile (istio.md 7), and who will revert it. */
function undoWarnings(fits: readonly { readonly patch: Patch }[], seen: Seen): readonly string[] {
  const said = fits.flatMap(({ patch }) => {
    const held = seen.object(patch.ref);
    const name = nameOf(patch.ref);
    return [
      ...(patch.do === "edit" && patch.subresource === "status"
        ? [
            `what the controller of ${name} did meanwhile is not taken back: only its status is written as it was`,
          ]
        : []),
      ...(patch.do === "edit" && patch.edits.some(checksAgain)
        ? [`a promotion of ${name} that is over stays so: only its analysis counts again`]
        : []),
      ...(held === null ? [] : revertersOf(held)),
    ];
  });
  return [...new Set(said)];
}

const checksAgain = (edit: Edit): boolean =>
  edit.path === "/spec/skipAnalysis" && (edit.op === "remove" || edit.now !== true);

const changeOf = ({ intent }: Entry): Plan["change"] => ({
  kind: "undo",
  redo: intent.kind === "undo",
  entry: intent.id,
});

/** Of the change itself, however often it went back and forth. */
const titleOf = ({ intent }: Entry): string =>
  `${intent.kind === "undo" ? "redo" : "undo"} ${intent.summary.replace(/^(undo |redo )+/, "")}`;
