/** Objects of all kinds on their way to one `Declared`: parsed on arrival, gathered when somebody looks. */
import {
  emptyLists,
  type Declared,
  type DeclaredLists,
  type KindState,
  type KindStatus,
} from "../mesh/declared/declared.ts";
import type { Finding } from "../mesh/finding.ts";
import { resourceName, type Kind } from "./parse/kinds.ts";
import { readRaw, refOf, type ObjectType } from "./parse/raw.ts";
import type { Sink } from "./reflectorParts.ts";

/** What came of one object. Most add one item to one list: that item itself, for there are tens of thousands of them. */
type Entry = Unreadable | Several | Item;
type Item = DeclaredLists[keyof DeclaredLists][number];

class Unreadable {
  readonly finding: Finding;

  constructor(finding: Finding) {
    this.finding = finding;
  }
}

class Several {
  readonly lists: Partial<DeclaredLists>;

  constructor(lists: Partial<DeclaredLists>) {
    this.lists = lists;
  }
}

function entryOf({ lists: [only, ...more] }: Kind, lists: Partial<DeclaredLists>): Entry {
  const items = only === undefined || more.length > 0 ? [] : (lists[only] ?? []);
  const [item] = items;
  return item !== undefined && items.length === 1 ? item : new Several(lists);
}

/** What one list and watch holds. */
interface Shelf {
  readonly kind: Kind;
  entries: Map<string, Entry>;
  state: KindState;
  namespace: string | null;
}

export interface Collection {
  /** A sink for one kind, or for one name of a kind that is watched by name. An old one of the same key is replaced. */
  sinkFor(key: string, kind: Kind, version: string): Sink;
  /** Says how a kind stands that is not watched. */
  note(key: string, kind: Kind, state: KindState): void;
  drop(key: string): void;
  /** Arrays of lists in which nothing changed since the last time are the same arrays. */
  declared(): Declared;
}

export interface CollectionEvents {
  readonly changed: () => void;
  readonly heard: () => void;
}

const listNames = Object.keys(emptyLists) as readonly (keyof DeclaredLists)[];

export function createCollection(events: CollectionEvents): Collection {
  const shelves = new Map<string, Shelf>();
  const dirty = new Set<keyof DeclaredLists>();
  let lists: DeclaredLists = emptyLists;
  let unreadable: readonly Finding[] = [];

  const touch = (shelf: Shelf): void => {
    for (const list of shelf.kind.lists) dirty.add(list);
    events.changed();
  };
  const place = (key: string, shelf: Shelf): Shelf => {
    const old = shelves.get(key);
    shelves.set(key, shelf);
    if (old !== undefined && old.entries.size > 0) touch(old);
    events.changed();
    return shelf;
  };

  return {
    sinkFor(key, kind, version) {
      const type = { group: kind.group, version, kind: kind.kind, namespaced: kind.namespaced };
      const shelf = place(key, { kind, entries: new Map(), state: { is: "loading" }, namespace: null });
      return shelfSink(shelf, type, { ...events, changed: () => touch(shelf), said: events.changed });
    },
    note: (key, kind, state) => void place(key, { kind, entries: new Map(), state, namespace: null }),
    drop(key) {
      const shelf = shelves.get(key);
      shelves.delete(key);
      if (shelf !== undefined) touch(shelf);
    },
    declared() {
      if (dirty.size > 0) {
        const all = [...shelves.values()];
        const fresh = listNames.filter((name) => dirty.has(name)).map((name) => [name, gather(all, name)]);
        lists = { ...lists, ...(Object.fromEntries(fresh) as Partial<DeclaredLists>) };
        unreadable = findingsIn(all);
        dirty.clear();
      }
      return { ...lists, unreadable, kinds: statuses([...shelves.values()]) };
    },
  };
}

function gather(shelves: readonly Shelf[], name: keyof DeclaredLists): readonly unknown[] {
  const items: unknown[] = [];
  for (const { kind, entries } of shelves) {
    if (!kind.lists.includes(name)) continue;
    for (const entry of entries.values()) {
      if (entry instanceof Several) items.push(...(entry.lists[name] ?? []));
      else if (!(entry instanceof Unreadable)) items.push(entry);
    }
  }
  return items;
}

function findingsIn(shelves: readonly Shelf[]): readonly Finding[] {
  return shelves.flatMap(({ entries }) =>
    [...entries.values()].flatMap((entry) => (entry instanceof Unreadable ? [entry.finding] : [])),
  );
}

interface ShelfEvents extends CollectionEvents {
  /** The state changed, the objects did not. */
  readonly said: () => void;
}

function shelfSink(shelf: Shelf, type: ObjectType, events: ShelfEvents): Sink {
  const parse = (object: unknown): Entry => {
    const result = readRaw(type, object, shelf.kind.read);
    return result.ok ? entryOf(shelf.kind, result.value) : new Unreadable(result.error);
  };
  return {
    heard: events.heard,
    begin() {
      const entries = new Map<string, Entry>();
      return {
        add: (object) => void entries.set(keyOf(type, object), parse(object)),
        commit() {
          shelf.entries = entries;
          events.changed();
        },
      };
    },
    put(object) {
      const key = keyOf(type, object);
      const entry = parse(object);
      // Every heartbeat of a pod is an event; what we keep of it hardly ever changes.
      if (shelf.kind.metadataOnly && isSameMetadata(shelf.entries.get(key), entry)) return;
      shelf.entries.set(key, entry);
      events.changed();
    },
    remove(object) {
      if (shelf.entries.delete(keyOf(type, object))) events.changed();
    },
    status(state, namespace) {
      const same = shelf.state.is === state.is && shelf.namespace === namespace && state.is !== "stale";
      shelf.state = state;
      shelf.namespace = namespace;
      // What is gone or hidden must not stay on screen as if it were there.
      const vanished = (state.is === "absent" || state.is === "forbidden") && shelf.entries.size > 0;
      if (vanished) {
        shelf.entries = new Map();
        events.changed();
      } else if (!same) events.said();
    },
  };
}

function keyOf(type: ObjectType, object: unknown): string {
  const { namespace, name } = refOf(type, object);
  return `${namespace ?? ""}/${name}`;
}

function isSameMetadata(old: Entry | undefined, next: Entry): boolean {
  return old !== undefined && comparable(old) === comparable(next);
}

function comparable(entry: Entry): string {
  return JSON.stringify(entry);
}

/** Which state stands for a kind that has several. */
const rank: Readonly<Record<KindState["is"], number>> = {
  absent: 0,
  forbidden: 0,
  stale: 0,
  live: 1,
  loading: 2,
};

/**
 * One line for each kind, the shelves of one kind taken together: loading while one of them is (the ConfigMap of one revision says
 * nothing of another's), else the best state of them; and all their objects.
 */
function statuses(shelves: readonly Shelf[]): readonly KindStatus[] {
  const byKind = new Map<Kind, KindStatus>();
  for (const { kind, entries, state, namespace } of shelves) {
    const known = byKind.get(kind);
    const objects = entries.size + (known?.objects ?? 0);
    const better = known === undefined || rank[state.is] > rank[known.state.is];
    const shown = better ? { state, namespace } : { state: known.state, namespace: known.namespace };
    byKind.set(kind, { kind: resourceName(kind), objects, ...shown });
  }
  return [...byKind.values()];
}
