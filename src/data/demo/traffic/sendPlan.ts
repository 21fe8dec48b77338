import type { Request, SendPlan, Split } from "./plan.ts";
import { defaultRetries } from "./retries.ts";
import type { Node } from "./topology.ts";
import type { Upstream } from "./upstreams.ts";

export const wholeOf = (upstream: Upstream): Split => [{ upTo: 1, upstream }];

/** A request that no rule speaks of: as it is, with what istiod configures by default. */
export function sendPlan(
  client: Node,
  request: Request,
  protocol: SendPlan["protocol"],
  split: Split,
): SendPlan {
  return {
    is: "send",
    client,
    request,
    protocol,
    noCluster: 503,
    path: request.call.path,
    split,
    mirrors: [],
    fault: null,
    timeout: null,
    retries: defaultRetries,
  };
}
