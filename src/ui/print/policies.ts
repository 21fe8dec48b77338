import type { Json } from "../../data/mesh/json.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import { refusalsOf, refusedFor, type Suspects } from "../../data/mesh/refusals.ts";
import { policyRows, tokenWords } from "../columns/policies.ts";
import { present, refFields, rounded } from "./figures.ts";

/** What holds for each workload that has a policy, proves tokens, or refused something (docs/json.md). */
export function policiesDocument(mesh: Mesh, namespace: string | null): Json {
  return policyRows(mesh, { namespace }).flatMap(({ workload }): readonly Json[] => {
    if (workload === null) return [];
    const { authorization, tokens, key, proxy } = workload;
    const { forbidden, unauthenticated, denied, suspects } = refusalsOf(workload);
    return [
      {
        workload: key,
        proxy,
        policies: authorization.map(({ ref, action, rules }) => ({ object: refFields(ref), action, rules })),
        tokens:
          tokens === null
            ? null
            : {
                demand: tokenWords[tokens.demand],
                issuers: tokens.issuers,
                from: tokens.from.map(refFields),
                by: tokens.by.map(refFields),
              },
        ...present({
          forbiddenRps: forbidden,
          unauthenticatedRps: unauthenticated,
          deniedConnections: denied,
        }),
        mayRefuse: mayRefuse(suspects),
        refusedFor: refusedFor(workload).map((one) => ({
          service: one.service,
          forbiddenRps: rounded(one.forbidden),
          mayRefuse: mayRefuse(one.suspects),
        })),
      },
    ];
  });
}

const mayRefuse = (suspects: Suspects): Json => ({
  is: suspects.is,
  policies: (suspects.is === "none"
    ? []
    : suspects.is === "only"
      ? [suspects.policy]
      : suspects.policies
  ).map(({ ref }) => refFields(ref)),
});
