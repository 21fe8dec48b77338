import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DestinationRule } from "../../../../src/data/mesh/declared/routing.ts";
import { destinationRuleFor, subsetOf } from "../../../../src/data/mesh/resolve/destinationRules.ts";
import {
  destinationRule,
  meshConfig,
  service,
  serviceEntry,
  trafficPolicy,
} from "../../../support/declaredOf.ts";
import { born, registry, sidecarIn } from "./builders.ts";

const host = "catalog.shop.svc.cluster.local";
const v1 = { v1: { version: "v1" } };
const v2 = { v2: { version: "v2" } };

/** Names of the DestinationRules that a client of `namespace` sees for catalog, and of its subsets. */
function seen(rules: readonly DestinationRule[], namespace = "web", labels = {}): readonly string[] {
  const lists = registry({ services: [service("shop/catalog")], destinationRules: rules });
  const found = destinationRuleFor(lists, host, sidecarIn(namespace, labels));
  return [...(found?.refs ?? []), ...(found?.subsets ?? [])].map(({ name }) => name);
}

describe("where a client's DestinationRule comes from (istio.md 2.7, destinationRule in push_context.go)", () => {
  const client = destinationRule("web/of-client", v1, { host });
  const owner = destinationRule("shop/of-owner", v1, { host });
  const root = destinationRule("istio-system/of-root", v1, { host });
  const stranger = destinationRule("other/of-stranger", v1, { host });

  test.each([
    ["the client's namespace before all", [root, owner, client], ["of-client", "v1"]],
    ["then the service's namespace", [root, owner], ["of-owner", "v1"]],
    ["then the root namespace", [root], ["of-root", "v1"]],
    ["a third namespace never", [stranger], []],
  ])("%s", (_, rules, expected) => {
    expect(seen(rules)).toEqual(expected);
  });

  test("a wildcard in the client's namespace hides the owner's subsets: the first hit wins whole", () => {
    const wide = destinationRule("web/all", {}, { host: "*.local" });
    expect(seen([owner, wide])).toEqual(["all"]);
    expect(seen([owner, wide], "elsewhere")).toEqual(["of-owner", "v1"]);
  });

  test("inside one namespace the most specific host wins, not the oldest", () => {
    const wide = born(1, destinationRule("shop/wide", {}, { host: "*.shop.svc.cluster.local" }));
    const wider = born(1, destinationRule("shop/wider", {}, { host: "*.local" }));
    expect(seen([wide, wider, born(9, owner)])).toEqual(["of-owner", "v1"]);
    expect(seen([wider, wide])).toEqual(["wide"]);
  });

  test("a client in the root namespace asks the service's namespace first: global rules would hide everything", () => {
    expect(seen([root, owner], "istio-system")).toEqual(["of-owner", "v1"]);
    expect(seen([root], "istio-system")).toEqual(["of-root", "v1"]);
  });

  test("a rule that the root namespace keeps to itself does come first there", () => {
    const kept = destinationRule("istio-system/kept", v1, { host, exportTo: ["."] });
    expect(seen([kept, owner], "istio-system")).toEqual(["kept", "v1"]);
    expect(seen([kept], "web")).toEqual([]);
  });

  test("a short host belongs to the rule's namespace: reviews in default is not reviews in web", () => {
    expect(seen([destinationRule("shop/short", v1, { host: "catalog" })])).toEqual(["short", "v1"]);
    expect(seen([destinationRule("web/short", v1, { host: "catalog" })])).toEqual([]);
  });

  test("the namespace of a ServiceEntry owns its host", () => {
    const lists = registry({
      serviceEntries: [serviceEntry("egress/partner", ["api.example.com"])],
      destinationRules: [destinationRule("egress/partner", v1, { host: "api.example.com" })],
    });
    expect(destinationRuleFor(lists, "api.example.com", sidecarIn("web"))?.refs[0]?.name).toBe("partner");
    expect(destinationRuleFor(lists, "www.example.com", sidecarIn("web"))).toBeNull();
  });
});

describe("exportTo of DestinationRules (istio.md 2.6, 2.7)", () => {
  const owned = (exportTo: readonly string[] | null) => destinationRule("shop/rule", v1, { host, exportTo });

  test.each([
    ["absent: everybody", null, ["web", "shop"]],
    ["*: everybody", ["*"], ["web", "shop"]],
    [".: its own namespace", ["."], ["shop"]],
    ["a list: these, and not even its own", ["web"], ["web"]],
    ["~: nobody", ["~"], []],
    ["~ beside others: still nobody", ["~", "."], []],
  ])("%s", (_, exportTo, namespaces) => {
    const sees = ["web", "shop"].filter((client) => seen([owned(exportTo)], client).length > 0);
    expect(sees.sort()).toEqual([...namespaces].sort());
  });

  test("the mesh's default export decides where the object says nothing", () => {
    const lists = registry({
      services: [service("shop/catalog")],
      destinationRules: [owned(null)],
      meshConfigs: [
        meshConfig({ defaultExportTo: { service: [], virtualService: [], destinationRule: ["."] } }),
      ],
    });
    expect(destinationRuleFor(lists, host, sidecarIn("web"))).toBeNull();
    expect(destinationRuleFor(lists, host, sidecarIn("shop"))).not.toBeNull();
  });

  test("a more specific rule that is not exported still hides the owner's wider one, and the root's is next", () => {
    const wide = destinationRule("shop/wide", v1, { host: "*.shop.svc.cluster.local" });
    const root = destinationRule("istio-system/root", v1, { host });
    expect(seen([wide, owned(["third"]), root])).toEqual(["root", "v1"]);
  });
});

