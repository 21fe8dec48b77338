/** Everything that meshtop knows of a cluster, kept fresh. */
import type { Declared } from "../mesh/declared/declared.ts";
import type { SourceState } from "../mesh/model/mesh.ts";
import type { DataError } from "../mesh/result.ts";
import type { Instant } from "../mesh/units.ts";
import { createCollection } from "./collect.ts";
import type { Connection } from "./connect.ts";
import { discover } from "./discovery.ts";
import { heartbeat } from "./heartbeat.ts";
import type { Part, PartialRoom } from "./part.ts";
import { realClock } from "./realClock.ts";
import type { Clock } from "./reflectorParts.ts";
import { backoffMs, rareMs } from "./reflectorState.ts";
import { startWatches, type Watches } from "./watches.ts";

export interface WatchOptions {
  /** Where to look when the whole cluster may not be read; `null`: the context's namespace, else `default`, as kubectl does. */
  readonly namespace: string | null;
  readonly signal: AbortSignal;
  /**
   * Called some 75 ms after the first of a burst of changes, and with each heartbeat. Arrays of kinds in which nothing changed are
   * the same as before. The state is `waiting` until every kind has answered one way or another, `stale` while the server is out of
   * reach (the objects stay), else `live` as of the last byte from it.
   */
  readonly onChange: (declared: Declared, state: SourceState) => void;
  readonly now: () => Instant;
  /** Timers and chance; real ones by default. */
  readonly clock?: Omit<Clock, "now">;
  /** Asked as objects arrive; endless memory by default. */
  readonly room?: PartialRoom;
}

const burstMs = 75;
const checkMs = 500;

/** A cluster that is being watched. */
export interface Watching {
  /** Asks again now for all that is down, forbidden or silent, instead of at its turn: rights may have been granted. */
  refresh(): void;
}

const parts: readonly (Part | null)[] = [null, "withoutPods", "oneNamespace"];

/**
 * Lists and watches every kind of kinds.ts that the server serves, until the signal aborts. Nothing that fails ends it. Where memory runs short, what was
 * read is let go and a smaller part is read.
 */
export function watchMesh(connection: Connection, options: WatchOptions): Watching {
  const namespace = options.namespace ?? connection.namespace ?? "default";
  let at = 0;
  const start = (): Watching => {
    const life = new AbortController();
    const signal = AbortSignal.any([options.signal, life.signal]);
    const outgrown = (): void => {
      const next = parts[at + 1];
      if (signal.aborted || next === undefined || next === null) return;
      life.abort();
      at += 1;
      watching = start();
      options.room?.onPart(next, namespace);
    };
    const isShort = (): boolean => !signal.aborted && options.room?.isShort() === true;
    const check = (): void => {
      if (isShort()) outgrown();
    };
    return watchPart(connection, { ...options, signal, namespace, part: parts[at] ?? null, check });
  };
  let watching = start();
  return { refresh: () => watching.refresh() };
}

interface PartOptions extends WatchOptions {
  readonly namespace: string;
  readonly part: Part | null;
  /** Called as objects arrive. */
  readonly check: () => void;
}

function watchPart(connection: Connection, options: PartOptions): Watching {
  const { signal, namespace, part } = options;
  const clock: Clock = { ...(options.clock ?? realClock), now: options.now };
  const health = createHealth(options.now);
  const publish = coalesced(clock, signal, () => {
    watches.followRevisions(collection.declared());
    // Read again: the ConfigMaps that were just asked for count as loading, or the mesh would be called known without them.
    const declared = collection.declared();
    options.onChange(declared, sourceState(declared, health));
    options.check();
  });
  const heard = (): void => {
    health.heard();
    options.check();
  };
  const collection = createCollection({ changed: publish, heard });
  const watches = startWatches({ connection, collection, clock, signal, namespace, part });

  const lost = (error: DataError): void => {
    health.lost(error);
    publish();
  };
  const alive = (): void => {
    if (health.error() !== null) watches.restart();
    health.heard();
    publish();
  };
  if (options.room !== undefined) void keepChecking(clock, signal, options.check);
  void heartbeat({ connection, clock, signal, heardAt: health.heardAt, onAlive: alive, onDead: lost });
  void keepDiscovering({ connection, clock, signal, watches, onFirst: alive, onLost: lost });
  return { refresh: () => watches.restart() };
}

/** What is made of the objects takes its memory after they have come. */
async function keepChecking(clock: Clock, signal: AbortSignal, check: () => void): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    await clock.sleep(checkMs, signal);
    check();
  }
}

/** One call for a burst. */
function coalesced(clock: Clock, signal: AbortSignal, call: () => void): () => void {
  let pending = false;
  return () => {
    if (pending || signal.aborted) return;
    pending = true;
    void clock.sleep(burstMs, signal).then(() => {
      pending = false;
      if (!signal.aborted) call();
    });
  };
}

/** Whether the server, not a single kind, is there. */
interface Health {
  /** The last sign of life. */
  readonly heardAt: () => Instant | null;
  /** Why it is out of reach; `null` while it is not. */
  readonly error: () => DataError | null;
  readonly heard: () => void;
  readonly lost: (error: DataError) => void;
}

function createHealth(now: () => Instant): Health {
  let at: Instant | null = null;
  let problem: DataError | null = null;
  return {
    heardAt: () => at,
    error: () => problem,
    heard() {
      at = now();
      problem = null;
    },
    lost(error) {
      problem = error;
    },
  };
}

function sourceState({ kinds }: Declared, health: Health): SourceState {
  const at = health.heardAt();
  const error = health.error();
  if (error !== null) return { is: "stale", at, error };
  if (at === null || kinds.length === 0 || kinds.some(({ state }) => state.is === "loading"))
    return { is: "waiting" };
  const [down] = kinds.flatMap(({ state }) => (state.is === "stale" ? [state.error] : []));
  const someLive = kinds.some(({ state }) => state.is === "live");
  return down === undefined || someLive ? { is: "live", at } : { is: "stale", at, error: down };
}

/** CRDs come and go: what is served is asked for every five minutes, and with a back-off while the server does not answer. */
async function keepDiscovering(options: {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly watches: Watches;
  /** The server told what it serves for the first time. */
  readonly onFirst: () => void;
  /** It did not, and never has. */
  readonly onLost: (error: DataError) => void;
}): Promise<void> {
  const { connection, clock, signal, watches } = options;
  const isOver = (): boolean => signal.aborted;
  let known = false;
  let failures = 0;
  while (!isOver()) {
    const servings = await discover(connection, signal);
    if (isOver()) return;
    failures = servings.ok ? 0 : failures + 1;
    if (servings.ok) {
      for (const serving of servings.value) watches.follow(serving);
      if (!known) options.onFirst();
      known = true;
    } else if (!known) options.onLost(servings.error);
    await clock.sleep(servings.ok ? rareMs : backoffMs(failures, clock.random()), signal);
  }
}
