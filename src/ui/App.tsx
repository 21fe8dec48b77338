/** The dashboard: the one `useInput`, the one program, and after every change one frame for the painter. */
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useApp, useInput, usePaste, useWindowSize } from "ink";
import type { Instant } from "../data/mesh/units.ts";
import { waitingFor } from "./answerKeys.ts";
import type { AppProps } from "./appProps.ts";
import { keyNames } from "./keyNames.ts";
import { glyphsFor } from "./paint/glyphs.ts";
import type { Painter } from "./paint/painter.ts";
import { themeFor } from "./paint/theme.ts";
import { createProgram, type Program } from "./program.ts";
import { asksInFull, composeScreen, type ScreenInput } from "./screen/composeScreen.ts";

/** Ages on screen change in coarse steps; looking more often would paint nothing new. */
const tickMs = 5000;

/**
 * Ink gives it the keys and the size of the terminal. The rows do not go through Ink, which takes every one of them apart again for every
 * frame: docs/adr/0010.
 */
export function App({ painter, ...props }: AppProps & { readonly painter: Painter }): null {
  const { columns, rows } = useWindowSize();
  const [program] = useState(() => createProgram(props, { columns, rows }));
  const now = useNow(props.clock);
  useConnection(program, props);
  usePaste((text) => program.paste(text));
  useKeys(program);
  useEffect(() => program.dispatch({ is: "resize", columns, rows }), [program, columns, rows]);
  const remembered = useSyncExternalStore(program.subscribe, program.state);
  useSyncExternalStore(props.source.subscribe, props.source.snapshot);
  const theme = useMemo(() => themeFor(props.terminal), [props.terminal]);
  const { size } = remembered;
  const isResized = size.columns !== columns || size.rows !== rows;
  // The terminal's size, not that of the last event: no frame may be larger than the screen.
  const state = isResized ? { ...remembered, size: { columns, rows } } : remembered;
  const input: ScreenInput = {
    state,
    session: props.session,
    now,
    glyphs: glyphsFor(props.terminal),
    context: program.contextOf(state),
  };
  const lines = composeScreen(input);
  const erase = useCallback(() => painter.paint({ lines: [], columns: 0, theme }), [painter, theme]);
  const isAway = useSuspension(program, props, erase);
  useLayoutEffect(() => {
    if (!isAway()) painter.paint({ lines, columns, theme });
  });
  useLayoutEffect(() => () => painter.end(), [painter]);
  usePainted(painter, program, isAway() ? null : askedBy(input));
  return null;
}

/** What waits for an answer, where the screen shows all that is asked. */
function askedBy(input: ScreenInput): string | null {
  const question = waitingFor(input.state);
  return question !== null && asksInFull(input) ? question : null;
}

/** Keys by the piece they came in: Ink splits one read of the terminal into several events, all in one go. */
function useKeys(program: Program): void {
  const [chunk] = useState<string[]>(() => []);
  useInput((input, key) => {
    const names = keyNames(input, key);
    if (chunk.length === 0 && names.length > 0)
      queueMicrotask(() => program.press(...chunk.splice(0, chunk.length)));
    chunk.push(...names);
  });
}

/** Tells the program when the frame with a question has left: a terminal may not take it at once. */
function usePainted(painter: Painter, program: Program, question: string | null): void {
  useEffect(() => {
    if (question !== null) void painter.taken().then(() => program.painted(question));
  }, [painter, program, question]);
}

function useNow(clock: AppProps["clock"]): Instant {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => clock.every(tickMs, () => setNow(clock.now())), [clock]);
  return now;
}

/** ctrl-z: Ink gives the terminal back and takes it again; whoever paints leaves it alone meanwhile, and paints all of it after that. */
function useSuspension(program: Program, { suspend }: AppProps, erase: () => void): () => boolean {
  const { suspendTerminal } = useApp();
  const isAway = useRef(false);
  const [, wake] = useState(0);
  useEffect(
    () =>
      program.onSuspend(() => {
        isAway.current = true;
        void suspendTerminal(suspend).finally(() => {
          isAway.current = false;
          erase();
          wake((times) => times + 1);
        });
      }),
    [program, suspend, suspendTerminal, erase],
  );
  return () => isAway.current;
}

/** Keeps the program on the newest ports, and gives the terminal back before the world hears that the user left. */
function useConnection(program: Program, props: AppProps): void {
  const { exit } = useApp();
  useEffect(() => program.connect(props), [program, props]);
  useEffect(
    () =>
      program.onExit(() => {
        exit();
        props.exit();
      }),
    [program, props, exit],
  );
}
