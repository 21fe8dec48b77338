import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clusters, create, type TestCluster } from "../data/kubernetes/support/clusters.ts";
import { follow, type Following } from "../data/kubernetes/support/following.ts";

const listsInFlight = 6;

describe.each(clusters)("a network that says nothing, before $name", ({ absent, start }) => {
  describe.skipIf(absent !== null)(absent ?? "at hand", () => {
    let cluster: TestCluster;
    let following: Following;
    beforeAll(async () => {
      cluster = await start();
      following = follow(cluster.admin, { speed: 20 });
      await following.until("The first lists", (_, state) => state.is === "live");
    });
    afterAll(async () => {
      following.stop();
      await cluster.stop();
    });

    test("is spared needless connections: one for each watch over HTTP/1.1, one or two in all over HTTP/2", () => {
      const { kinds } = following.declared();
      const watches = kinds.filter(({ state }) => state.is === "live").length;
      expect(watches).toBeGreaterThan(15);
      const most = cluster.url.startsWith("https:") ? 2 : watches + listsInFlight;
      expect(cluster.relay.connections()).toBeLessThanOrEqual(most);
    });

    test("makes the cluster stale by its own heartbeat, and live again with what it missed", async () => {
      cluster.relay.freeze();
      await following.until("The stale state", (_, state) => state.is === "stale", 40);
      const state = following.state();
      expect(state.is === "stale" ? state.error.message : "").toMatch(/can't be reached/);
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "meanwhile" } };
      await create(cluster.direct, "/api/v1/namespaces", namespace);
      cluster.relay.thaw();
      await following.until(
        "The return",
        ({ namespaces }, { is }) =>
          is === "live" && namespaces.some(({ meta }) => meta.ref.name === "meanwhile"),
        40,
      );
    }, 100_000);
  });
});
