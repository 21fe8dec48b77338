/** The running dashboard without its painter: state, events in order, and the effects that reach the world. */
import { commands } from "./commandTable.ts";
import { sortKeys } from "./columns/tables.ts";
import type { AppProps } from "./appProps.ts";
import { createContents, type Contents } from "./contents.ts";
import { eventOf } from "./keys.ts";
import { placeOf } from "./state/content.ts";
import type { Context } from "./state/context.ts";
import type { Effect, UiEvent } from "./state/event.ts";
import { currentPage, initialState, type UiState } from "./state/uiState.ts";
import { update } from "./state/update.ts";
import { rootViews } from "./views/index.ts";

export interface Program {
  readonly state: () => UiState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly dispatch: (event: UiEvent) => void;
  readonly press: (key: string) => void;
  /** Text from the clipboard: never keys. It goes into the line being typed, and nowhere else. */
  readonly paste: (text: string) => void;
  /** The newest mesh and what a state shows of it; kept until something that it depends on changes. */
  readonly contextOf: (state: UiState) => Context;
  /** New ports, the same dashboard; it follows their source until the function it returns is called. */
  readonly connect: (props: AppProps) => () => void;
  /** Where `exit` of an effect goes first: the painter gives the terminal back. */
  readonly onExit: (leave: () => void) => void;
}

function pasted(text: string, { dialog }: UiState): UiEvent {
  return dialog === null ? pastedNowhere : { is: "type", text: text.split(/[\r\n]/, 1)[0] ?? "" };
}

const pastedNowhere: UiEvent = {
  is: "flash",
  text: "What was pasted is ignored: keys are typed. After : or / it goes into the line.",
  tone: "warn",
};

/** How long a sentence stays on the message line, as in k9s. */
const flashMs = 6000;

export function createProgram(first: AppProps, size: UiState["size"]): Program {
  const ports = { props: first, leave: (): void => first.exit() };
  let state = initialState(size, first.session.namespace, "services");
  const listeners = new Set<() => void>();
  const contents = createContents(() => ports.props);
  const refocus = createFocus(() => ports.props, contents);

  function dispatch(event: UiEvent): void {
    const [next, effects] = update(state, event, contextOf(state, ports.props, contents));
    const isSame = next === state;
    state = next;
    for (const effect of effects) run(effect, ports, dispatch);
    if (isSame) return;
    refocus(state);
    for (const listener of listeners) listener();
  }

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch,
    press: (key) => {
      const event = eventOf(ports.props.keys, key, state, contents(state).content);
      if (event !== null) dispatch(event);
    },
    paste: (text) => dispatch(pasted(text, state)),
    contextOf: (of) => contextOf(of, ports.props, contents),
    connect: (props) => {
      ports.props = props;
      refocus(state);
      return props.source.subscribe(() => refocus(state));
    },
    onExit: (leave) => {
      ports.leave = leave;
    },
  };
}

function contextOf(state: UiState, props: AppProps, contents: Contents): Context {
  const { content, rows } = contents(state);
  const { key } = placeOf(currentPage(state), content, rows);
  return {
    mesh: props.source.snapshot(),
    content,
    rows,
    commands,
    keys: props.keys,
    roots: rootViews,
    selected: content.subject(key),
    sortColumn: (view, letter) => sortKeys(view).find((sort) => sort.letter === letter)?.column ?? null,
  };
}

interface Ports {
  readonly props: AppProps;
  readonly leave: () => void;
}

function run(effect: Effect, ports: Ports, dispatch: (event: UiEvent) => void): void {
  switch (effect.do) {
    case "exit":
      ports.leave();
      return;
    case "refresh":
      ports.props.refresh();
      return;
    case "dispatch":
      dispatch(effect.event);
      return;
    case "expireFlash":
      once(ports.props.clock, () => dispatch({ is: "flashExpired", id: effect.id }));
      return;
    case "read":
      void ports.props
        .readObject(effect.ref)
        .then((result) => dispatch({ is: "objectRead", ref: effect.ref, result }));
  }
}

function once(clock: AppProps["clock"], act: () => void): void {
  const stop = clock.every(flashMs, () => {
    stop();
    act();
  });
}

/** Tells the world which services are on screen, when they are others than before. */
function createFocus(propsOf: () => AppProps, contents: Contents): (state: UiState) => void {
  let focused = "";
  return (state) => {
    const { content, rows } = contents(state);
    const { top } = placeOf(currentPage(state), content, rows);
    const visible = content.stops.filter(({ line }) => line >= top && line < top + rows);
    const services = content.focus?.(visible.map(({ key }) => key)) ?? [];
    const key = services.join(" ");
    if (key === focused) return;
    focused = key;
    propsOf().focus(services);
  };
}
