/** The terminal's keys for Ink, without the terminal's answers to what the fence asked. */
import { givenAway, mayBeKey, nothingHeld, sifted, type CursorPlace, type Sifted } from "./cursorReports.ts";

/** Longer than two pieces of one answer are apart, and too short to be felt after escape. */
const keyAfterMs = 50;

interface Answers {
  /** An answer may come: only then is anything kept back. */
  readonly isExpected: () => boolean;
  readonly onAnswer: (place: CursorPlace) => void;
}

/**
 * The stream for Ink, which reads it by `read` alone: everything of the terminal's, but that answers go to `onAnswer`. Ink would take one that comes in two
 * pieces for keys, an `n` among them.
 */
export function siftedInput(stdin: NodeJS.ReadStream, { isExpected, onAnswer }: Answers): NodeJS.ReadStream {
  let state = nothingHeld;
  let due = "";
  let timer: NodeJS.Timeout | undefined;

  function take({ next, rest, places }: Sifted): string {
    state = next;
    for (const place of places) onAnswer(place);
    return rest;
  }

  function giveAway(): void {
    due += take(givenAway(state));
    stdin.emit("readable");
  }

  function read(): string | null {
    for (;;) {
      if (due !== "") {
        const text = due;
        due = "";
        return text;
      }
      const piece = stdin.read() as string | Buffer | null;
      if (piece === null) return null;
      clearTimeout(timer);
      due = take(sifted(state, String(piece)));
      if (!mayBeKey(state)) continue;
      if (isExpected()) timer = setTimeout(giveAway, keyAfterMs);
      else [due, state] = [due + state.held, { ...state, held: "", given: "" }];
    }
  }

  return new Proxy(stdin, {
    get(target, name) {
      if (name === "read") return read;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
