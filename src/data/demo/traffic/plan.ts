/** What becomes of one kind of request of one client, decided once for each state of the cluster; only chance is left to the run. */
import type { Fault } from "../../mesh/declared/routing.ts";
import type { Call } from "../scenarios/scenario.ts";
import type { Node } from "./topology.ts";
import type { Upstream } from "./upstreams.ts";

/** A call as it leaves the program: its own headers and those it copies. */
export interface Request {
  readonly call: Call;
  readonly headers: Readonly<Record<string, string>>;
}

/** Upstreams with the sums of their shares so far, the last at 1. */
export type Split = readonly { readonly upTo: number; readonly upstream: Upstream }[];

export interface RetryPolicy {
  /** After the first try. */
  readonly attempts: number;
  /** Milliseconds; `null`: the whole timeout. */
  readonly perTry: number | null;
  /** Conditions of Envoy's x-envoy-retry-on, and status codes. */
  readonly on: ReadonlySet<string>;
}

export type Plan =
  /** Nothing is sent and nobody reports: no listener, no pod, or a name that DNS does not know. */
  { readonly is: "silent" } | AnsweredPlan | SendPlan | ConnectPlan;

/** What a waypoint does for somebody: it is the plan's client, and this one is whose request it sends on. */
interface OnBehalf {
  /** Absent: the client sends what is its own. */
  readonly caller?: Node;
}

/** The client's own proxy, or the waypoint, answers. */
export interface AnsweredPlan extends OnBehalf {
  readonly is: "answered";
  readonly client: Node;
  readonly request: Request;
  readonly code: number;
  readonly flags: string;
  readonly service: { readonly host: string; readonly name: string };
  readonly protocol: "http" | "grpc";
}

export interface SendPlan extends OnBehalf {
  readonly is: "send";
  readonly client: Node;
  readonly request: Request;
  readonly protocol: "http" | "grpc";
  /** Answer where the upstream that was chosen is no cluster of the proxy. */
  readonly noCluster: 500 | 503;
  /** Path as the server sees it, after the rule's rewrite. */
  readonly path: string;
  readonly split: Split;
  readonly mirrors: readonly { readonly upstream: Upstream; readonly chance: number }[];
  readonly fault: Fault | null;
  /** Milliseconds; `null`: none. */
  readonly timeout: number | null;
  readonly retries: RetryPolicy;
}

export interface ConnectPlan extends OnBehalf {
  readonly is: "connect";
  readonly client: Node;
  readonly request: Request;
  readonly split: Split;
  /** The proxy closes every connection with this flag (BlackHoleCluster: UH); `null`: it lets them through. */
  readonly refused: string | null;
}
