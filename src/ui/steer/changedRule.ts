/** The rule that a change is about, as the mesh has it, and how a question about a change is called. */
import { titleOf } from "../../actions/catalog.ts";
import type { Change, OutboundChange, ShiftChange } from "../../actions/change.ts";
import { sameRef } from "../../actions/changes/held.ts";
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Rule } from "../../data/mesh/model/route.ts";

export type RulePlace = Pick<ShiftChange, "service" | "route" | "protocol" | "rule">;

/** Rules of the same list of the same object, each once. */
function neighbours(mesh: Mesh, { service, route, protocol }: RulePlace): readonly Rule[] {
  const known = mesh.services.find(({ key }) => key === service);
  const rules = (known?.detail.routes ?? []).flatMap((one) => one.rules);
  const own = rules.filter((rule) => rule.protocol === protocol && sameRef(rule.ref, route));
  return own.filter(({ index }, at) => own.findIndex((other) => other.index === index) === at);
}

/** `null`: the object decides nothing for this service any more. */
export function ruleAt(mesh: Mesh, place: RulePlace): Rule | null {
  return neighbours(mesh, place).find(({ index }) => index === place.rule) ?? null;
}

/** `catalog, rule 2 of 3`. */
export function rulePhrase(mesh: Mesh, place: RulePlace): string {
  const of = neighbours(mesh, place).length;
  const name = place.service.slice(place.service.indexOf("/") + 1);
  return clean(`${name}, rule ${place.rule + 1}${of > place.rule ? ` of ${of}` : ""}`);
}

/** `Shift traffic: catalog, rule 2 of 3`; cleaned. */
export function changeTitle(mesh: Mesh, change: Change): string {
  switch (change.kind) {
    case "shift":
    case "mirror":
      return `${titleOf(change)}: ${rulePhrase(mesh, change)}`;
    case "outbound":
      return clean(`${titleOf(change)}: ${scopeOf(change.target)}`);
    case "declareHost":
      return clean(`${titleOf(change)}: ${change.host}`);
    case "canary":
      return clean(`${titleOf(change)}: ${change.verb} ${nameOf(change.canary)}`);
    case "undo":
      return clean(`${change.redo ? "Redo" : "Undo"} ${change.entry}`);
  }
}

/** Whom a policy is for; the summary below the title names the workload. */
function scopeOf(target: OutboundChange["target"]): string {
  if (target.is === "mesh") return "the mesh";
  return target.labels === null ? `namespace ${target.namespace}` : `a workload in ${target.namespace}`;
}
