/** RequestAuthentications that prove tokens which nobody asks for, or that nobody reads. */
import type { KnownWorkload } from "../build/knownWorkloads.ts";
import { nameOf } from "../declared/meta.ts";
import type { RequestAuthentication } from "../declared/security.ts";
import { hasLabels } from "../resolve/labels.ts";
import type { Check, CheckContext, Found } from "./check.ts";

const needs = ["requestAuthentications", "authorizationPolicies", "workloads"] as const;
const reads = ["pods", "namespaces", "gateways", "gatewayApiGateways", "services"] as const;

const names = (workloads: readonly KnownWorkload[]): string => {
  const more = workloads.length > 1 ? ` and ${workloads.length - 1} more` : "";
  return `${workloads[0]?.key ?? ""}${more}`;
};

export const tokensOptional: Check = {
  code: "MT0706",
  severity: "warning",
  title: "RequestAuthentication whose tokens nobody asks for",
  meaning:
    "It turns away tokens that prove nothing (401). A request without a token passes, and no AuthorizationPolicy asks for one: everybody comes in by leaving the token out.",
  advice:
    'Add an AuthorizationPolicy that denies notRequestPrincipals ["*"], or allows requestPrincipals alone.',
  sources: {},
  needs,
  reads,
  find: ({ known, registry }) =>
    registry.lists.requestAuthentications.flatMap(({ meta, issuers }): readonly Found[] => {
      if (issuers.length === 0) return [];
      const open = [...known.workloads.values()].filter(
        ({ tokens }) =>
          tokens?.demand === "none" && tokens.from.some((ref) => nameOf(ref) === nameOf(meta.ref)),
      );
      if (open.length === 0) return [];
      const message = `${names(open)} lets requests without a token in.`;
      return [{ object: meta.ref, path: "spec.jwtRules", message }];
    }),
};

export const tokensAtZtunnel: Check = {
  code: "MT0707",
  severity: "warning",
  title: "RequestAuthentication for pods behind ztunnel",
  meaning: "ztunnel sees connections and reads no token: the object changes nothing for these pods.",
  advice: "Attach it to the service or its waypoint by targetRefs.",
  sources: { kiali: "KIA1110, KIA1115" },
  needs,
  reads,
  find: (context) =>
    context.registry.lists.requestAuthentications.flatMap((one): readonly Found[] => {
      const behind = selectedBy(context, one).filter(({ proxy }) => proxy === "ambient");
      if (one.targets.length > 0 || behind.length === 0) return [];
      const message = `The ztunnel of ${names(behind)} reads no token.`;
      return [{ object: one.meta.ref, path: "spec.selector", message }];
    }),
};

function selectedBy(
  { known, registry }: CheckContext,
  { meta, selector }: RequestAuthentication,
): readonly KnownWorkload[] {
  const own = meta.ref.namespace ?? "";
  const everywhere = own === registry.settings.rootNamespace;
  return [...known.workloads.values()].filter(
    ({ namespace, labels }) => (everywhere || namespace === own) && hasLabels(labels, selector ?? {}),
  );
}
