/** The routes that Flagger generates for a canary, as they were read: rules with a primary and a canary side. */
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Canary } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import { serviceHost } from "../../data/mesh/resolve/hosts.ts";
import type { CanaryChange, EditPatch } from "../change.ts";
import { sameRef, type Held, type Seen } from "./held.ts";
import type { FlaggerState } from "./owners.ts";
import { editPatch } from "./planning.ts";
import { isJsonArray, isJsonObject, valueAt } from "./pointer.ts";
import { rawRule, weightsIn, type RawRule } from "./routeObject.ts";
import { weightPatch } from "./shiftTraffic.ts";
import { apportion } from "./weights.ts";

/** A canary with what was read of it and its routes. */
export interface Steered {
  readonly mesh: Mesh;
  readonly change: CanaryChange;
  readonly summary: string;
  readonly held: Held;
  readonly seen: Seen;
}

/** The routes that Flagger generates for a canary: those of its apex that bear its name. */
export function generatedRoutes(mesh: Mesh, canary: Canary): readonly ResourceRef[] {
  const namespace = canary.ref.namespace ?? "";
  const service = mesh.services.find(({ key }) => key === `${namespace}/${canary.apex}`);
  const own = (service?.routedBy ?? []).filter(
    ({ name, namespace: at }) => name === canary.apex && at === namespace,
  );
  return own.filter((ref, i) => own.findIndex((one) => sameRef(one, ref)) === i);
}

function generatedHeld({ mesh, held, seen }: Steered): readonly Held[] {
  const canary = mesh.canaries.find(({ ref }) => sameRef(ref, held.ref));
  return canary === undefined ? [] : generatedRoutes(mesh, canary).flatMap((ref) => seen.object(ref) ?? []);
}

/** A rule that names both sides of a canary. */
export interface SidedRule {
  readonly held: Held;
  readonly raw: RawRule;
  /** Indices of the two destinations. */
  readonly primary: number;
  readonly canary: number;
  /** Weight of the canary in parts of 100 of the two, as Flagger counts. */
  readonly share: number;
  /** Keeps sessions that have begun where they are: it matches their cookie. */
  readonly forSessions: boolean;
}

export function sidedRules(steered: Steered, { apex, sticky }: FlaggerState): readonly SidedRule[] {
  const namespace = steered.held.ref.namespace ?? "";
  return generatedHeld(steered).flatMap((held) =>
    rulesIn(held).flatMap((raw) => {
      const at = (name: string): number =>
        raw.destinations.findIndex(({ host }) => host === serviceHost(namespace, name));
      const [primary, canary] = [at(`${apex}-primary`), at(`${apex}-canary`)];
      if (primary < 0 || canary < 0) return [];
      const weights = weightsIn(raw, held.ref);
      const [, share = 0] = apportion(100, [weights[primary] ?? 0, weights[canary] ?? 0]);
      return [{ held, raw, primary, canary, share, forSessions: sticky && matchesCookie(raw) }];
    }),
  );
}

function matchesCookie({ json }: RawRule): boolean {
  const matches = json["match"];
  return (
    isJsonArray(matches) &&
    matches.some((match) => {
      const headers = valueAt(match, "/headers");
      return isJsonObject(headers) && Object.keys(headers).some((name) => name.toLowerCase() === "cookie");
    })
  );
}

/** One patch for each route object whose weights change; `change` gets the weights with absence filled in. */
export function onRoutes(
  rules: readonly SidedRule[],
  change: (rule: SidedRule, weights: readonly number[]) => readonly number[],
): readonly EditPatch[] {
  const objects = [...new Set(rules.map(({ held }) => held))];
  return objects.flatMap((held) => {
    const patches = rules
      .filter((rule) => rule.held === held)
      .flatMap((rule) => weightPatch(held, rule.raw, change(rule, weightsIn(rule.raw, held.ref))) ?? []);
    if (patches.length === 0) return [];
    const edits = patches.flatMap((patch) => patch.edits);
    return [
      editPatch(
        held,
        edits,
        patches.flatMap(({ guards }) => guards),
      ),
    ];
  });
}

function rulesIn(held: Held): readonly RawRule[] {
  const protocols: readonly Rule["protocol"][] =
    held.ref.kind === "VirtualService" ? ["http", "tcp", "tls"] : ["http"];
  return protocols.flatMap((protocol) => {
    const rules: RawRule[] = [];
    for (let i = 0; ; i += 1) {
      const rule = rawRule(held, protocol, i);
      if (rule === null) return rules;
      rules.push(rule);
    }
  });
}
