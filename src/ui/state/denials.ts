/** What the server says of the user's rights to what is under the cursor, so that a key that can do nothing says why. */
import type { Deed } from "../../actions/changes/rights.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Situation } from "./situation.ts";
import { canaryUnderCursor } from "./steerChoices.ts";
import { mirrored, ruleUnderCursor, weighted, type RuleNeed } from "./trafficRow.ts";
import { objectKey, type UiState } from "./uiState.ts";

/** What a key would do to which object. */
export interface Intended {
  readonly deed: Deed;
  readonly ref: ResourceRef;
}

export const denialKey = ({ deed, ref }: Intended): string => `${deed} ${objectKey(ref)}`;

/** What the keys that steer would do here. */
export function intendedHere(state: UiState, situation: Situation): readonly Intended[] {
  const on = (deed: Deed, need: RuleNeed): readonly Intended[] => {
    const found = ruleUnderCursor(state, situation, need);
    return found.ok ? [{ deed, ref: found.value.rule.ref }] : [];
  };
  const canary = canaryUnderCursor(state, situation);
  return [
    ...on("shift", weighted),
    ...on("mirror", mirrored),
    ...(canary === null ? [] : [{ deed: "pause", ref: canary.ref } as const]),
  ];
}

/** Why this can't be done; `null`: nothing is known against it. */
export function denialOf(state: UiState, intended: Intended): string | null {
  const why = state.denials[denialKey(intended)] ?? null;
  return why === null ? null : `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`;
}
