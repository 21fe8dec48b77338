/** What a cluster under measurement can be told and asked, whoever plays it. */
import type { PrometheusCounts } from "../support/queryLedger.ts";
import type { WireCounts } from "./countedProxy.ts";

export interface World {
  readonly ready: WorldReady;
  /** The part of the edges whose rates are others at each refresh, 0 to 1. */
  change(part: number): void;
  /** Prometheus takes that much longer. */
  delay(ms: number): void;
  /** Restarts a pod of each of so many services. */
  churn(services: number): Promise<void>;
  /** Its Prometheus has the rules of deploy/recording-rules.yaml from now on. */
  record(): Promise<void>;
  counts(): Promise<WorldCounts>;
  stop(): Promise<void>;
}

export interface WorldReady {
  readonly prometheus: string;
  readonly kubeconfig: string;
}

/** What was served so far. */
export interface WorldCounts {
  readonly prometheus: PrometheusCounts;
  readonly kube: WireCounts;
}
