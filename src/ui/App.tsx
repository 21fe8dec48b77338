/** The dashboard: the one `useInput`, the one program, one memoised row of text for each line of the screen. */
import { memo, useEffect, useMemo, useState, useSyncExternalStore, type ReactElement } from "react";
import { Box, Text, useApp, useInput, usePaste, useWindowSize } from "ink";
import type { Instant } from "../data/mesh/units.ts";
import { waitingFor } from "./answerKeys.ts";
import type { AppProps } from "./appProps.ts";
import { keyNames } from "./keyNames.ts";
import { glyphsFor } from "./paint/glyphs.ts";
import { themeFor } from "./paint/theme.ts";
import { toAnsi } from "./paint/toAnsi.ts";
import { createProgram, type Program } from "./program.ts";
import { composeScreen, isReadable } from "./screen/composeScreen.ts";

/** Ages on screen change in coarse steps; looking more often would paint nothing new. */
const tickMs = 5000;

export function App(props: AppProps): ReactElement {
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
  usePainted(program, isReadable(state.size) ? waitingFor(state) : null);
  const lines = composeScreen({
    state,
    session: props.session,
    now,
    glyphs: glyphsFor(props.terminal),
    context: program.contextOf(state),
  });
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {lines.map((line, row) => (
        // Rows of the screen have no other identity than their place.
        <Row key={row} text={toAnsi(line, theme)} />
      ))}
    </Box>
  );
}

/** A blank row is a space: Ink gives an empty text no height. */
const Row = memo(function Row({ text }: { readonly text: string }): ReactElement {
  return <Text wrap="truncate">{text === "" ? " " : text}</Text>;
});

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

/** Tells the program when the frame with a question has left: Ink holds frames back, and a terminal may not take them. */
function usePainted(program: Program, question: string | null): void {
  const { waitUntilRenderFlush } = useApp();
  useEffect(() => {
    if (question !== null) void waitUntilRenderFlush().then(() => program.painted(question));
  }, [program, question, waitUntilRenderFlush]);
}

function useNow(clock: AppProps["clock"]): Instant {
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => clock.every(tickMs, () => setNow(clock.now())), [clock]);
  return now;
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
