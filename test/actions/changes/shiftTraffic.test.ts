import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planChange, needsOf } from "../../../src/actions/catalog.ts";
import { inverseOf, operationsOf, undoOf, type Edit, type ShiftChange } from "../../../src/actions/change.ts";
import type { Held } from "../../../src/actions/changes/held.ts";
import { valueAt } from "../../../src/actions/changes/pointer.ts";
import { withEdits } from "../../../src/actions/changes/rebase.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import type { Json } from "../../../src/data/mesh/json.ts";
import { meshOf, shopOf, v1, v2, webapp } from "../../support/builtMesh.ts";
import {
  destinationRule,
  flaggerCanary,
  rollout,
  rule,
  service,
  slice,
  podsOf,
  to,
  virtualService,
} from "../../support/declaredOf.ts";
import {
  back,
  canaryRef,
  held,
  patched,
  refOf,
  rolloutRef,
  seen,
  virtualServiceRef,
  virtualServices,
} from "./routes.ts";

const route = virtualServiceRef("shop/catalog");
const subsets = destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } });

/** The shop with catalog split 90/10 between two subsets that both have pods. */
const shop = (more: Partial<Declared> = {}) =>
  meshOf(
    shopOf({
      virtualServices: [
        virtualService("shop/catalog", [rule([to("catalog", "v1", 90), to("catalog", "v2", 10)])]),
      ],
      destinationRules: [subsets],
      ...more,
    }),
  );

const split = (rules: readonly unknown[], metadata: Record<string, unknown> = {}) =>
  held(route, { spec: { hosts: ["catalog"], http: rules } }, metadata);
const weighed = (subset: string, weight?: number) => ({
  destination: { host: "catalog", subset },
  ...(weight === undefined ? {} : { weight }),
});
const ninetyTen = (more: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) =>
  split([{ route: [weighed("v1", 90), weighed("v2", 10)], ...more }], metadata);

const shift = (weights: readonly number[], more: Partial<ShiftChange> = {}): ShiftChange => ({
  kind: "shift",
  service: "shop/catalog",
  route,
  protocol: "http",
  rule: 0,
  weights,
  ...more,
});

