/** What follows from events while something is being changed; `update` has them in its table. */
import { clean } from "../../data/mesh/clean.ts";
import { instant } from "../../data/mesh/units.ts";
import type { Context } from "./context.ts";
import { withDenials } from "./denials.ts";
import { arrived, dismiss, followedLong } from "./following.ts";
import type { Handlers } from "./handler.ts";
import { go } from "./navigation.ts";
import { flashed, type Next } from "./next.ts";
import type { SteerEvent } from "./steerEvent.ts";
import type { SteeringDialog, Wish } from "./steering.ts";
import { canaryMenu, canaryUnderCursor, choiceWish, outboundMenu, toChoice } from "./steerChoices.ts";
import {
  mirrorEditor,
  mirrorWish,
  percentErased,
  percentStepped,
  percentTyped,
  toTarget,
} from "./steerMirror.ts";
import {
  answer,
  ask,
  decline,
  lookAgain,
  name,
  notCounted,
  proposed,
  scrolled,
  terminalWaits,
  undo,
  written,
} from "./steerQuestion.ts";
import {
  arranged,
  erasedDigit,
  stepped,
  toRow,
  typedDigit,
  weightEditor,
  weightWish,
} from "./steerWeights.ts";
import { mirrored, ruleUnderCursor, weighted, type NoRule, type RuleNeed } from "./trafficRow.ts";
import type { UiState } from "./uiState.ts";

export const steerHandlers: Handlers<SteerEvent["is"]> = {
  edit: (state, { what }, context) => openers[what](state, context),
  undo: (state, { which }, context) => undo(state, which, context),
  row: (state, { by }) =>
    inDialog(state, {
      weights: (editor) => toRow(editor, by),
      mirror: (editor) => toTarget(editor, by),
      choice: (menu) => toChoice(menu, by),
      question: (question) => scrolled(question, by),
    }),
  amount: (state, { by }) =>
    inDialog(state, {
      weights: (editor) => stepped(editor, by),
      mirror: (editor) => percentStepped(editor, by),
    }),
  digitOfAmount: (state, { digit }) =>
    inDialog(state, {
      weights: (editor) => typedDigit(editor, digit),
      mirror: (editor) => percentTyped(editor, digit),
    }),
  eraseDigit: (state) => inDialog(state, { weights: erasedDigit, mirror: percentErased }),
  weights: (state, event) => inDialog(state, { weights: (editor) => arranged(editor, event.do) }),
  propose,
  close: (state) => [{ ...state, dialog: null }, []],
  proposed,
  answer: (state, _event, context) => answer(state, context),
  name,
  notCounted,
  terminalWaits,
  decline,
  lookAgain: (state, _event, context) => lookAgain(state, context),
  written,
  arrived,
  followedLong,
  dismiss,
  journalRead: (state, { result }) => [{ ...state, journal: { is: "read", result } }, []],
  denied,
  explained,
  arm: (state, event, context) => arm(state, event.for, context),
  disarm: (state) => disarm(state),
  armingExpired: (state, _event, { now }) =>
    state.armedUntil === null || now < state.armedUntil
      ? [state, []]
      : flashed({ ...state, armedUntil: null }, "The context is read-only again.", "muted"),
};

/** An answer that comes while a menu is open is said there, too. */
function denied(state: UiState, { key, why }: Extract<SteerEvent, { is: "denied" }>): Next {
  const next = { ...state, denials: { ...state.denials, [key]: why } };
  const { dialog } = next;
  if (dialog?.is !== "choice") return [next, []];
  // The cursor stays: a key may be on its way.
  return [{ ...next, dialog: { ...withDenials(dialog, next), at: dialog.at } }, []];
}

/** What a start found out stands in the journal from then on. */
function explained(state: UiState, { sentences }: Extract<SteerEvent, { is: "explained" }>): Next {
  const told = sentences.map((text) => ({ text: clean(text), isRead: false }));
  const next = told.length === 0 ? state : { ...state, notes: [...state.notes, ...told] };
  return [next, state.journal === null ? [] : [{ do: "readJournal" }]];
}

