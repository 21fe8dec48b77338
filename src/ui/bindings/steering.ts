/** Keys that change a mesh: those that open an editor, and those of the editors and questions. */
import type { Binding } from "../state/binding.ts";
import type { Situation } from "../state/situation.ts";
import { whyReadOnly } from "../state/steerQuestion.ts";
import { ruleUnderCursor } from "../state/trafficRow.ts";
import type { UiState } from "../state/uiState.ts";

/** Read-only first: nothing else matters there. */
function withoutRule(state: UiState, context: Situation): string | null {
  const why = whyReadOnly(state, context);
  if (why !== null) return why;
  const found = ruleUnderCursor(state, context);
  return found.ok || found.error.goTo !== null ? null : found.error.why;
}

export const steering: readonly Binding[] = [
  {
    id: "shift",
    keys: ["w"],
    views: ["graph", "services", "traffic", "canaries"],
    group: "Steer",
    short: "shift",
    description: "new weights for the rule under the cursor",
    footer: 13,
    event: () => ({ is: "edit", what: "weights" }),
    blocked: withoutRule,
  },
  {
    id: "undo",
    keys: ["z"],
    views: "all",
    group: "Steer",
    short: "undo",
    description: "take the newest change back that meshtop made in this context",
    footer: 18,
    event: () => ({ is: "undo", which: "undo" }),
    blocked: whyReadOnly,
  },
  {
    id: "redo",
    keys: ["Z"],
    views: "all",
    group: "Steer",
    short: "redo",
    description: "make again what was taken back last",
    event: () => ({ is: "undo", which: "redo" }),
    blocked: whyReadOnly,
  },
];
