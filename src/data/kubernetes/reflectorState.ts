/**
 * How a list and its watch follow each other, as a pure state machine: `askOf` says what to ask next, `after` what an outcome makes
 * of the state and how long to wait. It never ends: a kind that can't be read is asked for again, rarely.
 */
import type { KindState } from "../mesh/declared/declared.ts";
import type { DataError } from "../mesh/result.ts";

export interface ReflectorState {
  readonly phase: "list" | "watch";
  /** What to try, widest first: `null` is the whole cluster. */
  readonly scopes: readonly (string | null)[];
  /** Index of the scope in use. */
  readonly scope: number;
  /** Where the next page begins; `null`: at the start. */
  readonly continueToken: string | null;
  /** Where the watch resumes. */
  readonly resourceVersion: string;
  /** Failures in a row, for the back-off. */
  readonly failures: number;
  readonly status: KindState;
}

export type Ask =
  | { readonly ask: "list"; readonly namespace: string | null; readonly continueToken: string | null }
  | {
      readonly ask: "watch";
      readonly namespace: string | null;
      readonly resourceVersion: string;
      readonly timeoutSeconds: number;
    };

export type Outcome =
  /** A page; `continueToken: null` is the last. */
  | { readonly is: "page"; readonly continueToken: string | null; readonly resourceVersion: string }
  /** The server took the watch; its end is another outcome. */
  | { readonly is: "opened" }
  /** A watch ended. `error`: it was cut or broke; `null`: the server closed it. */
  | {
      readonly is: "ended";
      readonly resourceVersion: string;
      readonly events: number;
      readonly lastedMs: number;
      readonly error: DataError | null;
    }
  /** 410: the version or the page is too old. */
  | { readonly is: "gone" }
  | { readonly is: "failed"; readonly error: DataError };

export interface Step {
  readonly state: ReflectorState;
  readonly waitMs: number;
}

export function startState(scopes: readonly (string | null)[]): ReflectorState {
  return {
    phase: "list",
    scopes,
    scope: 0,
    continueToken: null,
    resourceVersion: "",
    failures: 0,
    status: { is: "loading" },
  };
}

/** @param random 0..1: watches of many kinds should not end at once. */
export function askOf(state: ReflectorState, random: number): Ask {
  const namespace = state.scopes[state.scope] ?? null;
  if (state.phase === "list") return { ask: "list", namespace, continueToken: state.continueToken };
  const timeoutSeconds = Math.round(270 + 40 * random);
  return { ask: "watch", namespace, resourceVersion: state.resourceVersion, timeoutSeconds };
}

const shortestMs = 500;
const longestMs = 30_000;
/** For what is forbidden or absent: it changes when somebody changes it, not by itself. */
export const rareMs = 300_000;
/** A watch that ends this soon without a word is not asked for again at once. */
const hastyMs = 1_000;

/** Half a second, doubled with each failure up to half a minute; between half and all of that, so that kinds spread. */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(longestMs, shortestMs * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}

export function after(state: ReflectorState, outcome: Outcome, random: number): Step {
  switch (outcome.is) {
    case "page":
      return { state: withPage(state, outcome.continueToken, outcome.resourceVersion), waitMs: 0 };
    case "opened":
      return { state: { ...state, status: { is: "live" } }, waitMs: 0 };
    case "ended":
      return afterWatch(state, outcome, random);
    case "gone":
      return afterGone(state, random);
    case "failed":
      return afterFailure(state, outcome.error, random);
  }
}

function withPage(
  state: ReflectorState,
  continueToken: string | null,
  resourceVersion: string,
): ReflectorState {
  if (continueToken !== null) return { ...state, continueToken };
  const live: KindState = { is: "live" };
  return {
    ...state,
    phase: "watch",
    continueToken: null,
    resourceVersion,
    failures: 0,
    status: live,
  };
}

function afterWatch(state: ReflectorState, ended: Extract<Outcome, { is: "ended" }>, random: number): Step {
  const resumed = { ...state, resourceVersion: ended.resourceVersion };
  // What can't be parsed would be sent again from the same version: only a list gets past it.
  const phase = ended.error?.kind === "garbled" ? relisting : {};
  const healthy = ended.events > 0 || ended.lastedMs >= hastyMs;
  if (ended.error === null && healthy) return { state: { ...resumed, failures: 0 }, waitMs: 0 };
  const failures = (healthy ? 0 : state.failures) + 1;
  return { state: { ...resumed, ...phase, failures }, waitMs: backoffMs(failures, random) };
}

const relisting = { phase: "list", continueToken: null } as const;

/** Old objects stay until the new list is complete. The first time at once: a 410 is nobody's fault. */
function afterGone(state: ReflectorState, random: number): Step {
  const failures = state.failures + 1;
  return {
    state: { ...state, ...relisting, failures },
    waitMs: failures === 1 ? 0 : backoffMs(failures, random),
  };
}

function afterFailure(state: ReflectorState, error: DataError, random: number): Step {
  if (error.kind === "forbidden") return afterForbidden(state, error);
  if (error.kind === "absent") {
    const absent = { ...startState(state.scopes), status: { is: "absent" } as const };
    return { state: absent, waitMs: rareMs };
  }
  const failures = state.failures + 1;
  // A list that failed half-way starts anew: its token may be why.
  const next = { ...state, continueToken: null, failures, status: { is: "stale", error } as const };
  return { state: next, waitMs: backoffMs(failures, random) };
}

/** The next narrower scope at once; after the narrowest, all of them again some day. */
function afterForbidden(state: ReflectorState, error: DataError): Step {
  const narrower = state.scope + 1;
  if (narrower < state.scopes.length) {
    // The status waits for the last word: every retry would look like a first list otherwise.
    return { state: { ...startState(state.scopes), scope: narrower, status: state.status }, waitMs: 0 };
  }
  return { state: { ...startState(state.scopes), status: { is: "forbidden", error } }, waitMs: rareMs };
}
