/** Whether an object holds what a patch makes of it. */
import type { Edit, EditPatch, Patch } from "../change.ts";
import type { Held } from "./held.ts";
import { sameJson, valueAt } from "./pointer.ts";

/** Guards that hold after the patch as well. */
export const lasting = ({ guards }: EditPatch): EditPatch["guards"] =>
  guards.filter(({ once }) => once !== true);

export function isMade(edit: Edit, held: Held): boolean {
  const present = valueAt(held.json, edit.path);
  return edit.op === "remove" ? present === undefined : sameJson(present, edit.now);
}

/** Does the object hold all that the patch would make of it, whoever wrote that? Of what is to be created only its writer can say so. */
export function isInEffect(patch: Patch, held: Held | null): boolean {
  if (patch.do !== "edit")
    return patch.do === "delete" && (held === null || (patch.uid !== "" && held.uid !== patch.uid));
  if (held?.uid !== patch.uid) return false;
  // A rule that took this one's place may have its values.
  const isMeant = lasting(patch).every(({ path, value }) =>
    sameJson(valueAt(held.json, path) ?? null, value),
  );
  return isMeant && patch.edits.every((edit) => isMade(edit, held));
}
