import { describe, expect, test } from "vitest";
import { planChange } from "../../../src/actions/catalog.ts";
import type { OutboundChange } from "../../../src/actions/change.ts";
import type { Held } from "../../../src/actions/changes/held.ts";
import type { EgressHost } from "../../../src/data/mesh/model/egress.ts";
import type { Mesh } from "../../../src/data/mesh/model/mesh.ts";
import { noTraffic } from "../../../src/data/mesh/traffic.ts";
import { ingress, meshOf, shopOf } from "../../support/builtMesh.ts";
import { workload } from "../../support/declaredOf.ts";
import { held, refOf, seen } from "./routes.ts";

const configMap = refOf("", "ConfigMap", "istio-system/istio");
const mesh = meshOf(shopOf());
const policy = { mode: "ALLOW_ANY", written: null, from: "default" } as const;
const reached = (from: string, host: string): EgressHost => ({
  from,
  kind: "passthrough",
  host,
  traffic: noTraffic,
  policy,
});
const calling: Mesh = {
  ...mesh,
  egress: {
    ...mesh.egress,
    hosts: [
      reached("shop/webapp", "api.example.com"),
      reached("shop/forum", "api.example.com"),
      reached("shop/forum", "unknown"),
      reached("bank/till", "unknown"),
    ],
  },
};

const forMesh = (mode: OutboundChange["mode"]): OutboundChange => ({
  kind: "outbound",
  target: { is: "mesh", configMap },
  mode,
});
const forPods = (
  mode: OutboundChange["mode"],
  labels: Record<string, string> | null = null,
): OutboundChange => ({
  kind: "outbound",
  target: { is: "sidecar", namespace: "shop", labels },
  mode,
});
const config = (text: string | null, metadata: object = {}) =>
  held(configMap, { data: text === null ? {} : { mesh: text } }, { ...metadata });
const sidecar = (name: string, spec: object, at = "2026-01-01T00:00:00Z") =>
  held(refOf("networking.istio.io", "Sidecar", `shop/${name}`), { spec }, { creationTimestamp: at });

describe("The mesh's outbound policy", () => {
  test("asks for more than a y, and names what it cuts and who will revert it", () => {
    const object = config("outboundTrafficPolicy:\n  mode: ALLOW_ANY\n", {
      ownerReferences: [{ apiVersion: "sailoperator.io/v1", kind: "IstioRevision", name: "default" }],
    });
    const plan = planChange(calling, forMesh("REGISTRY_ONLY"), seen(object));
    expect(plan.blockers).toEqual([]);
    expect(plan.grave).toBe(true);
    expect(plan.warnings).toContain("cuts api.example.com (called by shop/forum, shop/webapp)");
    expect(plan.warnings).toContain(
      "2 workloads open TCP or TLS connections to hosts that metrics can't name",
    );
    expect(plan.warnings.join()).toMatch(/Sail operator reverts it at once/);
  });

  test.each([
    [
      "a mode that istiod does not know, because it would ignore the whole file",
      forMesh("REGISTRY" as "ALLOW_ANY"),
      config("a: 1\n"),
      /no mode here/,
    ],
    ["a ConfigMap without the key", forMesh("REGISTRY_ONLY"), config(null), /has no key mesh/],
    ["YAML that is broken already", forMesh("REGISTRY_ONLY"), config("a: [\n"), /ignores it whole/],
    [
      "what is so already",
      forMesh("ALLOW_ANY"),
      config("outboundTrafficPolicy: {mode: ALLOW_ANY}\n"),
      /so already/,
    ],
    ["a ConfigMap that is gone", forMesh("ALLOW_ANY"), sidecar("x", {}), /not there any more/],
  ])("is not changed for %s", (_case, change, object, reason) => {
    expect(planChange(mesh, change, seen(object)).blockers.join()).toMatch(reason);
  });
});

