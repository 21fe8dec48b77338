/** PeerAuthentications that are not heard, or that cut their callers off (istio.md 5). */
import { sidecarIn } from "../build/knownServices.ts";
import { nameOf } from "../declared/meta.ts";
import type { PeerAuthentication } from "../declared/security.ts";
import { destinationRuleFor, policyFor } from "../resolve/destinationRules.ts";
import { hasLabels } from "../resolve/labels.ts";
import { effectiveMtls } from "../resolve/mtls.ts";
import type { Registry } from "../resolve/registry.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import type { Check, Found } from "./check.ts";

const namespaceOf = ({ meta }: PeerAuthentication): string => meta.ref.namespace ?? "";

const isRoot = ({ settings }: Registry, policy: PeerAuthentication): boolean =>
  namespaceOf(policy) === settings.rootNamespace;

/** A younger one that says the same as the oldest loses nothing that anybody would miss. */
const severityOf = (policy: PeerAuthentication, oldest: PeerAuthentication): Pick<Found, "severity"> =>
  policy.mode === oldest.mode ? { severity: "warning" } : {};

export const secondWide: Check = {
  code: "MT0202",
  severity: "error",
  title: "second PeerAuthentication for a whole namespace",
  meaning:
    "Of several without a selector in one namespace (in the root namespace: for the mesh) the oldest counts and the others are ignored. Where both say the same mode, it is `warning`.",
  advice: "Keep one of them.",
  sources: { kiali: "KIA0002" },
  needs: ["peerAuthentications"],
  reads: [],
  find: ({ registry }) =>
    [...registry.peerAuthentications.values()].flatMap((policies) => {
      const [oldest, ...younger] = policies.filter(({ selector }) => selector === null);
      if (oldest === undefined) return [];
      return younger.map((policy): Found => {
        const message = `${nameOf(oldest.meta.ref)} is older and counts; this one is ignored.`;
        return { object: policy.meta.ref, path: "", message, ...severityOf(policy, oldest) };
      });
    }),
};

export const secondForWorkload: Check = {
  code: "MT0203",
  severity: "error",
  title: "second PeerAuthentication for one workload",
  meaning:
    "Of several whose selectors match a workload the oldest counts whole and the others are ignored, their ports too. Where both say the same mode, it is `warning`.",
  advice: "Make one of the two, or narrow a selector.",
  sources: { kiali: "KIA0003" },
  needs: ["peerAuthentications", "workloads"],
  reads: [],
  find: ({ registry }) =>
    [...registry.peerAuthentications.entries()].flatMap(([namespace, policies]) => {
      if (namespace === registry.settings.rootNamespace) return [];
      const selecting = policies.filter(({ selector }) => selector !== null);
      return selecting.flatMap((policy, index): readonly Found[] => {
        for (const workload of workloadsWith(registry.workloads, namespace, policy.selector ?? {})) {
          const { labels } = workload.template;
          const oldest = selecting.slice(0, index).find(({ selector }) => hasLabels(labels, selector ?? {}));
          if (oldest === undefined) continue;
          const message = `For ${nameOf(workload.meta.ref)} ${nameOf(oldest.meta.ref)} is older and counts; this one is ignored there.`;
          return [{ object: policy.meta.ref, path: "spec.selector", message, ...severityOf(policy, oldest) }];
        }
        return [];
      });
    }),
};

