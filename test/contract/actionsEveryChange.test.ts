import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type {
  CanaryVerb,
  Edit,
  MirrorChange,
  MirrorTo,
  ShiftChange,
  WantedChange,
} from "../../src/actions/change.ts";
import { withEdits } from "../../src/actions/changes/rebase.ts";
import { valueAt } from "../../src/actions/changes/pointer.ts";
import { propose } from "../../src/actions/propose.ts";
import { apply } from "../../src/actions/run.ts";
import type { Json } from "../../src/data/mesh/json.ts";
import { percent } from "../../src/data/mesh/units.ts";
import { generatedRoutes, untouched, type Generated } from "../support/generatedRoutes.ts";
import { inBothWorlds, sending, type KubeWorld } from "../support/kubeWorlds.ts";
import {
  canary,
  cart,
  cartMain,
  cartRule,
  checkout,
  everything,
  fillMarket,
  ledger,
  marketMesh,
  pathTo,
  quotes,
  refTo,
  revision,
  revisionText,
  rollout,
  setSpec,
  setStatus,
  shop,
  vault,
  wide,
} from "../support/marketObjects.ts";
import { collectionOf, meshFrom, type RawKubeObject } from "../support/rawMesh.ts";
import { contentOf } from "../support/shopObjects.ts";
import { carriedOut, inFolder, portsOn, requestTo, turned, type Between } from "../support/writePath.ts";

const mesh = marketMesh();

const shift = (
  one: RawKubeObject,
  service: string,
  weights: readonly number[],
  more: Partial<ShiftChange> = {},
): ShiftChange => ({
  kind: "shift",
  service: `market/${service}`,
  route: refTo(one),
  protocol: "http",
  rule: 0,
  weights,
  ...more,
});
const mirror = (
  one: RawKubeObject,
  service: string,
  part: number,
  more: Partial<MirrorChange> = {},
): MirrorChange => ({
  kind: "mirror",
  service: `market/${service}`,
  route: refTo(one),
  protocol: "http",
  rule: 0,
  at: null,
  percent: percent(part),
  to: null,
  ...more,
});
const service = (name: string): MirrorTo => ({ host: name, subset: null, port: 80 });
const verb = (one: RawKubeObject, name: CanaryVerb): WantedChange => ({
  kind: "canary",
  canary: refTo(one),
  verb: name,
});
const outbound = (labels: Record<string, string> | null): WantedChange => ({
  kind: "outbound",
  target: { is: "sidecar", namespace: "market", labels },
  mode: "REGISTRY_ONLY",
});

/** What is at these pointers afterwards; `undefined`: nothing. */
type Becomes = Readonly<Record<string, Json | undefined>>;

interface Case {
  readonly change: WantedChange;
  readonly first?: (world: Pick<KubeWorld, "fetch">) => Promise<void>;
  /** By path of the object; all else is as it was. */
  readonly then: ReadonlyMap<RawKubeObject, Becomes>;
  /** A new object, by its path. */
  readonly made?: readonly [path: string, object: object];
}

const only = (one: RawKubeObject, becomes: Becomes) => new Map([[one, becomes]]);
const weights = (list: string, ...numbers: readonly number[]): Becomes =>
  Object.fromEntries(numbers.map((weight, i) => [`${list}/${i}/weight`, weight]));
const sidecars = collectionOf(wide);
const entries = sidecars.replace("/sidecars", "/serviceentries");