describe("The outbound policy of a namespace", () => {
  test("is set in its Sidecar without selector: the oldest, as Istio chooses", () => {
    const plan = planChange(
      calling,
      forPods("REGISTRY_ONLY"),
      seen(
        sidecar("young", {}, "2026-02-01T00:00:00Z"),
        sidecar("old", { egress: [{ hosts: ["./*"] }] }),
        sidecar("oldest", { workloadSelector: { labels: { app: "webapp" } } }, "2025-01-01T00:00:00Z"),
      ),
    );
    expect(plan.patches).toMatchObject([
      {
        do: "edit",
        ref: { name: "old" },
        edits: [{ op: "add", path: "/spec/outboundTrafficPolicy", now: { mode: "REGISTRY_ONLY" } }],
      },
    ]);
    expect(plan.grave).toBe(false);
    expect(plan.warnings).toContain(
      "1 workload opens TCP or TLS connections to hosts that metrics can't name",
    );
  });

  test("is a new Sidecar where there is none, which says what that implies", () => {
    const plan = planChange(
      mesh,
      forPods("REGISTRY_ONLY"),
      seen(sidecar("default", { workloadSelector: { labels: { app: "x" } } })),
    );
    expect(plan.patches).toMatchObject([
      {
        do: "create",
        ref: { name: "default-outbound-1" },
        manifest: { kind: "Sidecar", spec: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } } },
      },
    ]);
    expect(plan.warnings.join()).toMatch(
      /creates Sidecar shop\/default-outbound-1.*root namespace no longer counts/,
    );
  });

  test("for some pods copies the Sidecar of the namespace, so that nothing else changes for them", () => {
    const egress = [{ hosts: ["./*"] }];
    const plan = planChange(
      mesh,
      forPods("ALLOW_ANY", { app: "webapp" }),
      seen(sidecar("default", { egress })),
    );
    expect(plan.patches).toMatchObject([
      {
        do: "create",
        ref: { name: "webapp" },
        manifest: { spec: { egress, workloadSelector: { labels: { app: "webapp" } } } },
      },
    ]);
    expect(plan.warnings.join()).toMatch(/copy of Sidecar shop\/default/);
  });

  test("for pods that a Sidecar selects is set there, and says whom else it is for", () => {
    const object = sidecar("webapp", {
      workloadSelector: { labels: { app: "webapp" } },
      outboundTrafficPolicy: { mode: "ALLOW_ANY" },
    });
    const plan = planChange(mesh, forPods("REGISTRY_ONLY", { app: "webapp", version: "v1" }), seen(object));
    expect(plan.patches).toMatchObject([
      { do: "edit", edits: [{ op: "set", path: "/spec/outboundTrafficPolicy/mode" }] },
    ]);
    expect(plan.warnings.join()).toMatch(/for all pods with app=webapp/);
  });

  test.each([
    ["the mesh's own mode", forPods("ALLOW_ANY_DYNAMIC_DNS"), sidecar("default", {}), /no mode here/],
    [
      "an egress proxy",
      forPods("REGISTRY_ONLY"),
      sidecar("default", { outboundTrafficPolicy: { mode: "ALLOW_ANY", egressProxy: {} } }),
      /egressProxy/,
    ],
    [
      "what is so already",
      forPods("ALLOW_ANY"),
      sidecar("default", { outboundTrafficPolicy: { mode: "ALLOW_ANY" } }),
      /so already/,
    ],
  ])("is not changed for %s", (_case, change, object, reason) => {
    expect(planChange(mesh, change, seen(object)).blockers.join()).toMatch(reason);
  });
});

describe("The outbound policy of a workload", () => {
  const release = { app: "webapp", version: "v1", "helm.sh/chart": "webapp-1.2.3" };
  const canary = workload("shop/webapp-canary", { app: "webapp", track: "canary" });
  const world = meshOf(
    shopOf({}, [
      { ...workload("shop/webapp", release), selector: { app: "webapp" } },
      { ...canary, selector: { app: "webapp", track: "canary" } },
      workload("shop/forum", { app: "forum" }),
      ingress,
    ]),
  );
  const called: Mesh = { ...world, egress: { ...world.egress, hosts: calling.egress.hosts } };

  test("selects by what never changes of its labels, and names whom else that is for", () => {
    const plan = planChange(called, forPods("REGISTRY_ONLY", release), seen());
    expect(plan.summary).toBe("outbound traffic policy of shop/webapp: REGISTRY_ONLY");
    expect(plan.patches).toMatchObject([
      {
        do: "create",
        ref: { name: "webapp" },
        manifest: { spec: { workloadSelector: { labels: { app: "webapp" } } } },
      },
    ]);
    expect(plan.warnings.join()).toMatch(/all pods with app=webapp: those of shop\/webapp-canary, too/);
  });

  test("of its own selector is nobody else's", () => {
    const plan = planChange(called, forPods("REGISTRY_ONLY", canary.template.labels), seen());
    expect(plan.patches).toMatchObject([{ ref: { name: "webapp-canary" } }]);
    expect(plan.warnings.join()).not.toMatch(/those of/);
  });

  test("is set in the Sidecar that selects by a label that the Deployment does not select by", () => {
    const object = sidecar("stable", { workloadSelector: { labels: { version: "v1" } } });
    const plan = planChange(called, forPods("REGISTRY_ONLY", release), seen(object));
    expect(plan.patches).toMatchObject([{ do: "edit", ref: { name: "stable" } }]);
    expect(plan.warnings).toContain("changes Sidecar shop/stable");
  });

  test("is not for gateways, and does nothing for pods without a proxy", () => {
    const gateways = forPods("REGISTRY_ONLY", ingress.template.labels);
    const there = {
      ...gateways,
      target: { ...gateways.target, namespace: "istio-system" },
    } as OutboundChange;
    const asGateway = world.workloads.map((one) =>
      one.key === "istio-system/istio-ingressgateway" ? { ...one, proxy: "gateway" as const } : one,
    );
    expect(planChange({ ...called, workloads: asGateway }, there, seen()).blockers.join()).toMatch(
      /istio-ingressgateway is a gateway, and gateways use no Sidecar/,
    );
    const bare = world.workloads.map((one) => ({ ...one, proxy: "none" as const }));
    const plan = planChange({ ...called, workloads: bare }, forPods("ALLOW_ANY", { app: "forum" }), seen());
    expect(plan.warnings).toContain("shop/forum has no sidecar: the policy does nothing there");
  });
});

