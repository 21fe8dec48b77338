/** Taking back what the journal knows, and finding out what became of writers that died. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import { ok, type DataError, type Result } from "../data/mesh/result.ts";
import { inverseOf, type Edit, type Patch, type Plan } from "./change.ts";
import type { Seen } from "./changes/held.ts";
import { rebase, standingOf } from "./changes/rebase.ts";
import { revertersOf } from "./changes/reverters.ts";
import { invertedWeights, standingSteps, type Ended, type Entry, type StepState } from "./journalEntry.ts";
import type { Proposal } from "./proposal.ts";
import { gather, judged } from "./propose.ts";
import { timeOf, type Ports } from "./run.ts";
import { describeDeviations } from "./settle.ts";

/**
 * The inverse of an entry on the objects as they are now: an undo, or a redo where the entry is an undo itself. Blocked where a value that we wrote is another by
 * now, with the name of who changed it; it never overwrites.
 *
 * Errors: an object could not be read.
 */
export async function proposeUndo(
  entry: Entry,
  ports: Pick<Ports, "cluster">,
  reason: string | null = null,
): Promise<Result<Proposal, DataError>> {
  const inverses = inversesOf(entry);
  const seen = await gather({ objects: inverses.map(({ ref }) => ref), lists: [] }, ports.cluster);
  if (!seen.ok) return seen;
  const kind = entry.intent.kind === "undo" ? "redo" : "undo";
  const cause = { reason, of: { kind, root: entry.intent.root } } as const;
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
      const uid = entry.sent.find((sent) => sent.step === step)?.uid ?? "";
      return [inverse.do === "delete" ? { ...inverse, uid } : inverse];
    });
}

function undoPlan(entry: Entry, inverses: readonly Patch[], seen: Seen): Plan {
  const { intent } = entry;
  const redo = intent.kind === "undo";
  const fits = inverses.map((patch) => ({ patch, fit: rebase(patch, seen.object(patch.ref)) }));
  const blockers = fits.flatMap(({ patch, fit }) =>
    fit.ok ? [] : [`${nameOf(patch.ref)} was changed since: ${describeDeviations(fit.error)}`],
  );
  const done = inverses.length === 0 ? ["nothing of it is in effect"] : [];
  return {
    change: { kind: "undo", redo, entry: intent.id },
    summary: `${redo ? "redo" : "undo"} ${summaryOf(intent.summary)}`,
    patches: fits.flatMap(({ fit }) => (fit.ok ? [fit.value] : [])),
    ...invertedWeights(intent),
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

/** Of the change itself, however often it went back and forth. */
const summaryOf = (summary: string): string => summary.replace(/^(undo |redo )+/, "");

/** What a start found out about a writer that never said how it ended. */
export interface Explanation {
  readonly entry: Entry;
  readonly ended: Ended;
}

/** A minute after an intent, no request of its writer is under way any more. */
const SETTLED_AFTER = 60_000;

/** @param isAlive whether a process of this machine runs. */
export function pendingEntries(
  entries: readonly Entry[],
  ports: Pick<Ports, "clock" | "origin">,
  isAlive: (pid: number) => boolean,
): readonly Entry[] {
  return entries.filter(({ intent, ended }) => {
    if (ended !== null) return ended.is === "unknown" || mayHaveLanded(ended);
    const { machine, pid } = intent.origin;
    const here = machine === ports.origin.machine;
    if (here && !isAlive(pid)) return true;
    return ports.clock.now() - Date.parse(intent.at) > SETTLED_AFTER;
  });
}

/** A request that got no answer was seen not to be in effect; it may have arrived after that look. One later look ends it. */
const mayHaveLanded = ({ is, explained }: Ended): boolean => is === "unreachable" && !explained;

/**
 * Reads the objects of each pending entry and notes what is found, so that it can be undone. What still can't be told stays pending, and is noted once.
 */
export async function explainPending(
  pending: readonly Entry[],
  ports: Pick<Ports, "cluster" | "journal" | "clock">,
): Promise<readonly Explanation[]> {
  const explained: Explanation[] = [];
  for (const entry of pending) {
    const ended = await explainOne(entry, ports);
    explained.push({ entry, ended });
    const news = ended.is !== "unknown" || entry.ended?.explained !== true;
    if (news) await ports.journal.append(ended);
  }
  return explained;
}

async function explainOne(entry: Entry, ports: Pick<Ports, "cluster" | "clock">): Promise<Ended> {
  const { intent } = entry;
  const steps: StepState[] = [];
  for (const [step, { patch }] of intent.patches.entries()) {
    const known = entry.ended?.steps[step] ?? "unknown";
    const open = known === "unknown" || (known === "refused" && entry.ended?.is === "unreachable");
    const taken = entry.sent.some((sent) => sent.step === step);
    steps.push(open ? await stateOf(patch, taken, ports) : known);
  }
  const is = overall(steps);
  const parts = intent.patches.map(({ patch }, step) => `${nameOf(patch.ref)}: ${steps[step] ?? "unknown"}`);
  const message = `${intent.summary} was interrupted. ${verdicts[is]} (${parts.join("; ")}).`;
  return { record: "outcome", id: intent.id, at: timeOf(ports), is, message, steps, explained: true };
}

async function stateOf(
  patch: Patch,
  taken: boolean,
  { cluster }: Pick<Ports, "cluster">,
): Promise<StepState> {
  const found = await cluster.read(patch.ref);
  if (!found.ok) return "unknown";
  const standing = standingOf(patch, found.value, taken);
  return standing === "applied" ? "applied" : standing === "not applied" ? "not sent" : "unknown";
}

const verdicts: Readonly<Record<Ended["is"], string>> = {
  applied: "It was applied",
  refused: "It was not applied",
  conflict: "It was applied in part: undo takes that part back",
  unreachable: "It was not applied",
  unknown: "Whether it was applied can't be told by reading",
};

function overall(steps: readonly StepState[]): Ended["is"] {
  if (steps.includes("unknown")) return "unknown";
  const applied = steps.filter((state) => state === "applied" || state === "stayed").length;
  if (applied === 0) return "refused";
  return applied === steps.length ? "applied" : "conflict";
}
