import type { Lag } from "../scenarios/scenario.ts";
import type { ProxyStates } from "../traffic/simulation.ts";

/** Which pod stays behind with what, by `namespace/name` of the pod. */
export type Laggards = (pod: string) => Lag | null;

export function laggards(lags: readonly Lag[], { world }: ProxyStates): Laggards {
  return (pod) => {
    const node = world().nodesOfPods.get(pod);
    const lag = lags.find(({ workload }) => workload === node?.key);
    const [first] = node?.pods.toSorted() ?? [];
    return lag !== undefined && pod === `${node?.namespace ?? ""}/${first ?? ""}` ? lag : null;
  };
}
