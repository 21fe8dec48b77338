/** The running dashboard without its painter: state, events in order, and the effects that reach the world. */
import { createAnswerKeys, type AnswerKeys } from "./answerKeys.ts";
import { commands } from "./commandTable.ts";
import { sortKeys } from "./columns/tables.ts";
import type { AppProps } from "./appProps.ts";
import { createContents, type Contents } from "./contents.ts";
import { run, type Ports } from "./effects.ts";
import { eventOf } from "./keys.ts";
import { glyphsFor } from "./paint/glyphs.ts";
import { asksInFull } from "./screen/composeScreen.ts";
import { placeOf } from "./state/content.ts";
import type { Context } from "./state/context.ts";
import { denialKey, intendedHere } from "./state/denials.ts";
import type { UiEvent } from "./state/event.ts";
import { whyReadOnly } from "./state/steerQuestion.ts";
import { currentPage, initialState, lineOf, type UiState } from "./state/uiState.ts";
import { update } from "./state/update.ts";
import { rootViews } from "./views/index.ts";

export interface Program {
  readonly state: () => UiState;
  readonly subscribe: (listener: () => void) => () => void;
  readonly dispatch: (event: UiEvent) => void;
  /** Keys that arrived in one piece. */
  readonly press: (...names: readonly string[]) => void;
  /** What becomes of a question on the screen, by what `waitingFor` calls it. */
  readonly question: Pick<AnswerKeys, "seen" | "waits" | "lost">;
  /** Text from the clipboard: never keys. It goes into the line being typed, and nowhere else. */
  readonly paste: (text: string) => void;
  /** The newest mesh and what a state shows of it; kept until something that it depends on changes. */
  readonly contextOf: (state: UiState) => Context;
  /** New ports, the same dashboard; it follows their source until the function it returns is called. */
  readonly connect: (props: AppProps) => () => void;
  /** Where `exit` of an effect goes first: the painter gives the terminal back. */
  readonly onExit: (leave: () => void) => void;
  /** The same for `suspend`. */
  readonly onSuspend: (suspend: () => void) => void;
}

function pasted(text: string, state: UiState): UiEvent {
  return lineOf(state) === null ? pastedNowhere : { is: "type", text: text.split(/[\r\n]/, 1)[0] ?? "" };
}

const pastedNowhere: UiEvent = {
  is: "flash",
  text: "What was pasted is ignored: keys are typed. After : or / it goes into the line.",
  tone: "warn",
};

const portsFor = (props: AppProps): Ports => ({
  props,
  leave: () => props.exit(),
  suspend: () => undefined,
  followed: new Map(),
  tailed: new Map(),
});

/** What waited for the first connection. */
function greet({ explain }: NonNullable<AppProps["steering"]>, dispatch: Program["dispatch"]): void {
  dispatch({ is: "canTail" });
  void explain().then((sentences) => dispatch({ is: "explained", sentences }));
}

export function createProgram(first: AppProps, size: UiState["size"]): Program {
  const ports = portsFor(first);
  const store = createStateStore(ports, initialState(size, first.session.namespace, "services"));
  const { state, dispatch, answers } = store;
  return {
    state,
    subscribe: store.subscribe,
    dispatch,
    press: (...names) => {
      if (answers.press(names)) return;
      for (const name of names) {
        const event = eventOf(ports.props.keys, name, state(), store.contextOf(state()));
        if (event !== null) dispatch(event);
      }
    },
    question: answers,
    paste: (text) => {
      answers.disturb();
      dispatch(pasted(text, state()));
    },
    contextOf: store.contextOf,
    connect: (props) => {
      const { armedFor, context } = props.session;
      const isNew = ports.props.session.context !== context;
      const isFirst = ports.props.steering === null && props.steering !== null;
      ports.props = props;
      if (isNew && armedFor !== null) dispatch({ is: "arm", for: armedFor });
      if (isFirst) greet(props.steering, dispatch);
      store.refocus();
      return props.source.subscribe(store.refocus);
    },
    onExit: (leave) => {
      ports.leave = leave;
    },
    onSuspend: (suspend) => {
      ports.suspend = suspend;
    },
  };
}

function hasRoom({ session, terminal, clock }: AppProps, state: UiState, context: Context): boolean {
  return asksInFull({ state, session, now: clock.now(), glyphs: glyphsFor(terminal), context });
}

interface StateStore extends Pick<Program, "state" | "subscribe" | "dispatch" | "contextOf"> {
  readonly answers: AnswerKeys;
  readonly refocus: () => void;
}

/** The state, and what has to happen whenever it changes. */
function createStateStore(ports: Ports, initial: UiState): StateStore {
  let state = initial;
  const listeners = new Set<() => void>();
  const contents = createContents(
    () => ports.props,
    () => dispatch({ is: "placed" }),
  );
  const focus = createFocus(() => ports.props, contents);
  const [clock, keys] = [() => ports.props.clock, () => ports.props.keys];
  const here = (): readonly [UiState, Context] => [state, contextOf(state, ports.props, contents)];
  const fits = (): boolean => hasRoom(ports.props, ...here());
  const answers = createAnswerKeys({ state: () => state, dispatch, clock, keys, fits });

  const rights = createRights(() => ports.props, here, dispatch);

  function dispatch(event: UiEvent): void {
    const [next, effects] = update(state, event, contextOf(state, ports.props, contents));
    const isSame = next === state;
    state = next;
    answers.follow(state);
    for (const effect of effects) run(effect, ports, dispatch);
    if (isSame) return;
    focus(state);
    rights();
    for (const listener of listeners) listener();
  }

  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    dispatch,
    contextOf: (of) => contextOf(of, ports.props, contents),
    answers,
    refocus: () => {
      focus(state);
      rights();
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
    now: props.clock.now(),
    level: props.session.level,
    isSealed: props.session.isSealed,
    contextName: props.session.context,
    isConnected: props.steering !== null,
    sortColumn: (view, letter) => sortKeys(view).find((sort) => sort.letter === letter)?.column ?? null,
  };
}

/** Asks for the rights to what is under the cursor, each once; a refresh forgets them. */
function createRights(
  propsOf: () => AppProps,
  here: () => readonly [UiState, Context],
  dispatch: (event: UiEvent) => void,
): () => void {
  const asking = new Set<string>();
  return () => {
    const [state, context] = here();
    const { steering } = propsOf();
    if (steering === null || state.dialog !== null || whyReadOnly(state, context) !== null) return;
    for (const intended of intendedHere(state, context)) {
      const key = denialKey(intended);
      if (asking.has(key) || Object.hasOwn(state.denials, key)) continue;
      asking.add(key);
      void steering.whyNot(intended.deed, intended.ref).then((why) => {
        asking.delete(key);
        dispatch({ is: "denied", key, why });
      });
    }
  };
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
