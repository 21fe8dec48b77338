import type { Response } from "undici";

import type { DataError, Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { readJson, refusal } from "./failures.ts";
import { isObject } from "./parse/field.ts";
import type { Reflector } from "./reflectorParts.ts";
import type { Ask, Outcome } from "./reflectorState.ts";

export interface Page {
  readonly objects: readonly unknown[];
  readonly outcome: Outcome;
}

const pageSize = "500";
/** The second choice is for servers that don't know the first: whole objects, of which only the metadata is read. */
const metadataOnly = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** One page of a list. Never rejects. */
export async function listPage(reflector: Reflector, ask: Extract<Ask, { ask: "list" }>): Promise<Page> {
  const { connection, signal, sink } = reflector;
  const paging = ask.continueToken === null ? {} : { continue: ask.continueToken };
  const path = `${reflector.path(ask.namespace)}?${queryOf(reflector, { limit: pageSize, ...paging })}`;
  const answer = await connection.request(path, {
    signal,
    headers: reflector.metadataOnly ? { Accept: metadataOnly } : {},
  });
  const what = `the list of ${reflector.resource}`;
  const accepted = await acceptedOr(connection, answer, what);
  if ("outcome" in accepted) return { objects: [], outcome: accepted.outcome };
  sink.heard();
  const list = await readJson(accepted.response, what);
  return list.ok ? pageIn(list.value, what) : { objects: [], outcome: { is: "failed", error: list.error } };
}

/** The query of a list or watch of this reflector. */
export function queryOf(
  { fieldSelector }: Pick<Reflector, "fieldSelector">,
  parameters: Readonly<Record<string, string>>,
): string {
  const all = fieldSelector === null ? parameters : { ...parameters, fieldSelector };
  return new URLSearchParams(all).toString();
}

/** A 2xx answer, or the outcome that anything else is. */
export async function acceptedOr(
  connection: Connection,
  answer: Result<Response, DataError>,
  what: string,
): Promise<{ readonly response: Response } | { readonly outcome: Outcome }> {
  if (!answer.ok) return { outcome: { is: "failed", error: answer.error } };
  const response = answer.value;
  if (response.ok) return { response };
  const error = await refusal(response, what);
  if (response.status === 410) return { outcome: { is: "gone" } };
  return { outcome: { is: "failed", error: response.status === 401 ? connection.unauthorized() : error } };
}

/** Pure: what a list's body says. */
function pageIn(body: unknown, what: string): Page {
  const list = isObject(body) ? body : {};
  const metadata = isObject(list["metadata"]) ? list["metadata"] : {};
  // Go writes an empty list as null.
  const items = list["items"] ?? [];
  if (!isObject(body) || !Array.isArray(items))
    return { objects: [], outcome: { is: "failed", error: notKubernetes(what) } };
  const { continue: next, resourceVersion } = metadata;
  return {
    objects: items as readonly unknown[],
    outcome: {
      is: "page",
      continueToken: typeof next === "string" && next !== "" ? next : null,
      resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    },
  };
}

/** JSON, but not what Kubernetes sends. */
export function notKubernetes(what: string): DataError {
  return {
    kind: "garbled",
    message: `The answer for ${what} is not what a Kubernetes API server sends.`,
    advice: "It is read anew.",
  };
}
