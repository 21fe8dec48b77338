/** One watch from its opening to its end. */
import type { Response } from "undici";

import { clean } from "../mesh/clean.ts";
import type { DataError } from "../mesh/result.ts";
import { acceptedOr, notKubernetes, queryOf } from "./listPage.ts";
import type { Reflector } from "./reflectorParts.ts";
import type { Ask, Outcome } from "./reflectorState.ts";
import { linesOf, parseWatchLine } from "./watchLines.ts";

type WatchAsk = Extract<Ask, { ask: "watch" }>;

const metadataOnly = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/**
 * Feeds the sink until the watch ends, by the server's will, a cut, or silence. `onOpen` is called once the server has taken it.
 * Never rejects.
 */
export async function watchOnce(reflector: Reflector, ask: WatchAsk, onOpen: () => void): Promise<Outcome> {
  const { connection, clock } = reflector;
  const dead = new AbortController();
  const answer = await connection.request(watchPath(reflector, ask), {
    signal: AbortSignal.any([reflector.signal, reflector.generation(), dead.signal]),
    stream: true,
    headers: reflector.metadataOnly ? { Accept: metadataOnly } : {},
  });
  const what = `the watch of ${reflector.resource}`;
  const accepted = await acceptedOr(connection, answer, what);
  if ("outcome" in accepted) return accepted.outcome;
  onOpen();
  const openedAt = clock.now();
  const progress = { resourceVersion: ask.resourceVersion, events: 0, heardAt: openedAt, bookmarked: false };
  const over = new AbortController();
  void endWhenSilent(reflector, dead, { over: over.signal, progress, timeoutSeconds: ask.timeoutSeconds });
  const verdict = await readEvents(reflector, accepted.response, { what, progress });
  over.abort();
  if (verdict === "gone") return { is: "gone" };
  const { events, resourceVersion } = progress;
  return { is: "ended", resourceVersion, events, lastedMs: clock.now() - openedAt, error: verdict };
}

function watchPath(reflector: Reflector, { namespace, resourceVersion, timeoutSeconds }: WatchAsk): string {
  const query = queryOf(reflector, {
    watch: "true",
    allowWatchBookmarks: "true",
    resourceVersion,
    timeoutSeconds: `${timeoutSeconds}`,
  });
  return `${reflector.path(namespace)}?${query}`;
}

interface Progress {
  /** Where to resume. */
  resourceVersion: string;
  events: number;
  heardAt: number;
  bookmarked: boolean;
}

/** `null`: the server closed it in good order. */
async function readEvents(
  { sink, clock }: Reflector,
  response: Response,
  { what, progress }: { readonly what: string; readonly progress: Progress },
): Promise<DataError | "gone" | null> {
  try {
    for await (const line of linesOf(bytesOf(response))) {
      progress.heardAt = clock.now();
      sink.heard();
      const event = parseWatchLine(line);
      if (event.type === "GARBLED") return notKubernetes(what);
      if (event.type === "ERROR") return event.code === 410 ? "gone" : brokenOff(what, event.message);
      progress.events += 1;
      if (event.resourceVersion !== "") progress.resourceVersion = event.resourceVersion;
      if (event.type === "BOOKMARK") progress.bookmarked = true;
      else if (event.type === "DELETED") sink.remove(event.object);
      else sink.put(event.object);
    }
    return null;
  } catch {
    return { kind: "unreachable", message: `The connection of ${what} was cut.`, advice: "It is resumed." };
  }
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body !== null) yield* response.body as AsyncIterable<Uint8Array>;
}

function brokenOff(what: string, message: string): DataError {
  const said = clean(message).slice(0, 300);
  return { kind: "failing", message: `The API server broke off ${what}: ${said}.`, advice: "It is resumed." };
}

/** Silence after which a watch is taken for dead: a real server sends a bookmark each minute to those who ask for them. */
const silenceWithBookmarksMs = 150_000;

async function endWhenSilent(
  { clock }: Reflector,
  dead: AbortController,
  watch: { readonly over: AbortSignal; readonly progress: Progress; readonly timeoutSeconds: number },
): Promise<void> {
  const { over, progress, timeoutSeconds } = watch;
  while (!over.aborted) {
    const patience = progress.bookmarked ? silenceWithBookmarksMs : (timeoutSeconds + 15) * 1000;
    const left = progress.heardAt + patience - clock.now();
    if (left > 0) await clock.sleep(left, over);
    else dead.abort();
    if (left <= 0) return;
  }
}
