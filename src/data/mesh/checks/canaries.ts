/** Flagger's Canaries and Argo's Rollouts: is what they steer there? (istio.md 7) */
import type { Rollout } from "../declared/delivery.ts";
import type { Check, CheckContext, Found } from "./check.ts";

export const missingTarget: Check = {
  code: "MT1101",
  severity: "error",
  title: "Canary of a workload that does not exist",
  meaning: "Flagger has nothing to release: it waits, and makes neither primary nor routes.",
  advice: "Correct spec.targetRef, or create the workload.",
  sources: {},
  needs: ["canaries", "workloads"],
  reads: [],
  find: ({ registry, covers }) =>
    registry.lists.canaries.flatMap(({ meta, targetRef }): readonly Found[] => {
      const namespace = meta.ref.namespace ?? "";
      const { kind, name } = targetRef;
      // Flagger releases Services and Knative's too.
      if ((kind !== "Deployment" && kind !== "DaemonSet") || covers("workloads", namespace) !== "yes")
        return [];
      if (registry.workloads.byOwner.has(`${kind} ${namespace}/${name}`)) return [];
      return [
        { object: meta.ref, path: "spec.targetRef", message: `There is no ${kind} ${namespace}/${name}.` },
      ];
    }),
};

/** What a Rollout names and cannot find. */
function lacksOf(
  { registry, covers }: CheckContext,
  rollout: Rollout,
): readonly { readonly path: string; readonly what: string }[] {
  const namespace = rollout.meta.ref.namespace ?? "";
  const istio = "spec.strategy.canary.trafficRouting.istio";
  const find = (name: string): string =>
    name.includes(".") ? name.split(".").reverse().join("/") : `${namespace}/${name}`;
  const routes = new Set(
    registry.lists.virtualServices.map(({ meta }) => `${meta.ref.namespace ?? ""}/${meta.ref.name}`),
  );
  const rules = rollout.destinationRule;
  const rule = registry.lists.destinationRules.find(
    ({ meta }) => meta.ref.namespace === namespace && meta.ref.name === rules?.name,
  );
  const subsets = [rules?.canarySubset ?? null, rules?.stableSubset ?? null];
  return [
    ...rollout.virtualServices
      .map(({ name }) => find(name))
      .filter((key) => covers("virtualServices", key.split("/")[0] ?? "") === "yes" && !routes.has(key))
      .map((key) => ({ path: `${istio}.virtualService`, what: `VirtualService ${key}` })),
    ...(rules === null || covers("destinationRules", namespace) !== "yes"
      ? []
      : rule === undefined
        ? [{ path: `${istio}.destinationRule`, what: `DestinationRule ${namespace}/${rules.name}` }]
        : subsets
            .filter((name) => name !== null && rule.subsets.every((subset) => subset.name !== name))
            .map((name) => ({
              path: `${istio}.destinationRule`,
              what: `subset ${name ?? ""} in DestinationRule ${namespace}/${rules.name}`,
            }))),
    ...[
      { name: rollout.canaryService, path: "spec.strategy.canary.canaryService" },
      { name: rollout.stableService, path: "spec.strategy.canary.stableService" },
    ]
      .filter(({ name }) => name !== null && covers("services", namespace) === "yes")
      .filter(({ name }) => !registry.services.has(`${namespace}/${name ?? ""}`))
      .map(({ name, path }) => ({ path, what: `Service ${namespace}/${name ?? ""}` })),
  ];
}

export const missingRouting: Check = {
  code: "MT1102",
  severity: "error",
  title: "Rollout that steers an object which does not exist",
  meaning: "Argo Rollouts cannot set weights: the release stops, and says InvalidSpec.",
  advice: "Correct the name in the Rollout, or create the object.",
  sources: {},
  needs: ["rollouts"],
  reads: ["virtualServices", "destinationRules", "services"],
  find: (context) =>
    context.registry.lists.rollouts.flatMap((rollout) =>
      lacksOf(context, rollout).map(({ path, what }) => ({
        object: rollout.meta.ref,
        path,
        message: `There is no ${what}.`,
      })),
    ),
};
