import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readObject } from "../../src/data/kubernetes/readObject.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import { clusters, create, write, type TestCluster } from "../data/kubernetes/support/clusters.ts";
import { follow, type Following } from "../data/kubernetes/support/following.ts";

const istio = "/apis/networking.istio.io/v1/namespaces";

function virtualService(name: string, namespace: string, weights: readonly [number, number]) {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, namespace },
    spec: {
      hosts: [name],
      http: [
        {
          route: [
            { destination: { host: name, subset: "v1" }, weight: weights[0] },
            { destination: { host: name, subset: "v2" }, weight: weights[1] },
          ],
        },
      ],
    },
  };
}

function service(name: string, namespace: string) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  };
}

const mesh = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio" } };

function weightsOf(declared: Declared, name: string): readonly (number | null)[] {
  const found = declared.virtualServices.find(({ meta }) => meta.ref.name === name);
  return found?.http[0]?.destinations.map(({ weight }) => weight) ?? [];
}

function stateOf(declared: Declared, kind: string): string | undefined {
  return declared.kinds.find((status) => status.kind === kind)?.state.is;
}

describe.each(clusters)("the watch of $name", ({ absent, start }) => {
  describe.skipIf(absent !== null)(absent ?? "at hand", () => {
    let cluster: TestCluster;
    let following: Following;
    const shop = "/api/v1/namespaces/shop";

    beforeAll(async () => {
      cluster = await start();
      const { admin } = cluster;
      for (const name of ["shop", "istio-system"]) {
        await create(admin, "/api/v1/namespaces", {
          apiVersion: "v1",
          kind: "Namespace",
          metadata: { name },
        });
      }
      await create(admin, `${shop}/services`, service("web", "shop"));
      await create(admin, `${istio}/shop/virtualservices`, virtualService("web", "shop", [90, 10]));
      following = follow(admin);
    });
    afterAll(async () => {
      following.stop();
      await cluster.stop();
    });

    test("agrees with what was created, and says that the source is live", async () => {
      const declared = await following.until("The first lists", (_, state) => state.is === "live");
      expect(weightsOf(declared, "web")).toEqual([90, 10]);
      const web = declared.services.find(({ meta }) => meta.ref.name === "web");
      expect(web).toMatchObject({ type: "ClusterIP", headless: false, selector: { app: "web" } });
      expect(web?.ports).toMatchObject([{ name: "http", port: 80, targetPort: 8080, transport: "TCP" }]);
      expect(web?.meta.ref).toEqual({
        group: "",
        version: "v1",
        kind: "Service",
        namespace: "shop",
        name: "web",
      });
      expect(declared.unreadable).toEqual([]);
      expect(declared.namespaces.map(({ meta }) => meta.ref.name)).toContain("shop");
    });

    test("lists no kind as loading once it is live, and what is served as live", () => {
      const { kinds } = following.declared();
      expect(kinds.filter(({ state }) => state.is !== "live" && state.is !== "absent")).toEqual([]);
      expect(stateOf(following.declared(), "virtualservices.networking.istio.io")).toBe("live");
      expect(kinds.map(({ kind }) => kind)).toContain("pods");
    });

    test("brings a changed weight, a new object and a deleted one", async () => {
      const { admin } = cluster;
      await write(admin, "PATCH", `${istio}/shop/virtualservices/web`, {
        spec: virtualService("web", "shop", [70, 30]).spec,
      });
      await following.until("The new weight", (declared) => weightsOf(declared, "web")[1] === 30);
      await create(admin, `${istio}/shop/virtualservices`, virtualService("cart", "shop", [50, 50]));
      await following.until("The new object", (declared) => weightsOf(declared, "cart").length === 2);
      await write(admin, "DELETE", `${istio}/shop/virtualservices/cart`, null);
      await following.until("The deletion", (declared) => weightsOf(declared, "cart").length === 0);
    });

    test("leaves the arrays of other kinds as they were", async () => {
      const before = following.declared();
      await create(cluster.admin, `${shop}/services`, service("search", "shop"));
      const after = await following.until("The Service", ({ services }) => services !== before.services);
      expect(after.virtualServices).toBe(before.virtualServices);
      expect(after.workloads).toBe(before.workloads);
    });

    test("reads a mesh ConfigMap by name and no other ConfigMap", async () => {
      const path = "/api/v1/namespaces/istio-system/configmaps";
      await create(cluster.admin, path, { ...mesh, metadata: { name: "passwords" }, data: { mesh: "a: b" } });
      await create(cluster.admin, path, {
        ...mesh,
        data: { mesh: "outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n" },
      });
      const declared = await following.until("The mesh config", ({ meshConfigs }) => meshConfigs.length > 0);
      expect(declared.meshConfigs).toMatchObject([{ revision: "default", outboundMode: "REGISTRY_ONLY" }]);
      expect(JSON.stringify(declared)).not.toContain("passwords");
    });

    test("finds the ConfigMap of a revision by istiod's Deployment", async () => {
      const labels = { app: "istiod", "istio.io/rev": "canary" };
      const template = {
        metadata: { labels },
        spec: { containers: [{ name: "discovery", image: "istiod" }] },
      };
      await create(cluster.admin, "/api/v1/namespaces/istio-system/configmaps", {
        ...mesh,
        metadata: { name: "istio-canary" },
        data: { mesh: "rootNamespace: istio-system\n" },
      });
      await create(cluster.admin, "/apis/apps/v1/namespaces/istio-system/deployments", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "istiod-canary", labels },
        spec: { selector: { matchLabels: { app: "istiod" } }, template },
      });
      const declared = await following.until("The revision", ({ meshConfigs }) => meshConfigs.length === 2);
      expect(declared.meshConfigs.map(({ revision }) => revision).toSorted()).toEqual(["canary", "default"]);
    });

    test("reads pods as metadata", async () => {
      await create(cluster.admin, `${shop}/pods`, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web-1", labels: { app: "web", version: "v1" } },
        spec: { containers: [{ name: "web", image: "web" }] },
      });
      const declared = await following.until("The pod", ({ pods }) => pods.length === 1);
      expect(declared.pods[0]?.meta.labels).toEqual({ app: "web", version: "v1" });
    });

    test("reads an object anew for describe, without managedFields, and refuses a Secret", async () => {
      const ref = {
        group: "networking.istio.io",
        version: "v1",
        kind: "VirtualService",
        namespace: "shop",
        name: "web",
      };
      const read = await readObject(cluster.admin, ref);
      expect(read).toMatchObject({ ok: true, value: { kind: "VirtualService", spec: { hosts: ["web"] } } });
      expect(JSON.stringify(read)).not.toContain("managedFields");
      expect(await readObject(cluster.admin, { ...ref, name: "gone" })).toMatchObject({
        ok: false,
        error: { kind: "absent" },
      });
      const secret = { group: "", version: "v1", kind: "Secret", namespace: "shop", name: "web" };
      expect(await readObject(cluster.admin, secret)).toMatchObject({
        ok: false,
        error: { kind: "refused" },
      });
    });

    test("reads more objects than one page holds", async () => {
      const names = Array.from({ length: 510 }, (_, index) => `many-${index}`);
      for (let at = 0; at < names.length; at += 30) {
        const some = names.slice(at, at + 30);
        await Promise.all(
          some.map((name) =>
            create(cluster.direct, `${istio}/shop/virtualservices`, virtualService(name, "shop", [1, 1])),
          ),
        );
      }
      const second = follow(cluster.direct);
      const declared = await second.until("The lists", (_, { is }) => is === "live");
      second.stop();
      const read = declared.virtualServices
        .map(({ meta }) => meta.ref.name)
        .filter((name) => name.startsWith("many-"));
      expect(new Set(read)).toEqual(new Set(names));
      expect(read).toHaveLength(510);
    }, 60_000);

    test("survives cut connections without losing a change", async () => {
      cluster.relay.cut();
      await create(cluster.direct, `${istio}/shop/virtualservices`, virtualService("cut", "shop", [1, 2]));
      await following.until("The change after the cut", (declared) => weightsOf(declared, "cut")[1] === 2);
    });

    test("turns stale while the server is away, keeps its objects, and comes back by itself with what it missed", async () => {
      const before = following.declared().virtualServices.length;
      await cluster.relay.down();
      const stale = await following.until("The stale state", (_, state) => state.is === "stale", 20);
      expect(stale.virtualServices.length).toBe(before);
      const state = following.state();
      expect(state.is === "stale" ? state.error.message : "").toMatch(
        /127\.0\.0\.1:\d+ can't be reached: the connection is refused\./,
      );
      await cluster.relay.up();
      await write(cluster.direct, "DELETE", `${istio}/shop/virtualservices/cut`, null);
      await following.until(
        "The return",
        (declared, { is }) => is === "live" && weightsOf(declared, "cut").length === 0,
        40,
      );
    }, 60_000);

    test("lists anew when its version is too old, and forgets what vanished meanwhile", async () => {
      const { admin, relay } = cluster;
      await create(admin, `${istio}/shop/virtualservices`, virtualService("old", "shop", [1, 1]));
      await following.until("The object", (declared) => weightsOf(declared, "old").length === 2);
      await relay.down();
      await write(cluster.direct, "DELETE", `${istio}/shop/virtualservices/old`, null);
      await cluster.compact();
      await relay.up();
      await following.until(
        "The new list",
        (declared, { is }) => is === "live" && weightsOf(declared, "old").length === 0,
        40,
      );
    }, 60_000);
  });
});
