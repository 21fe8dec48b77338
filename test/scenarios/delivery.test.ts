import { describe, expect } from "vitest";
import type { ResourceRef } from "../../src/data/mesh/declared/meta.ts";
import type { Canary } from "../../src/data/mesh/model/canary.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { clusterOf } from "../../src/actions/cluster.ts";
import { shiftOf } from "../../src/actions/wishes.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { instant } from "../../src/data/mesh/units.ts";
import { legends } from "../../src/ui/views/legend.ts";
import { rulesOf } from "../support/builtMesh.ts";
import { describedCanary, describedService } from "../support/described.ts";
import { row } from "../support/row.ts";
import { followStory, meshOfStory } from "../support/storyMesh.ts";
import { requestTo } from "../support/writePath.ts";

function canaryOf(mesh: Mesh, name: string): Canary {
  const found = mesh.canaries.find(({ ref }) => ref.name === name);
  expect(found, name).toBeDefined();
  return found!;
}

/** One look for each visit of Flagger. */
const visits = (times: number) => ({ everyMs: 45_000, times });

describe("Flagger", () => {
  row(
    9,
    "a Canary has its phase, the weight of its route, its failed checks, next step and last event; a match makes it no A/B test",
    async () => {
      const mesh = await meshOfStory("coolstore", "catalog-release");
      const canary = canaryOf(mesh, "catalog-release");
      expect(canary).toMatchObject({
        strategy: "canary",
        phase: "Progressing",
        weight: { canary: 30, total: 100 },
        step: { now: 3, of: 5 },
        nextWeight: 40,
        failedChecks: 0,
        threshold: 5,
        interval: 45_000,
        lastEvent: {
          type: "Normal",
          message: "Advance catalog-release.istioinaction canary weight 30",
        },
      });
      // What Flagger asks at its next look, and the requests that it is answered by now.
      expect(canary.waitsAt).toBeNull();
      expect(canary.metrics).toMatchObject([
        { name: "request-success-rate", min: 99, unit: "%" },
        { name: "request-duration", max: 500, unit: "ms" },
      ]);
      expect(canary.metrics[0]!.requests).toBeGreaterThan(0);
      expect(describedCanary(mesh, canary)).toMatch(
        /passes +request-success-rate: 100 %, at least 99 %, n \d+/,
      );
      expect(describedCanary(mesh, canary)).toMatch(/next look +in about \d+s/);
      // The weights are for webapp alone: whoever else calls stays on the primary.
      const rules = rulesOf(mesh, "istioinaction/catalog");
      expect(rules.map(({ matches }) => matches)).toEqual([["from app=webapp"], []]);
      expect(rules.map(({ destinations }) => destinations.map(({ share }) => share))).toEqual([
        [0.7, 0.3],
        [1],
      ]);
      const fromForum = mesh.graph.edges.filter(({ from }) => from === "workload:istioinaction/forum");
      expect(fromForum.map(({ to }) => to)).toEqual(["service:istioinaction/catalog-primary"]);
      expect(describedCanary(mesh, canary)).toMatch(/next step +weight 40/);
    },
  );

  row(
    10,
    "a run goes up by its steps, is promoted, and succeeds with everything back on the primary",
    async () => {
      const meshes = await followStory("coolstore", "catalog-release", visits(16));
      const seen = meshes.map((mesh) => {
        const { phase, weight } = canaryOf(mesh, "catalog-release");
        return `${phase} ${weight!.canary}`;
      });
      const run = seen.slice(seen.indexOf("Progressing 0"));
      expect(run.filter((one, at) => one !== run[at - 1]).slice(0, 9)).toEqual([
        ...[0, 10, 20, 30, 40, 50].map((weight) => `Progressing ${weight}`),
        "Promoting 50",
        "Finalising 0",
        "Succeeded 0",
      ]);
    },
  );

  row(
    11,
    "the weights of a run stand as a sparkline, by what Flagger says itself, whether or not Prometheus scrapes it",
    async () => {
      const mesh = await meshOfStory("coolstore", "catalog-release");
      const canary = canaryOf(mesh, "catalog-release");
      // One run to its end, and the next one as far as it has come.
      expect(canary.history).toEqual([0, 10, 20, 30, 40, 50, 0, 0, 10, 20, 30]);
      expect(describedCanary(mesh, canary)).toMatch(/weights +▁▂▄▅▇█▁▁▂▄▅ +up to 50/);
    },
  );

  row(
    10,
    "a halt says why in an event, and counts as a failed check each time until the run is rolled back",
    async () => {
      const meshes = await followStory("coolstore", "canary-quiet", visits(8));
      const canaries = meshes.map((mesh) => canaryOf(mesh, "recommendation"));
      const halted = canaries.filter(
        ({ phase, failedChecks }) => phase === "Progressing" && failedChecks > 0,
      );
      expect(halted.length).toBeGreaterThan(2);
      for (const { lastEvent, weight } of halted) {
        expect(lastEvent).toMatchObject({ type: "Warning" });
        expect(lastEvent!.message).toMatch(
          /^Halt advancement no values found for istio metric .* probably recommendation\.istioinaction is not receiving traffic$/,
        );
        // The weight stands still.
        expect(weight!.canary).toBe(10);
      }
      const counts = halted.map(({ failedChecks }) => failedChecks);
      for (const [at, count] of counts.slice(1).entries()) expect(count).toBe(counts[at]! + 1);
      expect(describedCanary(meshes[canaries.indexOf(halted[0]!)]!, halted[0]!)).toMatch(
        /last event +Halt advancement no values found/,
      );
      expect(canaries.map(({ phase }) => phase)).toContain("Failed");
    },
  );

  row(
    12,
    "without revertOnDeletion a deleted Canary leaves its target at 0 replicas, and that is said before",
    async () => {
      const mesh = await meshOfStory("coolstore", "catalog-release");
      const [safe, unsafe] = ["catalog-release", "recommendation"].map((name) => canaryOf(mesh, name));
      expect([safe!.revertOnDeletion, unsafe!.revertOnDeletion]).toEqual([true, false]);
      expect(describedCanary(mesh, unsafe!)).toMatch(/if deleted +recommendation stays at 0 replicas/);
      expect(describedCanary(mesh, safe!)).toMatch(/if deleted +catalog gets its replicas back/);
      // The target of an idle Canary runs nothing by itself: the primary does.
      const replicas = mesh.workloads.filter(({ name }) => /^recommendation/.test(name));
      expect(replicas.map(({ name, desired }) => [name, desired])).toEqual([
        ["recommendation", 0],
        ["recommendation-primary", 2],
      ]);
    },
  );
});

