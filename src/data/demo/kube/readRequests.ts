import type { Exchange } from "./exchange.ts";
import { listPage } from "./list.ts";
import { keyOf } from "./objects.ts";
import { json, refused, type Reply } from "./reply.ts";
import { acceptedForm, representationOf, type Form } from "./representation.ts";
import { notAcceptable, notFound } from "./status.ts";
import type { ObjectTarget } from "./target.ts";
import { streamWatch, watchRequestOf } from "./watch.ts";

/** Whether a GET asks to be told of changes. One object is watched by a field selector, not by its path. */
export function isWatch(target: ObjectTarget, query: URLSearchParams): boolean {
  return target.name === null && ["true", "1"].includes(query.get("watch") ?? "");
}

/** Answers a GET of a collection, of one object, or of changes. */
export function answerRead(exchange: Exchange, target: ObjectTarget): Reply {
  const form = acceptedForm(exchange.request.headers.accept);
  if (form === null) {
    return refused(notAcceptable("only the following media types are accepted: application/json"));
  }
  if (isWatch(target, exchange.query)) return watch(exchange, target, form);
  return target.name === null ? list(exchange, target, form) : get(exchange, target, form);
}

function watch({ query, backend }: Exchange, target: ObjectTarget, form: Form): Reply {
  const asked = watchRequestOf(target, query, representationOf(target, form));
  if (!asked.ok) return refused(asked.error);
  return { is: "stream", start: (response) => streamWatch(backend.storage, asked.value, response) };
}

function list({ query, backend }: Exchange, target: ObjectTarget, form: Form): Reply {
  if (form === "PartialObjectMetadata") {
    return refused(
      notAcceptable(
        "you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)",
      ),
    );
  }
  const page = listPage(backend.storage, query, { target, as: representationOf(target, form) });
  return page.ok ? json(200, page.value) : refused(page.error);
}

function get({ backend }: Exchange, target: ObjectTarget, form: Form): Reply {
  const name = target.name ?? "";
  const object = backend.storage.find(target.kind, keyOf(target.namespace, name));
  if (object === null) return refused(notFound(target.kind, name));
  if (form === "PartialObjectMetadataList") {
    return refused({ code: 500, reason: "", message: "content is not a list" });
  }
  return json(200, representationOf(target, form).object(object));
}
