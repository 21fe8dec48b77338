/** The state of proxies is asked for while somebody looks at it, and not otherwise: each look costs every istiod an answer. */
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

/** Asks where an event has led to the view, and nobody is asking yet. */
export function watchingProxies(next: UiState): readonly [UiState, readonly Effect[]] {
  return isShown(next) && !next.proxies.isWatching ? askProxies(next) : [next, []];
}

export function proxiesRead(
  state: UiState,
  { id, result }: Extract<ProxyEvent, { is: "proxiesRead" }>,
): Next {
  if (id !== state.proxies.id) return [state, []];
  return [{ ...state, proxies: { ...state.proxies, result } }, [{ do: "waitForProxies", id }]];
}

export function proxiesDue(state: UiState, { id }: Extract<ProxyEvent, { is: "proxiesDue" }>): Next {
  if (id !== state.proxies.id) return [state, []];
  if (isShown(state)) return askProxies(state);
  return [{ ...state, proxies: { ...state.proxies, isWatching: false } }, []];
}
