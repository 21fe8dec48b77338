/** What of somebody's manifests the embedded API server takes. */
import { objectsIn } from "../../kubernetes/parse/manifests.ts";
import { clean } from "../../mesh/clean.ts";
import type { Json } from "../../mesh/json.ts";
import { labelsAt, listAt, textAt } from "../kube/fields.ts";
import { allKinds, groupOf } from "../kube/kinds.ts";
import { isJsonObject, type JsonObject, type Manifest } from "../kube/objects.ts";
import { createBackend } from "../kube/store.ts";

export interface Loadable {
  readonly manifests: readonly Manifest[];
  /** Sentences about what was left out. */
  readonly remarks: readonly string[];
}

/** Made by the simulated cluster itself. */
const derived: ReadonlySet<string> = new Set(["Pod", "ReplicaSet", "EndpointSlice", "Endpoints", "Event"]);
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * The objects of these documents that can be simulated, as manifests: without status and without what a server wrote, so that the output of `kubectl get -o yaml` is as
 * good as a file. A later object takes the place of an earlier one of its kind and name, when both are loaded.
 *
 * @param namespace of objects that name none.
 */
export function loadable(documents: readonly unknown[], namespace: string): Loadable {
  const manifests: Manifest[] = [];
  const strange = new Map<string, number>();
  const refused: string[] = [];
  const { store } = createBackend({ clock: () => 0 });
  for (const document of documents.flatMap(objectsIn)) {
    const manifest = manifestOf(document, namespace);
    if (manifest === null || !isServed(manifest) || derived.has(manifest.kind)) {
      const kind = isOwned(document) ? null : kindOf(document);
      if (kind !== null) strange.set(kind, (strange.get(kind) ?? 0) + 1);
      continue;
    }
    try {
      store.apply(manifest);
      manifests.push(manifest);
    } catch (error) {
      refused.push(`Not simulated: ${error instanceof Error ? clean(error.message) : "an object"}`);
    }
  }
  const kinds = [...strange].map(([kind, count]) => (count === 1 ? kind : `${kind} (${count})`));
  return {
    manifests,
    remarks: [...(kinds.length === 0 ? [] : [`Not simulated: ${kinds.join(", ")}.`]), ...refused],
  };
}

const kindOf = (document: unknown): string | null =>
  isJsonObject(document as Json)
    ? clean(textAt(document as Json, "kind") ?? "an object without a kind")
    : null;

/** Whoever owns it makes it again. */
const isOwned = (document: unknown): boolean =>
  isJsonObject(document as Json) && listAt(document as Json, "metadata", "ownerReferences").length > 0;

const isServed = ({ apiVersion, kind }: Manifest): boolean =>
  allKinds.some((one) => one.kind === kind && one.group === groupOf(apiVersion));

function manifestOf(document: unknown, namespace: string): Manifest | null {
  // Values of YAML that JSON lacks, such as dates and undefined, become what JSON has for them.
  const object = jsonOf(document);
  const [apiVersion, kind, name] = [["apiVersion"], ["kind"], ["metadata", "name"]].map((path) =>
    textAt(object ?? undefined, ...path),
  );
  if (object === null || apiVersion == null || kind == null || name == null) return null;
  const served = allKinds.find((one) => one.kind === kind && one.group === groupOf(apiVersion));
  const own = textAt(object, "metadata", "namespace") ?? namespace;
  const labels = labelsAt(object, "metadata", "labels");
  const annotations = without(labelsAt(object, "metadata", "annotations"), lastApplied);
  return {
    ...without(object, "status"),
    apiVersion,
    kind,
    metadata: {
      name,
      ...(served?.namespaced === false ? {} : { namespace: own }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
  };
}

function without<T>(fields: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

function jsonOf(document: unknown): JsonObject | null {
  try {
    const [value] = JSON.parse(JSON.stringify([document])) as readonly Json[];
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
