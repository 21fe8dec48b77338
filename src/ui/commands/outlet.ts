/** Where a command's words go: the answer to stdout, all else to stderr. */

interface Stream {
  write(text: string, done?: () => void): unknown;
  on(event: "error", listener: (error: Error & { readonly code?: string }) => void): unknown;
}

interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
  exit(code: number): void;
}

export interface Outlet {
  /** The answer; resolves when the system has taken it: a full disk is then an error event, and not lost with the process. */
  readonly print: (text: string) => Promise<void>;
  /** A line on stderr. */
  readonly tell: (line: string) => void;
  /** A sentence of meshtop's own on stderr. */
  readonly complain: (sentence: string) => void;
}

export function outletOf({ stdout, stderr }: Pick<Streams, "stdout" | "stderr">): Outlet {
  return {
    print: (text) => new Promise((resolve) => void stdout.write(`${text}\n`, resolve)),
    tell: (line) => void stderr.write(`${line}\n`),
    complain: (sentence) => void stderr.write(`meshtop: ${sentence}\n`),
  };
}

/** `get ... | head` closes the pipe: that is no fault of anybody's. */
export function endWithPipe(streams: Streams, { complain }: Pick<Outlet, "complain">): void {
  streams.stdout.on("error", ({ code, message }) => {
    if (code === "EPIPE") streams.exit(0);
    complain(`the answer could not be written (${code ?? message}).`);
    streams.exit(1);
  });
}

/** Whoever reads may go: what became of a write is told by the exit code and the journal all the same. */
export function outlivePipes({ stdout, stderr }: Streams): void {
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
}
