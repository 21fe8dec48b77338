/** Ink on a real terminal: takes it, gives it back on every way out, and notices when it goes away. */
import { render } from "ink";
import type { AppProps } from "./appProps.ts";
import { App } from "./App.tsx";

export interface Screen {
  /** Paints with other properties: the session is known only once the kubeconfig was read. */
  update(props: AppProps): void;
  /** Gives the terminal back. */
  close(): void;
  /** Resolves when the terminal was given back, whoever asked for it. */
  readonly ended: Promise<void>;
}

/** A terminal that hung up shows as an end or an error of its streams; the program must not outlive it. */
function closeWithTerminal(close: () => void): void {
  for (const stream of [process.stdin, process.stdout]) {
    stream.once("end", close);
    stream.once("close", close);
    stream.on("error", close);
  }
}

/** Takes the terminal over. Expects stdin and stdout to be one. */
export function showDashboard(props: AppProps): Screen {
  const instance = render(<App {...props} />, {
    alternateScreen: true,
    // Without it every key costs a whole frame on the wire (stack.md 4.1).
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
  });
  const close = (): void => instance.unmount();
  closeWithTerminal(close);
  return {
    update: (next) => instance.rerender(<App {...next} />),
    close,
    ended: instance.waitUntilExit().then(() => undefined),
  };
}
