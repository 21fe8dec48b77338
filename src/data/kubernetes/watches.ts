/** The reflectors of one cluster: which run, and over what. */
import type { Declared, KindStatus } from "../mesh/declared/declared.ts";
import type { DataError } from "../mesh/result.ts";
import type { Collection } from "./collect.ts";
import type { Connection } from "./connect.ts";
import type { Serving } from "./discovery.ts";
import { configMapNames, istiodNamespaces } from "./meshConfigMaps.ts";
import { groupPath, resourceName, type Kind } from "./parse/kinds.ts";
import type { Part } from "./part.ts";
import { reflect } from "./reflector.ts";
import type { Clock } from "./reflectorParts.ts";
import { createSlots, type Slots } from "./slots.ts";

/** What all reflectors share. */
export interface WatchContext {
  readonly connection: Connection;
  readonly collection: Collection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Where to look when the whole cluster may not be read. */
  readonly namespace: string;
  /** What of the cluster fits into memory; `null`: all. */
  readonly part: Part | null;
}

export interface Watches {
  /** Starts what is served and does not run yet, and notes what can't. */
  follow(serving: Serving): void;
  /** Watches the ConfigMaps of the revisions that are installed. */
  followRevisions(declared: Declared): void;
  /** Opens every watch anew: the connections were lost without a word. */
  restart(): void;
}

const listsInFlight = 6;

interface Watch {
  readonly kind: Kind;
  readonly version: string;
  /** The one object to watch; `null`: all of the kind. */
  readonly name: string | null;
  readonly namespaces: readonly string[];
}

/** Why pods are not read where only a part fits. */
const noRoom: DataError = {
  kind: "config",
  message: "There is no room for them in the memory that meshtop may use.",
  advice: "Give it more, or look at one namespace with -n.",
};

export function startWatches(context: WatchContext): Watches {
  const slots = createSlots(listsInFlight);
  const running = new Set<string>();
  let generation = new AbortController();
  let configMaps: { readonly kind: Kind; readonly version: string } | null = null;

  const start = (watch: Watch): void => {
    const key = keyOf(watch);
    if (running.has(key)) return;
    running.add(key);
    startReflector(context, watch, { key, slots, generation: () => generation.signal });
  };
  return {
    follow(serving) {
      const { kind } = serving;
      if (serving.is !== "served") noteMissing(context.collection, running, serving);
      else if (kind.metadataOnly && context.part === "withoutPods")
        context.collection.note(resourceName(kind), kind, { is: "forbidden", error: noRoom });
      else if (kind.byName) configMaps = serving;
      else start({ kind, version: serving.version, name: null, namespaces: [context.namespace] });
    },
    followRevisions({ workloads, kinds }) {
      if (configMaps === null || kinds.some(isLoadingIstiod)) return;
      const { kind, version } = configMaps;
      const namespaces = istiodNamespaces(workloads);
      for (const name of configMapNames(workloads)) start({ kind, version, name, namespaces });
    },
    restart() {
      generation.abort();
      generation = new AbortController();
    },
  };
}

/** Deployments name the revisions, and the namespaces to look in where the whole cluster may not be read. */
function isLoadingIstiod({ kind, state }: KindStatus): boolean {
  return kind === "deployments.apps" && state.is === "loading";
}

function keyOf({ kind, name }: Pick<Watch, "kind" | "name">): string {
  return name === null ? resourceName(kind) : `${resourceName(kind)}/${name}`;
}

function noteMissing(
  collection: Collection,
  running: ReadonlySet<string>,
  serving: Exclude<Serving, { is: "served" }>,
): void {
  const key = resourceName(serving.kind);
  // A reflector that runs says itself how its kind stands.
  if (running.has(key)) return;
  const state =
    serving.is === "absent" ? { is: serving.is } : ({ is: "stale", error: serving.error } as const);
  collection.note(key, serving.kind, state);
}

function startReflector(
  { connection, collection, clock, signal, part }: WatchContext,
  { kind, version, name, namespaces }: Watch,
  shared: { readonly key: string; readonly slots: Slots; readonly generation: () => AbortSignal },
): void {
  void reflect({
    connection,
    resource: resourceName(kind),
    path: (namespace) => listPath(kind, version, namespace),
    fieldSelector: name === null ? kind.fieldSelector : `metadata.name=${name}`,
    metadataOnly: kind.metadataOnly,
    scopes: scopesOf(kind, namespaces, part),
    sink: collection.sinkFor(shared.key, kind, version),
    slots: shared.slots,
    clock,
    signal,
    generation: shared.generation,
  });
}

/** Widest first. What is watched by name is one object, wherever it is. */
function scopesOf(kind: Kind, namespaces: readonly string[], part: Part | null): readonly (string | null)[] {
  if (!kind.namespaced) return [null];
  return part === "oneNamespace" && !kind.byName ? namespaces : [null, ...namespaces];
}

/** `/api/v1/namespaces/shop/services`. */
function listPath(kind: Kind, version: string, namespace: string | null): string {
  const scope = namespace === null ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${groupPath(kind.group, version)}${scope}/${kind.plural}`;
}
