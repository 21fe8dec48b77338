/** The way of one proposal through the dashboard: asked for, shown, answered, written, told. */
import { demandOf, mayWrite } from "../../actions/guard.ts";
import type { Outcome, Proposal } from "../../actions/proposal.ts";
import type { Context } from "./context.ts";
import type { Situation } from "./situation.ts";
import type { Effect } from "./event.ts";
import { followed } from "./following.ts";
import { entryMeant } from "./journalTurns.ts";
import { flashed, type Next } from "./next.ts";
import type { SteerEvent } from "./steerEvent.ts";
import type { Question, QuestionPhase, Wish } from "./steering.ts";
import type { UiState } from "./uiState.ts";

/** Why nothing can be written now; `null`: it can. */
export function whyReadOnly(state: UiState, { level, now, isConnected, isSealed }: Situation): string | null {
  if (!isConnected) return "There is no connection to a cluster yet.";
  if (mayWrite(level, state.armedUntil, now)) return null;
  return isSealed
    ? "meshtop was started with --readonly: it writes nothing."
    : "This is a read-only context: --write, or :write 15m, arms it.";
}

/** A new question: the world is asked for a plan, from a fresh look at the objects. */
export function ask(state: UiState, wish: Wish, context: Context): Next {
  const why = whyReadOnly(state, context);
  if (why !== null) return flashed({ ...state, dialog: null }, why, "warn");
  const id = state.questions + 1;
  const question: Question = {
    is: "question",
    id,
    wish,
    phase: { is: "asking", what: whatOf(wish) },
    top: 0,
  };
  return [{ ...state, questions: id, dialog: question }, [{ do: "propose", id, wish }]];
}

function whatOf(wish: Wish): string {
  if (wish.is === "undo") return wish.which;
  const words = {
    shift: "shift",
    mirror: "mirror",
    outbound: "outbound policy",
    declareHost: "host",
  } as const;
  return wish.change.kind === "canary" ? wish.change.verb : words[wish.change.kind];
}

/** What z and Z mean: what was just written, the entry under the cursor of the journal, or the newest there is. */
export function undo(state: UiState, which: "undo" | "redo", context: Context): Next {
  const question = questionIn(state, "written");
  const wish: Wish =
    question === null
      ? { is: "undo", which, entry: entryMeant(state, which, context) }
      : backOf(question.phase.proposal, question.phase.outcome);
  return ask(state, wish, context);
}

/** An undo is taken back by its redo. */
function backOf({ plan: { change } }: Proposal, { id }: Outcome): Wish {
  const which = change.kind === "undo" && !change.redo ? "redo" : "undo";
  return { is: "undo", which, entry: id };
}

/** An answer of the world for a question that was closed, or asked again, is nobody's. */
export function proposed(
  state: UiState,
  { id, result }: Extract<SteerEvent, { is: "proposed" }>,
  { level, contextName }: Context,
): Next {
  const question = questionIn(state, "asking");
  if (question?.id !== id) return [state, []];
  if (!result.ok) return [inPhase(state, question, { is: "failed", sentence: result.error }), []];
  const proposal = result.value;
  const refused = proposal.rehearsal?.refusal !== null || proposal.plan.blockers.length > 0;
  const demand = demandOf(proposal.plan, level, contextName);
  return [
    inPhase(
      state,
      question,
      refused
        ? { is: "refused", proposal }
        : { is: "asked", proposal, demand, said: false, typed: "", waits: false },
    ),
    [],
  ];
}

/** A yes that the gate let pass: the first of two, or the word to write. */
export function answer(state: UiState, context: Context): Next {
  const question = questionIn(state, "asked");
  if (question === null) return over(state);
  const { phase } = question;
  const { demand, said, typed, proposal } = phase;
  if (demand.is === "twice" && !said) return [inPhase(state, question, { ...phase, said: true }), []];
  if (demand.is === "name" && !demand.names.includes(typed)) return [state, []];
  const why = whyReadOnly(state, context);
  if (why !== null) return flashed({ ...state, dialog: null }, why, "warn");
  return [writing(state, question, proposal), [{ do: "write", id: question.id, proposal }]];
}

/** Enter closes what is over. */
function over(state: UiState): Next {
  const { is } = questionOf(state)?.phase ?? { is: null };
  return is === "written" || is === "refused" || is === "failed" ? decline(state) : [state, []];
}

const writing = (state: UiState, question: Question, proposal: Proposal): UiState => ({
  ...inPhase(state, question, { is: "writing", proposal, leaving: false }),
  flash: null,
});

