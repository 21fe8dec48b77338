/** The connections on which requests travel to a waypoint: ztunnel counts them too, and they are the same requests (istio.md 4.7). */
import type { Call } from "../scenarios/scenario.ts";
import { outcomeOf } from "./istioMetrics.ts";
import type { Run } from "./run.ts";
import type { Node } from "./topology.ts";

interface Carried {
  readonly caller: Node;
  readonly waypoint: Node;
  /** Of the waypoint. */
  readonly pod: string;
  /** That the caller asked for. */
  readonly service: { readonly host: string; readonly name: string };
}

/** How a request ended that a gateway handed over. */
interface Handed {
  readonly protocol: "http" | "grpc";
  readonly code: number;
  readonly ms: number;
}

/**
 * One connection for each request, from the caller's ztunnel to the waypoint, which ends HBONE itself.
 *
 * @param handed what a gateway that is the caller counts instead: it sends requests. `null`: a connection.
 */
export function carryToWaypoint(
  run: Run,
  { caller, waypoint, pod, service }: Carried,
  call: Call,
  handed: Handed | null = null,
): void {
  const endpoint = { pod, node: waypoint, security: "mutual_tls", broken: null, port: 15008 } as const;
  const end = { client: caller, pod: run.pick(caller.pods), service, endpoint } as const;
  if (caller.proxy === "gateway" && handed !== null) {
    const sent = run.requests.source({ ...end, protocol: handed.protocol, known: "all" });
    const outcome = outcomeOf(handed.protocol, handed.code, "-");
    sent.record(outcome, handed.ms, call.requestBytes, answerBytes);
    return;
  }
  const report = run.connections.source({ ...end, protocol: "tcp", known: "all" });
  report.opened("-");
  report.closed("-", call.requestBytes, answerBytes);
}

/** About what an answer has. */
const answerBytes = 1800;
