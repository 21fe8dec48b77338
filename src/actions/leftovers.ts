/** What changes of ours left behind on purpose, and somebody has to take back: told at every start as long as it stands. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import { valueAt, type Pointer } from "./changes/pointer.ts";
import type { Cluster } from "./cluster.ts";
import { changesInEffect, standingSteps, type Entry } from "./journalEntry.ts";
import type { EditPatch } from "./change.ts";

/** Fields of a Flagger Canary, and what they mean while they are true (istio.md 7.1). */
const left: Readonly<Record<Pointer, string>> = {
  "/spec/skipAnalysis": "promotes every version unchecked",
  "/spec/suspend": "is suspended, and no new version is rolled out",
};

interface Leftover {
  readonly entry: Entry;
  readonly patch: EditPatch;
  readonly path: Pointer;
}

/**
 * One sentence for each field that an entry in effect set, that is still set, and how to take it back. What can't be read is not told: the source will say
 * that it is down.
 */
export async function leftoversOf(
  entries: readonly Entry[],
  { read }: Pick<Cluster, "read">,
): Promise<readonly string[]> {
  const newest = new Map<string, Leftover>();
  for (const one of changesInEffect(entries).flatMap(leftBy))
    newest.set(`${nameOf(one.patch.ref)} ${one.path}`, one);
  const told = [...newest.values()].map(async ({ entry, patch, path }) => {
    const found = await read(patch.ref);
    const held = found.ok ? found.value : null;
    if (held === null || held.uid !== patch.uid) return [];
    if (valueAt(held.json, path) !== true) return [];
    const { at, id } = entry.intent;
    return [`${nameOf(patch.ref)} ${left[path] ?? ""}, since ${at}: undo of ${id} takes that back.`];
  });
  return (await Promise.all(told)).flat();
}

function leftBy(entry: Entry): readonly Leftover[] {
  return standingSteps(entry).flatMap((step) => {
    const patch = entry.intent.patches[step]?.patch;
    if (patch?.do !== "edit" || patch.ref.kind !== "Canary") return [];
    return patch.edits.flatMap((edit) =>
      edit.op !== "remove" && edit.now === true && Object.hasOwn(left, edit.path)
        ? [{ entry, patch, path: edit.path }]
        : [],
    );
  });
}
