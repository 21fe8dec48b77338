/** Subsets of DestinationRules: are there pods for them, and only those? */
import type { KnownMesh } from "../build/knownMesh.ts";
import { backendsOf, type KnownService } from "../build/knownServices.ts";
import { nameOf, type ResourceRef } from "../declared/meta.ts";
import type { DestinationRule } from "../declared/routing.ts";
import { isEmpty } from "../resolve/labels.ts";
import { onceFor } from "../resolve/once.ts";
import type { Check, CheckContext, Found, ListName } from "./check.ts";
import { hostOf } from "./destinationRuleHosts.ts";
import { mirrorsIn, routeLists, rulesInUse } from "./routeRules.ts";

interface SubsetInUse {
  readonly object: ResourceRef;
  readonly path: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly service: KnownService;
}

/** Every subset of a DestinationRule for one Service, as far as it is not dropped for an older one's. */
const subsetsOf = onceFor((known: KnownMesh): readonly SubsetInUse[] =>
  known.registry.lists.destinationRules.flatMap((rule) => {
    const service = known.serviceByHost.get(hostOf(rule));
    if (service === undefined) return [];
    return rule.subsets.map(({ name, labels }, index) => ({
      object: rule.meta.ref,
      path: `spec.subsets[${index}]`,
      name,
      labels,
      service,
    }));
  }),
);

/** Subsets that rules send a share or copies to: `host subset`. */
function usedSubsets({ known }: CheckContext): ReadonlySet<string> {
  const used = new Set<string>();
  for (const { rule } of rulesInUse(known)) {
    const shares = rule.destinations.filter(({ effectiveWeight }) => effectiveWeight > 0);
    const mirrors = mirrorsIn(rule).map(({ mirror }) => mirror);
    for (const { host, subset } of [...shares, ...mirrors]) used.add(`${host} ${subset ?? ""}`);
  }
  return used;
}

/** Only pods carry the hash of their ReplicaSet. */
const onlyOnPods = (labels: SubsetInUse["labels"]): boolean =>
  Object.keys(labels).some((key) => key.endsWith("pod-template-hash"));

/** Is it known who could be behind the subset? Not what a ServiceEntry resolves by DNS, nor endpoints that are written by hand. */
function isCounted({ covers }: CheckContext, { service, labels }: SubsetInUse): boolean {
  if (covers("workloads", service.namespace) !== "yes") return false;
  if (onlyOnPods(labels) && covers("pods", service.namespace) !== "yes") return false;
  const { declaredBy } = service;
  if ("hosts" in declaredBy) return declaredBy.endpoints.length > 0;
  return declaredBy.selector !== null && declaredBy.type !== "ExternalName" && service.workloads.length > 0;
}

/** What the service's own sidecars see of the subset is counted already. */
function hasBackends({ registry }: CheckContext, { labels, service }: SubsetInUse): boolean {
  const own = service.subsets.find((subset) => subset.labels === labels);
  const { workloads, endpoints } = own ?? backendsOf(registry, service.declaredBy, labels);
  return workloads.length > 0 || endpoints.total > 0;
}

export const subsetOfNobody: Check = {
  code: "MT0302",
  severity: "error",
  title: "subset whose labels no workload has",
  meaning:
    "Its cluster has no endpoint: requests sent to it fail with 503, flag UH. Where no route uses the subset it hurts nobody, and is `info`.",
  advice: "Compare the labels with those of the pods.",
  sources: { kiali: "KIA0203" },
  needs: ["services", "workloads"],
  reads: [...routeLists, "destinationRules", "pods", "endpointSlices"],
  find: (context) => {
    const used = usedSubsets(context);
    return subsetsOf(context.known).flatMap((subset): readonly Found[] => {
      const { service, name, labels, object, path } = subset;
      if (isEmpty(labels) || !isCounted(context, subset)) return [];
      if (hasBackends(context, subset)) return [];
      const isUsed = used.has(`${service.host} ${name}`);
      const wanted = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const then = isUsed ? "; what routes send there fails (503 UH)" : "; no route uses it";
      const message = `No workload behind ${service.host} has ${wanted.join(",")}${then}.`;
      return [{ object, path, message, ...(isUsed ? {} : { severity: "info" as const }) }];
    });
  },
};

const lists: readonly ListName[] = [...routeLists, "services"];

/** Subsets that a rule weighs against another destination of the same host: `host subset`. */
function splitSubsets({ known }: CheckContext): ReadonlySet<string> {
  const split = new Set<string>();
  for (const { rule } of rulesInUse(known)) {
    const shares = rule.destinations.filter(({ effectiveWeight }) => effectiveWeight > 0);
    for (const { host, subset } of shares) {
      const others = shares.filter((one) => one.host === host && one.subset !== subset);
      if (others.length > 0 && subset !== null) split.add(`${host} ${subset}`);
    }
  }
  return split;
}

export const subsetOfEverybody: Check = {
  code: "MT0303",
  severity: "warning",
  title: "subset without labels beside others",
  meaning:
    "It takes in every pod of the host. In a split it sends its share to all versions; where no rule splits by it, it is `info`. Alone it is a way to write a policy, and no finding.",
  advice: "Give it the labels of the pods that it is for.",
  sources: { kiali: "KIA0209" },
  needs: ["destinationRules"],
  reads: lists,
  find: (context) => {
    const split = splitSubsets(context);
    const rules = new Map(
      context.registry.lists.destinationRules.map((rule) => [nameOf(rule.meta.ref), rule]),
    );
    return subsetsOf(context.known).flatMap(({ object, path, name, labels, service }): readonly Found[] => {
      const others = othersWithLabels(rules.get(nameOf(object)), name);
      if (!isEmpty(labels) || others.length === 0) return [];
      const isSplit = split.has(`${service.host} ${name}`);
      const message = `Subset ${name} has no labels: it takes in the pods of ${others.join(", ")} too.`;
      return [{ object, path, message, ...(isSplit ? {} : { severity: "info" as const }) }];
    });
  },
};

const othersWithLabels = (rule: DestinationRule | undefined, name: string): readonly string[] =>
  (rule?.subsets ?? []).filter((one) => one.name !== name && !isEmpty(one.labels)).map((one) => one.name);