describe("What REGISTRY_ONLY cuts", () => {
  const own = {
    mode: "ALLOW_ANY",
    written: "ALLOW_ANY",
    from: refOf("networking.istio.io", "Sidecar", "shop/forum"),
  } as const;
  const other = { ...own, from: refOf("", "ConfigMap", "istio-system/istio-canary") };
  const hosts: readonly EgressHost[] = [
    reached("shop/webapp", "b.example.com"),
    reached("shop/webapp", "a.example.com"),
    { ...reached("shop/forum", "a.example.com"), policy: own },
    { ...reached("bank/till", "a.example.com"), policy: other },
    { ...reached("shop/webapp", "c.example.com"), kind: "external" },
    reached("shop/webapp", "unknown"),
  ];
  const world: Mesh = { ...mesh, egress: { ...mesh.egress, hosts } };
  const cut = (change: OutboundChange, ...objects: readonly Held[]) =>
    planChange(world, change, seen(...objects)).cuts.map(({ host, from }) => `${from} ${host}`);
  const selecting = sidecar("forum", { workloadSelector: { labels: { app: "forum" } } });

  test.each([
    [
      "of the mesh: what its own ConfigMap decides about, by host",
      forMesh("REGISTRY_ONLY"),
      config("a: 1\n"),
      ["shop/webapp a.example.com", "shop/webapp b.example.com"],
    ],
    [
      "of a namespace: not those with a Sidecar of their own",
      forPods("REGISTRY_ONLY"),
      selecting,
      ["shop/webapp a.example.com", "shop/webapp b.example.com"],
    ],
    [
      "of a namespace whose one Sidecar is for all",
      forPods("REGISTRY_ONLY"),
      sidecar("forum", {}),
      ["shop/forum a.example.com", "shop/webapp a.example.com", "shop/webapp b.example.com"],
    ],
    ["of a workload", forPods("REGISTRY_ONLY", { app: "forum" }), selecting, ["shop/forum a.example.com"]],
    ["nothing where it becomes ALLOW_ANY", forPods("ALLOW_ANY"), sidecar("forum", {}), []],
  ])("%s", (_what, change, object, expected) => {
    expect(cut(change, object)).toEqual(expected);
  });

  test("in the root namespace is everybody's without a Sidecar of their own, and asks for more than a y", () => {
    const change = forPods("REGISTRY_ONLY");
    const root = { ...change, target: { ...change.target, namespace: "istio-system" } } as OutboundChange;
    const plan = planChange(world, root, seen());
    expect(plan.grave).toBe(true);
    expect(plan.warnings.join()).toMatch(/root namespace: this is for every namespace/);
    expect(plan.cuts.map(({ from }) => from)).toEqual(["bank/till", "shop/webapp", "shop/webapp"]);
  });
});

describe("A host of the outside", () => {
  const declare = (host: string) => ({ kind: "declareHost", namespace: "shop", host }) as const;
  test("is declared to one namespace", () => {
    const plan = planChange(mesh, declare("api.example.com"), seen());
    expect(plan.patches).toMatchObject([
      {
        do: "create",
        ref: { kind: "ServiceEntry", name: "api-example-com" },
        manifest: { spec: { hosts: ["api.example.com"], exportTo: ["."], resolution: "DNS" } },
      },
    ]);
  });
  test("is declared with the port that it was called at, under the same name", () => {
    const [patch] = planChange(mesh, declare("api.example.com:8080"), seen()).patches;
    expect(patch).toMatchObject({
      ref: { name: "api-example-com" },
      manifest: {
        spec: {
          hosts: ["api.example.com"],
          ports: [
            { number: 80, name: "http", protocol: "HTTP" },
            { number: 443, name: "tls", protocol: "TLS" },
            { number: 8080, name: "http-8080", protocol: "HTTP" },
          ],
        },
      },
    });
    const [plain] = planChange(mesh, declare("api.example.com"), seen()).patches;
    expect(planChange(mesh, declare("api.example.com:80"), seen()).patches).toEqual([plain]);
  });
  test.each([
    "unknown",
    "10.0.0.1 ; rm",
    "*.example.com",
    "-a.example.com",
    "",
    "a.example.com:0",
    "a.example.com:70000",
    "[::1]:80",
  ])("%j is none that can be", (host) => {
    expect(planChange(mesh, declare(host), seen()).blockers).not.toEqual([]);
  });
});
