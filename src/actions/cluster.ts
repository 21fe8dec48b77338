/** The API server as the write path sees it: read, dry run, guarded write, and what it said. */
import { nameOf, type ResourceRef } from "../data/mesh/declared/meta.ts";
import type { Json } from "../data/mesh/json.ts";
import { fail, ok, type DataError, type Result } from "../data/mesh/result.ts";
import type { Instant } from "../data/mesh/units.ts";
import { operationsOf, type Patch } from "./change.ts";
import { FIELD_MANAGER } from "./changes/authors.ts";
import { heldOf, type Held, type KindIn } from "./changes/held.ts";
import { isJsonObject, valueAt } from "./changes/pointer.ts";
import { askOf } from "./changes/rights.ts";
import { identityOf, type Identity } from "./identity.ts";
import { collectionPath, objectPath, pluralOf } from "./paths.ts";
import { mayOf, type May } from "./rights.ts";
import { readAnswer, refusalOf, type Answer, type Request } from "./answers.ts";
import type { Refusal } from "./proposal.ts";

const READ_TIMEOUT = 10_000;
/** Longer than istiod's webhook may take (10 s by default). */
const WRITE_TIMEOUT = 30_000;

type WriteMode = "dry run" | "for real";

/** The server took it. */
interface Accepted {
  /** The object as it is (or, in a dry run, would be); `null` after a delete. */
  readonly held: Held | null;
  /** What the server and its webhooks warn of, in their own words. */
  readonly warnings: readonly string[];
}

export interface Cluster {
  /** `null`: it is not there. */
  readonly read: (ref: ResourceRef) => Promise<Result<Held | null, DataError>>;
  readonly list: (kind: KindIn) => Promise<Result<readonly Held[], DataError>>;
  readonly write: (patch: Patch, mode: WriteMode) => Promise<Result<Accepted, Refusal>>;
  /** Why the user may not; `null`: may, or the server does not tell. Kept for five minutes. */
  readonly may: May;
  /** `may` for what the patch does. */
  readonly forbidden: (patch: Patch) => Promise<string | null>;
  /** What tells this cluster from others, whatever its address. */
  readonly identity: Identity;
}

/** @param request never rejects; any HTTP status is an answer. @param now for how long rights are kept. */
export function clusterOf(request: Request, now: () => Instant): Cluster {
  const may = mayOf(request, now);
  return {
    read: (ref) => readObject(request, ref),
    list: (kind) => listObjects(request, kind),
    write: (patch, mode) => write(request, patch, mode),
    may,
    forbidden: (patch) => may(askOf(patch)),
    identity: identityOf(request),
  };
}

async function readObject(request: Request, ref: ResourceRef): Promise<Result<Held | null, DataError>> {
  const answer = await readAnswer(request, objectPath(ref), READ_TIMEOUT);
  if (!answer.ok) return answer;
  if (answer.value.status === 404) return ok(null);
  if (answer.value.status !== 200) return fail(dataErrorOf(answer.value, nameOf(ref)));
  const held = heldOf(ref, answer.value.json);
  return held === null ? fail(garbled(nameOf(ref))) : ok(held);
}

async function listObjects(request: Request, kind: KindIn): Promise<Result<readonly Held[], DataError>> {
  const what = `the list of ${pluralOf(kind)} in ${kind.namespace}`;
  const answer = await readAnswer(request, collectionPath(kind), READ_TIMEOUT);
  if (!answer.ok) return answer;
  // A kind that is not served has no objects.
  if (answer.value.status === 404) return ok([]);
  if (answer.value.status !== 200) return fail(dataErrorOf(answer.value, what));
  const items = valueAt(answer.value.json, "/items");
  if (!Array.isArray(items)) return fail(garbled(what));
  return ok(
    (items as readonly Json[]).flatMap((item) => {
      const name = valueAt(item, "/metadata/name");
      return typeof name === "string" ? (heldOf({ ...kind, name }, item) ?? []) : [];
    }),
  );
}

function dataErrorOf(answer: Answer, what: string): DataError {
  const refusal = refusalOf(ok(answer), what, "dry run");
  const kind = answer.status === 403 ? "forbidden" : answer.status >= 500 ? "failing" : "refused";
  return { kind: answer.status === 401 ? "unauthorized" : kind, message: refusal.message, advice: null };
}

const garbled = (what: string): DataError => ({
  kind: "garbled",
  message: `The answer for ${what} is no Kubernetes object.`,
  advice: "Check that the server in the kubeconfig is a Kubernetes API server.",
});

async function write(request: Request, patch: Patch, mode: WriteMode): Promise<Result<Accepted, Refusal>> {
  const { path, method, contentType, body } = requestFor(patch, mode);
  const answer = await readAnswer(request, path, WRITE_TIMEOUT, {
    method,
    headers: { "Content-Type": contentType },
    body: wireText(body),
  });
  const what = nameOf(patch.ref);
  if (!answer.ok || answer.value.status >= 300) return fail(refusalOf(answer, what, mode));
  const { json, warnings } = answer.value;
  if (patch.do === "delete") return ok({ held: null, warnings });
  const held = heldOf(patch.ref, mode === "dry run" ? withVersion(json) : json);
  if (held !== null) return ok({ held, warnings });
  const message = `The answer for ${what} is no Kubernetes object.`;
  return fail({ is: mode === "dry run" ? "unreachable" : "unknown", message, advice: null });
}

/**
 * JSON with the escapes of Go's encoding/json. The `test` of a JSON Patch compares a text as it is spelt with the object as the API server
 * spells it, in which `&`, `<` and `>` are escapes (`lazyNode.equal` in evanphx/json-patch v4, which every kube-apiserver has): a guard on
 * a match with `&` in it would never hold.
 */
const wireText = (body: Json): string =>
  JSON.stringify(body).replaceAll(
    /[&<>\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A dry run of a create gives an object without a version. */
function withVersion(json: Json): Json {
  if (!isJsonObject(json) || !isJsonObject(json["metadata"])) return json;
  return { ...json, metadata: { uid: "", resourceVersion: "", ...json["metadata"] } };
}

interface Sending {
  readonly path: string;
  readonly method: string;
  readonly contentType: string;
  readonly body: Json;
}

function requestFor(patch: Patch, mode: WriteMode): Sending {
  const dryRun = mode === "dry run" ? "dryRun=All" : "";
  const query = (...parts: readonly string[]): string => {
    const written = parts.filter((part) => part !== "").join("&");
    return written === "" ? "" : `?${written}`;
  };
  const manager = `fieldManager=${FIELD_MANAGER}`;
  switch (patch.do) {
    case "edit":
      return {
        path: objectPath(patch.ref, patch.subresource) + query(manager, dryRun),
        method: "PATCH",
        contentType: "application/json-patch+json",
        body: operationsOf(patch),
      };
    case "create":
      return {
        path: collectionPath({ ...patch.ref, namespace: patch.ref.namespace ?? "" }) + query(manager, dryRun),
        method: "POST",
        contentType: "application/json",
        body: patch.manifest,
      };
    case "delete": {
      const { uid, resourceVersion } = patch;
      const preconditions = { uid, resourceVersion };
      return {
        path: objectPath(patch.ref) + query(dryRun),
        method: "DELETE",
        contentType: "application/json",
        // Where a DELETE has a body, the server reads its options there and never in the query.
        body: {
          kind: "DeleteOptions",
          apiVersion: "v1",
          preconditions,
          ...(mode === "dry run" ? { dryRun: ["All"] } : {}),
        },
      };
    }
  }
}
