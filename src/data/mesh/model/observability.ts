import type { ResourceRef } from "../declared/meta.ts";

/** The access log of one workload's proxy. */
export interface AccessLog {
  readonly is: "on" | "off";
  /** Names of extensionProviders, or `envoy`, which is the proxy's standard output. */
  readonly providers: readonly string[];
  /** Telemetry or ConfigMap; "default" when neither speaks (off). */
  readonly from: ResourceRef | "default";
}
