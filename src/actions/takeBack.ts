/** Half of a plan, put back: what was taken before something stood against the rest. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import { inverseOf, type Patch } from "./change.ts";
import type { Held } from "./changes/held.ts";
import { rebase } from "./changes/rebase.ts";
import type { StepState } from "./journalEntry.ts";
import { send, type Sender, type Settled } from "./settle.ts";

/** A patch that the server took, and the object as it was after that; `null`: gone. */
export interface Taken {
  readonly patch: Patch;
  readonly held: Held | null;
}

/** Newest first, each on the object as it is now; gives the states in the order of the plan. */
export async function takeBack(taken: readonly Taken[], sender: Sender): Promise<readonly StepState[]> {
  const states: StepState[] = [];
  for (const { patch, held } of taken.toReversed()) {
    const found = await sender.cluster.read(patch.ref);
    const inverse = found.ok ? rebase(inverseOfTaken(patch, held), found.value) : null;
    states.unshift(inverse?.ok === true ? stateOnceBack(await send(inverse.value, sender)) : "stayed");
  }
  return states;
}

function stateOnceBack(settled: Settled): StepState {
  if (settled.is === "applied") return "taken back";
  return settled.is === "unknown" || settled.open ? "unknown" : "stayed";
}

/** What was made is known by its uid: an object of that name may be another one by now. */
function inverseOfTaken(patch: Patch, held: Held | null): Patch {
  const inverse = inverseOf(patch);
  if (inverse.do !== "delete" || held === null) return inverse;
  return { ...inverse, uid: held.uid };
}

/** What became of each, as sentences. @param back their states after that. */
export function leftOver(taken: readonly Taken[], back: readonly StepState[]): readonly string[] {
  const named = (state: StepState): readonly string[] =>
    taken.flatMap(({ patch }, i) => (back[i] === state ? [nameOf(patch.ref)] : []));
  const say = (names: readonly string[], what: string): readonly string[] =>
    names.length === 0 ? [] : [`${names.join(", ")} ${what}`];
  return [
    ...say(named("taken back"), "was changed first and is as before again."),
    ...say(named("applied"), "was changed before and stays so."),
    ...say(named("stayed"), "was changed first and could not be put back: undo does it."),
    ...say(named("unknown"), "was changed first, and it is unknown whether it is back."),
  ];
}
