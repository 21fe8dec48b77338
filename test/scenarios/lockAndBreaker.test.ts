import { describe, expect } from "vitest";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { serviceOf } from "../support/builtMesh.ts";
import { row } from "../support/row.ts";
import { meshIn, meshOfStory } from "../support/storyMesh.ts";

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
