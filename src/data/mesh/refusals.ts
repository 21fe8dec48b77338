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

const forbidding = ["403", "grpc 7"];
const unknowing = ["401", "grpc 16"];

/** Of a gateway and a waypoint, with what they answered in place of the workloads behind them. */
export function refusalsOf({ inbound, authorization, turnedAway }: Workload): Refusals {
  const { requests, connections } = inbound;
  const told = [requests?.codes ?? null, ...turnedAway.map(({ codes }) => codes)];
  const answers = (codes: readonly string[]): PerSecond | null => {
    const known = told.flatMap((one) => (one === null ? [] : rateOf(one, codes)));
    return known.length === 0 ? null : perSecond(known.reduce((sum, rate) => sum + rate, 0));
  };
  const flags = connections?.flags ?? null;
  return {
    forbidden: answers(forbidding),
    unauthenticated: answers(unknowing),
    denied: flags === null ? null : perSecond(flags["DENY"] ?? 0),
    suspects: suspectsIn(involved(authorization, turnedAway)),
  };
}

const rateOf = (codes: Readonly<Record<string, number>>, wanted: readonly string[]): number =>
  wanted.reduce((sum, code) => sum + (codes[code] ?? 0), 0);

/** Of one who stands before several services: the policies of those of which it refused something, if it did. */
function involved(
  authorization: readonly Authorization[],
  turnedAway: Workload["turnedAway"],
): readonly Authorization[] {
  const policies = turnedAway
    .filter(({ codes }) => codes !== null && rateOf(codes, forbidding) > 0)
    .flatMap(({ policies }) => policies);
  if (policies.length === 0) return authorization;
  return authorization.filter(({ ref }) => policies.some((policy) => isSame(policy.ref, ref)));
}

const isSame = (one: Authorization["ref"], other: Authorization["ref"]): boolean =>
  one.name === other.name && one.namespace === other.namespace;

/** It takes connections, has policies that may refuse them, and a sidecar: of a connection that it cuts off Envoy's metrics have no flag. */
export const refusesUnseen = ({ proxy, inbound, authorization }: Workload): boolean =>
  proxy === "sidecar" && inbound.connections !== null && suspectsIn(authorization).is !== "none";

/** 403s a second for each service that a waypoint refused for, or `null` for a gateway's. */
export function refusedFor({ turnedAway }: Workload): readonly {
  readonly service: string | null;
  readonly forbidden: PerSecond;
  readonly suspects: Suspects;
}[] {
  return turnedAway.flatMap(({ service, codes, policies }) => {
    const forbidden = codes === null ? 0 : rateOf(codes, forbidding);
    return forbidden === 0
      ? []
      : [{ service, forbidden: perSecond(forbidden), suspects: suspectsIn(policies) }];
  });
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
