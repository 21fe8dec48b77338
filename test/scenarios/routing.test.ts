import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../src/data/mesh/model/route.ts";
import { serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

const catalog = "istioinaction/catalog";

function rulesOf(mesh: Mesh, service: string, name: string): readonly Rule[] {
  const route = serviceOf(mesh, service).detail.routes.find(({ ref }) => ref.name === name);
  expect(route, `${service} has route ${name}`).toBeDefined();
  return route!.rules;
}

const subsetsIn = (rule: Rule | undefined): readonly (string | null)[] =>
  (rule?.destinations ?? []).map(({ subset }) => subset);

/** The configured share lies within what was observed. */
function expectAgrees({ share, observed }: Destination): void {
  expect(observed).not.toBeNull();
  expect(share!).toBeGreaterThanOrEqual(observed!.low - 0.02);
  expect(share!).toBeLessThanOrEqual(observed!.high + 0.02);
}

/** Services behind the ingress gateway that it was seen to call. */
const reachedThroughGateway = ({ graph }: Mesh): readonly string[] =>
  graph.edges.filter(({ from }) => from === "workload:istio-system/istio-ingressgateway").map(({ to }) => to);

describe("gateways and hosts", () => {
  row(
    1,
    "without a Gateway nothing listens: no metric tells of the requests, and the route says what is missing",
    async () => {
      const mesh = await meshOfStory("coolstore", "no-gateway");
      expect(reachedThroughGateway(mesh)).toEqual([]);
      const missing = mesh.findings.filter(({ object }) => object.name === "webapp-virtualservice");
      expect(missing.map(({ code, path }) => [code, path])).toEqual([["MT0106", "spec.gateways[0]"]]);
      expect(missing[0]!.message).toContain("no Gateway istioinaction/coolstore-gateway");
    },
  );

  row(
    2,
    "a Gateway without a VirtualService answers 404 NR, seen at the gateway as calls to nobody",
    async () => {
      const { graph } = await meshOfStory("coolstore", "gateway-only");
      const edges = graph.edges.filter(({ from }) => from === "workload:istio-system/istio-ingressgateway");
      expect(edges.map(({ to }) => to)).toEqual(["unknown:no route"]);
      const { requests } = edges[0]!.traffic;
      expect(requests!.flags!["NR"]).toBeCloseTo(requests!.rate, 6);
      expect(Object.keys(requests!.codes!)).toEqual(["404"]);
    },
  );

  row(
    3,
    "a route without a subset sends everything there, and the versions' own shares stand under it",
    async () => {
      const mesh = await meshOfStory("coolstore", "no-subset");
      const [rule] = rulesOf(mesh, catalog, "catalog");
      expect(rule!.destinations).toHaveLength(1);
      expect(rule!.destinations[0]).toMatchObject({ subset: null, weight: null, share: 1 });
      const shares = serviceOf(mesh, catalog).detail.versions.map(
        ({ version, share }) => [version, share!.share] as const,
      );
      for (const [, share] of shares) expect(Math.abs(share - 0.5)).toBeLessThan(0.05);
    },
  );

  row(4, "a subset has the pods with its labels, and 0 ready is a problem", async () => {
    const mesh = await meshOfStory("coolstore", "no-endpoints");
    const { subsets } = serviceOf(mesh, catalog);
    expect(subsets.map(({ name, endpoints }) => [name, endpoints.ready, endpoints.total])).toEqual([
      ["version-v1", 2, 2],
      ["version-v2", 0, 0],
    ]);
    const problems = rulesOf(mesh, catalog, "catalog").map(({ destinations }) =>
      destinations.map((d) => d.problem),
    );
    expect(problems).toEqual([["no endpoints"], [null, "no endpoints"]]);
  });

  row(5, "a single destination without a weight gets 100 %", async () => {
    const [rule] = rulesOf(await meshOfStory("coolstore", "pinned"), catalog, "catalog");
    expect(rule!.destinations[0]).toMatchObject({ subset: "version-v1", weight: null, share: 1 });
  });

  row(6, "rules stand in the order in which proxies try them, each with its match", async () => {
    const rules = rulesOf(await meshOfStory("coolstore", "dark-launch"), catalog, "catalog");
    expect(rules.map(({ matches }) => matches)).toEqual([["x-istio-cohort = internal"], []]);
    expect(rules.map(subsetsIn)).toEqual([["version-v2"], ["version-v1"]]);
  });

  row(7, "a route says whether it is for sidecars or for a gateway", async () => {
    const mesh = await meshOfStory("coolstore", "dark-launch-gateway");
    const scopes = serviceOf(mesh, catalog).detail.routes.map(({ ref, scope }) => [
      ref.name,
      scope.mesh,
      scope.gateways,
    ]);
    expect(scopes).toContainEqual(["catalog", true, []]);
    expect(scopes).toContainEqual(["webapp-virtualservice", false, ["istioinaction/coolstore-gateway"]]);
  });

  row(
    8,
    "a manual canary has its configured share beside the observed one, at 90/10, 50/50 and back at 0",
    async () => {
      for (const [variant, shares] of [
        [null, [0.9, 0.1]],
        ["canary-50-50", [0.5, 0.5]],
        ["rolled-back", [1, 0]],
      ] as const) {
        const rules = rulesOf(await meshOfStory("coolstore", variant), catalog, "catalog");
        expect(rules[1]!.destinations.map(({ share }) => share)).toEqual(shares);
      }
      const { staff } = { staff: await meshOfStory("fleetman") };
      const [rule] = rulesOf(staff, "default/fleetman-staff-service", "fleetman-staff-service");
      for (const destination of rule!.destinations) expectAgrees(destination);
    },
  );

  row(
    38,
    "two objects that write one host differently are about one service, and a small n is no drift",
    async () => {
      const mesh = await meshOfStory("fleetman");
      const service = serviceOf(mesh, "default/fleetman-staff-service");
      expect(service.subsets.map(({ name }) => name)).toEqual(["safe-group", "risky-group"]);
      const [rule] = rulesOf(mesh, service.key, "fleetman-staff-service");
      expect(rule!.destinations.map(({ problem }) => problem)).toEqual([null, null]);
      const risky = rule!.destinations[1]!;
      expect(risky.observed!.high - risky.observed!.low).toBeGreaterThan(0.02);
      expectAgrees(risky);
    },
  );

  row(40, "two prefixes of one rule are OR-ed", async () => {
    const rules = rulesOf(
      await meshOfStory("fleetman", "prefixes"),
      "default/fleetman-webapp",
      "fleetman-webapp",
    );
    expect(rules[0]!.matches).toEqual(["uri prefix /experimental", "uri prefix /canary"]);
    expect(rules[1]!.matches).toEqual(["uri prefix /"]);
  });

  row(
    41,
    "an older exact host takes everything from a newer *: both Gateways are named, and the * route has nothing observed",
    async () => {
      const mesh = await meshOfStory("fleetman", "shadowed");
      const clash = mesh.findings.filter(({ code }) => code === "MT0401");
      expect(clash.map(({ object }) => object.name)).toEqual(["ingress-gateway-configuration"]);
      expect(clash[0]!.message).toContain("fleetman.com go to Gateway default/older-gateway");
      const routes = serviceOf(mesh, "default/fleetman-webapp").detail.routes.map(({ hosts, rules }) => {
        const [to] = rules[0]!.destinations;
        return [hosts, to!.subset, to!.observed?.share ?? null];
      });
      expect(routes).toEqual([
        [["*"], "original", null],
        [["fleetman.com"], "experimental", 1],
      ]);
    },
  );

  row(42, "two hosts of one Gateway are routes apart", async () => {
    const mesh = await meshOfStory("fleetman", "subdomains");
    const routes = serviceOf(mesh, "default/fleetman-webapp").detail.routes.filter(
      ({ scope }) => !scope.mesh,
    );
    expect(routes.map(({ hosts }) => hosts)).toEqual([["fleetman.com"], ["experimental.fleetman.com"]]);
  });
});

describe("what a rule does beside routing", () => {
  row(32, "a rule says its timeout and its retries", async () => {
    const [slow] = rulesOf(await meshOfStory("httpbin", "timeout"), "default/httpbin", "httpbin");
    expect(slow!.timeout).toBe(500);
    const [tried] = rulesOf(await meshOfStory("httpbin", "retries"), "default/httpbin", "httpbin");
    expect(tried!.retries).toMatch(/3.*2 ?s.*5xx/);
  });

  row(33, "a fault is said loudly, on the rule and by its flag on the edge", async () => {
    for (const [variant, flag, fault] of [
      ["delay", "DI", /delay 5s on 10 %/],
      ["abort", "FI", /500 on 50 %/],
    ] as const) {
      const mesh = await meshOfStory("httpbin", variant);
      const [rule] = rulesOf(mesh, "default/httpbin", "httpbin");
      expect(rule!.fault).toMatch(fault);
      const edges = mesh.graph.edges.filter(({ from }) => from === "workload:default/sleep");
      const flags = edges.map(({ traffic }) => traffic.requests?.flags?.[flag] ?? 0);
      expect(Math.max(...flags)).toBeGreaterThan(0.2);
    }
  });
});
