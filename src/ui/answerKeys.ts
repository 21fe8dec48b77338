/** Keys while a question waits for its answer: nothing reaches the reducer that the gate did not let pass. */
import type { AppProps } from "./appProps.ts";
import {
  disturbed,
  gateFor,
  press,
  quiet,
  seen,
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
  unseen: "Typed before the question was shown: not counted.",
  early: "Typed too soon after the question was shown, or after another key: not counted.",
  several: "Several keys at once are no answer: not counted.",
  followed: "More came right after the answer: not counted.",
  enter: "Enter is never yes.",
  name: "That is none of the names asked for.",
  other: "That is no answer: nothing was written.",
};

const tooSmall = "Not all that is asked fits here, and no answer counts: make the terminal larger.";
const notAnswered =
  "The terminal has not answered yet whether this is on its screen: not counted. n leaves it.";

export interface AnswerKeys {
  /** Keys of one chunk. `false`: no question waits, and they mean what they mean. */
  readonly press: (names: readonly string[]) => boolean;
  /** This question stands on the screen whole. */
  readonly seen: (question: string) => void;
  /** It is long in getting there. */
  readonly waits: (question: string) => void;
  /** The screen may show anything by now: the question has to be seen again. */
  readonly lost: () => void;
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
  /** All that a question asks has room on the screen. */
  readonly fits: () => boolean;
}

export function createAnswerKeys({ state, dispatch, clock, keys, fits }: Around): AnswerKeys {
  const watch = createWatch(clock, () => dispatch({ is: "answer" }));
  const change = (next: (gate: Gate) => Gate): void => {
    const gate = watch.gate();
    if (gate !== null) watch.set(next(gate));
  };
  const tell = (waits: boolean): void => {
    const asked = questionIn(state(), "asked");
    if (asked !== null && asked.phase.waits !== waits) dispatch({ is: "terminalWaits", waits });
  };
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
      const event = eventFor(verdict, names[0] ?? "", keys()) ?? ignored(verdict, asked.phase, fits);
      if (event !== null) dispatch(event);
      return true;
    },
    seen(question) {
      if (watch.gate()?.of !== question) return;
      change((gate) => seen(gate, clock().now()));
      tell(false);
    },
    waits(question) {
      if (watch.gate()?.of === question) tell(true);
    },
    lost: () => change(({ of }) => gateFor(of)),
    disturb: () => change((gate) => disturbed(gate, clock().now())),
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
    case "typed":
      return { is: "name", text: verdict.text, erase: false };
    case "erased":
      return { is: "name", text: "", erase: true };
    case "yes":
      return { is: "answer" };
    case "scrolled":
      return keys.find("question", key)?.event(key) ?? null;
    case "ignored":
    case "given":
      return null;
  }
}

function ignored(verdict: Verdict, { waits }: Asked, fits: () => boolean): UiEvent | null {
  if (verdict.is !== "ignored") return null;
  const { why, forgets } = verdict;
  const unseen = fits() ? (waits ? notAnswered : sentences.unseen) : tooSmall;
  return { is: "notCounted", why: why === "unseen" ? unseen : sentences[why], forgets };
}
