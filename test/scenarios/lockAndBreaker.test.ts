import { describe, expect } from "vitest";
import { breakerCallers } from "../../src/data/mesh/proxies/breakerCallers.ts";
import { reachedLimits } from "../../src/data/mesh/proxies/envoyClusters.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { withProxiesOf, type StoryProxies } from "../support/storyProxies.ts";
import { meshIn, meshOfStory } from "../support/storyMesh.ts";

/** What the proxies of a service's callers answer, as the page of its breaker asks them. */
async function askAbout({ reader, mesh }: StoryProxies, service: string) {
  const { key, host } = serviceOf(mesh, service);
  const { withProxy } = breakerCallers(mesh, key);
  return Promise.all(
    withProxy.map(async ({ workload, namespace, name, selector }) => ({
      caller: workload,
      look: await reader.askCaller({ namespace, name, selector, host }),
    })),
  );
}

function clusterIn({ look }: Awaited<ReturnType<typeof askAbout>>[number], subset: string) {
  if (!look.clusters.ok) throw new Error(look.clusters.error.message);
  return look.clusters.value.find((cluster) => cluster.subset === subset)!;
}

describe("breakers", () => {
  row(34, "a configured pool is a limit with its source, and says nothing of being open", async () => {
    const { breakers } = await meshOfStory("coolstore");
    const catalog = breakers.filter(({ service }) => service === "istioinaction/catalog");
    expect(catalog.length).toBeGreaterThan(0);
    for (const { connectionPool, definedBy, state } of catalog) {
      expect(connectionPool!.maxConnections).toBe(100);
      expect(definedBy).toMatchObject({ kind: "DestinationRule", name: "catalog" });
      expect(state.verdict).toBe("unknown");
    }
  });

  row(35, "a pool of 1/1/1 under two callers trips: UO on the edge of who calls", async () => {
    const mesh = await meshOfStory("httpbin", "breaker");
    const tripping = mesh.breakers.filter(({ state }) => state.verdict === "tripping");
    expect(tripping.map(({ service, subset }) => [service, subset])).toContainEqual([
      "default/httpbin",
      "v1",
    ]);
    const edge = mesh.graph.edges.find(({ from }) => from === "workload:default/fortio")!;
    expect(edge.traffic.requests!.flags!["UO"]! / edge.traffic.requests!.rate).toBeGreaterThan(0.4);
  });

  row(
    36,
    "a bad pod that is taken out leaves requests without a healthy host, and the breaker is called ejected",
    async () => {
      const mesh = await meshOfStory("fleetman", "breaker");
      const ejected = mesh.breakers.filter(({ state }) => state.verdict === "ejected");
      const risky = ejected.find(({ subset }) => subset === "risky-group");
      // 100 % of the one pod that the subset has.
      expect(risky).toMatchObject({ service: "default/fleetman-staff-service", hosts: 1, ejectable: 1 });
      // Who found no host says no subset; the safe one has answered well all the while.
      expect(mesh.breakers.find(({ subset }) => subset === "safe-group")?.state).toMatchObject({
        verdict: "unknown",
        noHealthyUpstream: null,
      });
    },
  );

  row(
    36,
    "each client ejects for itself: Envoy's gauges say how many of them do, and of which subset",
    async () => {
      // A day of its own: who has ejected whom at a given instant is chance, from the seed and the clock.
      const at = Date.UTC(2026, 0, 1);
      const started = await startDemo({
        scenario: "fleetman",
        variant: "breaker-stats",
        seed: 1,
        clock: () => at,
      });
      if (!started.ok) throw new Error(started.error.message);
      const { mesh } = await meshIn(started.value, at).finally(() => started.value.stop());
      const rowOf = (name: string) => mesh.breakers.find(({ subset }) => subset === name)!;
      // Three pods of the API gateway call both subsets; the risky one has one pod, and it fails every time.
      const { seen, state } = rowOf("risky-group");
      expect(seen?.ejections).toMatchObject({ clients: 3, mostHosts: 1 });
      expect(seen?.ejections?.seeing).toBeGreaterThan(0);
      expect(state.verdict).toBe("ejected");
      expect(rowOf("safe-group")).toMatchObject({
        state: { verdict: "closed" },
        seen: { ejections: { clients: 3, seeing: 0, mostHosts: 0 }, pools: { clients: 3, open: 0 } },
      });
    },
  );

  row(
    35,
    "the Envoy of who calls says on demand that its pool of one connection is used up, of which subset, from which pod",
    async () => {
      const looks = await withProxiesOf("httpbin", "breaker", (story) => askAbout(story, "default/httpbin"));
      const [fortio] = looks;
      expect(fortio?.caller).toBe("default/fortio");
      expect(fortio?.look.pod).toMatch(/^fortio-/);
      const v1 = clusterIn(fortio!, "v1");
      expect(v1).toMatchObject({ port: 8000, hosts: 1, maxConnections: 1, maxPending: 1, maxRequests: null });
      // 33 requests a second that take 60 ms each want two connections, and there is one.
      expect(reachedLimits(v1)).toEqual(["connections"]);
      expect(reachedLimits(clusterIn(fortio!, "v2"))).toEqual([]);
    },
  );

  row(
    36,
    "the Envoy of who calls says on demand whom it has ejected, by the name of the pod, and of which of the subsets",
    async () => {
      const looks = await withProxiesOf("fleetman", "breaker", (story) =>
        askAbout(story, "default/fleetman-staff-service"),
      );
      expect(looks.map(({ caller }) => caller)).toEqual(["default/api-gateway"]);
      const risky = clusterIn(looks[0]!, "risky-group");
      expect(risky.hosts).toBe(1);
      expect(risky.ejected.map(({ pod }) => pod?.slice(0, "staff-service-risky".length))).toEqual([
        "staff-service-risky",
      ]);
      expect(clusterIn(looks[0]!, "safe-group").ejected).toEqual([]);
    },
  );

  row(
    61,
    "what ztunnels send meets the breaker of the waypoint, so its Envoy is asked for all of them",
    async () => {
      const looks = await withProxiesOf("bookinfo", "ambient-waypoint", (story) =>
        askAbout(story, "bookinfo/reviews"),
      );
      expect(looks.map(({ caller }) => caller)).toEqual(["bookinfo/waypoint"]);
      expect(looks[0]?.look.pod).toMatch(/^waypoint-/);
      const { clusters } = looks[0]!.look;
      if (!clusters.ok) throw new Error(clusters.error.message);
      // The Service has three versions of one pod each, and a DestinationRule that names them.
      expect(clusters.value.map(({ subset, port, hosts }) => [subset, port, hosts])).toEqual([
        [null, 9080, 3],
        ["v1", 9080, 1],
        ["v2", 9080, 1],
        ["v3", 9080, 1],
      ]);
    },
  );

  row(37, "configured and tripping are two words: a rule alone never makes a breaker look open", async () => {
    const quiet = await meshOfStory("coolstore");
    expect(quiet.breakers.map(({ state }) => state.verdict)).not.toContain("tripping");
    expect(serviceOf(quiet, "istioinaction/catalog").breaker.verdict).toBe("unknown");
    const loud = await meshOfStory("httpbin", "breaker");
    expect(serviceOf(loud, "default/httpbin").breaker.verdict).toBe("tripping");
  });
});

