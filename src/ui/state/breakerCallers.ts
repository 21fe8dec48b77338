/** The proxies of a service's callers are asked about its breaker when its page opens, and when the user asks again. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { breakerCallers, mostCallers } from "../../data/mesh/proxies/breakerCallers.ts";
import type { Effect } from "./event.ts";
import type { ProxyEvent } from "./loadedProxies.ts";
import type { Next } from "./next.ts";
import { currentPage, type UiState } from "./uiState.ts";

/** Key of the service whose breaker is on screen; `null`: it is another page. */
export function breakerOn(state: UiState): string | null {
  const { view, subject } = currentPage(state);
  return view === "breaker" ? (subject?.key ?? null) : null;
}

/** Asks the busiest callers; what they said before stays until their answer is there. */
export function askCallers(
  state: UiState,
  service: string,
  mesh: Mesh,
): readonly [UiState, readonly Effect[]] {
  const found = mesh.services.find(({ key }) => key === service);
  if (found === undefined) return [state, []];
  const asked = breakerCallers(mesh, found.key).withProxy.slice(0, mostCallers);
  const { callers } = state.proxies;
  const before = callers[service] ?? {};
  const looks = Object.fromEntries(asked.map(({ workload }) => [workload, before[workload] ?? null]));
  const effects = asked.map(({ workload, namespace, name, selector }): Effect => {
    const wish = { namespace, name, selector, host: found.host };
    return { do: "askCaller", service, caller: workload, wish };
  });
  return [{ ...state, proxies: { ...state.proxies, callers: { ...callers, [service]: looks } } }, effects];
}

export function callerAnswered(
  state: UiState,
  { service, caller, look }: Extract<ProxyEvent, { is: "callerAnswered" }>,
): Next {
  const { callers } = state.proxies;
  const looks = { ...callers[service], [caller]: look };
  return [{ ...state, proxies: { ...state.proxies, callers: { ...callers, [service]: looks } } }, []];
}