describe("The patch of a shift", () => {
  test("tests version, destinations and old weights, and writes nothing but weights", () => {
    const plan = planChange(shop(), shift([70, 30]), seen(ninetyTen()));
    expect(plan.blockers).toEqual([]);
    const [patch] = plan.patches;
    expect(patch?.do === "edit" ? operationsOf(patch) : null).toEqual([
      { op: "test", path: "/metadata/uid", value: "uid-catalog" },
      { op: "test", path: "/metadata/resourceVersion", value: "7" },
      { op: "test", path: "/spec/http/0/route/0/destination", value: { host: "catalog", subset: "v1" } },
      { op: "test", path: "/spec/http/0/route/1/destination", value: { host: "catalog", subset: "v2" } },
      { op: "test", path: "/spec/http/0/route/0/weight", value: 90 },
      { op: "replace", path: "/spec/http/0/route/0/weight", value: 70 },
      { op: "test", path: "/spec/http/0/route/1/weight", value: 10 },
      { op: "replace", path: "/spec/http/0/route/1/weight", value: 30 },
    ]);
    expect(plan.summary).toBe("shift shop/catalog, rule 1: v1 90 -> 70, v2 10 -> 30");
    expect(plan.weights.map(({ name, after }) => [name, after.share])).toEqual([
      ["v1", 0.7],
      ["v2", 0.3],
    ]);
    expect(plan.grave).toBe(false);
  });

  test("an absent weight is added, and one that stays absent is left alone", () => {
    const object = split([{ route: [weighed("v1", 90), weighed("v2"), weighed("v3")] }]);
    const declared = {
      virtualServices: [
        virtualService("shop/catalog", [
          rule([to("catalog", "v1", 90), to("catalog", "v2"), to("catalog", "v3")]),
        ]),
      ],
    };
    const plan = planChange(shop(declared), shift([60, 30, 0]), seen(object));
    expect(plan.patches[0]).toMatchObject({
      edits: [
        { op: "set", path: "/spec/http/0/route/0/weight", was: 90, now: 60 },
        { op: "add", path: "/spec/http/0/route/1/weight", now: 30 },
      ],
    });
  });

  test("Gateway API's absent weight is 1, and its backends are guarded by name", () => {
    const ref = refOf("gateway.networking.k8s.io", "HTTPRoute", "shop/catalog");
    const object = held(ref, {
      spec: {
        rules: [
          {
            backendRefs: [
              { name: "catalog-v1", port: 80 },
              { name: "catalog-v2", port: 80, weight: 1 },
            ],
          },
        ],
      },
    });
    const plan = planChange(shop(), shift([1, 3], { route: ref }), seen(object));
    expect(plan.patches[0]).toMatchObject({
      guards: [
        { path: "/spec/rules/0/name", value: null },
        { path: "/spec/rules/0/matches", value: null },
        { path: "/spec/rules/0/backendRefs/0/name", value: "catalog-v1" },
        { path: "/spec/rules/0/backendRefs/0/port", value: 80 },
        { path: "/spec/rules/0/backendRefs/1/name", value: "catalog-v2" },
        { path: "/spec/rules/0/backendRefs/1/port", value: 80 },
      ],
      edits: [{ op: "set", path: "/spec/rules/0/backendRefs/1/weight", was: 1, now: 3 }],
    });
  });

  test("for any VirtualService, it changes the weights, keeps everything else, and its inverse gives the object back", () => {
    fc.assert(
      fc.property(
        virtualServices,
        fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 }),
        fc.nat(2),
        (object, numbers, at) => {
          const rules = valueAt(object.json, "/spec/http") as readonly { route: readonly Json[] }[];
          const index = at % rules.length;
          const size = rules[index]!.route.length;
          const weights = numbers.slice(0, size);
          const { patches } = planChange(shop(), shift(weights, { rule: index }), seen(object));
          if (patches[0] === undefined) return;
          const after = patched(object.json, patches[0]);
          weights.forEach((weight, i) => {
            expect(valueAt(after, `/spec/http/${index}/route/${i}/weight`) ?? 0).toBe(weight);
          });
          expect(withoutWeights(after)).toEqual(withoutWeights(object.json));
          expect(patched(after, back(patches[0]))).toEqual(object.json);
          if (patches[0].do === "edit") expect(withEdits(object.json, patches[0].edits)).toEqual(after);
          expect(inverseOf(inverseOf(patches[0]))).toEqual(patches[0]);
        },
      ),
      { numRuns: 300 },
    );
  });

  const edits: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({
      op: fc.constant("set" as const),
      path: fc.string(),
      was: fc.jsonValue() as fc.Arbitrary<Json>,
      now: fc.jsonValue() as fc.Arbitrary<Json>,
    }),
    fc.record({
      op: fc.constant("add" as const),
      path: fc.string(),
      now: fc.jsonValue() as fc.Arbitrary<Json>,
    }),
    fc.record({
      op: fc.constant("remove" as const),
      path: fc.string(),
      was: fc.jsonValue() as fc.Arbitrary<Json>,
    }),
  );
  test("taking back what was taken back is the edit itself", () => {
    fc.assert(
      fc.property(edits, (edit) => {
        expect(undoOf(undoOf(edit))).toEqual(edit);
      }),
    );
  });
});

/** Everything but the numbers at `weight` of the destinations. */
function withoutWeights(object: Json): Json {
  return JSON.parse(
    JSON.stringify(object, (key, value: unknown) =>
      key === "route" && Array.isArray(value)
        ? value.map((item: object) => ({ ...item, weight: undefined }))
        : value,
    ),
  ) as Json;
}

