/** What the server says of the user's rights to what is under the cursor, so that a key that can do nothing says why. */
import type { WantedChange } from "../../actions/change.ts";
import type { Deed } from "../../actions/changes/rights.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Situation } from "./situation.ts";
import { canaryMenu, canaryUnderCursor, outboundMenu } from "./steerChoices.ts";
import type { ChoiceMenu } from "./steering.ts";
import { mirrored, ruleUnderCursor, weighted, type RuleNeed } from "./trafficRow.ts";
import { objectKey, type UiState } from "./uiState.ts";

/** What a key would do to which object. */
export interface Intended {
  readonly deed: Deed;
  readonly ref: ResourceRef;
}

export const denialKey = ({ deed, ref }: Intended): string => `${deed} ${objectKey(ref)}`;

/** What a choice would do: a Sidecar or ServiceEntry that may not be there is asked about by its namespace (`rightsFor`). */
function intendedBy(change: WantedChange): Intended {
  switch (change.kind) {
    case "shift":
    case "mirror":
      return { deed: change.kind, ref: change.route };
    case "canary":
      return { deed: change.verb, ref: change.canary };
    case "declareHost":
      return { deed: "declareHost", ref: namespaceRef(change.namespace) };
    case "outbound": {
      const { target } = change;
      return {
        deed: "outbound",
        ref: target.is === "mesh" ? target.configMap : namespaceRef(target.namespace),
      };
    }
  }
}

const namespaceRef = (name: string): ResourceRef => ({
  group: "",
  version: "v1",
  kind: "Namespace",
  namespace: null,
  name,
});

/** What the keys that steer would do here, each once. */
export function intendedHere(state: UiState, situation: Situation): readonly Intended[] {
  const on = (deed: Deed, need: RuleNeed): readonly Intended[] => {
    const found = ruleUnderCursor(state, situation, need);
    return found.ok ? [{ deed, ref: found.value.rule.ref }] : [];
  };
  const canary = canaryUnderCursor(state, situation);
  const menus = [outboundMenu(state, situation), ...(canary === null ? [] : [canaryMenu(canary)])];
  const all = [
    ...on("shift", weighted),
    ...on("mirror", mirrored),
    ...menus.flatMap(({ choices }) => choices.map(({ change }) => intendedBy(change))),
  ];
  return [...new Map(all.map((one) => [denialKey(one), one])).values()];
}

type Denials = Pick<UiState, "denials">;

/** Why this can't be done; `null`: nothing is known against it. */
export function denialOf(state: Denials, intended: Intended): string | null {
  const why = state.denials[denialKey(intended)] ?? null;
  return why === null ? null : `${why.slice(0, 1).toUpperCase()}${why.slice(1)}.`;
}

/** The menu with what the user may not do said at the choices, and the cursor on the first one that is left. */
export function withDenials(menu: ChoiceMenu, { denials }: Denials): ChoiceMenu {
  const choices = menu.choices.map((choice) => ({
    ...choice,
    why: choice.why ?? denials[denialKey(intendedBy(choice.change))] ?? null,
  }));
  const isOpen = choices[menu.at]?.why === null;
  const first = choices.findIndex(({ why }) => why === null);
  return { ...menu, choices, at: isOpen || first < 0 ? menu.at : first };
}

/** Why a key that opens this menu can do nothing: the user may do none of it. `null`: there is something left, or nothing is known against it. */
export function denialOfAll({ choices }: ChoiceMenu, state: Denials): string | null {
  const denied = choices.map(({ change }) => denialOf(state, intendedBy(change)));
  return denied.every((why) => why !== null) ? (denied[0] ?? null) : null;
}
