import type { ObjectStore } from "../kube/store.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import type { ProxyStates } from "../traffic/simulation.ts";

/** What istiod and the proxies of a simulated mesh know. */
export interface SimulatedMesh {
  readonly scenario: Scenario;
  readonly store: ObjectStore;
  readonly proxies: ProxyStates;
  /** Epoch ms. */
  readonly clock: () => number;
}
