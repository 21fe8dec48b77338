import { openConnection } from "./connections.ts";
import { outcomeOf } from "./istioMetrics.ts";
import { carryToWaypoint } from "./waypointTransport.ts";
import type { AnsweredPlan, Plan } from "./plan.ts";
import { sendHttp } from "./requests.ts";
import type { Reply, Run } from "./run.ts";

const noReply: Reply = { code: 0, ms: 1, bytes: 0 };

/** Sends what a plan is for: a request, or one connection. */
export function send(run: Run, plan: Plan, depth: number): Reply {
  switch (plan.is) {
    case "silent":
      return noReply;
    case "answered":
      return answerAtOnce(run, plan);
    case "connect":
      return openConnection(run, plan, depth);
    case "send":
      return sendHttp(run, plan, depth);
  }
}

function answerAtOnce(run: Run, plan: AnsweredPlan): Reply {
  const { client, caller, service, protocol, request } = plan;
  const pod = run.pick(client.pods);
  const outcome = outcomeOf(protocol, plan.code, plan.flags);
  const end = { client, caller, pod, service, protocol, endpoint: null, known: "nothing" } as const;
  const report = run.requests.source(end);
  const ms = run.random.next();
  if (caller !== undefined) {
    const carried = { caller, waypoint: client, pod, service };
    carryToWaypoint(run, carried, request.call, { protocol, code: plan.code, ms });
  }
  report.record(outcome, ms, request.call.requestBytes, 0);
  run.log({
    ...{ node: client, pod, request, path: request.call.path, protocol, ms },
    ...{ code: plan.code, flags: plan.flags, sent: 0, to: { upstream: null }, endpoint: null },
  });
  return { code: plan.code, ms, bytes: 0 };
}
