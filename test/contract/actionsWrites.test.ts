import { beforeEach, describe, expect, test } from "vitest";
import type {
  CanaryVerb,
  Change,
  MirrorChange,
  ShiftChange,
  WantedChange,
} from "../../src/actions/change.ts";
import { explainAtStart } from "../../src/actions/openWritePath.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import { percent } from "../../src/data/mesh/units.ts";
import { inBothWorlds, sending } from "../support/kubeWorlds.ts";
import {
  canary,
  configMap,
  contentOf,
  fillShop,
  httpRouteRef,
  meshText,
  pathOf,
  payments,
  route,
  shopMesh,
} from "../support/shopObjects.ts";
import {
  carriedOut,
  entriesIn,
  inFolder,
  portsOn,
  proposed,
  requestTo,
  turned,
} from "../support/writePath.ts";

const mesh = shopMesh();
const sidecars = "/apis/networking.istio.io/v1/namespaces/shop/sidecars";
const everything = [
  pathOf(route),
  pathOf(payments),
  pathOf(httpRouteRef),
  pathOf(canary),
  pathOf(configMap),
  `${sidecars}/default`,
];

const shift = (weights: readonly number[], more: Partial<ShiftChange> = {}): ShiftChange => ({
  kind: "shift",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 1,
  weights,
  ...more,
});
const mirror = (part: number, more: Partial<MirrorChange> = {}): MirrorChange => ({
  kind: "mirror",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 1,
  at: null,
  percent: percent(part),
  to: null,
  ...more,
});
const v2 = { host: "catalog", subset: "v2", port: null };
const orders = { service: "shop/orders", route: httpRouteRef, rule: 0 };
const verb = (name: CanaryVerb): Change & { kind: "canary" } => ({ kind: "canary", canary, verb: name });

const changes: readonly (readonly [string, WantedChange])[] = [
  ["a shift where one weight was absent", shift([60, 40])],
  ["a shift of connections", shift([50, 50], { protocol: "tcp", rule: 0 })],
  ["a shift of an HTTPRoute", shift([1, 9], orders)],
  [
    "a shift of a route that Flagger moves",
    shift([70, 30], { service: "shop/payments", route: payments, rule: 0 }),
  ],
  ["a new mirror", mirror(25, { to: v2 })],
  ["a mirror switched off, its deprecated percentage gone", mirror(0, { rule: 0 })],
  ["a mirror sent elsewhere", mirror(12.5, { rule: 0, to: v2 })],
  [
    "a new mirror in an HTTPRoute",
    mirror(10, { ...orders, to: { host: "catalog", subset: null, port: 80 } }),
  ],
  [
    "the outbound policy of the mesh",
    { kind: "outbound", target: { is: "mesh", configMap }, mode: "REGISTRY_ONLY" },
  ],
  [
    "the outbound policy of a namespace without a Sidecar",
    { kind: "outbound", target: { is: "sidecar", namespace: "shop", labels: null }, mode: "REGISTRY_ONLY" },
  ],
  ["a canary suspended", verb("pause")],
  ["a canary promoted", verb("promote")],
  ["all weight of a canary to primary", verb("abort")],
];