describe("rules for one host in one namespace merge (mergeDestinationRule in destination_rule.go)", () => {
  const policy = (pool: string) =>
    trafficPolicy({ loadBalancer: { simple: pool, consistentHash: null, locality: null } });
  const first = born(1, destinationRule("shop/first", v1, { host }));
  const second = born(2, destinationRule("shop/second", v2, { host, trafficPolicy: policy("RANDOM") }));
  const third = born(
    3,
    destinationRule(
      "shop/third",
      { v1: { version: "other" } },
      { host, trafficPolicy: policy("ROUND_ROBIN") },
    ),
  );

  test("subsets are concatenated, each defined by its own object, the oldest first", () => {
    const lists = registry({ services: [service("shop/catalog")], destinationRules: [second, first] });
    const found = destinationRuleFor(lists, host, sidecarIn("web"));
    expect(found?.refs.map(({ name }) => name)).toEqual(["first", "second"]);
    expect(found?.subsets.map(({ name, definedBy }) => [name, definedBy.name])).toEqual([
      ["v1", "first"],
      ["v2", "second"],
    ]);
  });

  test("the first top-level policy wins, whoever has it", () => {
    const lists = registry({ services: [service("shop/catalog")], destinationRules: [third, second, first] });
    const found = destinationRuleFor(lists, host, sidecarIn("web"));
    expect(found?.trafficPolicy?.definedBy.name).toBe("second");
    expect(found?.trafficPolicy?.value.loadBalancer?.simple).toBe("RANDOM");
  });

  test("of two subsets of one name the older is used and the younger is told (pilot_destrule_subsets)", () => {
    const lists = registry({ services: [service("shop/catalog")], destinationRules: [third, first] });
    const found = destinationRuleFor(lists, host, sidecarIn("web"));
    expect(subsetOf(found, "v1")).toMatchObject({ labels: { version: "v1" }, definedBy: { name: "first" } });
    expect(found?.duplicates.map(({ definedBy }) => definedBy.name)).toEqual(["third"]);
  });

  test("a subset written twice in one object counts once", () => {
    const twice = destinationRule("shop/twice", v1, { host });
    const doubled = {
      ...twice,
      subsets: [...twice.subsets, { name: "v1", labels: { version: "late" }, trafficPolicy: null }],
    };
    const lists = registry({ services: [service("shop/catalog")], destinationRules: [doubled] });
    const found = destinationRuleFor(lists, host, sidecarIn("web"));
    expect(subsetOf(found, "v1")?.labels).toEqual({ version: "v1" });
    expect(found?.duplicates).toHaveLength(1);
  });

  test("different exportTo blocks merging: who sees both gets the younger alone", () => {
    const forWeb = { ...second, exportTo: ["web"] };
    expect(seen([first, forWeb], "third")).toEqual(["first", "v1"]);
    expect(seen([first, forWeb], "web")).toEqual(["second", "v2"]);
  });

  test("a younger rule for more clients adds to the older one for fewer", () => {
    const older = { ...first, exportTo: ["web"] };
    const younger = { ...second, exportTo: ["web", "third"] };
    expect(seen([older, younger], "web")).toEqual(["first", "second", "v1", "v2"]);
  });

  test("a rule with workloadSelector is for these workloads of its own namespace only", () => {
    const selective = born(1, destinationRule("web/some", v2, { host, workloadSelector: { app: "web" } }));
    const general = born(2, destinationRule("web/all", v1, { host }));
    expect(seen([selective, general], "web", { app: "web" })).toEqual(["some", "v2"]);
    expect(seen([selective, general], "web", { app: "cron" })).toEqual(["all", "v1"]);
    expect(seen([selective], "third", { app: "web" })).toEqual([]);
  });

  test("what a client sees does not depend on the order of the list", () => {
    const all = [
      first,
      second,
      third,
      born(2, destinationRule("web/own", v2, { host: "*.local", exportTo: ["."] })),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all), fc.constantFrom("web", "shop", "third"), (some, namespace) => {
        const sorted = all.filter((rule) => some.includes(rule));
        expect(seen(some, namespace)).toEqual(seen(sorted, namespace));
      }),
    );
  });
});
