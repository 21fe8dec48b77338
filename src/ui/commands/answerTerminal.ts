/** One question on a terminal, answered by one line that was typed after it. */

interface Input {
  readonly isTTY?: boolean;
  setRawMode(raw: boolean): unknown;
  on(event: string, listener: (chunk: unknown) => void): unknown;
  off(event: string, listener: (chunk: unknown) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface AnswerTerminal {
  /** The line without its end and the blanks around it; `null`: the input ended, or ctrl-c. */
  readonly ask: (question: string) => Promise<string | null>;
}

/** What is typed or pasted ahead comes in one piece; after so long a silence it is over. */
const QUIET_MS = 150;

/** `null`: there is no terminal to ask on. Answers come from `stdin` alone: `yes |` is none, and neither is a pipe on `stderr`, where nobody would see the question. */
export function answerTerminal(stdin: Input, stderr: Output): AnswerTerminal | null {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
  return {
    async ask(question) {
      if ((await discarded(stdin)) === "ended") return null;
      // No turn of the loop lies between the last look at the input and the question: what comes from now on is an answer.
      stderr.write(question);
      return typedLine(stdin);
    },
  };
}

interface Listening<T> {
  readonly said: Promise<T>;
  readonly stop: (value: T) => void;
}

/** Calls `heard` for each chunk until it gives a value; `ended` where the input ends, or the terminal is gone. */
function listen<T>(
  stdin: Input,
  ended: T,
  heard: (text: string) => { readonly said: T } | null,
): Listening<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const endings = ["end", "close", "error"] as const;
  const onData = (chunk: unknown): void => {
    const answer = heard(String(chunk));
    if (answer !== null) stop(answer.said);
  };
  const onEnd = (): void => stop(ended);
  function stop(value: T): void {
    stdin.off("data", onData);
    for (const event of endings) stdin.off(event, onEnd);
    stdin.pause();
    resolve(value);
  }
  stdin.on("data", onData);
  for (const event of endings) stdin.on(event, onEnd);
  stdin.resume();
  return { said: promise, stop };
}

/**
 * Throws away what waits in the terminal. Raw, because a line that is not ended yet is kept from us otherwise, and would become
 * part of the answer. Ctrl-c is a character there.
 */
async function discarded(stdin: Input): Promise<"quiet" | "ended"> {
  stdin.setRawMode(true);
  const { said, stop } = listen<"quiet" | "ended">(stdin, "ended", (text) => {
    pause.refresh();
    return text.includes("\u0003") ? { said: "ended" } : null;
  });
  // Timers come before input in a turn of Node's loop, and immediates after it.
  const pause = setTimeout(() => setImmediate(() => stop("quiet")), QUIET_MS);
  const end = await said;
  clearTimeout(pause);
  stdin.setRawMode(false);
  return end;
}

function typedLine(stdin: Input): Promise<string | null> {
  let typed = "";
  return listen<string | null>(stdin, null, (text) => {
    typed += text;
    const end = typed.search(/[\r\n]/);
    return end < 0 ? null : { said: typed.slice(0, end).trim() };
  }).said;
}
