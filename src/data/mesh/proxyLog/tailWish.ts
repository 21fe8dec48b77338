/** What of which proxies is followed, and what is heard of it: the screen and the command ask, data/kubernetes answers. */
import type { Labels } from "../declared/meta.ts";
import type { LogLine } from "./logTail.ts";

export interface TailWish {
  readonly namespace: string;
  /** Of the workload, service or pod, for sentences. */
  readonly name: string;
  /** What selects the pods, one set of labels for each workload; `null`: `name` is a pod. */
  readonly selectors: readonly Labels[] | null;
  /** Lines of the past to begin with, of each pod. */
  readonly backlog: number;
  /** Go on with what is written from now on. */
  readonly follows: boolean;
}

/** Pods that are followed at once, as `kubectl logs` has it for a selector. */
export const mostPods = 5;

export interface PodTail {
  readonly pod: string;
  /** `ended`: it was read to its end, and is not followed. */
  readonly is: "opening" | "following" | "waiting" | "ended";
  /** Why it is waiting, in a sentence; `null`: nothing is wrong. */
  readonly why: string | null;
}

export interface TailNews {
  /** In the order of the kubelets' clocks. */
  readonly lines: readonly LogLine[];
  /** Lines that came faster than they could be handed on. */
  readonly lost: number;
  readonly pods: readonly PodTail[];
  /** Pods of the workload that are not followed, because there are more than `mostPods`. */
  readonly others: number;
  /** Why there are no pods to follow, in a sentence; `null`: there are. */
  readonly problem: string | null;
}
