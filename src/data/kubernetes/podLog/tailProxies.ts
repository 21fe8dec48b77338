/** The access logs of a workload's proxies as one stream of news, a few times a second at most. */
import { clean } from "../../mesh/clean.ts";
import { costOf, HeardLine, tailCap, type LogLine } from "../../mesh/proxyLog/logTail.ts";
import type { PodTail, TailNews, TailWish } from "../../mesh/proxyLog/tailWish.ts";
import type { Connection } from "../connect.ts";
import { followPod } from "./followPod.ts";
import { proxyPods } from "./proxyPods.ts";
import type { StampedLine } from "./stampedLines.ts";

interface Tailing {
  readonly connection: Connection;
  readonly wish: TailWish;
  readonly signal: AbortSignal;
  /** Waits, or returns at once when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onNews: (news: TailNews) => void;
}

/** Between two pieces of news: each of them is a frame. */
const newsEveryMs = 300;
/** What waits for the next piece may hold no more than this part of a tail, which holds several of them. */
const waitingCap = tailCap / 4;
/** Pods come and go. */
const podsEveryMs = 10_000;

/**
 * Follows up to `mostPods` pods until the signal ends it; pods that come later are followed too. Without `follows` it resolves when
 * every log was read to its end. Never rejects; after the signal nothing is told any more.
 */
export async function tailProxies(tailing: Tailing): Promise<void> {
  const { connection, wish, signal, sleep } = tailing;
  const desk = newsDesk(tailing);
  const followed = new Map<string, Promise<void>>();
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const found = await proxyPods(connection, wish, signal);
    if (isOver()) break;
    desk.found(found.ok ? found.value.others : 0, found.ok ? null : found.error);
    const pods = found.ok ? found.value.pods.filter((pod) => !followed.has(pod)) : [];
    for (const pod of pods) {
      const reading = followPod({
        ...{ connection, signal, sleep, pod },
        namespace: wish.namespace,
        backlog: wish.backlog,
        follows: wish.follows,
        onLine: (line) => desk.line(pod, line),
        onState: (state) => desk.state({ pod, ...state }),
      });
      // One that is gone may come again under its name, as that of a StatefulSet does.
      followed.set(
        pod,
        reading.then(() => {
          if (wish.follows) followed.delete(pod);
          if (wish.follows && wish.selectors !== null) desk.forget(pod);
        }),
      );
    }
    if (!wish.follows) break;
    await sleep(podsEveryMs, signal);
  }
  await Promise.all(followed.values());
  desk.flush();
}

interface Desk {
  line(pod: string, line: StampedLine): void;
  state(state: PodTail): void;
  forget(pod: string): void;
  found(others: number, problem: string | null): void;
  flush(): void;
}

interface Waiting {
  readonly lines: (Pick<LogLine, "pod"> & StampedLine)[];
  bytes: number;
  lost: number;
}

/** Collects what is heard, and tells of it when its time has come. What waits for that is bounded. */
function newsDesk({ signal, sleep, onNews }: Tailing): Desk {
  const pods = new Map<string, PodTail>();
  const waiting: Waiting = { lines: [], bytes: 0, lost: 0 };
  const known = { id: 0, others: 0, problem: null as string | null, isDue: false };

  const flush = (): void => {
    known.isDue = false;
    if (signal.aborted) return;
    const lines = taken(waiting).map((line) => new HeardLine((known.id += 1), line));
    const { lost } = waiting;
    const { others, problem } = known;
    waiting.lost = 0;
    onNews({ lines, lost, others, problem, pods: [...pods.values()].sort(byName) });
  };
  /** Changes something, and tells of it soon. */
  const heard =
    <Args extends readonly unknown[]>(change: (...args: Args) => void) =>
    (...args: Args): void => {
      change(...args);
      if (known.isDue) return;
      known.isDue = true;
      void sleep(newsEveryMs, signal).then(() => (known.isDue ? flush() : undefined));
    };
  return {
    line: heard((pod: string, line: StampedLine) => keep(waiting, pod, line)),
    state: heard((state: PodTail) => void pods.set(state.pod, state)),
    forget: heard((pod: string) => void pods.delete(pod)),
    found: heard((others: number, problem: string | null) => void Object.assign(known, { others, problem })),
    flush,
  };
}

function keep(waiting: Waiting, pod: string, { stamp, text }: StampedLine): void {
  const line = { pod, stamp, text: clean(text) };
  waiting.lines.push(line);
  waiting.bytes += costOf(line);
  if (waiting.bytes <= waitingCap) return;
  waiting.lost += waiting.lines.splice(0, Math.ceil(waiting.lines.length / 2)).length;
  waiting.bytes = waiting.lines.reduce((sum, one) => sum + costOf(one), 0);
}

/** In the order of their times; a line without one stays behind the line that it came after. */
function taken(waiting: Waiting): Waiting["lines"] {
  const lines = waiting.lines.splice(0);
  waiting.bytes = 0;
  const last = new Map<string, string>();
  const stamped = lines.map((line) => {
    const stamp = line.stamp === "" ? (last.get(line.pod) ?? "") : line.stamp;
    last.set(line.pod, stamp);
    return { ...line, stamp };
  });
  return stamped.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0));
}

const byName = (a: PodTail, b: PodTail): number => (a.pod < b.pod ? -1 : 1);
