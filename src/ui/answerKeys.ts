/** Keys while a question waits for its answer: nothing reaches the reducer that the gate did not let pass. */
import type { AppProps } from "./appProps.ts";
import {
  disturbed,
  gateFor,
  painted,
  press,
  quiet,
  SILENCE,
  type Gate,
  type Ignored,
  type Stroke,
  type Verdict,
} from "./state/answerGate.ts";
import type { KeyTable } from "./state/binding.ts";
import type { UiEvent } from "./state/event.ts";
import { questionIn } from "./state/steerQuestion.ts";
import type { UiState } from "./state/uiState.ts";

const sentences: Readonly<Record<Ignored, string>> = {
  early: "Typed before the question was shown, or too soon after: not counted.",
  several: "Several keys at once are no answer: not counted.",
  followed: "More came right after the answer: not counted.",
  enter: "Enter is never yes.",
  name: "That is none of the names asked for.",
  other: "That is no answer: nothing was written.",
};

export interface AnswerKeys {
  /** Keys of one chunk. `false`: no question waits, and they mean what they mean. */
  readonly press: (names: readonly string[]) => boolean;
  /** A frame with this question has left for the terminal. */
  readonly painted: (question: string) => void;
  /** Something came that is no key. */
  readonly disturb: () => void;
  /** After each change of the state. */
  readonly follow: (state: UiState) => void;
}

/**
 * Names what waits for an answer: a question, which of its two yeses, and the size it is shown at: on a terminal of another size it has to be shown
 * again. `null`: nothing does.
 */
export function waitingFor(state: UiState): string | null {
  const question = questionIn(state, "asked");
  if (question === null) return null;
  const { columns, rows } = state.size;
  return `${question.id}/${question.phase.said ? "second" : "first"}/${columns}x${rows}`;
}

interface Around {
  readonly state: () => UiState;
  readonly dispatch: (event: UiEvent) => void;
  readonly clock: () => AppProps["clock"];
  readonly keys: () => KeyTable;
}

export function createAnswerKeys({ state, dispatch, clock, keys }: Around): AnswerKeys {
  const watch = createWatch(clock, () => dispatch({ is: "answer" }));
  return {
    press(names) {
      const gate = watch.gate();
      const asked = questionIn(state(), "asked");
      if (gate === null || asked === null) return false;
      const { demand, said } = asked.phase;
      const meant = names.map((name) => strokeOf(name, asked.phase, keys()));
      const last = demand.is !== "twice" || said;
      const [next, verdict] = press(gate, meant, { at: clock().now(), last });
      watch.set(next);
      const event = eventFor(verdict, names[0] ?? "", keys());
      if (event !== null) dispatch(event);
      return true;
    },
    painted(question) {
      const gate = watch.gate();
      if (gate?.of === question) watch.set(painted(gate, clock().now()));
    },
    disturb() {
      const gate = watch.gate();
      if (gate !== null) watch.set(disturbed(gate, clock().now()));
    },
    follow(next) {
      const of = waitingFor(next);
      if (of !== (watch.gate()?.of ?? null)) watch.set(of === null ? null : gateFor(of));
    },
  };
}

interface Watch {
  readonly gate: () => Gate | null;
  readonly set: (gate: Gate | null) => void;
}

/** A gate, and the clock that tells it of silence. */
function createWatch(clock: () => AppProps["clock"], counts: () => void): Watch {
  let gate: Gate | null = null;
  let stop = (): void => undefined;

  function silent(): void {
    if (gate?.since == null) return;
    const now = clock().now();
    // Timers and the clock on the wall differ by a little.
    if (now - gate.since < SILENCE) {
      stop = clock().quiet(SILENCE, silent);
      return;
    }
    const [next, isAnswer] = quiet(gate, now);
    gate = next;
    if (isAnswer) counts();
  }

  return {
    gate: () => gate,
    set(next) {
      gate = next;
      stop();
      if (next?.since != null) stop = clock().quiet(SILENCE, silent);
    },
  };
}

type Asked = NonNullable<ReturnType<typeof questionIn<"asked">>>["phase"];

/** What the bindings of a question mean to the gate. */
const strokes: Readonly<Record<string, Stroke>> = {
  no: { is: "decline" },
  questionQuit: { is: "decline" },
  nameDone: { is: "end", matches: false },
  questionUp: { is: "scroll" },
  questionDown: { is: "scroll" },
};

/** While a name is typed, every character is one of its letters. */
function strokeOf(key: string, { demand, said, typed }: Asked, keys: KeyTable): Stroke {
  const id = keys.find("question", key)?.id ?? "";
  if (demand.is === "name") {
    if (Array.from(key).length === 1) return { is: "letter", text: key };
    if (id === "nameErase") return { is: "erase" };
    if (id === "nameDone") return { is: "end", matches: demand.names.includes(typed) };
  }
  if (id === (said ? "yesAgain" : "yes")) return { is: "yes" };
  return strokes[id] ?? { is: "other" };
}

function eventFor(verdict: Verdict, key: string, keys: KeyTable): UiEvent | null {
  switch (verdict.is) {
    case "declined":
      return { is: "decline" };
    case "ignored":
      return { is: "notCounted", why: sentences[verdict.why], forgets: verdict.forgets };
    case "typed":
      return { is: "name", text: verdict.text, erase: false };
    case "erased":
      return { is: "name", text: "", erase: true };
    case "yes":
      return { is: "answer" };
    case "scrolled":
      return keys.find("question", key)?.event(key) ?? null;
    case "given":
      return null;
  }
}
