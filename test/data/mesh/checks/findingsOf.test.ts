import { expect, test } from "vitest";
import { findingsByService, findingsOf } from "../../../../src/data/mesh/checks/findingsOf.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { meshOf, shopOf } from "../../../support/builtMesh.ts";
import {
  destinationRule,
  httpMatch,
  peerAuthentication,
  rule,
  to,
  virtualService,
} from "../../../support/declaredOf.ts";

const byService = (mesh: Mesh): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...findingsByService(mesh)].map(([key, findings]) => [key, findings.map(({ code }) => code)]),
  );

test("a fault of a route is one of the service that it decides about", () => {
  const wrongSubset = virtualService("shop/catalog", [rule([to("catalog", "v9")])]);
  const mesh = meshOf(shopOf({ virtualServices: [wrongSubset] }));
  expect(byService(mesh)).toEqual({ "shop/catalog": ["MT0101"] });
});

test("a fault of a delegate is one of the service whose root route hands over to it", () => {
  const mesh = meshOf(
    shopOf({
      virtualServices: [
        virtualService("shop/catalog", [
          rule([], {
            delegate: { name: "inner", namespace: null },
            matches: [httpMatch({ uri: { prefix: "/a" } })],
          }),
        ]),
        virtualService("shop/inner", [rule([to("catalog", "v9")])], { hosts: [] }),
      ],
    }),
  );
  expect(
    findingsByService(mesh)
      .get("shop/catalog")
      ?.map(({ object }) => object.name),
  ).toEqual(["inner"]);
});

test("a fault of a subset and one of the policy that its pods are under stand together, the worst first", () => {
  const mesh = meshOf(
    shopOf({
      destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v7: { version: "v7" } })],
      peerAuthentications: [
        peerAuthentication("shop/default", "STRICT"),
        peerAuthentication("shop/second", "PERMISSIVE"),
      ],
    }),
  );
  // The second policy decides nothing, so no workload is under it: its finding is about no service.
  expect(mesh.findings.map(({ code }) => code)).toEqual(["MT0202", "MT0302"]);
  expect(byService(mesh)).toEqual({ "shop/catalog": ["MT0302"] });
});

test("a mesh without findings is not searched, and one object's are its own", () => {
  const mesh = meshOf(shopOf({ virtualServices: [virtualService("shop/catalog", [rule([to("nobody")])])] }));
  const [found] = mesh.findings;
  expect(findingsOf(mesh, [found!.object, found!.object])).toEqual([found]);
  expect(findingsOf(mesh, [{ ...found!.object, name: "other" }])).toEqual([]);
  expect(byService(meshOf(shopOf()))).toEqual({});
});
