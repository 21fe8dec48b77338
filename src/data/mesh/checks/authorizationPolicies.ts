/** AuthorizationPolicies that cannot do what they say. */
import type { KnownWorkload } from "../build/knownWorkloads.ts";
import type { AuthorizationPolicy, PolicyCondition } from "../declared/security.ts";
import { asksLayer7 } from "../resolve/authorization.ts";
import { hasLabels } from "../resolve/labels.ts";
import type { Check, CheckContext, Found, ListName } from "./check.ts";

/** Workloads that have the policy: of its namespace, in the root namespace of every one. */
function targetsOf({ known, registry }: CheckContext, policy: AuthorizationPolicy): readonly KnownWorkload[] {
  const own = policy.meta.ref.namespace ?? "";
  const everywhere = own === registry.settings.rootNamespace;
  return [...known.workloads.values()].filter(
    ({ namespace, labels }) => (everywhere || namespace === own) && hasLabels(labels, policy.selector ?? {}),
  );
}

const reads: readonly ListName[] = ["pods", "namespaces", "gateways", "gatewayApiGateways"];

export const identityWithoutMtls: Check = {
  code: "MT0701",
  severity: "error",
  title: "AuthorizationPolicy on identities where mTLS is switched off",
  meaning:
    "Who calls is known from the certificate of mTLS alone. Where the PeerAuthentication says DISABLE it is empty: an ALLOW rule lets nobody in, a DENY rule stops nobody. (PERMISSIVE is enough for callers with a proxy.)",
  advice: "Let the workload take mTLS (PERMISSIVE, STRICT), or compare with something else.",
  sources: { kiali: "KIA0105" },
  needs: ["authorizationPolicies", "peerAuthentications", "workloads"],
  reads,
  find: (context) =>
    context.registry.lists.authorizationPolicies.flatMap((policy): readonly Found[] => {
      const [identity] = policy.identities;
      if (identity === undefined) return [];
      const bare = targetsOf(context, policy).find(
        ({ mtls, proxy }) =>
          mtls.mode === "DISABLE" && proxy === "sidecar" && Object.keys(mtls.ports).length === 0,
      );
      if (bare === undefined) return [];
      const message = `${bare.key} takes plaintext only (DISABLE), so its callers have no ${identity.field}.`;
      return [{ object: policy.meta.ref, path: identity.path, message }];
    }),
};

const isPlainName = (value: string): boolean => !value.includes("*");
const namespaceFields = new Set(["namespaces", "notNamespaces", "source.namespace"]);

export const unknownNamespace: Check = {
  code: "MT0702",
  severity: "warning",
  title: "AuthorizationPolicy that names a namespace which does not exist",
  meaning: "Nobody calls from there: the value never matches.",
  advice: "Correct the name, or remove it.",
  sources: { kiali: "KIA0101" },
  needs: ["authorizationPolicies", "namespaces"],
  reads: [],
  find: ({ registry, covers }) => {
    if (covers("namespaces", null) !== "yes") return [];
    const unknown = (value: string): boolean => isPlainName(value) && !registry.namespaces.has(value);
    return registry.lists.authorizationPolicies.flatMap(({ meta, identities }) =>
      identities
        .filter(({ field }) => namespaceFields.has(field))
        .flatMap(({ path, values }) =>
          values
            .filter(unknown)
            .map((value): Found => ({ object: meta.ref, path, message: `There is no namespace ${value}.` })),
        ),
    );
  },
};

const usualMethods = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
]);

/** Methods are compared as they are written; and a gRPC method is a path. */
const isNoMethod = (value: string): boolean =>
  value.includes("/") || (!usualMethods.has(value) && usualMethods.has(value.toUpperCase()));

export const noHttpMethod: Check = {
  code: "MT0703",
  severity: "warning",
  title: "AuthorizationPolicy with a method that no request has",
  meaning:
    "Methods are compared letter by letter, and are written in capitals. What gRPC calls a method is a path; its HTTP method is POST.",
  advice: "Write GET, POST and so on in capitals, and a gRPC method under `paths`.",
  sources: { kiali: "KIA0102" },
  needs: ["authorizationPolicies"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.authorizationPolicies.flatMap(({ meta, methods }) =>
      methods.flatMap(({ path, values }: PolicyCondition) =>
        values.filter(isNoMethod).map((value): Found => ({
          object: meta.ref,
          path,
          message: `No request has the method ${value}.`,
        })),
      ),
    ),
};

export const enforcedByNobody: Check = {
  code: "MT0704",
  severity: "error",
  title: "AuthorizationPolicy for workloads without a proxy",
  meaning: "The proxy of a workload enforces its policies. These have none, so everybody may do everything.",
  advice: "Inject a proxy into the pods, or take them into the ambient mesh.",
  sources: {},
  needs: ["authorizationPolicies", "workloads", "namespaces"],
  reads,
  find: (context) =>
    context.registry.lists.authorizationPolicies.flatMap((policy): readonly Found[] => {
      if (policy.selector === null) return [];
      const targets = targetsOf(context, policy);
      const [first] = targets;
      if (first === undefined || targets.some(({ proxy }) => proxy !== "none")) return [];
      const more = targets.length > 1 ? ` and ${targets.length - 1} more` : "";
      const message = `${first.key}${more} has no proxy; nobody enforces the policy.`;
      return [{ object: policy.meta.ref, path: "spec.selector", message }];
    }),
};

export const layer7AtZtunnel: Check = {
  code: "MT0705",
  severity: "warning",
  title: "AuthorizationPolicy of layer 7 that ztunnel enforces",
  meaning:
    "ztunnel sees connections: who calls, from where, to which port. An ALLOW rule that compares anything of HTTP takes none of them, so nobody is let in by it; a DENY rule loses what it compares of HTTP and refuses more than it says.",
  advice:
    "Attach the policy to the service or its waypoint by targetRefs, or compare identities and ports alone.",
  sources: { kiali: "KIA0109, KIA0110, KIA1317" },
  needs: ["authorizationPolicies", "workloads", "namespaces"],
  reads,
  find: (context) =>
    context.registry.lists.authorizationPolicies.flatMap((policy): readonly Found[] => {
      const judges = policy.action === "ALLOW" || policy.action === "DENY";
      if (!judges || policy.targets.length > 0 || !asksLayer7(policy)) return [];
      const [first, ...more] = targetsOf(context, policy).filter(({ proxy }) => proxy === "ambient");
      if (first === undefined) return [];
      const others = more.length > 0 ? ` and ${more.length} more` : "";
      const message = `The ztunnel of ${first.key}${others} knows nothing of HTTP.`;
      return [{ object: policy.meta.ref, path: "spec.rules", message }];
    }),
};
