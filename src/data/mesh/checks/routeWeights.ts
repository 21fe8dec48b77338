/** Weights of routes (istio.md 2.1): parts of their sum, whatever it is; Istio asks for no 100. */
import type { KnownMesh } from "../build/knownMesh.ts";
import type { ResourceRef } from "../declared/meta.ts";
import type { Check, Found } from "./check.ts";
import { destinationPath, routeLists, rulePath, rulesInUse, targetName } from "./routeRules.ts";

export const zeroSum: Check = {
  code: "MT0103",
  severity: "error",
  title: "weights that sum to 0",
  meaning:
    "None of several destinations gets anything. The webhook refuses it in a VirtualService; in a Gateway API route every request is answered with 500.",
  advice: "Give one of the destinations a weight.",
  sources: {},
  needs: [],
  reads: routeLists,
  find: ({ known }) =>
    rulesInUse(known).flatMap(({ rule }): readonly Found[] => {
      if (
        rule.destinations.length === 0 ||
        rule.destinations.some(({ effectiveWeight }) => effectiveWeight > 0)
      )
        return [];
      const message = `The weights of rule ${rule.index + 1} sum to 0, so no destination gets anything.`;
      return [{ object: rule.ref, path: rulePath(rule), message }];
    }),
};

/** Flagger writes the primary's weight on its rule for everybody else, where nobody can take it away (pkg/router/istio.go). */
const isFlaggers = ({ declared }: KnownMesh, ref: ResourceRef): boolean =>
  declared.canaries.some(({ meta, apex }) => meta.ref.namespace === ref.namespace && apex === ref.name);

export const ignoredWeight: Check = {
  code: "MT0104",
  severity: "warning",
  title: "weight on a rule's only destination",
  meaning: "The only destination of a rule gets 100 %, whatever its weight says.",
  advice: "Add the other destination to the same rule, or remove the weight.",
  sources: { kiali: "KIA1104" },
  needs: [],
  reads: [...routeLists, "canaries"],
  find: ({ known }) =>
    rulesInUse(known).flatMap(({ rule }): readonly Found[] => {
      const [single, second] = rule.destinations;
      // Gateway API's weights are made to be written on one backend too.
      if (single === undefined || second !== undefined || rule.ref.kind !== "VirtualService") return [];
      if (single.weight === null || single.weight === 100 || isFlaggers(known, rule.ref)) return [];
      const path = `${destinationPath(rule, single)}.weight`;
      const message = `Weight ${single.weight} is ignored: the only destination of a rule gets 100 %.`;
      return [{ object: rule.ref, path, message }];
    }),
};

export const sameTwice: Check = {
  code: "MT0107",
  severity: "warning",
  title: "one destination twice in a rule",
  meaning: "Their weights add up; what looks like a split is none.",
  advice: "Name the other subset, or make one destination of the two.",
  sources: { kiali: "KIA1105" },
  needs: [],
  reads: routeLists,
  find: ({ known }) =>
    rulesInUse(known).flatMap(({ rule }) => {
      const seen = new Set<string>();
      return rule.destinations.flatMap((to): readonly Found[] => {
        const key = `${to.host} ${to.subset ?? ""} ${to.port ?? ""}`;
        if (!seen.has(key)) {
          seen.add(key);
          return [];
        }
        const message = `${targetName(to)} is already a destination of rule ${rule.index + 1}; their weights add up.`;
        return [{ object: rule.ref, path: destinationPath(rule, to), message }];
      });
    }),
};
