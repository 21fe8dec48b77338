/** An access log that is followed: what is held of it, what can happen to it, and what the world is asked for. */
import type { LogTail } from "../../data/mesh/proxyLog/logTail.ts";
import type { PodTail, TailNews, TailWish } from "../../data/mesh/proxyLog/tailWish.ts";

export interface Tailing {
  /** What comes back from one that was left is nobody's. */
  readonly id: number;
  /** `is` and `key` of the subject of its page. */
  readonly of: { readonly is: string; readonly key: string };
  readonly tail: LogTail;
  /** What is on screen where it does not follow; the tail goes on behind it. */
  readonly frozen: LogTail | null;
  readonly pods: readonly PodTail[];
  readonly others: number;
  readonly problem: string | null;
}

export type TailEvent =
  /** Opens the log of what is under the cursor. */
  | { readonly is: "logs" }
  | { readonly is: "logged"; readonly id: number; readonly news: TailNews }
  /** There is a connection now: whoever waits for a log begins. */
  | { readonly is: "canTail" }
  /** Freezes what is on screen, or follows again. */
  | { readonly is: "freeze" };

export type TailEffect =
  | { readonly do: "tail"; readonly id: number; readonly wish: TailWish }
  | { readonly do: "untail"; readonly id: number };
