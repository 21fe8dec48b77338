/** Outlier detection that can never eject anybody. */
import type { KnownService } from "../build/knownServices.ts";
import type { DestinationRule, OutlierDetection, TrafficPolicy } from "../declared/routing.ts";
import { ejectable } from "../resolve/breakerLimits.ts";
import type { Check, Found } from "./check.ts";
import { hostOf } from "./destinationRuleHosts.ts";

interface Block {
  readonly path: string;
  readonly outlier: OutlierDetection;
  readonly hosts: number;
}

function blocksIn(policy: TrafficPolicy | null, path: string, hosts: number): readonly Block[] {
  if (policy === null) return [];
  const ports = policy.portLevelSettings.map((settings, index) => ({
    ...settings,
    path: `${path}.portLevelSettings[${index}]`,
  }));
  return [{ ...policy, path }, ...ports].flatMap(({ outlierDetection, path: place }) =>
    outlierDetection === null
      ? []
      : [{ path: `${place}.outlierDetection`, outlier: outlierDetection, hosts }],
  );
}

/** Each block with the hosts that it speaks for: a subset's with those of the subset. */
function blocksOf(rule: DestinationRule, { endpoints, subsets }: KnownService): readonly Block[] {
  return [
    ...blocksIn(rule.trafficPolicy, "spec.trafficPolicy", endpoints.total),
    ...rule.subsets.flatMap(({ name, trafficPolicy }, index) => {
      const own = subsets.find((subset) => subset.name === name)?.endpoints.total ?? 0;
      return blocksIn(trafficPolicy, `spec.subsets[${index}].trafficPolicy`, own);
    }),
  ];
}

export const ejectsNobody: Check = {
  code: "MT0307",
  severity: "warning",
  title: "outlier detection that ejects nobody",
  meaning:
    "At most floor(hosts x maxEjectionPercent / 100) hosts are out at a time, and the default is 10 %: of fewer than ten hosts that is none. (Envoy before 1.31 ejected one host all the same.) With every detector at 0 nothing is ever ejected either.",
  advice: "Raise maxEjectionPercent so that one host may go, or remove the block.",
  sources: {},
  needs: ["services", "workloads"],
  reads: ["destinationRules", "serviceEntries", "pods", "endpointSlices"],
  find: ({ known, registry }) =>
    registry.lists.destinationRules.flatMap((rule) => {
      const service = known.serviceByHost.get(hostOf(rule));
      if (service === undefined) return [];
      return blocksOf(rule, service).flatMap(({ path, outlier, hosts }): readonly Found[] => {
        // A single host is never ejected by design, and of none nothing can be said.
        if (hosts < 2 || ejectable(outlier, hosts) > 0) return [];
        const part =
          outlier.maxEjectionPercent === null ? "10 % (the default)" : `${outlier.maxEjectionPercent} %`;
        const whole = ejectable({ ...outlier, maxEjectionPercent: 100 }, hosts) > 0;
        const message = whole
          ? `${part} of ${hosts} hosts is less than one: no host is ever ejected.`
          : "Every detector is switched off: no host is ever ejected.";
        return [{ object: rule.meta.ref, path, message }];
      });
    }),
};
