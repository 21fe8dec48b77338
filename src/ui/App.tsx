/** The dashboard: the one `useInput`, the one program, and after every change one frame for the painter. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useApp, useInput, usePaste, useWindowSize } from "ink";
import type { Instant } from "../data/mesh/units.ts";
import { waitingFor } from "./answerKeys.ts";
import type { AppProps } from "./appProps.ts";
import type { Fence } from "./fence.ts";
import { keyNames } from "./keyNames.ts";
import { glyphsFor } from "./paint/glyphs.ts";
import type { Painter } from "./paint/painter.ts";
import { themeFor } from "./paint/theme.ts";
import { createProgram, type Program } from "./program.ts";
import { asksInFull, composeScreen, type ScreenInput } from "./screen/composeScreen.ts";

/** Ages on screen change in coarse steps; looking more often would paint nothing new. */
const tickMs = 5000;

/** The terminal behind Ink's back. */
export interface Glasses {
  readonly painter: Painter;
  readonly fence: Fence;
  /** Sets the terminal's modes once more: a shell has had it. */
  readonly retake: () => void;
}

/**
 * Ink gives it the keys and the size of the terminal. The rows do not go through Ink, which takes every one of them apart again for every
 * frame: docs/adr/0010.
 */
export function App({ painter, fence, retake, ...props }: AppProps & Glasses): null {
  const { columns, rows } = useWindowSize();
  const [program] = useState(() => createProgram(props, { columns, rows }));
  const now = useNow(props.clock);
  useConnection(program, props, fence);
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
  const { isAway, screens } = useSuspension(program, props, { painter, fence, retake });
  useLayoutEffect(() => {
    if (!isAway()) painter.paint({ lines, columns, theme });
  });
  useLayoutEffect(() => () => painter.end(), [painter]);
  useFence(fence, program, isAway() ? null : askedBy(input), screens);
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

/**
 * Tells the program when the terminal shows a question: it may not take the frame at once, and what is behind it may not show it.
 *
 * @param screens how often the screen was begun anew.
 */
function useFence(fence: Fence, program: Program, question: string | null, screens: number): void {
  useEffect(() => {
    const { seen, waits } = program.question;
    fence.guard(question === null ? null : { seen: () => seen(question), waits: () => waits(question) });
  }, [fence, program, question, screens]);
}

function useNow(clock: AppProps["clock"]): Instant {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => clock.every(tickMs, () => setNow(clock.now())), [clock]);
  return now;
}

/**
 * ctrl-z: Ink gives the terminal back and takes it again; whoever paints leaves it alone meanwhile, and paints all of it after that. Somebody else's SIGTSTP gives nobody that
 * chance: on waking everything is set and painted anew.
 */
function useSuspension(
  program: Program,
  { suspend, onWake }: AppProps,
  { painter, fence, retake }: Glasses,
): { readonly isAway: () => boolean; readonly screens: number } {
  const { suspendTerminal } = useApp();
  const isAway = useRef(false);
  const [screens, begin] = useState(0);
  useEffect(() => {
    const back = (): void => {
      isAway.current = false;
      program.question.lost();
      painter.again();
      begin((times) => times + 1);
    };
    program.onSuspend(() => {
      isAway.current = true;
      const left = fence.settled().then(() => suspendTerminal(suspend));
      void left.finally(back);
    });
    return onWake(() => {
      if (isAway.current) return;
      retake();
      back();
    });
  }, [program, suspend, onWake, suspendTerminal, painter, fence, retake]);
  return { isAway: () => isAway.current, screens };
}

/** Keeps the program on the newest ports, and gives the terminal back before the world hears that the user left. */
function useConnection(program: Program, props: AppProps, fence: Fence): void {
  const { exit } = useApp();
  const isConnected = props.steering !== null;
  useEffect(() => program.connect(props), [program, props]);
  // No question comes before there is a connection; and a program that ends at once leaves no answer to the shell.
  useEffect(() => {
    if (isConnected) fence.probe();
  }, [fence, isConnected]);
  useEffect(
    () =>
      program.onExit(() => {
        void fence.settled().then(() => {
          exit();
          props.exit();
        });
      }),
    [program, props, exit, fence],
  );
}
