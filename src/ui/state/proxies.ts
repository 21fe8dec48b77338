/** The state of proxies is asked for while somebody looks at it, and not otherwise: each look costs every istiod an answer. */
import { askCallers, breakerOn } from "./breakerCallers.ts";
import type { Context } from "./context.ts";
import type { Effect } from "./event.ts";
import type { ProxyEvent } from "./loadedProxies.ts";
import type { Next } from "./next.ts";
import { currentPage, type UiState } from "./uiState.ts";

const isShown = (state: UiState): boolean => currentPage(state).view === "proxies";

/** A new question; what was read before stays until its answer is there. */
export function askProxies(state: UiState): readonly [UiState, readonly Effect[]] {
  const id = state.proxies.id + 1;
  return [{ ...state, proxies: { ...state.proxies, id, isWatching: true } }, [{ do: "readProxies", id }]];
}

/** The proxy that the page is about; `null`: it is another page. */
function lookedAt(state: UiState): string | null {
  const { view, subject } = currentPage(state);
  return view === "proxy" ? (subject?.key ?? null) : null;
}

/** A new look into the proxy on screen; what was seen before stays until the answer is there. */
export function lookAgain(state: UiState): readonly [UiState, readonly Effect[]] {
  const key = lookedAt(state);
  if (key === null) return [state, []];
  const { looks } = state.proxies;
  const next = { ...state.proxies, looks: { ...looks, [key]: looks[key] ?? null } };
  return [{ ...state, proxies: next }, [{ do: "lookIntoProxy", key }]];
}

export function proxyLooked(
  state: UiState,
  { key, result }: Extract<ProxyEvent, { is: "proxyLooked" }>,
): Next {
  const looks = { ...state.proxies.looks, [key]: result };
  return [{ ...state, proxies: { ...state.proxies, looks } }, []];
}

/** Asks where an event has led to one of the views, and nobody is asking yet. A proxy that was left is looked into anew. */
export function watchingProxies(
  before: UiState,
  next: UiState,
  { mesh }: Context,
): readonly [UiState, readonly Effect[]] {
  const breaker = breakerOn(next);
  if (breaker !== null && currentPage(before) !== currentPage(next) && breakerOn(before) !== breaker)
    return askCallers(next, breaker, mesh);
  if (
    lookedAt(next) !== null &&
    currentPage(before) !== currentPage(next) &&
    lookedAt(before) !== lookedAt(next)
  )
    return lookAgain(next);
  return isShown(next) && !next.proxies.isWatching ? askProxies(next) : [next, []];
}

export function proxiesRead(
  state: UiState,
  { id, result }: Extract<ProxyEvent, { is: "proxiesRead" }>,
  { mesh, isConnected }: Context,
): Next {
  if (id !== state.proxies.id) return [state, []];
  // No istiod is known before the cluster has answered: that says nothing about the mesh.
  const { kubernetes } = mesh.sources;
  const isKnown = kubernetes.is !== "waiting" && kubernetes.at !== null;
  const early = !result.ok && !(isConnected && isKnown);
  const wait = { do: "waitForProxies", id, early } as const;
  return [early ? state : { ...state, proxies: { ...state.proxies, result } }, [wait]];
}

export function proxiesDue(state: UiState, { id }: Extract<ProxyEvent, { is: "proxiesDue" }>): Next {
  if (id !== state.proxies.id) return [state, []];
  if (isShown(state)) return askProxies(state);
  return [{ ...state, proxies: { ...state.proxies, isWatching: false } }, []];
}
