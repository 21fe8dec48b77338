/** The log of one pod's proxy, followed across streams that end and pods that are not ready yet. */
import type { Response } from "undici";

import type { PodTail } from "../../mesh/proxyLog/tailWish.ts";
import type { Connection } from "../connect.ts";
import { refusal } from "../failures.ts";
import { proxyContainer } from "../podsSelected.ts";
import { after, cappedLines, onlyNew, secondOf, stampedLine } from "./stampedLines.ts";
import type { Resumption, StampedLine } from "./stampedLines.ts";

export interface PodLog {
  readonly connection: Connection;
  readonly namespace: string;
  readonly pod: string;
  readonly backlog: number;
  readonly follows: boolean;
  readonly signal: AbortSignal;
  /** Waits, or returns at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onLine: (line: StampedLine) => void;
  readonly onState: (state: Omit<PodTail, "pod">) => void;
}

/** How one stream went. `gone`: there is no such pod. */
type Ending =
  | { readonly is: "ended"; readonly lines: number }
  | { readonly is: "gone" }
  | { readonly is: "failed"; readonly why: string; readonly isHopeless: boolean };

const shortest = 1000;
const longest = 15_000;
/** A right may be granted and a container may be injected while somebody looks. */
const hopeless = 30_000;

/**
 * Reads until the signal ends it, the pod is gone, or, where it does not follow, the log's end. What a stream brings again after it was
 * resumed is left out. Never rejects.
 */
export async function followPod(log: PodLog): Promise<void> {
  const { signal, sleep, onState } = log;
  const place: Place = { left: null };
  const isOver = (): boolean => signal.aborted;
  let pause = shortest;
  while (!isOver()) {
    if (place.left === null) onState({ is: "opening", why: null });
    const ending = await readOnce(log, place);
    if (isOver()) return;
    if (ending.is === "gone") {
      onState({ is: "waiting", why: `Pod ${log.pod} is gone.` });
      return;
    }
    if (ending.is === "failed") {
      onState({ is: log.follows ? "waiting" : "ended", why: ending.why });
      if (!log.follows) return;
      await sleep(ending.isHopeless ? hopeless : pause, signal);
    } else {
      if (!log.follows) {
        onState({ is: "ended", why: null });
        return;
      }
      if (ending.lines > 0) pause = shortest;
      onState({ is: "waiting", why: `The log of ${log.pod} ended; it is taken up again.` });
      await sleep(pause, signal);
    }
    pause = Math.min(longest, pause * 2);
  }
}

/** How far the log was read; moves on with each line. */
interface Place {
  left: Resumption | null;
}

async function readOnce(log: PodLog, place: Place): Promise<Ending> {
  const { left } = place;
  const { connection, signal } = log;
  const answer = await connection.request(logPath(log, left), { signal, stream: true });
  if (!answer.ok) return { is: "failed", why: answer.error.message, isHopeless: false };
  if (!answer.value.ok) return refused(log, answer.value);
  log.onState({ is: "following", why: null });
  const isNew = onlyNew(left);
  let lines = 0;
  try {
    for await (const text of cappedLines(bytesOf(answer.value))) {
      const line = stampedLine(text);
      if (!isNew(line)) continue;
      lines += 1;
      place.left = after(place.left, line);
      log.onLine(line);
    }
  } catch {
    // Cut: what came so far is kept, and the next stream begins after it.
  }
  return { is: "ended", lines };
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body !== null) yield* response.body as AsyncIterable<Uint8Array>;
}

function logPath({ namespace, pod, backlog, follows }: PodLog, left: Resumption | null): string {
  const query = new URLSearchParams({
    container: proxyContainer,
    timestamps: "true",
    ...(follows ? { follow: "true" } : {}),
    ...(left === null ? { tailLines: String(backlog) } : { sinceTime: secondOf(left.stamp) }),
  });
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query.toString()}`;
}

/** The API server's no in words that fit on one line. A container that is not there is a 400, as one that waits to start is. */
async function refused({ connection, namespace, pod }: PodLog, response: Response): Promise<Ending> {
  const { status } = response;
  const error = await refusal(response, `the log of ${namespace}/${pod}`);
  if (status === 404) return { is: "gone" };
  if (status === 401) return { is: "failed", why: connection.unauthorized().message, isHopeless: true };
  if (status === 403) {
    const why = `You may not read logs in ${namespace}: the right to get pods/log is missing (deploy/rbac.yaml, meshtop-logs).`;
    return { is: "failed", why, isHopeless: true };
  }
  if (status === 400 && error.message.includes("is not valid for pod"))
    return { is: "failed", why: `Pod ${pod} has no container ${proxyContainer}.`, isHopeless: true };
  if (status === 400 && error.message.includes("waiting to start"))
    return { is: "failed", why: `The proxy of ${pod} has not started yet.`, isHopeless: false };
  return { is: "failed", why: error.message, isHopeless: false };
}
