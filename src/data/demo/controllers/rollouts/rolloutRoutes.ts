/** What Argo's controller writes for a Rollout's traffic: selectors, subset labels and weights (rollout/trafficrouting/istio). */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, labelsAt, listAt, numberAt, textAt, textsOrNull } from "../../kube/fields.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { hashLabel } from "./replicaSets.ts";
import type { RolloutSpec, RoutedRules } from "./rolloutObject.ts";

const manager = "rollouts-controller";

/** Template hashes of the two versions; "" where there is none. */
export interface Hashes {
  readonly canary: string;
  readonly stable: string;
}

/** Points the two Services, or the two subsets, at their versions. */
export function writeHashes(store: ObjectStore, spec: RolloutSpec, hashes: Hashes): void {
  const { namespace, canaryService, stableService, destinationRule } = spec;
  selectVersion(store, namespace, canaryService, hashes.canary);
  selectVersion(store, namespace, stableService, hashes.stable);
  if (destinationRule === null) return;
  const name = {
    group: "networking.istio.io",
    kind: "DestinationRule",
    namespace,
    name: destinationRule.name,
  };
  const rule = store.get(name);
  if (rule === null) return;
  const hashOf = (subset: string | null): string => {
    if (subset === null) return "";
    if (subset === destinationRule.canarySubset) return hashes.canary;
    return subset === destinationRule.stableSubset ? hashes.stable : "";
  };
  const subsets = listAt(rule, "spec", "subsets").map((subset): Json => {
    const hash = hashOf(textAt(subset, "name"));
    if (hash === "") return subset;
    return { ...fieldsAt(subset), labels: { ...labelsAt(subset, "labels"), [hashLabel]: hash } };
  });
  const annotations = {
    ...labelsAt(rule, "metadata", "annotations"),
    "argo-rollouts.argoproj.io/managed-by-rollouts": spec.name,
  };
  const next: KubeObject = {
    ...rule,
    metadata: { ...rule.metadata, annotations },
    spec: { ...fieldsAt(rule, "spec"), subsets },
  };
  store.apply(next, manager);
}

function selectVersion(store: ObjectStore, namespace: string, name: string | null, hash: string): void {
  const service = name === null ? null : store.get({ group: "", kind: "Service", namespace, name });
  if (service === null || hash === "") return;
  const selector = { ...labelsAt(service, "spec", "selector"), [hashLabel]: hash };
  const next: KubeObject = { ...service, spec: { ...fieldsAt(service, "spec"), selector } };
  store.apply(next, manager);
}

/** Writes the canary's weight, and the rest of 100 for the stable version, into every rule that is listed. */
export function writeWeights(store: ObjectStore, spec: RolloutSpec, canary: number): void {
  for (const rules of spec.rules) {
    const { namespace, name } = rules;
    const route = store.get({ group: "networking.istio.io", kind: "VirtualService", namespace, name });
    if (route !== null) store.apply(weighed(route, spec, rules, canary), manager);
  }
}

function weighed(route: KubeObject, spec: RolloutSpec, rules: RoutedRules, canary: number): KubeObject {
  const rewritten = (field: "http" | "tcp" | "tls", isMeant: (rule: Json) => boolean): JsonObject => {
    const list = listAt(route, "spec", field);
    if (list.length === 0) return {};
    return { [field]: list.map((rule) => (isMeant(rule) ? withWeights(rule, spec, canary) : rule)) };
  };
  const onlyRule = rules.http.length + rules.tcp.length + rules.tls.length === 0;
  const http = listAt(route, "spec", "http");
  const onPort = (rule: Json, port: number | null): boolean =>
    port === null || listAt(rule, "match").some((match) => numberAt(match, "port") === port);
  return {
    ...route,
    spec: {
      ...fieldsAt(route, "spec"),
      ...rewritten("http", (rule) =>
        onlyRule ? http.length === 1 : rules.http.includes(textAt(rule, "name") ?? ""),
      ),
      ...rewritten("tcp", (rule) => rules.tcp.some(({ port }) => onPort(rule, port))),
      ...rewritten("tls", (rule) =>
        rules.tls.some(({ port, sniHosts }) => onPort(rule, port) && hasNames(rule, sniHosts)),
      ),
    },
  };
}

function hasNames(rule: Json, sniHosts: readonly string[]): boolean {
  const own = listAt(rule, "match").flatMap((match) => textsOrNull(match, "sniHosts") ?? []);
  return sniHosts.every((host) => own.includes(host));
}

/** Other destinations lose their place with their weight (istio.md 7.2); a rule that lacks one of the two is left alone. */
function withWeights(rule: Json, spec: RolloutSpec, canary: number): Json {
  const sides = listAt(rule, "route").map((entry) => ({ entry, side: sideOf(entry, spec) }));
  if (!["canary", "stable"].every((wanted) => sides.some(({ side }) => side === wanted))) return rule;
  const route = sides.flatMap(({ entry, side }): readonly Json[] => {
    if (side === null) return (numberAt(entry, "weight") ?? 0) > 0 ? [] : [entry];
    return [{ ...fieldsAt(entry), weight: side === "canary" ? canary : 100 - canary }];
  });
  return { ...fieldsAt(rule), route };
}

function sideOf(entry: Json, spec: RolloutSpec): "canary" | "stable" | null {
  const { destinationRule } = spec;
  const subset = textAt(entry, "destination", "subset");
  const service = textAt(entry, "destination", "host")?.split(".", 1)[0] ?? null;
  const is = (wantedSubset: string | null | undefined, wantedService: string | null): boolean =>
    typeof wantedSubset === "string"
      ? subset === wantedSubset
      : wantedService !== null && service === wantedService;
  if (is(destinationRule?.canarySubset, spec.canaryService)) return "canary";
  return is(destinationRule?.stableSubset, spec.stableService) ? "stable" : null;
}
