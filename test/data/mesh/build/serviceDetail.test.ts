/** What a list shows of the services on the screen alone is made of those that somebody asked for. */
import { expect, test } from "vitest";
import { knownMesh } from "../../../../src/data/mesh/build/knownMesh.ts";
import { DetailOnDemand, type Ground } from "../../../../src/data/mesh/build/serviceDetail.ts";
import { PlanMemory, servicePlans, type ServicePlan } from "../../../../src/data/mesh/build/servicePlans.ts";
import { meshBuilder } from "../../../../src/data/mesh/buildMesh.ts";
import { flowIndexOf } from "../../../../src/data/mesh/join/flowIndex.ts";
import { joinTelemetry } from "../../../../src/data/mesh/join/joinTelemetry.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { atOnce } from "../../../../src/data/mesh/steps.ts";
import type { Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../../../src/data/mesh/units.ts";
import { meshOf, serviceOf, shopOf } from "../../../support/builtMesh.ts";
import { destinationRule, rule, to, virtualService } from "../../../support/declaredOf.ts";
import { both, telemetryOf } from "../../../support/telemetryOf.ts";

const declared = shopOf({
  virtualServices: [
    virtualService("shop/catalog", [rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])]),
  ],
  destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } }, {})],
});

/** So many requests a second to each version. */
const split = (first: number, second: number): Telemetry =>
  telemetryOf({
    requests: [
      ...both("shop/webapp", "shop/catalog", "shop/catalog-v1", first),
      ...both("shop/webapp", "shop/catalog", "shop/catalog-v2", second),
    ],
  });

const sharesIn = (mesh: Mesh): readonly (number | undefined)[] =>
  serviceOf(mesh, "shop/catalog")
    .detail.versions.toSorted((a, b) => a.version.localeCompare(b.version))
    .map(({ share }) => share?.share);

function meshes(): (telemetry: Telemetry) => Mesh {
  const build = meshBuilder();
  const live = { is: "live", at: instant(0) } as const;
  const sources = { kubernetes: live, prometheus: live };
  return (telemetry) => build({ declared, telemetry, sources, window: millis(60_000) });
}

test("each mesh says how its own requests were split, however late it is asked, and in whatever order", () => {
  const next = meshes();
  const [first, second, third] = [next(split(9, 1)), next(split(8, 2)), next(split(5, 5))];
  expect([third, first, second].map(sharesIn)).toEqual([
    [0.5, 0.5],
    [0.9, 0.1],
    [0.8, 0.2],
  ]);
});

test("where nothing but the split differs, and nobody has asked, it is another service all the same", () => {
  const next = meshes();
  const [before, now] = [next(split(9, 1)), next(split(1, 9))];
  expect(serviceOf(now, "shop/catalog").traffic).toEqual(serviceOf(before, "shop/catalog").traffic);
  expect(serviceOf(now, "shop/catalog")).not.toBe(serviceOf(before, "shop/catalog"));
  expect([sharesIn(before), sharesIn(now)]).toEqual([
    [0.9, 0.1],
    [0.1, 0.9],
  ]);
});

test("what the next mesh says the same is the same object, asked for or not", () => {
  const next = meshes();
  const before = serviceOf(next(split(9, 1)), "shop/catalog");
  const { routes, versions } = before.detail;
  expect(serviceOf(next(split(9, 1)), "shop/catalog")).toBe(before);
  const faster = serviceOf(next(split(18, 2)), "shop/catalog");
  expect(faster.detail.versions).not.toBe(versions);
  expect(faster.detail.routes).not.toBe(routes);
  expect(before.detail.versions).toBe(versions);
});

test("the objects that its rules are written in are known without asking", () => {
  const { routedBy, detail } = serviceOf(meshOf(declared, split(9, 1)), "shop/catalog");
  expect(routedBy.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "VirtualService catalog",
    "VirtualService catalog",
  ]);
  expect(routedBy).toEqual(detail.routes.flatMap(({ ref, rules }) => [ref, ...rules.map((one) => one.ref)]));
});

/** What meshes of other rates are made from, and the plan of a service that counts how often its routes are made. */
function counted(): {
  readonly groundOf: (rate: number) => Ground;
  readonly plan: ServicePlan;
  made: () => number;
} {
  const known = knownMesh(declared);
  const plan = atOnce(servicePlans(known, new PlanMemory())).find(
    ({ service }) => service.key === "shop/catalog",
  )!;
  const { hostFor, keyFor, mirrors, waypoints } = known;
  let made = 0;
  return {
    groundOf(rate) {
      const telemetry = split(rate, 1);
      const joined = joinTelemetry({ telemetry, hostFor, keyFor, mirrors, waypoints });
      return { known, flows: flowIndexOf(joined, telemetry, millis(60_000), null) };
    },
    plan: {
      ...plan,
      get routes() {
        made += 1;
        return plan.routes;
      },
    },
    made: () => made,
  };
}

test("a detail is made when it is asked for, once", () => {
  const { groundOf, plan, made } = counted();
  const before = made();
  const detail = new DetailOnDemand(groundOf(9), plan);
  expect(made() - before).toBe(0);
  expect(detail.routes).toBe(detail.routes);
  expect(made() - before).toBe(1);
});

test("what was asked of a service is made with the next four meshes, and no longer", () => {
  const { groundOf, plan, made } = counted();
  let detail = new DetailOnDemand(groundOf(1), plan);
  const follow = (rate: number): number => {
    const before = made();
    const next = new DetailOnDemand(groundOf(rate), plan);
    next.follow(detail);
    detail = next;
    return made() - before;
  };
  expect(follow(2)).toBe(0);
  expect(detail.routes).toHaveLength(1);
  expect([3, 4, 5, 6, 7, 8].map(follow)).toEqual([1, 1, 1, 1, 0, 0]);
  expect(detail.routes[0]?.rules[0]?.destinations[0]?.traffic.requests?.rate).toBe(8);
  expect([9, 10].map(follow)).toEqual([1, 1]);
});
