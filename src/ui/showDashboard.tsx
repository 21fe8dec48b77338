/** Ink on a real terminal: takes it, gives it back on every way out, and notices when it goes away. */
import { render } from "ink";
import type { AppProps } from "./appProps.ts";
import { App } from "./App.tsx";
import { glassOf, modesOnly, type TerminalOutput } from "./paint/glass.ts";
import { createPainter } from "./paint/painter.ts";

export interface Screen {
  /** Paints with other properties: the session is known only once the kubeconfig was read. */
  update(props: AppProps): void;
  /** Gives the terminal back. */
  close(): void;
  /** Resolves when the terminal was given back, whoever asked for it. */
  readonly ended: Promise<void>;
}

export interface Terminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: TerminalOutput;
}

/** A terminal that hung up shows as an end or an error of its streams; the program must not outlive it. */
function closeWithTerminal({ stdin, stdout }: Terminal, close: () => void): void {
  for (const stream of [stdin, stdout]) {
    stream.once("end", close);
    stream.once("close", close);
    stream.on("error", close);
  }
}

/** Takes the terminal over: Ink has its keys, its size and its modes, the painter its cells. Expects both streams to be one terminal. */
export function showDashboard(props: AppProps, terminal: Terminal): Screen {
  const glass = glassOf(terminal.stdout);
  const painter = createPainter(glass);
  const instance = render(<App {...props} painter={painter} />, {
    stdin: terminal.stdin,
    stdout: modesOnly(terminal.stdout),
    alternateScreen: true,
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
  });
  const close = (): void => instance.unmount();
  closeWithTerminal(terminal, close);
  return {
    update: (next) => instance.rerender(<App {...next} painter={painter} />),
    close,
    ended: instance.waitUntilExit().then(() => glass.release()),
  };
}
