import type { ResourceRef } from "./declared/meta.ts";

/** Something the configuration or the telemetry says that cannot mean what it says. */
export interface Finding {
  /** Ours, stable, e.g. `MT0101`. */
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly object: ResourceRef;
  /** JSON path within the object, `spec.http[0].route[1]`; "" for the object as a whole. */
  readonly path: string;
  /** What is wrong and what to do, in one sentence. */
  readonly message: string;
}
