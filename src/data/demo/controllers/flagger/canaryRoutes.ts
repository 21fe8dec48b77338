/** The VirtualService that Flagger generates for a Canary (pkg/router/istio.go). */
import type { Json } from "../../../mesh/json.ts";
import { fieldsAt, listAt, numberAt, textAt } from "../../kube/fields.ts";
import { sameJson, type JsonObject, type KubeObject } from "../../kube/objects.ts";
import type { CanarySpec } from "./canaryObject.ts";

export interface Weights {
  readonly primary: number;
  readonly canary: number;
}

export const allToPrimary: Weights = { primary: 100, canary: 0 };

/** With `analysis.match` only those who match get the weights; everybody else stays on the primary. */
export function generatedRoutes(spec: CanarySpec, { primary, canary }: Weights): JsonObject {
  const to = (side: string, weight: number): Json => ({
    destination: { host: `${spec.apex}-${side}` },
    weight,
  });
  const weighted = { route: [to("primary", primary), to("canary", canary)] };
  return {
    gateways: spec.gateways ?? ["mesh"],
    hosts: spec.hosts ?? [spec.apex],
    http:
      spec.match.length === 0
        ? [weighted]
        : [{ match: spec.match, ...weighted }, { route: [to("primary", 100)] }],
  };
}

/** What the route says now; `null` where it does not name both sides. */
export function weightsIn(route: KubeObject, { apex }: CanarySpec): Weights | null {
  const [rule] = listAt(route, "spec", "http");
  const weightOf = (side: string): number | null => {
    const entry = listAt(rule, "route").find(
      (candidate) => textAt(candidate, "destination", "host") === `${apex}-${side}`,
    );
    return entry === undefined ? null : (numberAt(entry, "weight") ?? 0);
  };
  const [primary, canary] = [weightOf("primary"), weightOf("canary")];
  return primary === null || canary === null ? null : { primary, canary };
}

/**
 * Whether somebody changed more than Flagger overlooks: route weights, mirror and mirrorPercentage (istio.md 7.1). It then puts
 * its whole spec back, with everything on the primary.
 */
export function isForeign(route: KubeObject, spec: CanarySpec): boolean {
  return !sameJson(overlooked(fieldsAt(route, "spec")), overlooked(generatedRoutes(spec, allToPrimary)));
}

function overlooked(spec: JsonObject): Json {
  const http = listAt(spec, "http").map((rule) => ({
    ...without(rule, ["mirror", "mirrorPercentage"]),
    route: listAt(rule, "route").map((entry) => without(entry, ["weight"])),
  }));
  return { ...spec, http };
}

function without(value: Json, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fieldsAt(value)).filter(([field]) => !fields.includes(field)));
}
