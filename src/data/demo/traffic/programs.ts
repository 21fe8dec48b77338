import type { Request } from "./plan.ts";
import type { Reply, Run } from "./run.ts";
import type { Node } from "./topology.ts";

/** Calls go no deeper: programs that call each other in a ring would never end. */
const deepest = 12;

interface Task {
  readonly request: Request;
  readonly path: string;
  readonly depth: number;
}

/** What a program does for one request: its own work, then its calls one after the other. */
export function work(run: Run, node: Node, { request, path, depth }: Task): Reply {
  const { behaviour } = node;
  if (behaviour === null) return { code: 200, ms: 1, bytes: 200 };
  let code = run.random.chance(run.errorsOf(behaviour)) ? 500 : 200;
  let ms = run.latency(behaviour);
  if (code === 200 && depth < deepest) {
    for (const { call, plan } of run.callsOf(node, request, path)) {
      const times = Math.floor(call.times) + (run.random.chance(call.times % 1) ? 1 : 0);
      for (let made = 0; made < times; made += 1) {
        const reply = run.send(plan, depth + 1);
        ms += reply.ms;
        if (call.needed && (reply.code === 0 || reply.code >= 500)) code = 500;
      }
    }
  }
  return { code, ms, bytes: behaviour.responseBytes };
}