inBothWorlds("Changes and their undo", (world) => {
  const all = () => Promise.all(everything.map((path) => contentOf(world(), path)));
  beforeEach(() => fillShop(world()));

  test.each(changes)(
    "%s is written, taken back to the last byte, done again and taken back again",
    async (_name, change) => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        const before = await all();
        const outcome = await carriedOut(change, mesh, ports);
        expect(outcome.message).toMatch(/^Applied: /);
        const after = await all();
        expect(after).not.toEqual(before);
        expect((await turned(ports, "undo")).is).toBe("applied");
        expect(await all()).toEqual(withNewUids(before, await all()));
        expect((await turned(ports, "redo")).is).toBe("applied");
        expect(await all()).toEqual(withNewUids(after, await all()));
        expect((await turned(ports, "undo")).is).toBe("applied");
        expect(await all()).toEqual(before);
      });
    },
  );

  test("a dry run changes nothing and shows what would be", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(world().kubeconfig), directory);
      const before = await all();
      const { rehearsal } = await proposed(shift([60, 40]), mesh, ports);
      const [object] = rehearsal?.objects ?? [];
      expect(object?.after?.json).toMatchObject({
        spec: { http: [{}, { route: [{ weight: 60 }, { weight: 40 }] }] },
      });
      expect(await all()).toEqual(before);
      expect(await entriesIn(ports)).toEqual([]);
    });
  });

  test("a dry run of an undo leaves what we made where it is", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(world().kubeconfig), directory);
      const target = { is: "sidecar", namespace: "shop", labels: null } as const;
      await carriedOut({ kind: "outbound", target, mode: "REGISTRY_ONLY" }, mesh, ports);
      const before = await all();
      const [entry] = await entriesIn(ports);
      const undo = await proposeUndo(entry!, ports);
      expect(undo.ok && undo.value.rehearsal?.refusal).toBeNull();
      expect(undo.ok && undo.value.plan.patches[0]?.do).toBe("delete");
      expect(await all()).toEqual(before);
    });
  });

  test("the mesh ConfigMap keeps its comments, quotes and order", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(world().kubeconfig), directory);
      await carriedOut(
        { kind: "outbound", target: { is: "mesh", configMap }, mode: "REGISTRY_ONLY" },
        mesh,
        ports,
      );
      expect(await contentOf(world(), pathOf(configMap))).toMatchObject({
        data: { mesh: meshText.replace('"ALLOW_ANY"', '"REGISTRY_ONLY"'), meshNetworks: "networks: {}" },
      });
    });
  });

  describe("A canary of Flagger", () => {
    const weights = async () =>
      (
        (await contentOf(world(), pathOf(payments))) as { spec: { http: { route: { weight: number }[] }[] } }
      ).spec.http[0]?.route.map(({ weight }) => weight);
    const suspended = async () =>
      ((await contentOf(world(), pathOf(canary))) as { spec: { suspend?: boolean } }).spec.suspend;

    test("is suspended before a hand shift, and goes back to a listed step before it is resumed", async () => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        await carriedOut(
          shift([65, 35], { service: "shop/payments", route: payments, rule: 0 }),
          mesh,
          ports,
        );
        expect([await weights(), await suspended()]).toEqual([[65, 35], true]);
        await carriedOut(verb("resume"), mesh, ports);
        expect([await weights(), await suspended()]).toEqual([[80, 20], false]);
      });
    });

    test("skips its analysis until the promotion is undone, and every start says so", async () => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        const before = await contentOf(world(), pathOf(canary));
        const { message, id } = await carriedOut(verb("promote"), mesh, ports);
        expect(message).toMatch(/^Applied: promote Canary shop\/payments\. skipAnalysis.*undo this when/);
        const [told, ...more] = await explainAtStart(ports);
        expect(told).toMatch(
          new RegExp(
            `^Canary shop/payments promotes every version unchecked, since .*: undo of ${id ?? ""} takes`,
          ),
        );
        expect(more).toEqual([]);
        const [entry] = await entriesIn(ports);
        const undo = await proposeUndo(entry!, ports);
        expect(undo.ok && undo.value.plan.warnings.join()).toMatch(/a promotion.*that is over stays so/);
        await turned(ports, "undo");
        expect(await contentOf(world(), pathOf(canary))).toEqual(before);
        expect(await explainAtStart(ports)).toEqual([]);
      });
    });

    test("that is suspended is told at every start, until somebody resumes it", async () => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        await carriedOut(verb("pause"), mesh, ports);
        expect((await explainAtStart(ports)).join()).toMatch(/^Canary shop\/payments is suspended.*since/);
        const theirs = { spec: { suspend: false } };
        await world().fetch(pathOf(canary), sending("PATCH", theirs, "application/merge-patch+json"));
        expect(await explainAtStart(ports)).toEqual([]);
      });
    });

    test("is aborted by suspending it and sending all to primary", async () => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        await carriedOut(verb("abort"), mesh, ports);
        expect([await weights(), await suspended()]).toEqual([[100, 0], true]);
      });
    });
  });

  test("the journal has who, what, where and both directions of each patch", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(world().kubeconfig), directory);
      await carriedOut(shift([60, 40]), mesh, ports);
      const [entry] = await entriesIn(ports);
      const stored = (await world().fetch(pathOf(route))).json<{
        metadata: { uid: string; resourceVersion: string };
      }>();
      expect(entry?.intent).toMatchObject({
        kind: "change",
        origin: { user: "tester", kubeUser: "admin", context: "test", ssh: null },
        summary: "shift shop/catalog, rule 2: v1 90 -> 60, v2 - -> 40",
      });
      expect(entry?.intent.patches[0]?.patch).toMatchObject({ ref: route, uid: stored.metadata.uid });
      expect(entry?.intent.patches[0]?.inverse.slice(-2)).toEqual([
        { op: "test", path: "/spec/http/1/route/0/weight", value: 60 },
        { op: "replace", path: "/spec/http/1/route/0/weight", value: 90 },
      ]);
      expect(entry?.sent).toMatchObject([{ step: 0, resourceVersion: stored.metadata.resourceVersion }]);
      expect(entry?.ended).toMatchObject({ is: "applied", steps: ["applied"], explained: false });
    });
  });

  test("we are named in managedFields, and no label or annotation of ours is on the object", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(world().kubeconfig), directory);
      const before = (await contentOf(world(), pathOf(route))) as { metadata: unknown };
      await carriedOut(shift([60, 40]), mesh, ports);
      const stored = (await world().fetch(pathOf(route))).json<{
        metadata: { managedFields: { manager: string }[] };
      }>();
      expect(stored.metadata.managedFields.map(({ manager }) => manager)).toContain("meshtop");
      expect(await contentOf(world(), pathOf(route))).toMatchObject({ metadata: before.metadata });
    });
  });
});

/** What was deleted and is made again is another object with the same content. */
function withNewUids(expected: readonly unknown[], found: readonly unknown[]): readonly unknown[] {
  return expected.map((one, i) => {
    const other = found[i];
    if (typeof one !== "object" || one === null || typeof other !== "object" || other === null) return one;
    const fresh = (other as { metadata: Record<string, unknown> }).metadata;
    if (fresh["name"] !== "default") return one;
    const { metadata, ...rest } = one as { metadata: Record<string, unknown> };
    return {
      ...rest,
      metadata: { ...metadata, uid: fresh["uid"], creationTimestamp: fresh["creationTimestamp"] },
    };
  });
}
