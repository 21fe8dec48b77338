/** A watched mesh that a test can wait on. */
import type { Connection } from "../../../../src/data/kubernetes/connect.ts";
import type { PartialRoom } from "../../../../src/data/kubernetes/part.ts";
import { realClock } from "../../../../src/data/kubernetes/realClock.ts";
import { watchMesh } from "../../../../src/data/kubernetes/watchMesh.ts";
import { emptyDeclared, type Declared } from "../../../../src/data/mesh/declared/declared.ts";
import type { SourceState } from "../../../../src/data/mesh/model/mesh.ts";
import { instant } from "../../../../src/data/mesh/units.ts";

export interface Following {
  readonly declared: () => Declared;
  readonly state: () => SourceState;
  /** Resolves with the first `Declared` for which `holds` does; rejects with what is there after `seconds`. */
  until(
    what: string,
    holds: (declared: Declared, state: SourceState) => boolean,
    seconds?: number,
  ): Promise<Declared>;
  stop(): void;
}

export interface FollowOptions {
  readonly namespace?: string;
  /** Time that the watch sees for each unit of ours. */
  readonly speed?: number;
  /** Endless unless told. */
  readonly room?: PartialRoom;
}

/** @param options a `speed` above 1 shortens every wait of the watch, but not the time-outs of its requests. */
export function follow(connection: Connection, options: FollowOptions = {}): Following {
  const start = Date.now();
  const speed = options.speed ?? 1;
  const end = new AbortController();
  const listeners = new Set<() => void>();
  let declared: Declared = emptyDeclared;
  let state: SourceState = { is: "waiting" };
  watchMesh(connection, {
    namespace: options.namespace ?? null,
    signal: end.signal,
    now: () => instant(start + (Date.now() - start) * speed),
    ...(options.room === undefined ? {} : { room: options.room }),
    clock: { ...realClock, sleep: (ms, signal) => realClock.sleep(ms / speed, signal) },
    onChange: (next, source) => {
      declared = next;
      state = source;
      for (const listener of listeners) listener();
    },
  });
  return {
    declared: () => declared,
    state: () => state,
    stop: () => end.abort(),
    until: (what, holds, seconds = 15) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`${what} did not happen in ${seconds} s: ${summary(declared, state)}`));
        }, seconds * 1000);
        const look = (): void => {
          if (!holds(declared, state)) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(declared);
        };
        listeners.add(look);
        look();
      }),
  };
}

function summary(declared: Declared, state: SourceState): string {
  const kinds = declared.kinds.map(({ kind, state: { is }, objects }) => `${kind} ${is} ${objects}`);
  return JSON.stringify({ state, kinds });
}
