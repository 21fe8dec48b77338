import { describe, expect, test } from "vitest";
import type { RuleName } from "../../../src/actions/changes/namedRule.ts";
import { canaryOf, mirrorOf, shiftOf } from "../../../src/actions/wishes.ts";
import { meshOf, shopOf, v1, v2 } from "../../support/builtMesh.ts";
import { destinationRule, rule, service, tcpRule, to, virtualService } from "../../support/declaredOf.ts";
import { shopMesh } from "../../support/shopObjects.ts";

/** Two objects decide about catalog, one of them in two lists, and each has its first rule. */
const split = [to("catalog", "v1", 90), to("catalog", "v2", 10)];
const mesh = meshOf(
  shopOf(
    {
      services: [service("shop/catalog"), service("billing/catalog")],
      destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })],
      virtualServices: [
        virtualService("shop/catalog", [rule(split)], { tcp: [tcpRule(split)] }),
        virtualService("shop/catalog-ingress", [rule(split), rule([to("catalog", "v1")])], {
          hosts: ["catalog"],
          gateways: ["shop/public"],
        }),
      ],
      gateways: [],
    },
    [v1, v2],
  ),
);
const shift = (name: RuleName | number | null) =>
  shiftOf(mesh, { service: "shop/catalog", weights: { v1: 80, v2: 20 }, rule: name });
const named = (object: string | null, protocol: RuleName["protocol"], number = 1): RuleName => ({
  object,
  protocol,
  number,
});

describe("A rule of a service", () => {
  test("that is not the only one is refused, with a name for each that is its alone", () => {
    for (const name of [null, 1]) {
      const answer = shift(name);
      if (answer.ok) throw new Error("It chose one.");
      expect(answer.error).toMatch(/^Several rules of shop\/catalog fit; name one: --rule /);
      const names = [...answer.error.matchAll(/--rule (\S+) \(/g)].map(([, one]) => one);
      expect(names.length).toBeGreaterThan(1);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain("tcp:1");
    }
  });

  test("is found by its list, and by its object", () => {
    expect(shift(named(null, "tcp"))).toMatchObject({ ok: true, value: { protocol: "tcp", rule: 0 } });
    for (const object of ["catalog", "shop/catalog"])
      expect(shift(named(object, "http"))).toMatchObject({
        ok: true,
        value: { protocol: "http", rule: 0, route: { name: "catalog" } },
      });
  });

  test("that nobody has is told by the name that was given", () => {
    const answer = shift(named("other", "tcp", 3));
    expect(answer).toMatchObject({
      ok: false,
      error: expect.stringMatching(
        /^shop\/catalog has no rule other:tcp:3 with v1 and v2 .* There are: /,
      ) as string,
    });
  });

  test("that is the only one with that number needs no more than the number", () => {
    const mirrored = mirrorOf(shopMesh(), { service: "shop/catalog", percent: 1, to: "v2", rule: null });
    expect(mirrored).toMatchObject({
      ok: false,
      error: expect.stringMatching(/--rule 1 \(.*rule 1: v2\), --rule 2 \(.*rule 2: v1, v2\)\.$/) as string,
    });
  });
});

test("a service that is not there is told with those of its name elsewhere", () => {
  const wish = { weights: { v1: 80, v2: 20 }, rule: null };
  expect(shiftOf(mesh, { service: "default/catalog", ...wish })).toEqual({
    ok: false,
    error: "There is no service default/catalog. There is billing/catalog, shop/catalog.",
  });
  expect(shiftOf(mesh, { service: "default/nobody", ...wish })).toEqual({
    ok: false,
    error: "There is no service default/nobody.",
  });
});

test("a canary that is not there is told with those that are", () => {
  expect(canaryOf(shopMesh(), "pause", "shop/nobody")).toEqual({
    ok: false,
    error:
      "There is no Flagger Canary and no Argo Rollout shop/nobody. There are: shop/basket, shop/payments.",
  });
});
