/** Keys that change a mesh: those that open an editor, and those of the editors and questions. */
import type { Deed } from "../../actions/changes/rights.ts";
import type { Binding } from "../state/binding.ts";
import { denialOf, denialOfAll } from "../state/denials.ts";
import { whyNoTurn } from "../state/journalTurns.ts";
import type { Situation } from "../state/situation.ts";
import { whyReadOnly } from "../state/steerQuestion.ts";
import { canaryMenu, canaryUnderCursor, outboundMenu } from "../state/steerChoices.ts";
import { mirrored, ruleUnderCursor, weighted, type RuleNeed } from "../state/trafficRow.ts";
import type { UiState } from "../state/uiState.ts";
import { withObject } from "./rowViews.ts";

/** Read-only first: nothing else matters there. */
const withoutRule =
  (deed: Deed, need: RuleNeed) =>
  (state: UiState, situation: Situation): string | null => {
    const why = whyReadOnly(state, situation);
    if (why !== null) return why;
    const found = ruleUnderCursor(state, situation, need);
    if (found.ok) return denialOf(state, { deed, ref: found.value.rule.ref });
    return found.error.goTo === null ? found.error.why : null;
  };

function withoutCanary(state: UiState, situation: Situation): string | null {
  const why = whyReadOnly(state, situation);
  if (why !== null) return why;
  const canary = canaryUnderCursor(state, situation);
  if (canary === null) return "No canary is under the cursor.";
  return denialOfAll(canaryMenu(canary), state);
}

const withoutOutbound = (state: UiState, situation: Situation): string | null =>
  whyReadOnly(state, situation) ?? denialOfAll(outboundMenu(state, situation), state);

/** In the journal they act on the entry under the cursor. */
const withoutTurn =
  (which: "undo" | "redo") =>
  (state: UiState, situation: Situation): string | null =>
    whyReadOnly(state, situation) ?? whyNoTurn(state, which, situation);

/** Views whose rows stand for services. */
const onServices = ["graph", "services", "traffic", "canaries"] as const;

export const steering: readonly Binding[] = [
  {
    id: "shift",
    keys: ["w"],
    views: onServices,
    group: "Steer",
    short: "shift",
    description: "new weights for the rule under the cursor",
    footer: 13,
    event: () => ({ is: "edit", what: "weights" }),
    blocked: withoutRule("shift", weighted),
  },
  {
    id: "mirror",
    keys: ["m"],
    views: onServices,
    group: "Steer",
    short: "mirror",
    description: "copy a part of the rule's requests to another version, or stop that",
    footer: 14,
    event: () => ({ is: "edit", what: "mirror" }),
    blocked: withoutRule("mirror", mirrored),
  },
  {
    id: "outbound",
    keys: ["o"],
    views: withObject,
    group: "Steer",
    short: "outbound",
    description:
      "outbound policy of the mesh, the namespace or the workload; on a host in egress, declare it",
    footer: 15,
    event: () => ({ is: "edit", what: "outbound" }),
    blocked: withoutOutbound,
  },
  {
    id: "canary",
    keys: ["p"],
    views: onServices,
    group: "Steer",
    short: "canary",
    description: "pause, resume, promote or abort the canary under the cursor, or that of the service",
    footer: 16,
    event: () => ({ is: "edit", what: "canary" }),
    blocked: withoutCanary,
  },
  {
    id: "undo",
    keys: ["z"],
    views: "all",
    group: "Steer",
    short: "undo",
    description:
      "take the newest change back that meshtop made in this context; in the journal, the entry under the cursor",
    footer: 18,
    event: () => ({ is: "undo", which: "undo" }),
    blocked: withoutTurn("undo"),
  },
  {
    id: "redo",
    keys: ["Z"],
    views: "all",
    group: "Steer",
    short: "redo",
    description: "make again what was taken back last",
    event: () => ({ is: "undo", which: "redo" }),
    blocked: withoutTurn("redo"),
  },
];
