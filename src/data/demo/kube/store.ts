import { fail, ok, type Result } from "../../mesh/result.ts";
import { admitAll, type Admission } from "./admission.ts";
import { allKinds, groupOf, versionOf, type Kind, type KindName } from "./kinds.ts";
import { keyOf, type KubeObject, type Manifest } from "./objects.ts";
import { createStorage, type Storage, type StoreEvent } from "./storage.ts";
import { createWriter, type Writer } from "./writer.ts";

/** Points at one object; a `ResourceRef` is one too. */
interface ObjectName extends KindName {
  /** `null` for kinds outside namespaces. */
  readonly namespace: string | null;
  readonly name: string;
}

/**
 * The objects behind the embedded API server, for the code that plays the cluster: it loads manifests, sees every write of
 * every client, and acts as kubelets and controllers do. What it writes is watched like any other write.
 */
export interface ObjectStore {
  /**
   * Creates the object or replaces it whole, status included, and gives it as stored. The same content again makes no new
   * version. A namespace that is not there yet is made.
   *
   * Throws `Refused` where the object is invalid: a controller may have made it of what a client wrote; among the demo's own
   * manifests it is a mistake in this repository. Throws another error for a kind or a version that is not served.
   */
  apply(manifest: Manifest, manager?: string): KubeObject;
  get(name: ObjectName): KubeObject | null;
  /** All objects of a kind in all namespaces, by namespace and name. Throws for a kind that is not served. */
  list(kind: KindName): readonly KubeObject[];
  /** Gives the last state, or `null` where there was none. Deleting a namespace deletes what is in it. */
  delete(name: ObjectName): KubeObject | null;
  /** Called at once for every change, whoever made it; returns the way to stop. */
  subscribe(listener: (event: StoreEvent) => void): () => void;
}

export interface StoreOptions {
  /** Milliseconds since the epoch, for timestamps. */
  readonly clock: () => number;
  readonly kinds?: readonly Kind[];
  readonly admission?: Admission;
  /** How many changes watches may look back on. */
  readonly history?: number;
}

/** The store with the parts that the HTTP side needs. */
export interface Backend {
  readonly kinds: readonly Kind[];
  readonly storage: Storage;
  readonly writer: Writer;
  readonly store: ObjectStore;
}

const remembered = 5000;
/** Every cluster has these before anybody writes to it. */
const firstNamespaces = ["default", "kube-system"];

function servedKind(kinds: readonly Kind[], name: KindName): Kind {
  const found = kinds.find((kind) => kind.group === name.group && kind.kind === name.kind);
  if (found !== undefined) return found;
  throw new Error(`The embedded API server does not serve ${name.kind} of group "${name.group}".`);
}

function checkVersion(kind: Kind, apiVersion: string): Result<Kind, string> {
  return kind.versions.includes(versionOf(apiVersion))
    ? ok(kind)
    : fail(`${kind.kind} is served at ${kind.versions.join(", ")}, not at ${apiVersion}.`);
}

function nameIn(kind: Kind, name: ObjectName): string {
  return keyOf(kind.namespaced ? (name.namespace ?? "default") : null, name.name);
}

export function createBackend(options: StoreOptions): Backend {
  const kinds = options.kinds ?? allKinds;
  const storage = createStorage(options.history ?? remembered);
  const writer = createWriter({
    storage,
    kinds,
    clock: options.clock,
    admission: options.admission ?? admitAll,
  });
  const store: ObjectStore = {
    apply: (manifest, manager = "demo") => {
      const kind = servedKind(kinds, { group: groupOf(manifest.apiVersion), kind: manifest.kind });
      const version = checkVersion(kind, manifest.apiVersion);
      if (!version.ok) throw new Error(version.error);
      return writer.put(kind, manifest, manager);
    },
    get: (name) => {
      const kind = servedKind(kinds, name);
      return storage.find(kind, nameIn(kind, name));
    },
    list: (name) => storage.snapshot(servedKind(kinds, name), storage.version()) ?? [],
    delete: (name) => {
      const kind = servedKind(kinds, name);
      return writer.drop(kind, nameIn(kind, name));
    },
    subscribe: (listener) => storage.subscribe(listener),
  };
  for (const name of firstNamespaces) {
    store.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, "kube-apiserver");
  }
  return { kinds, storage, writer, store };
}
