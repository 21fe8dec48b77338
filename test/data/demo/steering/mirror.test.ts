/** Mirrors that an operator sets, and the copies that arrive then: only their target reports them (istio.md 4.5). */
import { expect, test } from "vitest";
import { mirrorOf } from "../../../../src/actions/wishes.ts";
import { custom } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { expectPart, steered, type SteeredMesh } from "../../../support/steeredMesh.ts";
import { smallScenario, to, versionServices, virtualService } from "../traffic/smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const copies = { reporter: "destination", destination_workload: "api-v2" };

const http = versionServices({ name: "http", port: 80 });
const parentRefs = [{ group: "", kind: "Service", name: "api" }];
const httpRoute = (filters: readonly Json[]) =>
  custom("HTTPRoute", {
    namespace: "shop",
    name: "api",
    spec: {
      parentRefs,
      rules: [
        {
          backendRefs: [{ name: "api-v1", port: 80 }],
          ...(filters.length === 0 ? {} : { filters }),
        },
      ],
    },
  });
const requestMirror = (part: Readonly<Record<string, Json>>): Json => ({
  type: "RequestMirror",
  requestMirror: { backendRef: { name: "api-v2", port: 80 }, ...part },
});

const plain = virtualService([{ route: [to("v1")] }]);
const subset = { host: "api", subset: "v2" };
const withMirror = (part: Readonly<Record<string, Json>>) =>
  virtualService([{ route: [to("v1")], mirror: subset, ...part }]);
const withMirrors = virtualService([
  { route: [to("v1")], mirrors: [{ destination: subset, percentage: { value: 30 } }] },
]);

/** What is copied in the next five minutes, of all that the caller sends to v1. */
async function expectCopies(mesh: SteeredMesh, share: number): Promise<void> {
  await mesh.pass(300);
  const all = await mesh.requests(source);
  expect(await mesh.requests({ ...source, destination_workload: "api" })).toBe(all);
  expectPart(await mesh.requests(copies), all, share);
}

test.each([
  { what: "a VirtualService", objects: [plain], target: "v2" },
  { what: "an HTTPRoute", objects: [...http, httpRoute([])], target: "api-v2" },
])("after a mirror of 40 % is set on $what, that part is copied, and after the undo none", async (row) => {
  const mesh = await steered(smallScenario({ objects: row.objects }));
  await expectCopies(mesh, 0);
  await mesh.change((now) => mirrorOf(now, { service: "shop/api", rule: null, percent: 40, to: row.target }));
  await expectCopies(mesh, 0.4);
  await mesh.undo();
  await expectCopies(mesh, 0);
});

test.each([
  { written: "mirrorPercentage", objects: [withMirror({ mirrorPercentage: { value: 30 } })], share: 0.3 },
  { written: "the old mirrorPercent", objects: [withMirror({ mirrorPercent: 30 })], share: 0.3 },
  { written: "no percentage", objects: [withMirror({})], share: 1 },
  { written: "a list of mirrors", objects: [withMirrors], share: 0.3 },
  {
    written: "percent of a RequestMirror",
    objects: [...http, httpRoute([requestMirror({ percent: 30 })])],
    share: 0.3,
  },
  {
    written: "fraction of a RequestMirror",
    objects: [...http, httpRoute([requestMirror({ fraction: { numerator: 3, denominator: 10 } })])],
    share: 0.3,
  },
])("from $written to 12.5 %, then off: the copies follow, and the target is kept", async (row) => {
  const mesh = await steered(smallScenario({ objects: row.objects }));
  await expectCopies(mesh, row.share);
  const set = (percent: number) =>
    mesh.change((now) => mirrorOf(now, { service: "shop/api", rule: null, percent, to: null }));
  await set(12.5);
  await expectCopies(mesh, 0.125);
  await set(0);
  await expectCopies(mesh, 0);
  await mesh.undo();
  await expectCopies(mesh, 0.125);
});

test("after the target of a mirror becomes another, the copies go there", async () => {
  const other = withMirror({ mirror: { host: "api", subset: "v1" }, mirrorPercentage: { value: 50 } });
  const mesh = await steered(smallScenario({ objects: [other] }));
  await mesh.change((now) => mirrorOf(now, { service: "shop/api", rule: null, percent: 50, to: "v2" }));
  await expectCopies(mesh, 0.5);
});