describe("locks", () => {
  row(
    43,
    "a caller without a sidecar is let in under PERMISSIVE: an unknown source and an open lock",
    async () => {
      const mesh = await meshOfStory("fleetman", "nodeport");
      const edge = mesh.graph.edges.find(
        ({ from, to }) => from === "unknown" && to === "service:default/fleetman-webapp",
      )!;
      expect(edge.lock).toMatchObject({ state: "none", mtls: 0 });
      expect(serviceOf(mesh, "default/fleetman-webapp").lock.state).toBe("partial");
    },
  );

  row(44, "STRICT for the mesh closes every lock, and says which policy decided", async () => {
    const mesh = await meshOfStory("fleetman", "strict-mesh");
    expect(mesh.mtls.mesh).toMatchObject({
      mode: "STRICT",
      from: { namespace: "istio-system", name: "default" },
    });
    expect(serviceOf(mesh, "default/fleetman-webapp").lock.state).toBe("full");
    const own = mesh.mtls.namespaces.find(({ namespace }) => namespace === "default")!;
    expect(own.effective).toMatchObject({ mode: "STRICT", from: { namespace: "istio-system" } });
  });

  row(45, "STRICT for one workload is that workload's alone", async () => {
    const mesh = await meshOfStory("fleetman", "strict-workload");
    const modes = Object.fromEntries(mesh.workloads.map(({ key, mtls }) => [key, mtls.mode]));
    expect(modes["default/webapp"]).toBe("STRICT");
    expect(modes["default/api-gateway"]).toBe("PERMISSIVE");
  });
});
