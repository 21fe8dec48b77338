import { afterEach, beforeAll, afterAll, describe, expect, test } from "vitest";
import type { RbacRule } from "../support/controlPlane.ts";
import { clusters, create, type TestCluster } from "../data/kubernetes/support/clusters.ts";
import { follow, type Following } from "../data/kubernetes/support/following.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";

const watching = ["get", "list", "watch"];
const readIstio: RbacRule = {
  apiGroups: ["networking.istio.io"],
  resources: ["virtualservices", "destinationrules"],
  verbs: watching,
};
const readServices: RbacRule = { apiGroups: [""], resources: ["services"], verbs: watching };

function statusOf(declared: Declared, kind: string) {
  return declared.kinds.find((status) => status.kind === kind);
}

/** What the server is asked at the start takes a moment; a wait of five minutes does too, so time runs faster here. */
const speed = 200;

describe.each(clusters)("a user with few rights on $name", ({ absent, start }) => {
  describe.skipIf(absent !== null)(absent ?? "at hand", () => {
    let cluster: TestCluster;
    const followings: Following[] = [];
    const followLimited = (options: Parameters<typeof follow>[1]): Following => {
      const following = follow(cluster.limited, options);
      followings.push(following);
      return following;
    };

    beforeAll(async () => {
      cluster = await start();
      for (const name of ["shop", "bank"]) {
        const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
        await create(cluster.direct, "/api/v1/namespaces", namespace);
        await create(cluster.direct, `/api/v1/namespaces/${name}/services`, {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: `${name}-web`, namespace: name },
          spec: { ports: [{ port: 80 }] },
        });
      }
    });
    afterEach(() => {
      for (const following of followings) following.stop();
    });
    afterAll(() => cluster.stop());

    test("who may read nothing sees each kind as forbidden, in the server's words, and the cluster as live", async () => {
      const following = followLimited({});
      const declared = await following.until("The answers", (_, state) => state.is === "live");
      const services = statusOf(declared, "services");
      expect(services).toMatchObject({
        objects: 0,
        state: { is: "forbidden", error: { kind: "forbidden" } },
      });
      const said = services?.state.is === "forbidden" ? services.state.error.message : "";
      expect(said).toContain('cannot list resource "services"');
      expect(declared.services).toEqual([]);
    });

    test("who may read one namespace sees that one, and the line of each kind says so", async () => {
      await cluster.grant([readServices], "shop");
      const following = followLimited({ namespace: "shop" });
      const declared = await following.until(
        "The Services",
        ({ services }, { is }) => is === "live" && services.length > 0,
      );
      expect(declared.services.map(({ meta }) => meta.ref.name)).toEqual(["shop-web"]);
      expect(statusOf(declared, "services")).toMatchObject({
        namespace: "shop",
        state: { is: "live" },
        objects: 1,
      });
      expect(statusOf(declared, "pods")?.state.is).toBe("forbidden");
    });

    test("a right that is granted later is found without a restart", async () => {
      const following = followLimited({ namespace: "shop", speed });
      const isRead = (declared: Declared): boolean =>
        ["virtualservices", "destinationrules"].every(
          (kind) => statusOf(declared, `${kind}.networking.istio.io`)?.state.is === "live",
        );
      await following.until("The refusal", (declared, { is }) => is === "live" && !isRead(declared));
      await cluster.grant([readIstio], "shop");
      const declared = await following.until("The new right", isRead);
      expect(statusOf(declared, "destinationrules.networking.istio.io")?.namespace).toBe("shop");
    });

    test("who may read the whole cluster is not held to the namespace that was named", async () => {
      await cluster.grant([readServices], null);
      const following = followLimited({ namespace: "shop" });
      const declared = await following.until("Both", ({ services }) => services.length >= 2);
      expect(declared.services.map(({ meta }) => meta.ref.name)).toEqual(
        expect.arrayContaining(["shop-web", "bank-web"]),
      );
      expect(statusOf(declared, "services")?.namespace).toBeNull();
    });
  });
});
