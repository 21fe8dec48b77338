/** What the API server serves, and at which version: asked, never assumed. */
import type { DataError, Result } from "../mesh/result.ts";
import { ok } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { readJson } from "./failures.ts";
import { isObject } from "./parse/field.ts";
import { groupPath, kinds, resourceName, type Kind } from "./parse/kinds.ts";

export type Serving =
  | { readonly is: "served"; readonly kind: Kind; readonly version: string }
  | { readonly is: "absent"; readonly kind: Kind }
  /** Its group does not answer (an aggregated API that is down): it may exist. */
  | { readonly is: "unknown"; readonly kind: Kind; readonly error: DataError };

/** A line of an APIResourceList. */
export interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/**
 * Every kind of kinds.ts at the best version that the server serves it. Kinds that only stand in for another are left out where
 * the other is served. Errors: those of the list of groups; a group that fails costs only itself.
 */
export async function discover(
  connection: Connection,
  signal: AbortSignal,
): Promise<Result<readonly Serving[], DataError>> {
  const groups = await listGroups(connection, signal);
  if (!groups.ok) return groups;
  const names = [...new Set(kinds.map((kind) => kind.group))];
  const parts = await Promise.all(
    names.map((name) => discoverGroup({ connection, signal, name, served: groups.value.get(name) ?? [] })),
  );
  return ok(withoutStandIns(inOrder(parts.flat())));
}

function inOrder(servings: readonly Serving[]): readonly Serving[] {
  return servings.toSorted((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

function withoutStandIns(servings: readonly Serving[]): readonly Serving[] {
  const served = new Set(servings.filter(({ is }) => is === "served").map(({ kind }) => resourceName(kind)));
  return servings.filter(({ kind }) => kind.insteadOf === null || !served.has(kind.insteadOf));
}

async function listGroups(
  connection: Connection,
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, readonly string[]>, DataError>> {
  const list = await getJson(connection, "/apis", "the list of API groups", signal);
  if (!list.ok) return list;
  const groups = arrayAt(list.value, "groups").map((group): [string, readonly string[]] => [
    textAt(group, "name"),
    arrayAt(group, "versions").map((version) => textAt(version, "version")),
  ]);
  return ok(new Map<string, readonly string[]>([["", ["v1"]], ...groups]));
}

interface Group {
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly name: string;
  /** Versions that the server names. */
  readonly served: readonly string[];
}

/** Asks for the resources of a group version by version, best first, until each of its kinds is found. */
async function discoverGroup(group: Group): Promise<readonly Serving[]> {
  const wanted = kinds.filter((kind) => kind.group === group.name);
  const found = new Map<Kind, string>();
  let failure: DataError | null = null;
  for (const version of candidates(wanted, group.served)) {
    const open = wanted.filter((kind) => !found.has(kind) && kind.versions.includes(version));
    if (open.length === 0) continue;
    const resources = await listResources(group.connection, group.name, version, group.signal);
    if (!resources.ok) {
      if (resources.error.kind !== "absent") failure = resources.error;
      continue;
    }
    for (const kind of open) if (isWatchable(resources.value, kind)) found.set(kind, version);
  }
  return wanted.map((kind): Serving => {
    const version = found.get(kind);
    if (version !== undefined) return { is: "served", kind, version };
    return failure === null ? { is: "absent", kind } : { is: "unknown", kind, error: failure };
  });
}

function candidates(wanted: readonly Kind[], served: readonly string[]): readonly string[] {
  const longest = wanted.map((kind) => kind.versions).toSorted((a, b) => b.length - a.length);
  return [...new Set(longest.flat())].filter((version) => served.includes(version));
}

function isWatchable(resources: readonly Resource[], kind: Kind): boolean {
  return resources.some(
    ({ name, verbs }) => name === kind.plural && verbs.includes("list") && verbs.includes("watch"),
  );
}

/** The resources of one group version. Errors: `absent` where it is not served. */
export async function listResources(
  connection: Connection,
  group: string,
  version: string,
  signal: AbortSignal | null,
): Promise<Result<readonly Resource[], DataError>> {
  const what = `the resources of ${group === "" ? version : `${group}/${version}`}`;
  const list = await getJson(connection, groupPath(group, version), what, signal);
  if (!list.ok) return list;
  return ok(
    arrayAt(list.value, "resources").map((resource) => ({
      name: textAt(resource, "name"),
      kind: textAt(resource, "kind"),
      namespaced: isObject(resource) && resource["namespaced"] === true,
      verbs: arrayAt(resource, "verbs").filter((verb) => typeof verb === "string"),
    })),
  );
}

async function getJson(
  connection: Connection,
  path: string,
  what: string,
  signal: AbortSignal | null,
): Promise<Result<unknown, DataError>> {
  const answer = await connection.request(path, signal === null ? {} : { signal });
  if (!answer.ok) return answer;
  if (answer.value.status === 401) return { ok: false, error: connection.unauthorized() };
  return readJson(answer.value, what);
}

function arrayAt(value: unknown, key: string): readonly unknown[] {
  const member = isObject(value) ? value[key] : undefined;
  return Array.isArray(member) ? (member as readonly unknown[]) : [];
}

function textAt(value: unknown, key: string): string {
  const member = isObject(value) ? value[key] : undefined;
  return typeof member === "string" ? member : "";
}
