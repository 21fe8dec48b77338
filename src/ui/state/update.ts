/** The one reducer: `(state, event, context) -> [state, effects]`, pure. Effects are values that the program runs. */
import type { Context } from "./context.ts";
import type { Effect, UiEvent } from "./event.ts";
import { graphHandlers } from "./graphOptions.ts";
import { handle, type Handlers } from "./handler.ts";
import { jump, keepingCursor, match, page, pan, step } from "./movement.ts";
import { back, go, help, lastView, leave, nextView, open, show, toNamespace } from "./navigation.ts";
import { cancel, complete, erase, prompt, recall, submit, type } from "./prompting.ts";
import { flashed, type Next } from "./next.ts";
import { askCallers, callerAnswered } from "./breakerCallers.ts";
import { askProxies, lookAgain, proxiesDue, proxiesRead, proxyLooked, watchingProxies } from "./proxies.ts";
import { digitNamespaces } from "./namespaces.ts";
import { contextHandlers } from "./contexts.ts";
import { beforeMoving, tailHandlers, withTail } from "./tailing.ts";
import { steerHandlers } from "./steer.ts";
import { interrupt } from "./steerQuestion.ts";
import { strictHandlers } from "./strictTurns.ts";
import { currentPage, edgeLabels, objectKey, withPage, type UiState } from "./uiState.ts";

const handlers: Handlers<UiEvent["is"]> = {
  ...steerHandlers,
  ...tailHandlers,
  ...contextHandlers,
  resize: (state, { columns, rows }) => [{ ...state, size: { columns, rows } }, []],
  step: (state, event, context) => [step(state, event.direction, context), []],
  page: (state, event, context) => [page(state, event.by, context), []],
  jump: (state, event, context) => [jump(state, event.to, context), []],
  match: (state, event, context) => match(state, event.by, context),
  open: (state, _event, context) => open(state, context),
  back: (state, _event, context) => back(state, context),
  leave: (state, _event, context) => leave(state, context),
  go: (state, event) => go(state, event),
  show: (state, event, context) => show(state, event.view, context),
  help: (state, _event, context) => help(state, context),
  nextView: (state, event, context) => nextView(state, event.by, context),
  lastView,
  namespace: (state, event, context) => toNamespace(state, event.name, context),
  digit: (state, event, context) => digit(state, event.digit, context),
  sort: (state, event, context) => sort(state, event.letter, context),
  edgeLabel: (state) => [{ ...state, edgeLabel: afterLabel(state.edgeLabel) }, []],
  extent: (state, _event, context) => [extent(state, context), []],
  ...graphHandlers,
  ...strictHandlers,
  pan: (state, event, context) => [pan(state, event.direction, context), []],
  refresh: (state, _event, context) => refresh(state, context),
  quit: interrupt,
  suspend: (state) => [state, [{ do: "suspend" }]],
  prompt: (state, event) => prompt(state, event.for, event.text),
  type: (state, event, context) => type(state, event.text, context),
  erase: (state, event) => erase(state, event.what),
  complete: (state, _event, context) => complete(state, context),
  recall: (state, event) => recall(state, event.by),
  submit: (state, _event, context) => submit(state, context),
  cancel,
  flash: (state, event) => flashed(state, event.text, event.tone),
  proxiesRead,
  proxiesDue,
  proxyLooked,
  callerAnswered,
  flashExpired: (state, event) => [state.flash?.id === event.id ? { ...state, flash: null } : state, []],
  objectRead: (state, { ref, result }) => [
    { ...state, objects: { ...state.objects, [objectKey(ref)]: { is: "read", result } } },
    [],
  ],
};

/** What follows from an event. The state keeps its identity where nothing follows. */
export function update(state: UiState, event: UiEvent, context: Context): Next {
  const [next, effects] = handle(handlers, beforeMoving(state, event, context), event, context);
  const [watched, more] = watchingProxies(state, withoutStale(state, next), context);
  return withTail([watched, more.length === 0 ? effects : [...effects, ...more]], context);
}

/** A sentence about the page before is no word about the one that is shown now. */
function withoutStale(before: UiState, next: UiState): UiState {
  const hasMoved = before.stack !== next.stack || before.namespace !== next.namespace;
  const isOld = next.flash !== null && next.flash === before.flash;
  return hasMoved && isOld && currentPage(before) !== currentPage(next) ? { ...next, flash: null } : next;
}

function digit(state: UiState, number: number, context: Context): Next {
  if (number === 0) return toNamespace(state, null, context);
  const name = digitNamespaces(context.mesh)[number - 1];
  return name === undefined
    ? flashed(state, `There is no namespace ${number}; 0 shows all of them.`, "warn")
    : toNamespace(state, name, context);
}

/** A letter sorts by its column, pressed again the other way round, a third time it gives the view's own order back. */
function sort(state: UiState, letter: string, context: Context): Next {
  const current = currentPage(state);
  const column = context.sortColumn(current.view, letter);
  if (column === null) return flashed(state, `No column of this view sorts by ${letter}.`, "warn");
  const before = current.sort?.column === column ? current.sort : null;
  const next =
    before === null ? { column, reversed: false } : before.reversed ? null : { column, reversed: true };
  return [withPage(state, { sort: next, top: 0 }), []];
}

/** From the whole picture to the surroundings of the selected node, and back. */
function extent(state: UiState, context: Context): UiState {
  const { picture } = context.content;
  if (picture === undefined) return state;
  const kept = keepingCursor(state, context);
  const next = picture.isNarrowed ? "whole" : "surroundings";
  return { ...withPage(kept, { top: 0, left: 0, center: null, follows: true }), extent: next };
}

function refresh(state: UiState, { mesh }: Context): Next {
  const { view, subject } = currentPage(state);
  const again: readonly Effect[] =
    view === "journal"
      ? [{ do: "readJournal" }]
      : view === "contexts"
        ? [{ do: "readContexts" }]
        : view === "yaml" && subject?.ref
          ? [{ do: "read", ref: subject.ref }]
          : view === "strict" && subject !== null
            ? [{ do: "previewStrict", namespace: subject.key }]
            : [];
  const [next, effects] = flashed({ ...state, denials: {} }, "Asking both sources again.", "accent");
  const [asked, more] =
    view === "proxies"
      ? askProxies(next)
      : view === "breaker" && subject !== null
        ? askCallers(next, subject.key, mesh)
        : lookAgain(next);
  return [asked, [...effects, { do: "refresh" }, ...again, ...more]];
}

const afterLabel = (label: UiState["edgeLabel"]): UiState["edgeLabel"] =>
  edgeLabels[(edgeLabels.indexOf(label) + 1) % edgeLabels.length] ?? "rate";
