import type { ServerResponse } from "node:http";
import { fail, ok, type Result } from "../../mesh/result.ts";
import { requestedVersion } from "./list.ts";
import type { JsonObject, KubeObject } from "./objects.ts";
import type { Representation } from "./representation.ts";
import { selectionOf } from "./selection.ts";
import type { Selects } from "./selectors.ts";
import { expired, statusBody, type Status } from "./status.ts";
import type { Storage, StoreEvent } from "./storage.ts";
import type { ObjectTarget } from "./target.ts";

/** What a watch asked for. */
export interface WatchRequest {
  readonly target: ObjectTarget;
  readonly selects: Selects;
  /** `null`: start with what is there now. */
  readonly since: number | null;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number;
  readonly as: Representation;
}

/** Half an hour; a real server picks 30 to 60 minutes where the client says nothing. */
const defaultTimeout = 1800;
/** How often a quiet watch is told how far it is, and how long before its end for the last time. Both as the real one. */
const bookmarkEveryMs = 60_000;
const bookmarkBeforeEndMs = 2000;

/** @errors 400 for a selector that can't be read, 500 for a resourceVersion that is no number. */
export function watchRequestOf(
  target: ObjectTarget,
  query: URLSearchParams,
  as: Representation,
): Result<WatchRequest, Status> {
  const selection = selectionOf(target, query);
  if (!selection.ok) return selection;
  const version = requestedVersion(query);
  if (!version.ok) return version;
  const written = query.get("timeoutSeconds") ?? "";
  if (!/^\d*$/.test(written)) {
    return fail({
      code: 400,
      reason: "BadRequest",
      message: `strconv.ParseInt: parsing "${written}": invalid syntax`,
    });
  }
  return ok({
    target,
    selects: selection.value.selects,
    since: version.value === 0 ? null : version.value,
    bookmarks: ["true", "1"].includes(query.get("allowWatchBookmarks") ?? ""),
    timeoutSeconds: Number(written) || defaultTimeout,
    as,
  });
}

interface Shown {
  readonly type: StoreEvent["type"];
  readonly object: KubeObject;
}

/** What a change means to a watch that selects: an object that no longer fits is gone for it, one that now fits is new. */
function shown(event: StoreEvent, selects: Selects): Shown | null {
  const before = event.previous !== null && selects(event.previous);
  const after = event.type !== "DELETED" && selects(event.object);
  if (!before && !after) return null;
  if (before && after) return { type: "MODIFIED", object: event.object };
  if (after) return { type: "ADDED", object: event.object };
  const version = event.object.metadata.resourceVersion ?? "";
  const last = event.previous ?? event.object;
  return { type: "DELETED", object: { ...last, metadata: { ...last.metadata, resourceVersion: version } } };
}

/**
 * Streams changes as JSON lines until the time is over, the client goes, or the server stops.
 *
 * A version that is forgotten gives one `ERROR` event with a 410 inside a 200, as the real one does.
 */
export function streamWatch(storage: Storage, request: WatchRequest, response: ServerResponse): void {
  const { target, selects, as } = request;
  const send = (type: string, object: JsonObject): void => {
    response.write(`${JSON.stringify({ type, object })}\n`);
  };
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache, private" });
  response.flushHeaders();
  const missed = request.since === null ? [] : storage.changesSince(request.since);
  if (missed === null) {
    const message = `too old resource version: ${request.since ?? 0} (${storage.version()})`;
    send("ERROR", statusBody(expired(message)));
    response.end();
    return;
  }
  const tell = (event: StoreEvent): void => {
    if (event.kind !== target.kind || event.version <= (request.since ?? 0)) return;
    const change = shown(event, selects);
    if (change !== null) send(change.type, as.object(change.object));
  };
  if (request.since === null) {
    const present = storage.snapshot(target.kind, storage.version()) ?? [];
    for (const object of present) if (selects(object)) send("ADDED", as.object(object));
  }
  missed.forEach(tell);
  keepOpen(storage, request, response, { tell, send });
}

interface Voice {
  tell(event: StoreEvent): void;
  send(type: string, object: JsonObject): void;
}

function keepOpen(storage: Storage, request: WatchRequest, response: ServerResponse, voice: Voice): void {
  const unsubscribe = storage.subscribe((event) => voice.tell(event));
  // Nothing newer than where the watch began is no news.
  const bookmark = (): void => {
    const version = storage.version();
    if (version > (request.since ?? 0)) voice.send("BOOKMARK", request.as.bookmark(String(version)));
  };
  const endMs = request.timeoutSeconds * 1000;
  const timers = [setTimeout(() => response.end(), endMs)];
  if (request.bookmarks) {
    timers.push(setTimeout(bookmark, Math.max(0, endMs - bookmarkBeforeEndMs)));
    timers.push(setInterval(bookmark, bookmarkEveryMs));
  }
  response.on("close", () => {
    unsubscribe();
    timers.forEach(clearTimeout);
  });
}