const routes: Readonly<Record<string, Case>> = {
  "weights of connections, one of them absent": {
    change: shift(cart, "cart", [5, 0, 7], { protocol: "tcp" }),
    then: only(cart, weights("/spec/tcp/0/route", 5, 0, 7)),
  },
  "weights of TLS by name": {
    change: shift(cart, "cart", [0, 200], { protocol: "tls" }),
    then: only(cart, weights("/spec/tls/0/route", 0, 200)),
  },
  "weights in a delegate": {
    change: shift(cartMain, "cart", [50, 50]),
    then: only(cartMain, weights("/spec/http/0/route", 50, 50)),
  },
  "weights of an HTTPRoute": {
    change: shift(shop, "shop", [1, 9]),
    then: only(shop, weights("/spec/rules/0/backendRefs", 1, 9)),
  },
  "weights of a GRPCRoute": {
    change: shift(quotes, "quotes", [0, 10], { protocol: "grpc" }),
    then: only(quotes, weights("/spec/rules/0/backendRefs", 0, 10)),
  },
  "weights of a TCPRoute": {
    change: shift(ledger, "ledger", [2, 3], { protocol: "tcp" }),
    then: only(ledger, weights("/spec/rules/0/backendRefs", 2, 3)),
  },
  "weights of a TLSRoute": {
    change: shift(vault, "vault", [0, 2], { protocol: "tls" }),
    then: only(vault, weights("/spec/rules/0/backendRefs", 0, 2)),
  },
  "weights of a route that Flagger moves": {
    change: shift(checkout, "checkout", [90, 10], { rule: 1 }),
    then: new Map<RawKubeObject, Becomes>([
      [checkout, weights("/spec/http/1/route", 90, 10)],
      [canary, { "/spec/suspend": true }],
    ]),
  },
  "one of several mirrors": {
    change: mirror(cartMain, "cart", 12.5, { at: 1 }),
    then: only(cartMain, { "/spec/http/0/mirrors/1/percentage": { value: 12.5 } }),
  },
  "one of several mirrors off": {
    change: mirror(cartMain, "cart", 0, { at: 0 }),
    then: only(cartMain, { "/spec/http/0/mirrors/0/percentage/value": 0 }),
  },
  "one of several mirrors sent elsewhere": {
    change: mirror(cartMain, "cart", 5, { at: 0, to: { host: "cart", subset: "v2", port: 80 } }),
    then: only(cartMain, {
      "/spec/http/0/mirrors/0/destination": { host: "cart", subset: "v2", port: { number: 80 } },
    }),
  },
  "a new mirror in a VirtualService": {
    change: mirror(cart, "cart", 50, { rule: 1, to: { host: "cart", subset: "v3", port: null } }),
    then: only(cart, {
      "/spec/http/1/mirror": { host: "cart", subset: "v3" },
      "/spec/http/1/mirrorPercentage": { value: 50 },
    }),
  },
  "one of several mirrors of an HTTPRoute, a fraction before": {
    change: mirror(shop, "shop", 3, { rule: 1, at: 1 }),
    then: only(shop, {
      "/spec/rules/1/filters/1/requestMirror/fraction": undefined,
      "/spec/rules/1/filters/1/requestMirror/percent": 3,
    }),
  },
  "one of several mirrors of an HTTPRoute, elsewhere": {
    change: mirror(shop, "shop", 0.25, { rule: 1, at: 2, to: service("audit") }),
    then: only(shop, {
      "/spec/rules/1/filters/2/requestMirror/percent": undefined,
      "/spec/rules/1/filters/2/requestMirror/fraction": { numerator: 2500, denominator: 1_000_000 },
      "/spec/rules/1/filters/2/requestMirror/backendRef/name": "audit",
    }),
  },
  "a new mirror in a GRPCRoute": {
    change: mirror(quotes, "quotes", 10, { protocol: "grpc", to: service("audit") }),
    then: only(quotes, {
      "/spec/rules/0/filters": [
        {
          type: "RequestMirror",
          requestMirror: { backendRef: { group: "", kind: "Service", name: "audit", port: 80 }, percent: 10 },
        },
      ],
    }),
  },
};

const webapp = { app: "audit" };
const egress: Record<string, Case> = {
  "the outbound policy of a revision": {
    change: { kind: "outbound", target: { is: "mesh", configMap: refTo(revision) }, mode: "REGISTRY_ONLY" },
    then: only(revision, { "/data/mesh": revisionText.replace("{ }", "{mode: REGISTRY_ONLY }") }),
  },
  "the outbound policy of a namespace with a Sidecar": {
    change: outbound(null),
    then: only(wide, { "/spec/outboundTrafficPolicy": { mode: "REGISTRY_ONLY" } }),
  },
  "the outbound policy of a workload": {
    change: outbound(webapp),
    then: new Map(),
    made: [
      `${sidecars}/audit`,
      {
        spec: {
          egress: [{ hosts: ["./*", "istio-system/*"] }],
          workloadSelector: { labels: webapp },
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
        },
      },
    ],
  },
  "a host of the outside": {
    change: { kind: "declareHost", namespace: "market", host: "api.example.com:8080" },
    then: new Map(),
    made: [
      `${entries}/api-example-com`,
      { spec: { hosts: ["api.example.com"], resolution: "DNS", location: "MESH_EXTERNAL", exportTo: ["."] } },
    ],
  },
};