type What = Extract<SteerEvent, { is: "edit" }>["what"];

/** What each key opens: a dialog, or a sentence why not. */
const openers: Readonly<Record<What, (state: UiState, context: Context) => Next>> = {
  weights: (state, context) => openOnRule(state, context, weighted),
  mirror: (state, context) => openOnRule(state, context, mirrored),
  outbound: (state, context) => opened(state, outboundMenu(state, context)),
  canary: (state, context) => {
    const canary = canaryUnderCursor(state, context);
    return opened(state, canary === null ? "The cursor is on no canary." : canaryMenu(canary));
  },
};

function openOnRule(state: UiState, context: Context, need: RuleNeed): Next {
  const found = ruleUnderCursor(state, context, need);
  if (!found.ok) return elsewhere(state, found.error);
  return opened(
    state,
    need === weighted ? weightEditor(found.value) : mirrorEditor(context.mesh, found.value),
  );
}

function opened(state: UiState, dialog: SteeringDialog | string): Next {
  if (typeof dialog === "string") return flashed(state, dialog, "warn");
  const shown = dialog.is === "choice" ? withDenials(dialog, state) : dialog;
  return [{ ...state, dialog: shown, flash: null }, []];
}

/** Says why, on the page where a rule can be chosen. */
function elsewhere(state: UiState, { why, goTo }: NoRule): Next {
  if (goTo === null) return flashed(state, why, "warn");
  const { key, ref } = goTo;
  const subject = { is: "service", key, ref } as const;
  const [there, effects] = go(state, { is: "go", view: "traffic", subject });
  const [told, more] = flashed(there, why, "warn");
  return [told, [...effects, ...more]];
}

type Edits = {
  readonly [Is in SteeringDialog["is"]]?: (
    dialog: Extract<SteeringDialog, { readonly is: Is }>,
  ) => SteeringDialog;
};

/** The dialog edited by the function for its kind; the compiler can't follow that through the index. */
function inDialog(state: UiState, edits: Edits): Next {
  const { dialog } = state;
  if (dialog === null || dialog.is === "command" || dialog.is === "filter") return [state, []];
  const edit = edits[dialog.is] as ((dialog: SteeringDialog) => SteeringDialog) | undefined;
  return [edit === undefined ? state : { ...state, dialog: edit(dialog) }, []];
}

function propose(state: UiState, _event: SteerEvent, context: Context): Next {
  const wish = wishOf(state);
  if (wish === null) return [state, []];
  return typeof wish === "string" ? flashed(state, wish, "muted") : ask(state, wish, context);
}

function wishOf({ dialog }: UiState): Wish | string | null {
  switch (dialog?.is) {
    case "weights":
      return weightWish(dialog);
    case "mirror":
      return mirrorWish(dialog);
    case "choice":
      return choiceWish(dialog);
    case "command":
    case "filter":
    case "question":
    case undefined:
      return null;
  }
}

function arm(
  state: UiState,
  forMs: Extract<SteerEvent, { is: "arm" }>["for"],
  { level, now, isSealed }: Context,
): Next {
  if (isSealed) return flashed(state, "meshtop was started with --readonly: it writes nothing.", "warn");
  if (level !== "read-only")
    return flashed(state, `This context is ${level}: it can be written to without arming.`, "muted");
  const armed = { ...state, armedUntil: instant(now + forMs) };
  const [told, effects] = flashed(armed, "Armed: keys that change the mesh work now.", "warn");
  return [told, [...effects, { do: "expireArming", after: forMs }]];
}

function disarm(state: UiState): Next {
  return state.armedUntil === null
    ? flashed(state, "The context is not armed.", "muted")
    : flashed({ ...state, armedUntil: null }, "The context is read-only again.", "muted");
}
