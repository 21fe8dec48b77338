/** Objects from files instead of a server: what `kubectl apply` would make of them, and no word about anything else. */
import {
  emptyLists,
  type Declared,
  type DeclaredLists,
  type KindStatus,
} from "../../mesh/declared/declared.ts";
import type { Finding } from "../../mesh/finding.ts";
import { isObject } from "./field.ts";
import { kinds, resourceName, type Kind } from "./kinds.ts";
import { readRaw } from "./raw.ts";

/** One object of a kind that the mesh is made of. */
interface Manifest {
  readonly kind: Kind;
  readonly version: string;
  readonly namespace: string | null;
  readonly object: Readonly<Record<string, unknown>>;
}

/**
 * The mesh that documents describe, as if they were applied to an empty cluster one after another: of two with one name the later counts. Kinds that the mesh is not
 * made of are passed over. Only what the documents hold is known, by kind and namespace (`fromFiles`).
 *
 * @param documents parsed YAML or JSON, Lists too; nothing in them is trusted.
 * @param namespace of objects that name none, as kubectl's -n.
 */
export function declaredFromManifests(documents: readonly unknown[], namespace: string): Declared {
  const manifests = new Map<string, Manifest>();
  for (const document of documents.flatMap(objectsIn)) {
    const manifest = manifestOf(document, namespace);
    if (manifest === null) continue;
    // The later one takes the place of the earlier, and stands behind what came between.
    const key = nameIn(manifest);
    manifests.delete(key);
    manifests.set(key, manifest);
  }
  const all = [...manifests.values()];
  const read = all.map(({ kind, version, object }) => readRaw({ ...kind, version }, object, kind.read));
  const lists = read.flatMap((result) => (result.ok ? [result.value] : []));
  const unreadable = read.flatMap((result): readonly Finding[] => (result.ok ? [] : [result.error]));
  return { ...gathered(lists), unreadable, kinds: statusesOf(all), fromFiles: true };
}

/** The objects of a document: a List holds several. */
export function objectsIn(document: unknown): readonly unknown[] {
  if (!isObject(document)) return [];
  const { kind, items } = document;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)
    ? (items as readonly unknown[]).flatMap(objectsIn)
    : [document];
}

function manifestOf(document: unknown, namespace: string): Manifest | null {
  if (!isObject(document)) return null;
  const { apiVersion, kind: name } = document;
  if (typeof apiVersion !== "string" || typeof name !== "string") return null;
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  const kind = kinds.find((one) => one.kind === name && one.group === group);
  if (kind === undefined) return null;
  if (!kind.namespaced) return { kind, version, namespace: null, object: document };
  const metadata = isObject(document["metadata"]) ? document["metadata"] : {};
  const own = typeof metadata["namespace"] === "string" ? metadata["namespace"] : namespace;
  return {
    kind,
    version,
    namespace: own,
    object: { ...document, metadata: { ...metadata, namespace: own } },
  };
}

function nameIn({ kind, namespace, object }: Manifest): string {
  const name = isObject(object["metadata"]) ? object["metadata"]["name"] : undefined;
  return JSON.stringify([resourceName(kind), namespace, name]);
}

function gathered(added: readonly Partial<DeclaredLists>[]): DeclaredLists {
  const names = Object.keys(emptyLists) as readonly (keyof DeclaredLists)[];
  const lists = names.map((name) => [name, added.flatMap((one): readonly unknown[] => one[name] ?? [])]);
  return Object.fromEntries(lists) as DeclaredLists;
}

/** One line for each kind and namespace that is in the documents. */
function statusesOf(manifests: readonly Manifest[]): readonly KindStatus[] {
  const statuses = new Map<string, KindStatus>();
  for (const { kind, namespace } of manifests) {
    const key = `${resourceName(kind)} ${namespace ?? ""}`;
    const objects = (statuses.get(key)?.objects ?? 0) + 1;
    statuses.set(key, { kind: resourceName(kind), namespace, state: { is: "live" }, objects });
  }
  return [...statuses.values()];
}
