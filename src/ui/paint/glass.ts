/** The terminal that frames are written to, and what Ink may still write to it. */
import type { Glass } from "./painter.ts";

export type TerminalOutput = NodeJS.WriteStream;

/** What Ink says to the terminal besides frames: the alternate screen, the cursor, and pastes as one piece. */
const modes: ReadonlySet<string> = new Set(
  ["1049", "25", "2004"].flatMap((mode) => [`\u001b[?${mode}h`, `\u001b[?${mode}l`]),
);

/**
 * The stream for Ink: everything of the terminal's, but that frames are dropped. Ink's own are empty, since the rows go to the painter; even so
 * it would write line feeds wherever the cursor is.
 */
export function modesOnly(stdout: TerminalOutput): TerminalOutput {
  const write = (text: string, ...rest: readonly unknown[]): boolean => {
    const taken = rest.find((one) => typeof one === "function") as (() => void) | undefined;
    // An empty text is a barrier: Ink waits for what was written before it.
    if (text === "" || modes.has(text)) return stdout.write(text, taken);
    if (taken !== undefined) queueMicrotask(taken);
    return true;
  };
  return new Proxy(stdout, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Node's handle of a terminal; none where the stream is not one. */
interface Handle {
  readonly setBlocking?: (isBlocking: boolean) => unknown;
}

/**
 * Frames to a terminal without waiting for it: Node lets writes to one block, so that a link that stalls would stop the whole program, keys and
 * watches with it. `release` gives the terminal back as it was.
 */
export function glassOf(stdout: TerminalOutput): Glass & { readonly release: () => void } {
  const { _handle: handle } = stdout as TerminalOutput & { readonly _handle?: Handle };
  handle?.setBlocking?.(false);
  return {
    write: (text, taken) => stdout.write(text, taken),
    release: () => handle?.setBlocking?.(true),
  };
}
