/**
 * What a workload refused, and which policies may have: no metric names a policy, nor says that it was one and not the program (istio.md 1, row 46).
 * Envoy names the rule in the access log alone (`rbac_access_denied_matched_policy[ns[x]-policy[y]-rule[0]]`).
 */
import type { Authorization } from "./model/security.ts";
import type { Workload } from "./model/workload.ts";
import { perSecond, type PerSecond } from "./units.ts";

export interface Refusals {
  /** Answers 403, and gRPC's PERMISSION_DENIED, which is how Envoy says it to such a caller. `null`: nobody measured. */
  readonly forbidden: PerSecond | null;
  /** Answers 401, and gRPC's UNAUTHENTICATED: tokens that prove nothing, or the program's own word. */
  readonly unauthenticated: PerSecond | null;
  /** Connections that a ztunnel closed by a policy (flag DENY): these are a policy's for certain. */
  readonly denied: PerSecond | null;
  readonly suspects: Suspects;
}

/** Policies that may refuse here. */
export type Suspects =
  /** No policy could: what is refused, the program itself refused. */
  | { readonly is: "none" }
  /** One, by its own rules. */
  | { readonly is: "only"; readonly policy: Authorization }
  /** ALLOW policies alone: what none of them takes is refused. */
  | { readonly is: "not allowed"; readonly policies: readonly Authorization[] }
  | { readonly is: "several"; readonly policies: readonly Authorization[] };

export function refusalsOf({ inbound, authorization }: Workload): Refusals {
  const { requests, connections } = inbound;
  const answers = (...codes: readonly string[]): PerSecond | null => {
    const known = requests?.codes ?? null;
    return known === null ? null : perSecond(codes.reduce((sum, code) => sum + (known[code] ?? 0), 0));
  };
  const flags = connections?.flags ?? null;
  return {
    forbidden: answers("403", "grpc 7"),
    unauthenticated: answers("401", "grpc 16"),
    denied: flags === null ? null : perSecond(flags["DENY"] ?? 0),
    suspects: suspectsIn(authorization),
  };
}

/** A DENY policy without rules takes nothing; AUDIT decides nothing; an ALLOW policy refuses by what it leaves out. */
export function suspectsIn(authorization: readonly Authorization[]): Suspects {
  const policies = authorization.filter(
    ({ action, rules }) => action === "ALLOW" || (action !== "AUDIT" && rules > 0),
  );
  const [first] = policies;
  if (first === undefined) return { is: "none" };
  if (policies.every(({ action }) => action === "ALLOW")) return { is: "not allowed", policies };
  return policies.length === 1 ? { is: "only", policy: first } : { is: "several", policies };
}
