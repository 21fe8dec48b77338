import { objectKey, type KubeObject } from "./objects.ts";
import type { Kind } from "./kinds.ts";

/** One change of one object, as every watch sees it. */
export interface StoreEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly kind: Kind;
  /** After the change; for `DELETED` the last state, at the resourceVersion of the deletion. */
  readonly object: KubeObject;
  /** Before the change; `null` for `ADDED`. */
  readonly previous: KubeObject | null;
  /** The resourceVersion this change made. */
  readonly version: number;
}

/**
 * Objects by kind, with one counter of versions for all and a memory of the newest changes, like etcd behind an API server.
 *
 * Knows nothing of HTTP or of what is valid. Listeners are called at once, in the order of versions.
 */
export interface Storage {
  /** The version of the newest change. */
  version(): number;
  find(kind: Kind, key: string): KubeObject | null;
  /** Stores an object under the next version, which it carries from then on. */
  put(kind: Kind, object: KubeObject): KubeObject;
  remove(kind: Kind, key: string): KubeObject | null;
  /** One kind in the order of keys as it was at a version; `null` where that is forgotten. */
  snapshot(kind: Kind, at: number): readonly KubeObject[] | null;
  /** The changes after a version, oldest first; `null` where the oldest of them are forgotten. */
  changesSince(version: number): readonly StoreEvent[] | null;
  /** Forgets all changes so far, as etcd's compaction does: older versions are "too old" from now on. */
  compact(): void;
  subscribe(listener: (event: StoreEvent) => void): () => void;
}

const byKey = ([a]: readonly [string, KubeObject], [b]: readonly [string, KubeObject]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** @param history how many changes are remembered at least. */
export function createStorage(history: number): Storage {
  return new MemoryStorage(history);
}

class MemoryStorage implements Storage {
  private readonly history: number;
  private readonly shelves = new Map<Kind, Map<string, KubeObject>>();
  private readonly listeners = new Set<(event: StoreEvent) => void>();
  private log: StoreEvent[] = [];
  // Version 0 means "any" to clients.
  private newest = 1;
  private forgotten = 1;

  constructor(history: number) {
    this.history = history;
  }

  version(): number {
    return this.newest;
  }

  find(kind: Kind, key: string): KubeObject | null {
    return this.shelf(kind).get(key) ?? null;
  }

  put(kind: Kind, object: KubeObject): KubeObject {
    const key = objectKey(kind, object);
    const previous = this.find(kind, key);
    const next = this.stamped(object);
    this.shelf(kind).set(key, next);
    const type = previous === null ? "ADDED" : "MODIFIED";
    return this.publish({ type, kind, object: next, previous, version: this.newest });
  }

  remove(kind: Kind, key: string): KubeObject | null {
    const previous = this.find(kind, key);
    if (previous === null) return null;
    this.shelf(kind).delete(key);
    const object = this.stamped(previous);
    return this.publish({ type: "DELETED", kind, object, previous, version: this.newest });
  }

  snapshot(kind: Kind, at: number): readonly KubeObject[] | null {
    const later = this.changesSince(at);
    if (later === null) return null;
    const objects = new Map(this.shelf(kind));
    for (const event of later.toReversed()) {
      if (event.kind !== kind) continue;
      const key = objectKey(kind, event.object);
      if (event.previous === null) objects.delete(key);
      else objects.set(key, event.previous);
    }
    return [...objects].sort(byKey).map(([, object]) => object);
  }

  changesSince(version: number): readonly StoreEvent[] | null {
    if (version < this.forgotten) return null;
    return this.log.filter((event) => event.version > version);
  }

  compact(): void {
    this.log = [];
    this.forgotten = this.newest;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private shelf(kind: Kind): Map<string, KubeObject> {
    const found = this.shelves.get(kind) ?? new Map<string, KubeObject>();
    this.shelves.set(kind, found);
    return found;
  }

  private stamped(object: KubeObject): KubeObject {
    this.newest += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.newest) } };
  }

  private publish(event: StoreEvent): KubeObject {
    this.log.push(event);
    // Trimmed in blocks, because cutting the front off an array costs its whole length.
    if (this.log.length > this.history * 2) {
      const cut = this.log.splice(0, this.log.length - this.history);
      this.forgotten = cut.at(-1)?.version ?? this.forgotten;
    }
    for (const listener of [...this.listeners]) listener(event);
    return event.object;
  }
}
