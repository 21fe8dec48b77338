/** Ink on a real terminal: takes it, gives it back on every way out, and notices when it goes away. */
import { setTimeout as pause } from "node:timers/promises";
import { render } from "ink";
import type { AppProps } from "./appProps.ts";
import { App, type Glasses } from "./App.tsx";
import { createFence } from "./fence.ts";
import { glassOf, modesOnly, type TerminalOutput } from "./paint/glass.ts";
import { createPainter } from "./paint/painter.ts";
import { siftedInput } from "./siftedInput.ts";

export interface Screen {
  /** Paints with other properties: the session is known only once the kubeconfig was read. */
  update(props: AppProps): void;
  /** The same screen for another world: nothing of the dashboard before stays, neither on it nor behind it. */
  restart(props: AppProps): void;
  /** Gives the terminal back. */
  close(): void;
  /** No further patch is sent from now on. Resolves with what became of a write that is under way; `null`: there is none. */
  finish(): Promise<{ readonly message: string } | null>;
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

/** The alternate screen without a cursor, and pastes in brackets. */
const modes = "\u001b[?1049h\u001b[?25l\u001b[?2004h";

/**
 * After a stop that nobody was told of. Node sets raw mode only where it believes that it is not set. A terminal that hangs up wakes the program too, and
 * has no modes any more.
 */
function retake({ stdin, stdout }: Terminal): void {
  try {
    stdin.setRawMode(false);
    stdin.setRawMode(true);
    stdout.write(modes);
  } catch {
    // Its streams end, and the dashboard with them.
  }
}

/** Takes the terminal over: Ink has its keys, its size and its modes, the painter its cells. Expects both streams to be one terminal. */
export function showDashboard(props: AppProps, terminal: Terminal): Screen {
  const glass = glassOf(terminal.stdout);
  const painter = createPainter(glass);
  const fence = createFence({ painter, clock: props.clock, pause });
  const stdin = siftedInput(terminal.stdin, { isExpected: fence.isExpected, onAnswer: fence.answered });
  let turn = 0;
  const glassesOf = (mine: number): Glasses => ({
    // A dashboard that is replaced ends, and the screen goes on.
    painter: { ...painter, end: () => (mine === turn ? painter.end() : undefined) },
    fence,
    retake: () => retake(terminal),
  });
  let glasses = glassesOf(turn);
  const app = (of: AppProps): React.JSX.Element => <App key={turn} {...of} {...glasses} />;
  const instance = render(app(props), {
    stdin,
    stdout: modesOnly(terminal.stdout),
    alternateScreen: true,
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
  });
  const close = (): void => instance.unmount();
  closeWithTerminal(terminal, close);
  let { steering } = props;
  return {
    update(next) {
      steering = next.steering;
      instance.rerender(app(next));
    },
    restart(next) {
      turn += 1;
      glasses = glassesOf(turn);
      steering = next.steering;
      instance.rerender(app(next));
    },
    close,
    finish: async () => (await steering?.leave()) ?? null,
    ended: instance.waitUntilExit().then(() => glass.release()),
  };
}
