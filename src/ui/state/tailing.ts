/** The access log that is being followed: it begins with its page, and ends when that page is left. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { emptyTail, withLines } from "../../data/mesh/proxyLog/logTail.ts";
import type { TailWish } from "../../data/mesh/proxyLog/tailWish.ts";
import type { Context } from "./context.ts";
import type { Effect, UiEvent } from "./event.ts";
import type { Handlers } from "./handler.ts";
import { keepingCursor } from "./movement.ts";
import { go } from "./navigation.ts";
import { flashed, type Next } from "./next.ts";
import type { TailEvent, Tailing } from "./tailEvent.ts";
import { currentPage, withPage, type Subject, type UiState } from "./uiState.ts";

const backlog = 200;

/** The workloads whose proxies a subject stands for; empty: none. */
export function workloadsOf(subject: Subject, mesh: Mesh): readonly Workload[] {
  const keys = workloadKeysOf(subject, mesh);
  return mesh.workloads.filter(({ key }) => keys.includes(key));
}

function workloadKeysOf({ is, key }: Subject, mesh: Mesh): readonly string[] {
  if (is === "workload") return [key];
  if (is !== "service" && is !== "canary") return [];
  const own = mesh.services.find((service) => service.key === key)?.workloads ?? [];
  if (is === "service") return own;
  // The pods of a canary's target are those of no Service of this name once the primary has taken over.
  const targets = mesh.canaries.filter((canary) => canary.key === key);
  return [...own, ...targets.map(({ ref, target }) => `${ref.namespace ?? ""}/${target}`)];
}

/** `null`: nothing with a proxy. An object without a `ref` is a pod that somebody named. */
export function tailWishOf(subject: Subject, mesh: Mesh): TailWish | null {
  const [namespace = "", name = ""] = subject.key.split("/", 2);
  const wish = { namespace, name, backlog, follows: true };
  if (subject.is === "object") return { ...wish, selectors: null };
  const workloads = workloadsOf(subject, mesh);
  return workloads.length === 0 ? null : { ...wish, selectors: workloads.map(({ selector }) => selector) };
}

function openLogs(state: UiState, { mesh, selected }: Context): Next {
  const subject = selected ?? currentPage(state).subject;
  if (subject === null) return flashed(state, "Nothing is selected.", "warn");
  const found = [subject, currentPage(state).subject].find(
    (one) => one !== null && workloadsOf(one, mesh).length > 0,
  );
  if (found !== undefined) return go(state, { is: "go", view: "logs", subject: found });
  const text = `${subject.key} has no proxy in this cluster that could have written a log; :logs NAMESPACE/NAME takes another.`;
  return flashed(state, text, "warn");
}

function withNews(state: UiState, { id, news }: Extract<UiEvent, { is: "logged" }>): Next {
  const { logs } = state;
  if (logs?.id !== id) return [state, []];
  const { lines, lost, pods, others, problem } = news;
  return [
    { ...state, logs: { ...logs, pods, others, problem, tail: withLines(logs.tail, lines, lost) } },
    [],
  ];
}

function freeze(state: UiState, context: Context): Next {
  if (state.logs === null) return [state, []];
  return [state.logs.frozen === null ? frozen(state, context) : following(state), []];
}

function frozen(state: UiState, context: Context): UiState {
  if (state.logs === null || state.logs.frozen !== null) return state;
  return { ...keepingCursor(state, context), logs: { ...state.logs, frozen: state.logs.tail } };
}

function following(state: UiState): UiState {
  return state.logs === null ? state : { ...state, logs: { ...state.logs, frozen: null } };
}

export const tailHandlers: Handlers<TailEvent["is"]> = {
  logs: (state, _event, context) => openLogs(state, context),
  // Its page is still on the screen, so that it begins anew.
  canTail: (state) => [state.logs === null ? state : { ...state, logs: null }, []],
  logged: (state, event) => withNews(state, event),
  freeze: (state, _event, context) => freeze(state, context),
};

/** Whoever moves up in a log wants to read: it stands still. Whoever goes to its end wants to see what comes. */
export function beforeMoving(state: UiState, event: UiEvent, context: Context): UiState {
  if (currentPage(state).view !== "logs") return state;
  if (event.is === "jump" && event.to === "bottom") return following(state);
  const isUp =
    (event.is === "step" && event.direction === "up") ||
    (event.is === "page" && event.by === -1) ||
    (event.is === "jump" && event.to === "top");
  return isUp ? frozen(state, context) : state;
}

/** What the page on screen follows; the help over it does not end that. */
function wantedLog({ stack }: UiState): Subject | null {
  const top = stack.at(-1);
  const page = top?.view === "help" ? stack.at(-2) : top;
  return page?.view === "logs" ? page.subject : null;
}

/** Begins and ends the log with its page, and keeps the end in sight while it follows. */
export function withTail([next, effects]: Next, { mesh }: Context): Next {
  const subject = wantedLog(next);
  const { logs } = next;
  if (subject?.key === logs?.of.key && subject?.is === logs?.of.is) return [atTheEnd(next), effects];
  const stop: readonly Effect[] = logs === null ? [] : [{ do: "untail", id: logs.id }];
  if (subject === null) return [{ ...next, logs: null }, [...effects, ...stop]];
  const wish = tailWishOf(subject, mesh);
  const id = next.tails + 1;
  const problem = wish === null ? `${subject.key} is not in the mesh now.` : null;
  const begun: Tailing = { id, of: subject, tail: emptyTail, frozen: null, pods: [], others: 0, problem };
  const start: readonly Effect[] = wish === null ? [] : [{ do: "tail", id, wish }];
  return [atTheEnd({ ...next, tails: id, logs: begun }), [...effects, ...stop, ...start]];
}

/** The cursor on the last row, however many there will be. */
function atTheEnd(state: UiState): UiState {
  const page = currentPage(state);
  if (state.logs === null || state.logs.frozen !== null || page.view !== "logs") return state;
  const last = Number.MAX_SAFE_INTEGER;
  return page.selected === null && page.at === last ? state : withPage(state, { selected: null, at: last });
}
