/** What a reflector works on and with. */
import type { KindState } from "../mesh/declared/declared.ts";
import type { Connection } from "./connect.ts";
import type { Slots } from "./slots.ts";

/** A list on its way in: nothing of it counts before `commit`, which replaces everything that was there. */
interface IncomingList {
  add(object: unknown): void;
  commit(): void;
}

/** Where objects go. */
export interface Sink {
  begin(): IncomingList;
  put(object: unknown): void;
  remove(object: unknown): void;
  /** @param namespace the one namespace that is read; `null`: the whole cluster. */
  status(state: KindState, namespace: string | null): void;
  /** Bytes came from the server. */
  heard(): void;
}

/** Time and chance, from outside. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0..1. */
  random(): number;
}

export interface Reflector {
  readonly connection: Connection;
  /** Path of the list in one namespace, or in the cluster for `null`. */
  readonly path: (namespace: string | null) => string;
  /** For messages: `virtualservices.networking.istio.io`. */
  readonly resource: string;
  readonly fieldSelector: string | null;
  readonly metadataOnly: boolean;
  /** What to try to list, widest first; `null` is the whole cluster. */
  readonly scopes: readonly (string | null)[];
  readonly sink: Sink;
  /** Lists in flight over all kinds. */
  readonly slots: Slots;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Aborts when watches should be opened anew and waits end; another signal after that. */
  readonly generation: () => AbortSignal;
}