export const strictWithoutAuto: Check = {
  code: "MT0207",
  severity: "error",
  title: "STRICT while nothing makes clients send mTLS",
  meaning:
    "Automatic mTLS is switched off in this mesh (enableAutoMtls: false) and no DestinationRule says ISTIO_MUTUAL: clients send plaintext, which STRICT refuses.",
  advice: "Switch enableAutoMtls on, or write a DestinationRule with tls.mode ISTIO_MUTUAL for these hosts.",
  sources: { kiali: "KIA0401, KIA0501" },
  needs: ["peerAuthentications", "destinationRules", "services", "meshConfigs"],
  reads: ["workloads", "serviceEntries"],
  find: ({ known, registry }) => {
    if (registry.settings.autoMtls) return [];
    return registry.lists.peerAuthentications.flatMap((policy): readonly Found[] => {
      if (policy.mode !== "STRICT" || policy.selector !== null) return [];
      const cutOff = known.services.filter(({ namespace, host, declaredBy }) => {
        if ("hosts" in declaredBy) return false;
        if (effectiveMtls(registry, namespace, null).from !== policy.meta.ref) return false;
        const rule = destinationRuleFor(registry, host, sidecarIn(namespace));
        return policyFor(registry, rule, null, null).tls === null;
      });
      const [first] = cutOff;
      if (first === undefined) return [];
      const more = cutOff.length > 1 ? ` and ${cutOff.length - 1} more` : "";
      const message = `Clients of ${first.host}${more} send plaintext, for enableAutoMtls is false and no DestinationRule says otherwise.`;
      return [{ object: policy.meta.ref, path: "spec.mtls.mode", message }];
    });
  },
};

export const strictInDisabled: Check = {
  code: "MT0210",
  severity: "error",
  title: "STRICT workload in a namespace that says DISABLE",
  meaning:
    "Clients build their TLS context from the mode of the namespace: with DISABLE they have none, send plaintext, and the workload refuses it.",
  advice: "Set the namespace (or the mesh) to PERMISSIVE.",
  sources: {},
  needs: ["peerAuthentications", "workloads"],
  reads: ["destinationRules"],
  find: ({ registry }) =>
    registry.lists.peerAuthentications.flatMap((policy): readonly Found[] => {
      if (policy.selector === null || policy.mode !== "STRICT" || isRoot(registry, policy)) return [];
      const wide = effectiveMtls(registry, namespaceOf(policy), null);
      if (wide.mode !== "DISABLE" || !registry.settings.autoMtls) return [];
      const served = workloadsWith(registry.workloads, namespaceOf(policy), policy.selector);
      const [first] = served.filter(
        ({ template }) =>
          effectiveMtls(registry, namespaceOf(policy), template.labels).from === policy.meta.ref,
      );
      if (first === undefined) return [];
      const by = wide.from === "default" ? "" : ` (${nameOf(wide.from)})`;
      const message = `Clients send plaintext to ${nameOf(first.meta.ref)}, for its namespace says DISABLE${by}.`;
      return [{ object: policy.meta.ref, path: "spec.mtls.mode", message }];
    }),
};

export const selectorInRoot: Check = {
  code: "MT0211",
  severity: "warning",
  title: "PeerAuthentication with a selector in the root namespace",
  meaning: "Policies of the root namespace speak for the mesh, and those with a selector speak for nobody.",
  advice: "Move it to the namespace of the workloads, or remove the selector.",
  sources: {},
  needs: ["peerAuthentications"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.peerAuthentications
      .filter((policy) => isRoot(registry, policy) && policy.selector !== null)
      .map(({ meta }) => ({
        object: meta.ref,
        path: "spec.selector",
        message: `${meta.ref.namespace ?? ""} is the root namespace: a policy with a selector has no effect there.`,
      })),
};

export const portsWithoutSelector: Check = {
  code: "MT0212",
  severity: "error",
  title: "ports in a PeerAuthentication without a selector",
  meaning:
    "Only a policy for named workloads may speak of ports; the webhook refuses this one, and a proxy ignores its ports.",
  advice: "Add the selector of the workloads that have these ports.",
  sources: {},
  needs: ["peerAuthentications"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.peerAuthentications
      .filter(({ selector, portLevelMtls }) => selector === null && Object.keys(portLevelMtls).length > 0)
      .map(({ meta, portLevelMtls }) => ({
        object: meta.ref,
        path: "spec.portLevelMtls",
        message: `Port ${Object.keys(portLevelMtls).join(", ")} is named, and no workload: the mode of the port does not hold.`,
      })),
};
