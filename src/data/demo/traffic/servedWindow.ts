import type { Run } from "./run.ts";

/** What one workload answered over a window of time. */
interface Served {
  readonly requests: number;
  /** Answers that were not 5xx. */
  readonly good: number;
  /** Milliseconds; `null` without requests. */
  readonly p99: number | null;
}

export interface ServedWindow {
  /** @param workload `namespace/name`. @param window milliseconds before `at`. */
  over(workload: string, at: number, window: number): Served;
  noteAt(at: number): Run["served"];
  /** Drops what is older than any window that is asked for. */
  forget(now: number): void;
}

interface Answer {
  readonly at: number;
  readonly workload: string;
  readonly isGood: boolean;
  readonly ms: number;
}

const longestWindow = 5 * 60_000;

/** Remembers single answers for some minutes. */
export function createServedWindow(): ServedWindow {
  let answers: Answer[] = [];
  return {
    over(workload, at, window) {
      const mine = answers.filter(
        (answer) => answer.workload === workload && answer.at > at - window && answer.at <= at,
      );
      const sorted = mine.map(({ ms }) => ms).sort((a, b) => a - b);
      return {
        requests: mine.length,
        good: mine.filter(({ isGood }) => isGood).length,
        p99: sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? null,
      };
    },
    noteAt: (at) => (node, code, ms) =>
      void answers.push({ at, workload: node.key, isGood: code > 0 && code < 500, ms }),
    forget(now) {
      // One pass a tick would cost more than the answers do.
      if ((answers[0]?.at ?? now) < now - 2 * longestWindow) {
        answers = answers.filter(({ at }) => at > now - longestWindow);
      }
    },
  };
}
