/** An editor stays open for minutes, and after a conflict the same wish is asked again: the rule that was chosen may have moved meanwhile. */
import { describe, expect, test } from "vitest";
import { planChange } from "../../../src/actions/catalog.ts";
import type { Plan } from "../../../src/actions/change.ts";
import type { HttpRule } from "../../../src/data/mesh/declared/routing.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import type { MirrorEditor, Wish } from "../../../src/ui/state/steering.ts";
import { mirrorEditor, mirrorWish, percentStepped } from "../../../src/ui/state/steerMirror.ts";
import { arranged, weightEditor, weightWish } from "../../../src/ui/state/steerWeights.ts";
import { held, seen, virtualServiceRef } from "../../actions/changes/routes.ts";
import { meshOf, rulesOf, serviceOf, shopOf } from "../../support/builtMesh.ts";
import { destinationRule, httpMatch, mirrorTo, rule, to, virtualService } from "../../support/declaredOf.ts";

const key = "shop/catalog";
const split = [to("catalog", "v1", 90), to("catalog", "v2", 10)];
const chosen = rule(split, { mirrors: [mirrorTo("catalog", "v2", 20)] });
const forBeta: HttpRule = { ...chosen, matches: [httpMatch({ headers: { "x-beta": { present: true } } })] };

const meshWith = (rules: readonly HttpRule[]): Mesh =>
  meshOf(
    shopOf({
      virtualServices: [virtualService(key, rules)],
      destinationRules: [destinationRule(key, { v1: { version: "v1" }, v2: { version: "v2" } })],
    }),
  );

/** The object as the server holds it. */
const written = (rules: readonly HttpRule[]) =>
  held(virtualServiceRef(key), {
    spec: {
      hosts: ["catalog"],
      http: rules.map(({ matches, destinations, mirrors }) => ({
        ...(matches.length === 0 ? {} : { match: [{ headers: { "x-beta": {} } }] }),
        route: destinations.map(({ destination: { host, subset }, weight }) => ({
          destination: { host, subset },
          weight,
        })),
        ...mirrors.map(({ destination: { host, subset } }) => ({ mirror: { host, subset } }))[0],
      })),
    },
  });

const before = meshWith([chosen]);
const at = { service: serviceOf(before, key), rule: rulesOf(before, key)[0]!, row: 0 };

const wishes: readonly (readonly [string, Wish | string])[] = [
  ["weights", weightWish(arranged(weightEditor(at), "even"))],
  ["a mirror", mirrorWish(percentStepped(opened(mirrorEditor(before, at)), 5))],
];

function opened(editor: MirrorEditor | string): MirrorEditor {
  if (typeof editor === "string") throw new Error(editor);
  return editor;
}

function planNow(wish: Wish | string, rules: readonly HttpRule[]): Plan {
  if (typeof wish === "string" || wish.is !== "change") throw new Error("no change was wished for");
  return planChange(meshWith(rules), wish.change, seen(written(rules)));
}

describe.each(wishes)("%s for a rule", (_what, wish) => {
  test("are planned where it stands as it was chosen", () => {
    const plan = planNow(wish, [chosen]);
    expect(plan.blockers).toEqual([]);
    expect(plan.patches).toHaveLength(1);
  });

  test("are refused where a copy of it for other requests was put in front of it", () => {
    const plan = planNow(wish, [forBeta, chosen]);
    expect(plan.blockers).toEqual([expect.stringContaining("another rule stands there")]);
  });
});

test("Weights are refused where the destinations that they were set for changed places", () => {
  const [, wish] = wishes[0]!;
  expect(planNow(wish, [{ ...chosen, destinations: split.toReversed() }]).blockers).toEqual([
    expect.stringContaining("another rule stands there"),
  ]);
});