export function name(state: UiState, { text, erase }: Extract<SteerEvent, { is: "name" }>): Next {
  const question = questionIn(state, "asked");
  if (question === null) return [state, []];
  const { typed } = question.phase;
  const next = erase ? Array.from(typed).slice(0, -1).join("") : typed + text;
  return [inPhase(state, question, { ...question.phase, typed: next }), []];
}

/** Says that it waits for the terminal, or no longer. */
export function terminalWaits(state: UiState, { waits }: Extract<SteerEvent, { is: "terminalWaits" }>): Next {
  const question = questionIn(state, "asked");
  return [question === null ? state : inPhase(state, question, { ...question.phase, waits }), []];
}

export function notCounted(
  state: UiState,
  { why, forgets }: Extract<SteerEvent, { is: "notCounted" }>,
): Next {
  const question = questionIn(state, "asked");
  const { said = false, typed = "" } = question?.phase ?? {};
  const kept =
    question !== null && forgets && (said || typed !== "")
      ? inPhase(state, question, { ...question.phase, said: false, typed: "" })
      : state;
  return flashed(kept, why, "warn");
}

/** No, or enough read: nothing of a question outlives it, but what is being written goes on. */
export function decline(state: UiState): Next {
  const question = questionOf(state);
  if (question === null) return [state, []];
  const { phase } = question;
  switch (phase.is) {
    case "asking":
    case "asked":
      return flashed({ ...state, dialog: null }, "Nothing was written.", "muted");
    case "writing":
      return leaveWhileWriting(state, question, phase);
    case "refused":
    case "failed":
    case "written":
      return [{ ...state, dialog: null, flash: null }, []];
  }
}

/** Said once; the second time it leaves, and the next start reads what became of it. */
function leaveWhileWriting(
  state: UiState,
  question: Question,
  phase: Extract<QuestionPhase, { is: "writing" }>,
): Next {
  if (phase.leaving) return [state, [{ do: "exit" }]];
  const warned = inPhase(state, question, { ...phase, leaving: true });
  return flashed(
    warned,
    "It is being written. Once more leaves without the outcome; the next start finds it out.",
    "warn",
  );
}

/** Ctrl-c: out of a question that can still be left, else out of the program. */
export function interrupt(state: UiState): Next {
  const question = questionOf(state);
  const { is } = question?.phase ?? { is: null };
  return is === "asking" || is === "asked" || is === "writing" ? decline(state) : [state, [{ do: "exit" }]];
}

export function lookAgain(state: UiState, context: Context): Next {
  const question = questionOf(state);
  return question === null ? [state, []] : ask(state, sameWish(question), context);
}

/** What was asked about, by its name: the newest entry may be another one by now. */
function sameWish({ wish, phase }: Question): Wish {
  if (wish.is !== "undo" || !("proposal" in phase)) return wish;
  const { change } = phase.proposal.plan;
  return change.kind === "undo" ? { ...wish, entry: change.entry } : wish;
}

/** Whatever came of it, the journal has an entry more; a shift that was applied is followed until it has arrived. */
export function written(
  state: UiState,
  { id, outcome }: Extract<SteerEvent, { is: "written" }>,
  { mesh }: Context,
): Next {
  const question = questionIn(state, "writing");
  if (question?.id !== id) return [state, []];
  const { proposal } = question.phase;
  const told: UiState = { ...inPhase(state, question, { is: "written", proposal, outcome }), flash: null };
  const again: readonly Effect[] = state.journal === null ? [] : [{ do: "readJournal" }];
  if (outcome.is !== "applied") return [told, again];
  const [following, effects] = followed(told, { id, plan: proposal.plan }, mesh);
  return [following, [...again, ...effects]];
}

/** Lines of the question that are scrolled away. */
export function scrolled(question: Question, by: number): Question {
  return { ...question, top: Math.max(0, question.top + by) };
}

const questionOf = ({ dialog }: UiState): Question | null => (dialog?.is === "question" ? dialog : null);

type In<Is extends QuestionPhase["is"]> = Question & { readonly phase: Extract<QuestionPhase, { is: Is }> };

/** The question where it is in this phase. */
export function questionIn<Is extends QuestionPhase["is"]>(state: UiState, is: Is): In<Is> | null {
  const question = questionOf(state);
  return question?.phase.is === is ? (question as In<Is>) : null;
}

function inPhase(state: UiState, question: Question, phase: QuestionPhase): UiState {
  return { ...state, dialog: { ...question, phase, top: phase.is === question.phase.is ? question.top : 0 } };
}
