import { bodyOf, type Exchange } from "./exchange.ts";
import { apiVersionOf } from "./kinds.ts";
import { atVersion, keyOf, type JsonObject, type KubeObject } from "./objects.ts";
import { changesOf, patched } from "./patch.ts";
import { readDeleteOptions, readObject } from "./writeBodies.ts";
import { json, refused, type Reply } from "./reply.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { selectionOf } from "./selection.ts";
import * as refuse from "./status.ts";
import { statusBody, type Status } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import type { WriteOptions, Written } from "./writer.ts";

/** `kubectl/v1.30` writes as `kubectl` where it names no field manager. */
function managerOf({ query, request }: Exchange): string {
  const agent = (request.headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
  return query.get("fieldManager") ?? agent;
}

function optionsOf(exchange: Exchange, target: ObjectTarget): Result<WriteOptions, Status> {
  const written = exchange.query.get("dryRun");
  if (written !== null && written !== "All") {
    return fail(refuse.unsupportedDryRun(written));
  }
  const part = target.subresource === "status" ? "status" : "main";
  return ok({ manager: managerOf(exchange), dryRun: written === "All", part });
}

/** Answers POST, PUT, PATCH and DELETE of objects. */
export async function answerWrite(exchange: Exchange, target: ObjectTarget): Promise<Reply> {
  const options = optionsOf(exchange, target);
  if (!options.ok) return refused(options.error);
  const body = await bodyOf(exchange.request);
  const { method } = exchange.request;
  if (method === "DELETE") {
    return target.name === null
      ? deleteAll(exchange, target, options.value)
      : deleteOne(exchange, target, options.value, body);
  }
  const write = wholeWrites[method ?? ""] ?? patch;
  const media = mediaFault(exchange);
  if (media !== null) return refused(media);
  const written = write(exchange, target, options.value, body);
  if (!written.ok) return refused(written.error);
  const object = atVersion(written.value.object, apiVersionOf(target.kind.group, target.version));
  return json(method === "POST" ? 201 : 200, object, written.value.warnings);
}

/** Patches have their own types. */
function mediaFault({ request }: Exchange): Status | null {
  const type = (request.headers["content-type"] ?? "application/json").split(";")[0]?.trim();
  return request.method === "PATCH" || type === "application/json"
    ? null
    : refuse.unsupportedMedia(["application/json"]);
}

type Body = string | null;

type Write = (
  exchange: Exchange,
  target: ObjectTarget,
  options: WriteOptions,
  body: Body,
) => Result<Written, Status>;

/** A body that is the object itself. */
function writeWhole(verb: "create" | "update"): Write {
  return ({ backend }, target, options, body) => {
    const object = readObject(body, target);
    return object.ok ? backend.writer[verb](target.kind, object.value, options) : object;
  };
}

const wholeWrites: Readonly<Record<string, Write>> = {
  POST: writeWhole("create"),
  PUT: writeWhole("update"),
};

function patch(
  { backend, request }: Exchange,
  target: ObjectTarget,
  options: WriteOptions,
  body: Body,
): Result<Written, Status> {
  const changes = changesOf(request.headers["content-type"], body, target.kind);
  if (!changes.ok) return changes;
  const name = target.name ?? "";
  const before = backend.storage.find(target.kind, keyOf(target.namespace, name));
  if (before === null) return fail(refuse.notFound(target.kind, name));
  const seen = atVersion(before, apiVersionOf(target.kind.group, target.version));
  const next = patched(seen, changes.value, target);
  return next.ok ? backend.writer.update(target.kind, next.value, options) : next;
}

function succeeded(target: ObjectTarget, object: KubeObject): JsonObject {
  const { kind } = target;
  const details = {
    name: object.metadata.name,
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.plural,
    uid: object.metadata.uid ?? "",
  };
  return statusBody({ code: 200, reason: "", message: "", details });
}

function deleteOne({ backend }: Exchange, target: ObjectTarget, options: WriteOptions, body: Body): Reply {
  const wish = readDeleteOptions(body);
  if (!wish.ok) return refused(wish.error);
  // As the real one: options in the body replace those of the query, a `dryRun=All` there included.
  const dryRun = body === null || body === "" ? options.dryRun : wish.value.dryRun;
  const key = keyOf(target.namespace, target.name ?? "");
  const gone = backend.writer.remove(target.kind, key, wish.value.preconditions, dryRun);
  if (!gone.ok) return refused(gone.error);
  return json(200, succeeded(target, gone.value.object), gone.value.warnings);
}

function deleteAll({ backend, query }: Exchange, target: ObjectTarget, options: WriteOptions): Reply {
  const selection = selectionOf(target, query);
  if (!selection.ok) return refused(selection.error);
  const all = backend.storage.snapshot(target.kind, backend.storage.version()) ?? [];
  const chosen = all.filter(selection.value.selects);
  for (const object of chosen) {
    const key = keyOf(target.namespace, object.metadata.name);
    const gone = backend.writer.remove(target.kind, key, {}, options.dryRun);
    if (!gone.ok) return refused(gone.error);
  }
  const apiVersion = apiVersionOf(target.kind.group, target.version);
  const metadata = { resourceVersion: String(backend.storage.version()) };
  return json(200, { kind: `${target.kind.kind}List`, apiVersion, metadata, items: chosen });
}
