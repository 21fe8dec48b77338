import type { ResourceRef } from "../declared/meta.ts";
import type { Percent } from "../units.ts";

/** The access log of one workload's proxy. */
export interface AccessLog {
  readonly is: "on" | "off";
  /** Names of extensionProviders, or `envoy`, which is the proxy's standard output. */
  readonly providers: readonly string[];
  /** Telemetry or ConfigMap; "default" when neither speaks (off). */
  readonly from: ResourceRef | "default";
}

/** How many requests are traced that begin at one workload's proxy. */
export interface Tracing {
  readonly sampling: Percent;
  /** Telemetry, the workload by its annotation `proxy.istio.io/config`, or ConfigMap; "default" when none speaks (1 %). */
  readonly from: ResourceRef | "default";
  /** `false`: spans are made and not sent (`disableSpanReporting`). */
  readonly isReported: boolean;
}
