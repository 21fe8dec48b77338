import { kinds, type Kind } from "../../kubernetes/parse/kinds.ts";
import { readRaw } from "../../kubernetes/parse/raw.ts";
import { emptyLists, type DeclaredLists } from "../../mesh/declared/declared.ts";
import { onceFor } from "../../mesh/resolve/once.ts";
import { meshModes } from "../../mesh/resolve/outbound.ts";
import { push } from "../../mesh/resolve/workloadIndex.ts";
import { textAt } from "../kube/fields.ts";
import { versionOf } from "../kube/kinds.ts";
import { keyOf, type KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";

/** What istiod and the proxies know of the cluster. */
export interface Declarations {
  /** Without the objects that can't be read: Istio skips them too. */
  readonly lists: DeclaredLists;
  /** Service account of a workload's pods, by `namespace/name` of the workload. */
  readonly accounts: ReadonlyMap<string, string>;
}

/** What one object adds to the lists; `null`: it can't be read. */
type Parts = Partial<DeclaredLists> | null;
type Read = (object: KubeObject) => Parts;

/** Reads the store again and again: an object is parsed once, and a list in which nothing changed is the same list. */
export function declarationsOf(store: ObjectStore): () => Declarations {
  const readers = kinds
    // The store serves what such a kind stands in for.
    .filter(({ insteadOf }) => insteadOf === null)
    .map((kind) => ({ kind, read: onceFor(kind.byName ? keepingTheLast(readerOf(kind)) : readerOf(kind)) }));
  let lists = emptyLists;
  return () => {
    const parts = readers.flatMap(({ kind, read }) => store.list(kind).map(read));
    lists = keptWhereSame(lists, gathered(parts));
    return { lists, accounts: accountsOf(store) };
  };
}

function readerOf(kind: Kind): Read {
  return (object) => {
    const result = readRaw({ ...kind, version: versionOf(object.apiVersion) }, object, kind.read);
    return result.ok ? result.value : null;
  };
}

/** istiod keeps the mesh config that it has where it can't take the new one (pkg/config/mesh/meshwatcher). */
function keepingTheLast(read: Read): Read {
  const taken = new Map<string, Parts>();
  return (object) => {
    const key = keyOf(object.metadata.namespace ?? "default", object.metadata.name);
    const parts = read(object);
    if (isTaken(parts)) taken.set(key, parts);
    return taken.get(key) ?? null;
  };
}

function isTaken(parts: Parts): boolean {
  const modes: readonly string[] = meshModes;
  return (
    parts?.meshConfigs?.every(({ outboundMode }) => outboundMode === null || modes.includes(outboundMode)) ===
    true
  );
}

const listNames = Object.keys(emptyLists) as readonly (keyof DeclaredLists)[];

type Gathered = ReadonlyMap<string, readonly unknown[]>;

function gathered(all: readonly Parts[]): Gathered {
  const lists = new Map<string, unknown[]>();
  for (const parts of all) {
    for (const [name, items] of Object.entries(parts ?? {}))
      for (const item of items) push(lists, name, item);
  }
  return lists;
}

/** Whoever indexes a list keeps the index with the list. */
function keptWhereSame(before: DeclaredLists, now: Gathered): DeclaredLists {
  const kept = listNames.map((name) => {
    const items = now.get(name) ?? [];
    return [name, hasSameItems(before[name], items) ? before[name] : items];
  });
  return Object.fromEntries(kept) as DeclaredLists;
}

function hasSameItems(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length === now.length && before.every((item, index) => item === now[index]);
}

function accountsOf(store: ObjectStore): ReadonlyMap<string, string> {
  const running = [
    ...["Deployment", "StatefulSet"].map((kind) => ({ group: "apps", kind })),
    { group: "argoproj.io", kind: "Rollout" },
  ];
  const workloads = running.flatMap((kind) => store.list(kind));
  return new Map(
    workloads.map((object) => [
      `${object.metadata.namespace ?? "default"}/${object.metadata.name}`,
      textAt(object, "spec", "template", "spec", "serviceAccountName") ?? "default",
    ]),
  );
}
