import type { ResourceRef } from "../declared/meta.ts";

/** One istiod. */
export interface ControlPlane {
  readonly revision: string;
  /** Names that namespaces may write instead of the revision. */
  readonly tags: readonly string[];
  /** Its Deployment. */
  readonly ref: ResourceRef;
  readonly ready: number;
  readonly desired: number;
  /** ConfigMap with its mesh's settings; `null`: there is none, or none that can be read. */
  readonly configMap: ResourceRef | null;
  /** Workloads whose proxies it serves, by what their pods say. */
  readonly workloads: number;
}
