/** The connections on which requests travel to a waypoint: ztunnel counts them too, and they are the same requests (istio.md 4.7). */
import type { Call } from "../scenarios/scenario.ts";
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

/** One connection for each request, from the caller's ztunnel to the waypoint, which ends HBONE itself. */
export function carryToWaypoint(run: Run, { caller, waypoint, pod, service }: Carried, call: Call): void {
  const endpoint = { pod, node: waypoint, security: "mutual_tls", broken: null, port: 15008 } as const;
  const end = { client: caller, pod: run.pick(caller.pods), service, endpoint } as const;
  const report = run.connections.source({ ...end, protocol: "tcp", known: "all" });
  report.opened("-");
  report.closed("-", call.requestBytes, answerBytes);
}

/** About what an answer has. */
const answerBytes = 1800;
