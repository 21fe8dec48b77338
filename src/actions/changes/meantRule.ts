/** Which rule its author chose. By its index alone, what was meant for one would go to another that somebody put in its place meanwhile. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../data/mesh/model/route.ts";
import type { ShiftChange } from "../change.ts";
import { sameRef } from "./held.ts";

type Chosen = Pick<ShiftChange, "service" | "route" | "protocol" | "rule" | "meant">;
type Target = Pick<Destination, "host" | "subset">;

/** What tells a rule from its neighbours, for `meant` of a change. @param targets its destinations, or its mirrors: what the change counts by index. */
export function meantBy({ name, matches }: Rule, targets: readonly Target[]): string {
  return JSON.stringify([name, matches, targets.map(({ host, subset }) => [host, subset])]);
}

/** The rule of the mesh that a change speaks of; `null` where no route of the service has it. */
export function ruleIn(mesh: Mesh, { service, route, rule, protocol }: Chosen): Rule | null {
  const known = mesh.services.find(({ key }) => key === service);
  const rules = known?.detail.routes.flatMap((one) => one.rules) ?? [];
  return rules.find((r) => sameRef(r.ref, route) && r.index === rule && r.protocol === protocol) ?? null;
}

/** A blocker where another rule stands there by now; empty where it is the one that was meant, or nobody says which was. */
export function notMeant(
  rule: Rule | null,
  { meant }: Chosen,
  targetsOf: (rule: Rule) => readonly Target[],
): readonly string[] {
  if (meant === undefined || (rule !== null && meantBy(rule, targetsOf(rule)) === meant)) return [];
  return ["another rule stands there by now than the one that was chosen: leave this and choose anew"];
}
