/** Which rule a write shifted, so that its arrival can be counted. */
import type { Plan } from "../../actions/change.ts";
import { sameRef } from "../../actions/changes/held.ts";
import { arrivalWish, type ArrivalWish, type RulePlace } from "../../data/mesh/arrival.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Rule } from "../../data/mesh/model/route.ts";

/** What the shift promised; `null`: it shifted nothing, or the mesh does not know the rule. */
export function promiseOf(mesh: Mesh, plan: Plan): ArrivalWish | null {
  const place = placeIn(mesh, plan);
  return place === null
    ? null
    : arrivalWish(
        mesh,
        place,
        plan.weights.map(({ after }) => after.share),
      );
}

/** An undo speaks of an entry: its rule is the one whose weights it edits. */
function placeIn(mesh: Mesh, { change, patches, weights }: Plan): RulePlace | null {
  if (change.kind === "shift") return change;
  if (weights.length === 0) return null;
  for (const patch of patches) {
    const paths = patch.do === "edit" ? patch.edits.map(({ path }) => path) : [];
    const [, list, index] = /^\/spec\/(http|tcp|tls|rules)\/(\d+)\//.exec(paths[0] ?? "") ?? [];
    if (list === undefined) continue;
    const found = mesh.services.flatMap(({ key, detail }) =>
      detail.routes
        .flatMap(({ rules }) => rules)
        .filter(
          (rule) => sameRef(rule.ref, patch.ref) && rule.index === Number(index) && listOf(rule) === list,
        )
        .map(({ ref: route, protocol, index: rule }) => ({ service: key, route, protocol, rule })),
    );
    if (found[0] !== undefined) return found[0];
  }
  return null;
}

function listOf({ ref, protocol }: Rule): string {
  if (ref.group === "gateway.networking.k8s.io") return "rules";
  return protocol === "grpc" ? "http" : protocol;
}
