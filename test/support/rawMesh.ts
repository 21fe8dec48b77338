/** Meshes of objects as the API server holds them, read by the program's own parsers. */
import type { DeclaredLists } from "../../src/data/mesh/declared/declared.ts";
import { emptyLists } from "../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { kinds } from "../../src/data/kubernetes/parse/kinds.ts";
import { readRaw } from "../../src/data/kubernetes/parse/raw.ts";
import { meshOf } from "./builtMesh.ts";
import { declaredOf, namespace, podsOf, service, slice, workload } from "./declaredOf.ts";

export interface RawKubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly [field: string]: unknown;
}

const groupOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
const versionOf = (apiVersion: string): string => apiVersion.split("/").at(-1) ?? "";

/** The collection of an object's kind in its namespace. */
export function collectionOf({ apiVersion, kind, metadata }: RawKubeObject): string {
  const known = kinds.find((one) => one.kind === kind && one.group === groupOf(apiVersion));
  if (known === undefined) throw new Error(`no kind ${apiVersion} ${kind}`);
  const root = apiVersion.includes("/") ? "apis" : "api";
  return `/${root}/${apiVersion}/namespaces/${metadata.namespace}/${known.plural}`;
}

/**
 * The mesh of these objects, with a workload and ready pods behind a Service for each name: `cart` and, where versions are named, `cart-v1`.
 */
export function meshFrom(
  objects: readonly RawKubeObject[],
  space: string,
  names: readonly string[],
  versioned: readonly string[],
): Mesh {
  const lists: { [K in keyof DeclaredLists]: unknown[] } = structuredClone(emptyLists) as never;
  for (const object of objects) {
    const { apiVersion } = object;
    const kind = kinds.find((one) => one.kind === object.kind && one.group === groupOf(apiVersion));
    if (kind === undefined) continue;
    const type = { group: kind.group, version: versionOf(apiVersion), kind: kind.kind, namespaced: true };
    const read = readRaw(type, object, kind.read);
    if (!read.ok) throw new Error(read.error.message);
    for (const [list, items] of Object.entries(read.value)) lists[list as keyof DeclaredLists].push(...items);
  }
  const workloads = names.flatMap((name) =>
    versioned.includes(name)
      ? ["v1", "v2", "v3"].map((version) => workload(`${space}/${name}-${version}`, { app: name, version }))
      : [workload(`${space}/${name}`, { app: name })],
  );
  return meshOf(
    declaredOf({
      ...(lists as unknown as DeclaredLists),
      namespaces: [namespace(space, { "istio-injection": "enabled" }), namespace("istio-system")],
      workloads: [...workloads, ...(lists.workloads as typeof workloads)],
      pods: workloads.flatMap((one) => podsOf(one)),
      services: names.map((name) => service(`${space}/${name}`)),
      endpointSlices: names.map((name) =>
        slice(
          `${space}/${name}`,
          workloads.filter(({ template }) => template.labels["app"] === name).flatMap((one) => podsOf(one)),
        ),
      ),
    }),
  );
}
