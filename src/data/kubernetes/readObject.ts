import { nameOf, type ResourceRef } from "../mesh/declared/meta.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { listResources } from "./discovery.ts";
import { readJson } from "./failures.ts";
import { isObject } from "./parse/field.ts";
import { groupPath, kinds } from "./parse/kinds.ts";

/**
 * One object as the server holds it now, without `managedFields`. Secrets are refused: nothing of them may reach a screen.
 * Errors: `refused` for a Secret, `absent` for an object or a kind that is not there, and those of the connection.
 */
export async function readObject(
  connection: Connection,
  ref: ResourceRef,
): Promise<Result<unknown, DataError>> {
  if (ref.group === "" && ref.kind === "Secret") {
    return fail({
      kind: "refused",
      message: `${nameOf(ref)} is a Secret: meshtop does not show it.`,
      advice: null,
    });
  }
  const plural = await pluralOf(connection, ref);
  if (!plural.ok) return plural;
  const answer = await connection.request(objectPath(ref, plural.value));
  if (!answer.ok) return answer;
  if (answer.value.status === 401) return fail(connection.unauthorized());
  const object = await readJson(answer.value, nameOf(ref));
  return object.ok ? ok(withoutManagedFields(object.value)) : object;
}

/** `/apis/networking.istio.io/v1/namespaces/shop/virtualservices/web`. */
function objectPath(ref: ResourceRef, plural: string): string {
  const scope = ref.namespace === null ? "" : `/namespaces/${encodeURIComponent(ref.namespace)}`;
  return `${groupPath(ref.group, ref.version)}${scope}/${plural}/${encodeURIComponent(ref.name)}`;
}

/** From our own table, else by discovery. */
async function pluralOf(connection: Connection, ref: ResourceRef): Promise<Result<string, DataError>> {
  const known = kinds.find((kind) => kind.group === ref.group && kind.kind === ref.kind);
  if (known !== undefined) return ok(known.plural);
  const resources = await listResources(connection, ref.group, ref.version, null);
  if (!resources.ok) return resources;
  const found = resources.value.find(({ kind, name }) => kind === ref.kind && !name.includes("/"));
  if (found !== undefined) return ok(found.name);
  return fail({
    kind: "absent",
    message: `The API server does not serve ${ref.kind} in ${ref.group}/${ref.version}.`,
    advice: null,
  });
}

function withoutManagedFields(object: unknown): unknown {
  if (!isObject(object) || !isObject(object["metadata"])) return object;
  const metadata = Object.entries(object["metadata"]).filter(([key]) => key !== "managedFields");
  return { ...object, metadata: Object.fromEntries(metadata) };
}