const suspended = (world: Pick<KubeWorld, "fetch">) => setSpec(world, canary, { suspend: true });
const waiting = "/status/pauseConditions";
const canaries: Readonly<Record<string, Case>> = {
  "a Canary paused": { change: verb(canary, "pause"), then: only(canary, { "/spec/suspend": true }) },
  "a Canary resumed, its weights on a listed step first": {
    change: verb(canary, "resume"),
    first: suspended,
    then: new Map<RawKubeObject, Becomes>([
      [canary, { "/spec/suspend": false }],
      [checkout, { ...weights("/spec/http/0/route", 20, 80), ...weights("/spec/http/1/route", 80, 20) }],
    ]),
  },
  "a Canary promoted while it is suspended": {
    change: verb(canary, "promote"),
    first: suspended,
    then: only(canary, { "/spec/skipAnalysis": true, "/spec/suspend": false }),
  },
  "a Canary aborted": {
    change: verb(canary, "abort"),
    then: new Map<RawKubeObject, Becomes>([
      [canary, { "/spec/suspend": true }],
      [checkout, { ...weights("/spec/http/0/route", 0, 100), ...weights("/spec/http/1/route", 100, 0) }],
    ]),
  },
  "an idle Canary aborted: it is left running": {
    change: verb(canary, "abort"),
    first: (world) => setStatus(world, canary, { phase: "Succeeded", canaryWeight: 0 }),
    then: only(checkout, {
      ...weights("/spec/http/0/route", 0, 100),
      ...weights("/spec/http/1/route", 100, 0),
    }),
  },
  "a Rollout paused": { change: verb(rollout, "pause"), then: only(rollout, { "/spec/paused": true }) },
  "a Rollout resumed from a pause of its steps": {
    change: verb(rollout, "resume"),
    then: only(rollout, { [waiting]: undefined }),
  },
  "a Rollout resumed from both pauses": {
    change: verb(rollout, "resume"),
    first: (world) => setSpec(world, rollout, { paused: true }),
    then: only(rollout, { "/spec/paused": false, [waiting]: undefined }),
  },
  "a Rollout sent on from a pause": {
    change: verb(rollout, "next"),
    then: only(rollout, { [waiting]: undefined }),
  },
  "a Rollout sent on without one": {
    change: verb(rollout, "next"),
    first: (world) => setStatus(world, rollout, { pauseConditions: null }),
    then: only(rollout, { "/status/currentStepIndex": 2 }),
  },
  "a Rollout promoted": {
    change: verb(rollout, "promote"),
    then: only(rollout, { "/status/promoteFull": true }),
  },
  "a Rollout aborted": { change: verb(rollout, "abort"), then: only(rollout, { "/status/abort": true }) },
  "a Rollout tried again": {
    change: verb(rollout, "retry"),
    first: (world) => setStatus(world, rollout, { abort: true }),
    then: only(rollout, { "/status/abort": false }),
  },
};

function changed(before: Json, becomes: Becomes): Json {
  const edits = Object.entries(becomes).flatMap(([path, now]): readonly Edit[] => {
    const was = valueAt(before, path);
    if (was === undefined) return now === undefined ? [] : [{ op: "add", path, now }];
    return now === undefined ? [{ op: "remove", path, was }] : [{ op: "set", path, was, now }];
  });
  const after = withEdits(before, edits);
  if (after === null) throw new Error(`${JSON.stringify(becomes)} does not fit`);
  return after;
}

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}
const verbs: Readonly<Record<string, string>> = { PATCH: "patch", POST: "create", DELETE: "delete" };

/** Sees which rights were asked for (SelfSubjectAccessReview), and what was written, dry or not, without. */
function rightsWatch(): { readonly between: Between; readonly unasked: () => readonly string[] } {
  const asked: Attributes[] = [];
  const unasked: string[] = [];
  const between: Between = (path, method, _send, body) => {
    if (path.includes("selfsubjectaccessreviews")) {
      asked.push((JSON.parse(body) as { spec: { resourceAttributes: Attributes } }).spec.resourceAttributes);
      return undefined;
    }
    const verb = verbs[method];
    if (verb === undefined) return undefined;
    const [where = ""] = path.split("?");
    const [, group, namespace, resource, name, subresource] =
      /^\/(?:api|apis\/([^/]+))\/[^/]+\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(
        where,
      ) ?? [];
    const isAsked = asked.some(
      (one) =>
        [one.verb, one.group, one.namespace, one.resource, one.subresource].join() ===
          [verb, group ?? "", namespace, resource, subresource].join() &&
        (one.name === undefined || one.name === name),
    );
    if (!isAsked) unasked.push(`${method} ${where}`);
    return undefined;
  };
  return { between, unasked: () => unasked };
}

