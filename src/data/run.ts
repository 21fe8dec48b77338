/** One run of the program on one mesh: its configuration, its store, and the sources that feed it. */
import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "./config.ts";
import type { Connection } from "./kubernetes/connect.ts";
import { loadConfig } from "./loadConfig.ts";
import { fail, ok, type DataError, type Result } from "./mesh/result.ts";
import { instant, millis, type Instant, type Millis } from "./mesh/units.ts";
import { openSources, type SourceOptions, type Sources } from "./openSources.ts";
import {
  missingFrom,
  neverConnected,
  settle,
  stillConnecting,
  stillListing,
  unknownNamespace,
} from "./settle.ts";
import { createStore, type Store } from "./store.ts";

/** What the user asked for; `null` where nothing was said, so that the configuration decides, or the default. */
export type RunWish = Omit<SourceOptions["wish"], "environmentUrl"> & {
  readonly refresh: Millis | null;
  readonly window: Millis | null;
  /** Longest wait for both sources. */
  readonly timeout: Millis;
};

export interface Run {
  readonly store: Store;
  readonly config: Config;
  readonly window: Millis;
  readonly wish: RunWish;
  /** Ends both sources. */
  readonly end: AbortController;
}

/** A run whose sources are started, on a cluster that is known. */
export interface ConnectedRun extends Run {
  readonly sources: Sources;
  readonly connection: Connection;
}

const DEFAULT_WINDOW = millis(60_000);
const DEFAULT_REFRESH = millis(5_000);

export const now = (): Instant => instant(Date.now());

/** Waits, or returns at once when the signal is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => undefined);
}

/** Reads the configuration; nothing is connected yet. Errors: `config`. */
export function prepareRun(
  wish: RunWish,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Result<Run, DataError> {
  const config = loadConfig(env, home);
  return config.ok ? ok(runOf(wish, config.value)) : config;
}

/** A run by a configuration that is known: of a store of its own, in which there is nothing yet. */
export function runOf(wish: RunWish, config: Config): Run {
  const window = wish.window ?? config.window ?? DEFAULT_WINDOW;
  const store = createStore({ window, later: (ms, work) => void setTimeout(work, ms) });
  return { store, config, window, wish, end: new AbortController() };
}

/**
 * Connects and starts both sources.
 *
 * @param environmentUrl PROMETHEUS_URL. Errors: `config` where nothing can ever come of it.
 */
export function openRun(run: Run, environmentUrl: string | null): Promise<Result<Sources, DataError>> {
  const { store, wish, config, window, end } = run;
  const refresh = wish.refresh ?? config.refresh ?? DEFAULT_REFRESH;
  const { signal } = end;
  return openSources({
    store,
    wish: { ...wish, environmentUrl },
    config,
    window,
    refresh,
    now,
    sleep,
    signal,
  });
}

/** For commands, which are nothing without a cluster. Errors: as of both, and there is no connection nor will there be one. */
export async function connectedRun(
  wish: RunWish,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<Result<ConnectedRun, DataError>> {
  const run = prepareRun(wish, env, home);
  if (!run.ok) return run;
  const sources = await openRun(run.value, env["PROMETHEUS_URL"] ?? null);
  if (!sources.ok) return sources;
  const { connection } = sources.value;
  if (!connection.ok) return connection;
  return ok({ ...run.value, sources: sources.value, connection: connection.value });
}

/** Waits for both sources, and says what is missing from what they gave. Errors: no cluster was reached, or none has answered in time. */
export async function answeredRun({ store, wish }: Run): Promise<Result<readonly string[], DataError>> {
  await settle(store, wish.timeout);
  const noCluster = neverConnected(store) ?? stillConnecting(store, wish.timeout);
  if (noCluster !== null) return fail(noCluster);
  const namespace = wish.allNamespaces ? null : wish.namespace;
  return ok([...missingFrom(store), ...unknownNamespace(store, namespace)]);
}

/** For commands that write. Errors: as of `answeredRun`, and a part of the cluster is still being listed. */
export async function wholeRun(run: Run): Promise<Result<readonly string[], DataError>> {
  const missing = await answeredRun(run);
  const partial = stillListing(run.store, run.wish.timeout);
  return missing.ok && partial !== null ? fail(partial) : missing;
}