describe("A shift is refused where", () => {
  const plain = seen(ninetyTen());
  test.each([
    ["the weights sum to 0", shop(), shift([0, 0]), plain, /sum to 0/],
    ["a weight is no whole number", shop(), shift([0.5, 1]), plain, /whole number/],
    ["a weight is negative", shop(), shift([-1, 1]), plain, /whole number/],
    ["there are more destinations than weights", shop(), shift([1]), plain, /2 destinations, not 1/],
    ["nothing would change", shop(), shift([90, 10]), plain, /so already/],
    ["the object is gone", shop(), shift([50, 50]), seen(), /not there any more/],
    ["the rule is gone", shop(), shift([50, 50], { rule: 3 }), plain, /no rule 4/],
    [
      "the rule delegates",
      shop(),
      shift([]),
      seen(split([{ delegate: { name: "other" } }])),
      /no destinations to weigh \(delegate/,
    ],
    [
      "the rule answers itself",
      shop(),
      shift([]),
      seen(split([{ directResponse: { status: 404 } }])),
      /no destinations to weigh \(directResponse/,
    ],
    ["the rule redirects", shop(), shift([]), seen(split([{ redirect: { uri: "/" } }])), /no destinations/],
    [
      "there is one destination",
      shop(),
      shift([10]),
      seen(split([{ route: [weighed("v1", 100)] }])),
      /one destination/,
    ],
    [
      "the destinations stand in another order by now",
      shop(),
      shift([50, 50]),
      seen(split([{ route: [weighed("v2", 10), weighed("v1", 90)] }])),
      /changed since/,
    ],
    [
      "no DestinationRule defines the subset",
      shop({ destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" } })] }),
      shift([50, 50]),
      plain,
      /v2 gets 50 %, but no DestinationRule .*503 NC/,
    ],
    [
      "nothing is ready behind the subset",
      shop({ endpointSlices: [slice("shop/catalog", podsOf(v1)), slice("shop/webapp", podsOf(webapp))] }),
      shift([50, 50]),
      plain,
      /v2 gets 50 %, but there is no ready endpoint .*503 UH/,
    ],
  ])("%s", (_why, mesh, change, read, reason) => {
    const plan = planChange(mesh, change, read);
    expect(plan.blockers.join("; ")).toMatch(reason);
  });

  test("a version that is down may be given less, with a warning: that is how it is drained", () => {
    const mesh = shop({ endpointSlices: [slice("shop/catalog", podsOf(v1))] });
    const plan = planChange(mesh, shift([95, 5]), seen(ninetyTen()));
    expect(plan.blockers).toEqual([]);
    expect(plan.warnings).toContain("v2 gets 5 %, but there is no ready endpoint behind it (503 UH)");
    expect(planChange(mesh, shift([100, 0]), seen(ninetyTen())).warnings.join()).not.toMatch(/503/);
  });

  test.each([
    [
      "a single virtualService of its name",
      { istio: { virtualService: { name: "catalog", routes: ["main"] } } },
      "main",
      true,
    ],
    [
      "one among several",
      { istio: { virtualServices: [{ name: "other" }, { name: "catalog.shop" }] } },
      "main",
      true,
    ],
    [
      "another rule of it",
      { istio: { virtualService: { name: "catalog", routes: ["other"] } } },
      "main",
      false,
    ],
    ["another VirtualService", { istio: { virtualService: { name: "web" } } }, "main", false],
  ])("a Rollout names it: %s", (_case, trafficRouting, name, blocked) => {
    const ref = rolloutRef("shop/catalog");
    const mesh = shop({ rollouts: [rollout("shop/catalog", { canaryService: "catalog" })] });
    const change = shift([50, 50]);
    expect(needsOf(mesh, change).objects).toContainEqual(ref);
    const object = held(ref, { spec: { strategy: { canary: { trafficRouting } } } });
    const plan = planChange(mesh, change, seen(ninetyTen({ name }), object));
    expect(plan.blockers.some((reason) => reason.includes("Rollout shop/catalog"))).toBe(blocked);
  });
});

test("A shift of an HTTPRoute is refused where a Rollout writes it through its plugin", () => {
  const ref = refOf("gateway.networking.k8s.io", "HTTPRoute", "shop/catalog");
  const backendRefs = ["catalog-v1", "catalog-v2"].map((name) => ({ name, port: 80, weight: 50 }));
  const object = held(ref, { spec: { rules: [{ backendRefs }] } });
  const mesh = shop({ rollouts: [rollout("shop/catalog", { canaryService: "catalog" })] });
  const owner = (httpRoute: string) =>
    held(rolloutRef("shop/catalog"), {
      spec: {
        strategy: { canary: { trafficRouting: { plugins: { "argoproj-labs/gatewayAPI": { httpRoute } } } } },
      },
    });
  const blockers = (httpRoute: string) =>
    planChange(mesh, shift([1, 3], { route: ref }), seen(object, owner(httpRoute))).blockers.join();
  expect(blockers("catalog")).toMatch(/Rollout shop\/catalog writes the weights of HTTPRoute shop\/catalog/);
  expect(blockers("other")).toBe("");
});

describe("Before a shift, its author is told", () => {
  const warned = (object: Held, change = shift([80, 20]), mesh = shop()) =>
    planChange(mesh, change, seen(object)).warnings;

  test.each([
    [
      "Argo CD",
      {
        annotations: {
          "argocd.argoproj.io/tracking-id": "shop:networking.istio.io/VirtualService:shop/catalog",
        },
      },
      /Argo CD app shop/,
    ],
    ["Flux", { labels: { "kustomize.toolkit.fluxcd.io/name": "apps" } }, /Flux Kustomization apps/],
    ["a HelmRelease", { labels: { "helm.toolkit.fluxcd.io/name": "shop" } }, /Flux HelmRelease shop/],
    [
      "Helm",
      {
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: { "meta.helm.sh/release-name": "shop" },
      },
      /helm upgrade of release shop/,
    ],
    ["Config Sync", { annotations: { "configmanagement.gke.io/managed": "enabled" } }, /Config Sync/],
    [
      "kubectl apply",
      { annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" } },
      /kubectl apply/,
    ],
    ["Kiali", { labels: { kiali_wizard: "traffic_shifting" } }, /Kiali/],
  ])("that %s will take it back", (_who, metadata, expected) => {
    expect(warned(ninetyTen({}, metadata)).join("; ")).toMatch(expected);
  });

  test("nothing, where Flux was told to leave the object alone and nobody else keeps it", () => {
    const metadata = {
      labels: { "kustomize.toolkit.fluxcd.io/name": "apps" },
      annotations: { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" },
    };
    expect(warned(ninetyTen({}, metadata))).toEqual([]);
  });

  test("of faults, big steps, and rules that no proxy tries", () => {
    expect(warned(ninetyTen({ fault: { abort: {} } })).join()).toMatch(/injects faults/);
    expect(warned(ninetyTen(), shift([64, 36]))).toContain("one step of 26 points");
    expect(warned(ninetyTen(), shift([65, 35]))).toEqual([]);
    const hidden = shop({
      virtualServices: [
        virtualService("shop/catalog", [
          rule([to("catalog", "v1")]),
          rule([to("catalog", "v1", 90), to("catalog", "v2", 10)]),
        ]),
      ],
    });
    const object = split([{ route: [weighed("v1")] }, { route: [weighed("v1", 90), weighed("v2", 10)] }]);
    expect(warned(object, shift([80, 20], { rule: 1 }), hidden).join()).toMatch(/no proxy tries/);
  });

  test("that connections stay, for tcp", () => {
    const object = held(route, { spec: { tcp: [{ route: [weighed("v1", 90), weighed("v2", 10)] }] } });
    expect(warned(object, shift([80, 20], { protocol: "tcp" })).join()).toMatch(/open connections stay/);
  });

  test("that all or nothing is more than a step", () => {
    expect(planChange(shop(), shift([0, 100]), seen(ninetyTen())).grave).toBe(true);
    expect(planChange(shop(), shift([1, 99]), seen(ninetyTen())).grave).toBe(false);
  });
});

describe("A route of Flagger", () => {
  const services = ["catalog", "catalog-primary", "catalog-canary"].map((name) => service(`shop/${name}`));
  const flagger = (phase: string, suspend = false, analysis: object = {}) => {
    const mesh = meshOf(
      shopOf(
        {
          services,
          endpointSlices: services.map(({ meta }) => slice(`shop/${meta.ref.name}`, podsOf(v1))),
          canaries: [flaggerCanary("shop/catalog", { suspend, status: { phase } })],
          virtualServices: [
            virtualService("shop/catalog", [
              rule([to("catalog-primary", null, 90), to("catalog-canary", null, 10)]),
            ]),
          ],
        },
        [v1, v2],
      ),
    );
    const canary = held(canaryRef("shop/catalog"), {
      spec: {
        targetRef: { kind: "Deployment", name: "catalog" },
        analysis,
        ...(suspend ? { suspend } : {}),
      },
      status: { phase },
    });
    const backend = (host: string, weight: number) => ({ destination: { host }, weight });
    return {
      mesh,
      read: seen(split([{ route: [backend("catalog-primary", 90), backend("catalog-canary", 10)] }]), canary),
    };
  };

  test("is suspended first while Flagger moves it, guarded by the value and not by the version", () => {
    const { mesh, read } = flagger("Progressing");
    const plan = planChange(mesh, shift([80, 20]), read);
    expect(plan.blockers).toEqual([]);
    expect(plan.patches.map(({ ref }) => ref.kind)).toEqual(["Canary", "VirtualService"]);
    expect(plan.patches[0]?.do === "edit" && operationsOf(plan.patches[0])).toEqual([
      { op: "test", path: "/metadata/uid", value: "uid-catalog" },
      { op: "test", path: "/status/phase", value: "Progressing" },
      { op: "test", path: "/status/lastAppliedSpec", value: null },
      { op: "test", path: "/spec/suspend", value: null },
      { op: "add", path: "/spec/suspend", value: true },
    ]);
    expect(plan.warnings.join()).toMatch(/Canary shop\/catalog is Progressing: it is suspended first/);
    expect(plan.afterwards).toMatch(/nothing about it until its Canary is resumed/);
  });

  test("is shifted alone where it is suspended already", () => {
    const { mesh, read } = flagger("Progressing", true);
    expect(planChange(mesh, shift([80, 20]), read).patches.map(({ ref }) => ref.kind)).toEqual([
      "VirtualService",
    ]);
    const warnings = planChange(mesh, shift([80, 20]), read).warnings.join();
    expect(warnings).toMatch(/once resumed, it goes on from these weights/);
    const listed = flagger("Progressing", true, { stepWeights: [10, 50] });
    expect(planChange(listed.mesh, shift([80, 20]), listed.read).warnings.join()).toMatch(
      /resume brings the weights back to one of its steps first/,
    );
  });

  test.each(["Initialized", "Succeeded", "Failed"])(
    "sends nothing to a canary that is %s: it has no pods",
    (phase) => {
      const { mesh, read } = flagger(phase);
      expect(planChange(mesh, shift([80, 20]), read).blockers.join()).toMatch(/idle .* 503/);
      expect(planChange(mesh, shift([100, 0]), read).blockers).toEqual([]);
    },
  );

  test("whose Canary can't be seen is refused", () => {
    const owner = { apiVersion: "flagger.app/v1beta1", kind: "Canary", name: "catalog", controller: true };
    const plan = planChange(shop(), shift([80, 20]), seen(ninetyTen({}, { ownerReferences: [owner] })));
    expect(plan.blockers.join()).toMatch(/Canary catalog owns the route and can't be read/);
  });
});
