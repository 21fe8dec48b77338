import type { Kind } from "./kinds.ts";
import type { KubeObject } from "./objects.ts";
import type { Status } from "./status.ts";

/** One write that is about to happen. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly kind: Kind;
  /** `null` for `DELETE`. */
  readonly object: KubeObject | null;
  /** `null` for `CREATE`. */
  readonly before: KubeObject | null;
  readonly dryRun: boolean;
}

interface AdmissionAnswer {
  /** `null` admits. */
  readonly denied: Status | null;
  /** Sent as `Warning` headers, which clients show. */
  readonly warnings: readonly string[];
}

/**
 * A validating webhook in process: asked after the schema, before anything is stored, in a dry run too.
 *
 * Where Istio's own rules go (`istio.md 2.8`).
 */
export type Admission = (request: AdmissionRequest) => AdmissionAnswer;

export const admitAll: Admission = () => ({ denied: null, warnings: [] });

/** How kube-apiserver words a webhook's refusal: code 400 unless the webhook says another. */
export function deniedBy(webhook: string, message: string, code = 400): Status {
  const said = `admission webhook "${webhook}" denied the request: ${message}`;
  return code === 403
    ? { code, reason: "Forbidden", message: said }
    : { code, reason: "BadRequest", message: said };
}
