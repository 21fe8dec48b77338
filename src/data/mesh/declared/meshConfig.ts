import type { Percent } from "../units.ts";
import type { Meta } from "./meta.ts";
import type { TrafficPolicyBlocks } from "./routing.ts";

/** The `mesh` key of ConfigMap `istio` (revision "default") or `istio-<revision>`, in istiod's namespace. */
export interface MeshConfig {
  readonly meta: Meta;
  readonly revision: string;
  /** As written; `null`: absent, which is ALLOW_ANY. An unknown value makes istiod ignore the whole file. */
  readonly outboundMode: string | null;
  /** `null`: istiod's own namespace. */
  readonly rootNamespace: string | null;
  readonly trustDomain: string;
  readonly enableAutoMtls: boolean;
  readonly accessLogFile: string;
  /** `defaultConfig.tracing.sampling`; `null`: not written. */
  readonly tracingSampling: Percent | null;
  /** Pattern of the names that stats of clusters have; `null`: not written, they are called as the clusters are. */
  readonly outboundClusterStatName: string | null;
  readonly defaultTrafficPolicy: TrafficPolicyBlocks | null;
  readonly defaultExportTo: {
    readonly service: readonly string[];
    readonly virtualService: readonly string[];
    readonly destinationRule: readonly string[];
  };
  readonly hasDiscoverySelectors: boolean;
}
