import type { PerSecond } from "../units.ts";

/** What proxies of one cluster sent to another, or to their own. */
export interface ClusterLink {
  /** Labels `source_cluster` and `destination_cluster`. */
  readonly from: string;
  readonly to: string;
  readonly requests: PerSecond;
  readonly connections: PerSecond;
}