describe("changing what is there", () => {
  row(
    23,
    "weights are shifted on a route that exists; a service without one is refused, and nothing is created on the way",
    async () => {
      const weights = { v1: 80, v2: 20 };
      const shift = shiftOf(await meshOfStory("bookinfo", "reviews-90-10"), {
        service: "bookinfo/reviews",
        rule: null,
        weights,
      });
      if (!shift.ok) throw new Error(shift.error);
      expect(shift.value).toMatchObject({
        kind: "shift",
        route: { kind: "VirtualService", namespace: "bookinfo", name: "reviews" },
        rule: 0,
        weights: [80, 20],
      });
      const none = shiftOf(await meshOfStory("bookinfo"), {
        service: "bookinfo/reviews",
        rule: null,
        weights,
      });
      expect(none.ok ? "" : none.error).toMatch(/bookinfo\/reviews has no rule/);
    },
  );

  row(
    49,
    "a wildcard host on the mesh is refused by the webhook, and its words are shown as they are",
    async () => {
      const started = await startDemo({ scenario: "helloworld", seed: 1, clock: () => Date.now() });
      if (!started.ok) throw new Error(started.error.message);
      const route: ResourceRef = {
        group: "networking.istio.io",
        version: "v1",
        kind: "VirtualService",
        namespace: "default",
        name: "helloworld",
      };
      try {
        const cluster = clusterOf(await requestTo(started.value.kubeconfig), () => instant(Date.now()));
        const held = await cluster.read(route);
        if (!held.ok || held.value === null) throw new Error("helloworld has no route");
        const { uid, resourceVersion } = held.value;
        const answer = await cluster.write(
          {
            ...{ do: "edit", ref: route, subresource: null, uid, resourceVersion, pinned: true, guards: [] },
            edits: [{ op: "set", path: "/spec/gateways/0", was: "helloworld-gateway", now: "mesh" }],
          },
          "dry run",
        );
        expect(answer.ok).toBe(false);
        if (!answer.ok) {
          expect(JSON.stringify(answer.error)).toContain(
            "configuration is invalid: wildcard host * is not allowed for virtual services bound to the mesh gateway",
          );
        }
      } finally {
        await started.value.stop();
      }
    },
  );

  row(51, "the help of the traffic view says that kubectl port-forward goes past all proxies", () => {
    const words = new Map(legends.traffic);
    expect(words.get("kubectl port-forward")).toMatch(/past all proxies: no route/);
    return Promise.resolve();
  });
});

describe("what cannot be seen", () => {
  row(24, "a port that is named foo says no protocol, and what that costs is said", async () => {
    const mesh = await meshOfStory("bookinfo", "port-foo");
    const found = mesh.findings.map(({ code, object, path, message }) => [code, object.name, path, message]);
    expect(found).toEqual([
      [
        "MT0901",
        "details",
        "spec.ports[0].name",
        "Port 9080 is named foo, which says no protocol; proxies guess it.",
      ],
    ]);
  });

  row(
    59,
    "proxies export the stats of xds-grpc alone, so a breaker is unknown, and how to switch its stats on is said",
    async () => {
      const started = await startDemo({ scenario: "coolstore", seed: 1, clock: () => Date.now() });
      if (!started.ok) throw new Error(started.error.message);
      const query = 'count by (cluster_name) ({__name__=~"envoy_cluster_.*"})';
      const answer = await fetch(
        `${started.value.prometheusUrl}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
      );
      const { data } = (await answer.json()) as { data: { result: readonly { metric: object }[] } };
      await started.value.stop();
      expect(data.result.map(({ metric }) => metric)).toEqual([{ cluster_name: "xds-grpc" }]);
      const shown = describedService(await meshOfStory("coolstore"), "istioinaction/catalog");
      expect(shown).toMatch(
        /Circuit breaker\n +state +unknown\n +to know more +proxies export breaker stats only/,
      );
      expect(shown).toContain("proxyStatsMatcher.inclusionRegexps");
    },
  );
});
