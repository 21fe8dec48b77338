import { describe, expect } from "vitest";
import { groupGraph } from "../../src/ui/graph/groupGraph.ts";
import { groupings } from "../../src/ui/graph/grouping.ts";
import { mtlsTable } from "../../src/ui/columns/mtls.ts";
import { serviceTable } from "../../src/ui/columns/services.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { parseCommand } from "../../src/ui/commands/parseCommand.ts";
import { meshOf, serviceOf, shopOf } from "../support/builtMesh.ts";
import { workload } from "../support/declaredOf.ts";
import { describedNamespace, workloadOf } from "../support/described.ts";
import { row } from "../support/row.ts";
import { meshIn, meshOfStory } from "../support/storyMesh.ts";

describe("the picture and the lists", () => {
  row(
    22,
    "one mesh is drawn by services, versioned apps, apps and workloads, and listed by service and by workload",
    async () => {
      const mesh = await meshOfStory("bookinfo");
      const boxes = groupings.map((grouping) => [
        grouping,
        groupGraph(mesh.graph, mesh, { grouping, namespace: null })
          .boxes.filter(({ title }) => title.includes("reviews"))
          .map(({ title, workloads }) => [title, workloads.length]),
      ]);
      expect(boxes).toEqual([
        ["service", [["reviews", 3]]],
        [
          "versionedApp",
          [
            ["reviews v1", 1],
            ["reviews v2", 1],
            ["reviews v3", 1],
          ],
        ],
        ["app", [["reviews", 3]]],
        [
          "workload",
          [
            ["reviews-v1", 1],
            ["reviews-v2", 1],
            ["reviews-v3", 1],
          ],
        ],
      ]);
      const scope = { namespace: "bookinfo" };
      const services = serviceTable.rows(mesh, scope).map((one) => serviceTable.key(one));
      expect(services.toSorted()).toEqual(
        ["details", "productpage", "ratings", "reviews"].map((name) => `bookinfo/${name}`),
      );
      const workloads = mtlsTable.rows(mesh, scope).filter(({ is }) => is === "workload");
      expect(workloads.map(({ name }) => name)).toEqual([
        "details-v1",
        "productpage-v1",
        "ratings-v1",
        "reviews-v1",
        "reviews-v2",
        "reviews-v3",
      ]);
    },
  );

  row(
    55,
    "each istiod has its revision, its tags, its ConfigMap and the workloads that it serves, whatever name their namespace writes",
    async () => {
      const mesh = await meshOfStory("helloworld", "revisions");
      expect(
        mesh.controlPlanes.map(({ revision, tags, configMap }) => [revision, tags, configMap?.name]),
      ).toEqual([
        ["1-27-1", ["prod-stable"], "istio-1-27-1"],
        ["1-28-0", ["prod-canary"], "istio-1-28-0"],
      ]);
      expect(
        ["default/helloworld-v1", "trial/helloworld-v2"].map((key) => workloadOf(mesh, key).revision),
      ).toEqual(["1-27-1", "1-28-0"]);
      const labels = mesh.namespaces.map(({ name, revision }) => [name, revision]);
      expect(labels).toContainEqual(["default", "prod-stable"]);
      expect(labels).toContainEqual(["trial", "prod-canary"]);
      expect(mesh.controlPlanes.map(({ workloads }) => workloads)).toEqual([2, 1]);
      expect(describedNamespace(mesh, "mesh")).toMatch(
        /1-28-0 +1 workloads, 1 of 1 ready, tags prod-canary\s+Deployment istio-system\/istiod-1-28-0, ConfigMap istio-system\/istio-1-28-0/,
      );
    },
  );

  row(
    56,
    "what crosses between two clusters is told by the clusters' names, and a workload that only the other one knows is there by telemetry",
    async () => {
      const mesh = await meshOfStory("helloworld", "two-clusters");
      expect(mesh.clusters.map(({ from, to }) => [from, to])).toEqual([
        ["Kubernetes", "Kubernetes"],
        ["Kubernetes", "cluster2"],
      ]);
      // One pod here and one there share five requests a second.
      for (const { requests } of mesh.clusters) expect(Math.abs(requests - 2.5)).toBeLessThan(0.5);
      expect(workloadOf(mesh, "default/helloworld-v2")).toMatchObject({ ref: null, proxy: "unknown" });
      expect(describedNamespace(mesh, "mesh")).toMatch(/Kubernetes +to cluster2: [23]\.\d\/s/);
      expect((await meshOfStory("helloworld", "round-robin")).clusters).toEqual([]);
    },
  );

  row(
    58,
    "profiles, upgrades and uninstalls are istioctl's: meshtop starts none of them; an istiod that is being replaced says how many of its replicas are ready, and one that is gone leaves services and traffic on the screen",
    async () => {
      for (const word of ["install", "upgrade", "uninstall"])
        expect(parseCommand([word]).ok, word).toBe(false);
      const replaced = workload("istio-system/istiod", { app: "istiod" }, { desired: 2, ready: 1 });
      const upgrading = meshOf(shopOf({}, [replaced]));
      expect(describedNamespace(upgrading, "mesh")).toMatch(/default +0 workloads, 1 of 2 ready/);

      const at = Math.floor(Date.now() / 5_000) * 5_000;
      const started = await startDemo({ scenario: "bookinfo", variant: null, seed: 1, clock: () => at });
      if (!started.ok) throw new Error(started.error.message);
      const { store } = started.value;
      try {
        expect((await meshIn(started.value, at)).mesh.controlPlanes).toHaveLength(1);
        store.delete({ group: "apps", kind: "Deployment", namespace: "istio-system", name: "istiod" });
        store.delete({ group: "", kind: "ConfigMap", namespace: "istio-system", name: "istio" });
        const { mesh } = await meshIn(started.value, at);
        expect(mesh.controlPlanes).toEqual([]);
        expect(serviceOf(mesh, "bookinfo/reviews").traffic.requests!.rate).toBeGreaterThan(1);
      } finally {
        await started.value.stop();
      }
    },
  );
});
