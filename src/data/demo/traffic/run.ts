import type { Answering, Call } from "../scenarios/scenario.ts";
import type { Breakers } from "./breakers.ts";
import type { ConnectionReport, RequestReport } from "./istioMetrics.ts";
import type { Plan, Request, Split } from "./plan.ts";
import type { Handled } from "./proxyLogs.ts";
import type { Random } from "./random.ts";
import type { Reports } from "./reports.ts";
import type { Node } from "./topology.ts";
import type { Upstream } from "./upstreams.ts";

/** What the program that made a request gets back. */
export interface Reply {
  /** 0: no answer at all. */
  readonly code: number;
  readonly ms: number;
  readonly bytes: number;
}

/** A connection that is open now. */
export interface OpenConnection {
  /** When it ends, epoch ms. */
  readonly until: number;
  end(): void;
}

/** What a request needs on its way: chance, time, the state of the proxies, and somewhere to report to. */
export interface Run {
  readonly random: Random;
  readonly breakers: Breakers;
  readonly requests: Reports<RequestReport>;
  readonly connections: Reports<ConnectionReport>;
  /** Simulated time of this request, epoch ms. */
  readonly now: number;
  pick<T>(from: readonly T[]): T;
  /** One draw of the program's own latency, in ms. */
  latency(answering: Answering): number;
  /** Its ratio of errors now. */
  errorsOf(answering: Answering): number;
  /** The calls that a program makes for such a request. */
  callsOf(
    node: Node,
    request: Request,
    path: string,
  ): readonly { readonly call: Call; readonly plan: Plan }[];
  send(plan: Plan, depth: number): Reply;
  /** Keeps a connection until its end. */
  open(connection: OpenConnection): void;
  /** Writes a line into the access log of a proxy, where it keeps one. */
  log(handled: Handled): void;
  /** Tells of every request that a program has answered. */
  served(node: Node, code: number, ms: number): void;
}

/** Draws one upstream of a split. */
export function choose(run: Run, split: Split): Upstream {
  const drawn = run.random.next();
  const chosen = split.find(({ upTo }) => drawn < upTo) ?? split.at(-1);
  if (chosen === undefined) throw new Error("A plan without an upstream.");
  return chosen.upstream;
}
