import type { BreakerLook, BreakerWish } from "../../data/mesh/proxies/breakerLook.ts";
import type { ProxyReading } from "../../data/mesh/proxies/proxyReading.ts";
import type { ProxyLook } from "../../data/mesh/proxies/proxyLook.ts";
import type { DataError, Result } from "../../data/mesh/result.ts";

/** What istiods said of their proxies; see proxies.ts. */
export interface LoadedProxies {
  /** Of the newest question: late answers to older ones count no more. */
  readonly id: number;
  /** A question is on its way, or the time until the next one runs. */
  readonly isWatching: boolean;
  /** The last answer; `null`: none yet. */
  readonly result: Result<ProxyReading, DataError> | null;
  /** Looks into single proxies, by `namespace/pod`; `null`: it was asked and has not answered. */
  readonly looks: Readonly<Record<string, Result<ProxyLook, DataError> | null>>;
  /** Callers that were asked about the breaker of a service, by its key and by theirs; `null`: one has not answered yet. */
  readonly callers: Readonly<Record<string, Readonly<Record<string, BreakerLook | null>>>>;
}

export const noProxies: LoadedProxies = { id: 0, isWatching: false, result: null, looks: {}, callers: {} };

export type ProxyEvent =
  | { readonly is: "proxiesRead"; readonly id: number; readonly result: Result<ProxyReading, DataError> }
  | { readonly is: "proxyLooked"; readonly key: string; readonly result: Result<ProxyLook, DataError> }
  | {
      readonly is: "callerAnswered";
      readonly service: string;
      readonly caller: string;
      readonly look: BreakerLook;
    }
  /** Time to look again. */
  | { readonly is: "proxiesDue"; readonly id: number };

export type ProxyEffect =
  | { readonly do: "readProxies"; readonly id: number }
  /** `namespace/pod`. */
  | { readonly do: "lookIntoProxy"; readonly key: string }
  | {
      readonly do: "askCaller";
      readonly service: string;
      readonly caller: string;
      readonly wish: BreakerWish;
    }
  /** Some seconds later `proxiesDue`; where it is `early` a moment later: the cluster was not known yet, and nobody was asked. */
  | { readonly do: "waitForProxies"; readonly id: number; readonly early: boolean };
