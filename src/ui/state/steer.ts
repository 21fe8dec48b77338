/** What follows from events while something is being changed; `update` has them in its table. */
import { instant } from "../../data/mesh/units.ts";
import type { Context } from "./context.ts";
import type { Handlers } from "./handler.ts";
import { go } from "./navigation.ts";
import { flashed, type Next } from "./next.ts";
import type { SteerEvent } from "./steerEvent.ts";
import type { WeightEditor } from "./steering.ts";
import {
  answer,
  ask,
  decline,
  lookAgain,
  name,
  notCounted,
  proposed,
  scrolled,
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
import { ruleUnderCursor } from "./trafficRow.ts";
import type { UiState } from "./uiState.ts";

export const steerHandlers: Handlers<SteerEvent["is"]> = {
  edit: (state, _event, context) => openWeights(state, context),
  undo: (state, { which }, context) => ask(state, { is: "undo", which, entry: null }, context),
  row: (state, { by }) => [toOtherRow(state, by), []],
  amount: (state, { by }) => [inWeights(state, (editor) => stepped(editor, by)), []],
  digitOfAmount: (state, { digit }) => [inWeights(state, (editor) => typedDigit(editor, digit)), []],
  eraseDigit: (state) => [inWeights(state, erasedDigit), []],
  weights: (state, event) => [inWeights(state, (editor) => arranged(editor, event.do)), []],
  propose,
  close: (state) => [{ ...state, dialog: null }, []],
  proposed,
  answer: (state, _event, context) => answer(state, context),
  name,
  notCounted,
  decline,
  lookAgain: (state, _event, context) => lookAgain(state, context),
  written,
  arm: (state, event, { now, level }) => arm(state, event.for, now, level),
  disarm: (state) => disarm(state),
  armingExpired: (state, _event, { now }) =>
    state.armedUntil === null || now < state.armedUntil
      ? [state, []]
      : flashed({ ...state, armedUntil: null }, "The context is read-only again.", "muted"),
};

function openWeights(state: UiState, context: Context): Next {
  const found = ruleUnderCursor(state, context);
  if (found.ok) return [{ ...state, dialog: weightEditor(found.value), flash: null }, []];
  const { why, goTo } = found.error;
  if (goTo === null) return flashed(state, why, "warn");
  const { key, ref } = goTo;
  const [there, effects] = go(state, {
    is: "go",
    view: "traffic",
    subject: { is: "service", key, ref },
  });
  const [told, more] = flashed(there, why, "warn");
  return [told, [...effects, ...more]];
}

function inWeights(state: UiState, edit: (editor: WeightEditor) => WeightEditor): UiState {
  const { dialog } = state;
  return dialog?.is === "weights" ? { ...state, dialog: edit(dialog) } : state;
}

function toOtherRow(state: UiState, by: number): UiState {
  const { dialog } = state;
  if (dialog?.is === "question") return scrolled(state, dialog, by);
  return inWeights(state, (editor) => toRow(editor, by));
}

function propose(state: UiState, _event: SteerEvent, context: Context): Next {
  const { dialog } = state;
  if (dialog?.is !== "weights") return [state, []];
  const wish = weightWish(dialog);
  return typeof wish === "string" ? flashed(state, wish, "muted") : ask(state, wish, context);
}

function arm(
  state: UiState,
  forMs: Extract<SteerEvent, { is: "arm" }>["for"],
  now: Context["now"],
  level: Context["level"],
): Next {
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