/** Without what a CustomResourceDefinition fills in and the embedded server leaves open. */
const plain = (json: Json): Json =>
  JSON.parse(
    JSON.stringify(json, (key, value: unknown) =>
      (key === "group" && value === "") || (key === "kind" && value === "Service") ? undefined : value,
    ),
  ) as Json;

/** A created object has another identity each time. */
const anonymous = (object: unknown): unknown => {
  if (typeof object !== "object" || object === null) return object;
  const { metadata, ...rest } = object as { metadata: { name: string; namespace: string } };
  return { ...rest, metadata: { name: metadata.name, namespace: metadata.namespace } };
};

inBothWorlds("Every change and its undo", (world) => {
  beforeEach(() => fillMarket(world()));

  const all = async () =>
    new Map(
      await Promise.all(
        everything.map(async (one) => [one, (await contentOf(world(), pathTo(one))) as Json] as const),
      ),
    );

  describe.each([
    ["Routes", routes],
    ["What leaves the mesh", egress],
    ["Canaries", canaries],
  ])("%s:", (_what, cases) => {
    test.each(Object.entries(cases))("%s, and nothing else; back, again, and back", async (_name, one) => {
      await one.first?.(world());
      await inFolder(async (directory) => {
        const { between, unasked } = rightsWatch();
        const ports = portsOn(await requestTo(world().kubeconfig, between), directory);
        const extra = async () =>
          one.made === undefined ? null : anonymous(await contentOf(world(), one.made[0]));
        const before = await all();
        const absent = await extra();
        expect((await carriedOut(one.change, mesh, ports)).message).toMatch(/^Applied: /);
        const after = await all();
        const expected = [...before].map(([object, json]) => changed(json, one.then.get(object) ?? {}));
        expect([...after.values()].map(plain)).toEqual(expected.map(plain));
        const made = await extra();
        if (one.made !== undefined) expect(made).toMatchObject(one.made[1]);

        expect((await turned(ports, "undo")).message).toMatch(/^Applied: undo /);
        expect([await all(), await extra()]).toEqual([before, absent]);
        expect((await turned(ports, "redo")).message).toMatch(/^Applied: redo /);
        expect([await all(), await extra()]).toEqual([after, made]);
        expect((await turned(ports, "undo")).message).toMatch(/^Applied: undo /);
        expect([await all(), await extra()]).toEqual([before, absent]);
        expect(unasked()).toEqual([]);
      });
    });
  });

  test("on any object, whatever stands in it, touches its own fields alone, and comes back whole", async () => {
    let tried = 0;
    let carried = 0;
    const once = async ({ object, change }: Generated) => {
      tried += 1;
      const path = pathTo(object);
      await world().fetch(path, { method: "DELETE" });
      const made = await world().fetch(collectionOf(object), sending("POST", object));
      expect(made.text.slice(0, 300), String(made.status)).toMatch(/^{"apiVersion/);
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world().kubeconfig), directory);
        const mesh = meshFrom([object, cartRule], "market", ["cart", "audit", "shop", "shop-next"], ["cart"]);
        const before = await contentOf(world(), path);
        const proposal = await propose(change, mesh, ports.cluster);
        if (!proposal.ok) throw new Error(proposal.error.message);
        const { plan } = proposal.value;
        // Chance may want what is there already.
        if (plan.blockers.join().endsWith("so already")) return;
        expect([plan.blockers, proposal.value.rehearsal?.refusal]).toEqual([[], null]);
        expect((await apply(proposal.value, ports)).is).toBe("applied");
        const after = await contentOf(world(), path);
        expect(after).not.toEqual(before);
        expect(untouched(after)).toEqual(untouched(before));
        for (const [way, expected] of [
          ["undo", before],
          ["redo", after],
          ["undo", before],
        ] as const) {
          expect((await turned(ports, way)).is).toBe("applied");
          expect(await contentOf(world(), path)).toEqual(expected);
        }
        carried += 1;
      });
      await world().fetch(path, { method: "DELETE" });
    };
    const numRuns = Number(process.env["MESHTOP_GENERATED"] ?? 30);
    await fc.assert(fc.asyncProperty(generatedRoutes, once), { numRuns, interruptAfterTimeLimit: 90_000 });
    expect(carried).toBeGreaterThan(tried / 2);
  }, 120_000);
});
