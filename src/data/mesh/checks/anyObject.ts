/** Fields that objects of several kinds have: whom they are exported to, and which pods they select. */
import type { Labels, Meta } from "../declared/meta.ts";
import { hasLabels } from "../resolve/labels.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import type { Check, CheckContext, Found } from "./check.ts";

interface Exported {
  readonly meta: Meta;
  readonly exportTo: readonly string[] | null;
}

const words = new Set([".", "*", "~", ""]);

export const exportedToNobody: Check = {
  code: "MT0002",
  severity: "warning",
  title: "exportTo names a namespace that does not exist",
  meaning: "The object is for clients of that namespace, and there are none.",
  advice: "Correct the name, or remove it.",
  sources: { kiali: "KIA0005" },
  needs: ["namespaces"],
  reads: ["virtualServices", "destinationRules", "serviceEntries"],
  find: ({ registry, covers }) => {
    if (covers("namespaces", null) !== "yes") return [];
    const { virtualServices, destinationRules, serviceEntries } = registry.lists;
    return [...virtualServices, ...destinationRules, ...serviceEntries].flatMap(
      ({ meta, exportTo }: Exported) =>
        (exportTo ?? []).flatMap((name, index): readonly Found[] => {
          // Somebody of this one is there already, whatever the list of namespaces says.
          if (words.has(name) || name === meta.ref.namespace || registry.namespaces.has(name)) return [];
          return [
            { object: meta.ref, path: `spec.exportTo[${index}]`, message: `There is no namespace ${name}.` },
          ];
        }),
    );
  },
};

interface Selecting {
  readonly meta: Meta;
  readonly selector: Labels | null;
  readonly path: string;
}

/** Workloads and pods of its namespace that a selector could mean. In the root namespace it is for every namespace. */
function selectsNobody({ registry, covers }: CheckContext, { meta, selector }: Selecting): boolean {
  if (selector === null) return false;
  const own = meta.ref.namespace ?? "";
  const everywhere = own === registry.settings.rootNamespace && meta.ref.kind !== "Sidecar";
  const place = everywhere ? null : own;
  if (covers("workloads", place) !== "yes" || covers("pods", place) === "no") return false;
  const namespaces = everywhere ? [...registry.workloads.byLabel.keys()] : [own];
  if (namespaces.some((namespace) => workloadsWith(registry.workloads, namespace, selector).length > 0))
    return false;
  return !registry.lists.pods.some(
    (pod) => (everywhere || pod.meta.ref.namespace === own) && hasLabels(pod.meta.labels, selector),
  );
}

export const selectsNoWorkload: Check = {
  code: "MT0003",
  severity: "warning",
  title: "selector that no workload matches",
  meaning: "The policy is for pods with these labels, and there are none: nobody has it.",
  advice: "Compare the labels with those of the pods.",
  sources: { kiali: "KIA0004", istioctl: "IST0127" },
  needs: ["workloads"],
  reads: [
    "pods",
    "peerAuthentications",
    "authorizationPolicies",
    "requestAuthentications",
    "sidecars",
    "telemetries",
  ],
  find: (context) => {
    const { peerAuthentications, sidecars, telemetries, ...lists } = context.registry.lists;
    const judging = [...lists.authorizationPolicies, ...lists.requestAuthentications];
    const root = context.registry.settings.rootNamespace;
    const all: readonly Selecting[] = [
      // In the root namespace such a policy speaks for nobody anyhow: MT0211.
      ...peerAuthentications
        .filter(({ meta }) => meta.ref.namespace !== root)
        .map((policy) => ({ ...policy, path: "spec.selector" })),
      ...judging.map((policy) => ({ ...policy, path: "spec.selector" })),
      ...telemetries.map((policy) => ({ ...policy, path: "spec.selector" })),
      // MT0604 speaks of those in the root namespace.
      ...sidecars
        .filter(({ meta }) => meta.ref.namespace !== root)
        .map(({ meta, workloadSelector }) => ({
          meta,
          selector: workloadSelector,
          path: "spec.workloadSelector",
        })),
    ];
    return all
      .filter((one) => selectsNobody(context, one))
      .map(({ meta, selector, path }) => ({
        object: meta.ref,
        path,
        message: `No workload has the labels ${labelsIn(selector ?? {})}.`,
      }));
  },
};

/** `app=catalog,version=v1` */
export const labelsIn = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
