import type { ResourceRef } from "./declared/meta.ts";

/** Something the configuration or the telemetry says that cannot mean what it says. */
export interface Finding {
  /** Ours, stable, e.g. `MT0101`; docs/checks.md lists them. */
  readonly code: string;
  /** `error`: requests fail or a policy does not hold. `warning`: something written has no effect. `info`: worth knowing. */
  readonly severity: "error" | "warning" | "info";
  readonly object: ResourceRef;
  /** JSON path within the object, `spec.http[0].route[1]`; "" for the object as a whole. */
  readonly path: string;
  /** What is wrong, in one sentence. */
  readonly message: string;
  /** What to do; absent where the message says it. */
  readonly advice?: string;
}
