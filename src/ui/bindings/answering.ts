/** Keys of the question before a write. The configuration can't change them: what writes to a mesh is the same key everywhere. */
import type { Binding } from "../state/binding.ts";
import type { UiState } from "../state/uiState.ts";
import type { Question } from "../state/steering.ts";

const base = { views: ["question"], group: "While being asked", isFixed: true } as const;

const phaseOf = ({ dialog }: UiState): Question["phase"] | null =>
  dialog?.is === "question" ? dialog.phase : null;

/** Enter, y and the letters of a name are of use only where they are asked for. */
const unless =
  (asksFor: (phase: Extract<Question["phase"], { is: "asked" }>) => boolean) =>
  (state: UiState): string | null => {
    const phase = phaseOf(state);
    if (phase?.is === "asking") return "Typed before the question was shown: not counted.";
    return phase?.is === "asked" && asksFor(phase) ? null : "Nothing asks for this now.";
  };

const isOver = (phase: Question["phase"] | null): boolean =>
  phase?.is === "written" || phase?.is === "refused" || phase?.is === "failed";

export const answering: readonly Binding[] = [
  {
    ...base,
    id: "yes",
    keys: ["y"],
    short: "yes",
    description:
      "write it. Counts only alone, once the question was on screen for a moment; what was typed or pasted before never does",
    footer: 1,
    event: () => ({ is: "answer" }),
    blocked: unless(({ demand, said }) => demand.is === "key" || (demand.is === "twice" && !said)),
  },
  {
    ...base,
    id: "yesAgain",
    keys: ["Y"],
    short: "really",
    description: "the second yes, where everything goes to or from somebody, or the whole mesh changes",
    footer: 1,
    event: () => ({ is: "answer" }),
    blocked: unless(({ demand, said }) => demand.is === "twice" && said),
  },
  {
    ...base,
    id: "nameDone",
    keys: ["enter"],
    short: "done",
    description: "ends a name that was asked for, and closes what is over; enter is never yes",
    footer: 1,
    event: () => ({ is: "answer" }),
    blocked: (state) => (isOver(phaseOf(state)) ? null : unless(({ demand }) => demand.is === "name")(state)),
  },
  {
    ...base,
    id: "nameErase",
    keys: ["backspace", "delete"],
    short: "erase",
    description: "the last letter of the name",
    event: () => ({ is: "name", text: "", erase: true }),
    blocked: unless(({ demand }) => demand.is === "name"),
  },
  {
    ...base,
    id: "no",
    keys: ["n", "esc", "q"],
    short: "no",
    shortIn: (state) => (isOver(phaseOf(state)) ? "close" : "no"),
    description:
      "write nothing; closes what was written or refused. While a name is typed, n and q are letters",
    footer: 2,
    event: () => ({ is: "decline" }),
    blocked: (state) => (phaseOf(state)?.is === "writing" ? "It is being written." : null),
  },
  {
    ...base,
    id: "lookAgain",
    keys: ["r"],
    short: "look again",
    description: "read the objects again and plan anew; another question follows",
    footer: 3,
    event: () => ({ is: "lookAgain" }),
    blocked: (state) =>
      canLookAgain(phaseOf(state)) ? null : "There is nothing to look at again: it was not refused.",
  },
  {
    ...base,
    id: "undoWritten",
    keys: ["z"],
    short: "undo",
    description: "take back what was just written; another question follows",
    footer: 3,
    event: () => ({ is: "undo", which: "undo" }),
    blocked: (state) => (canUndo(phaseOf(state)) ? null : "Nothing was written that could be taken back."),
  },
  {
    ...base,
    id: "questionCommand",
    keys: [":"],
    short: "go",
    description: "a command, once it is written or refused: closes that",
    event: () => ({ is: "prompt", for: "command" }),
    blocked: (state) => (isOver(phaseOf(state)) ? null : "Answer first: n leaves the question."),
  },
  {
    ...base,
    id: "questionUp",
    keys: ["up", "k", "pgup"],
    short: "up",
    description: "scroll the text of the question",
    event: (key) => ({ is: "row", by: key === "pgup" ? -10 : -1 }),
  },
  {
    ...base,
    id: "questionDown",
    keys: ["down", "j", "pgdn"],
    short: "scroll",
    description: "scroll the text of the question",
    footer: 4,
    event: (key) => ({ is: "row", by: key === "pgdn" ? 10 : 1 }),
  },
  {
    ...base,
    id: "questionQuit",
    keys: ["ctrl-c"],
    short: "no",
    description: "write nothing; while it is being written, twice leaves without the outcome",
    event: () => ({ is: "quit" }),
  },
  {
    ...base,
    id: "questionSuspend",
    keys: ["ctrl-z"],
    short: "suspend",
    description: "nothing: a question is answered first, and what is being written is not left alone",
    event: () => ({ is: "suspend" }),
    blocked: () => "Answer first: ctrl-z suspends no question, and nothing that is being written.",
  },
];

function canLookAgain(phase: Question["phase"] | null): boolean {
  if (phase?.is === "refused" || phase?.is === "failed") return true;
  return phase?.is === "written" && phase.outcome.is !== "applied";
}

function canUndo(phase: Question["phase"] | null): boolean {
  return phase?.is === "written" && phase.outcome.is === "applied";
}
