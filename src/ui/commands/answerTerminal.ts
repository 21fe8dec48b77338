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
  write(text: string, done: () => void): unknown;
}

export interface AnswerTerminal {
  /** The line without its end and the blanks around it; `null`: the input ended, or ctrl-c. */
  readonly ask: (question: string) => Promise<string | null>;
}

/** Nobody answers a question sooner after its last byte was painted: what comes within this was typed, or pasted, before. */
const QUIET_MS = 150;

/** `null`: there is no terminal to ask on. Answers come from `stdin` alone: `yes |` is none, and neither is a pipe on `stderr`, where nobody would see the question. */
export function answerTerminal(stdin: Input, stderr: Output): AnswerTerminal | null {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return null;
  return {
    async ask(question) {
      await new Promise<void>((resolve) => void stderr.write(question, resolve));
      const listening = (await discarded(stdin)) === "quiet";
      return listening ? typedLine(stdin) : null;
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
    timer.refresh();
    return text.includes("\u0003") ? { said: "ended" } : null;
  });
  const timer = setTimeout(() => stop("quiet"), QUIET_MS);
  const end = await said;
  clearTimeout(timer);
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
