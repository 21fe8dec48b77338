/** Which pod of a caller is asked about a breaker. */
import { Response } from "undici";
import { expect, test } from "vitest";
import { askCaller } from "../../../src/data/kubernetes/askCaller.ts";
import type { Connection } from "../../../src/data/kubernetes/connect.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";

const wish = {
  namespace: "shop",
  name: "web",
  selector: { app: "web" },
  host: "catalog.shop.svc.cluster.local",
};

interface Pod {
  readonly name: string;
  readonly created: string;
  readonly isReady?: boolean;
  readonly containers?: readonly string[];
  readonly isDeleted?: boolean;
}

const podOf = ({
  name,
  created,
  isReady = true,
  containers = ["web", "istio-proxy"],
  isDeleted = false,
}: Pod) => ({
  metadata: {
    name,
    creationTimestamp: created,
    ...(isDeleted ? { deletionTimestamp: "2026-11-21T00:00:09Z" } : {}),
  },
  spec: { containers: containers.map((container) => ({ name: container })) },
  status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] },
});

/** What was asked of a cluster with these pods, in which nobody may port-forward. */
async function asked(...pods: readonly Pod[]) {
  const paths: string[] = [];
  const connection: Connection = {
    ...{ context: "c", cluster: "c", user: "u", host: "h", namespace: null },
    request: async (path) => {
      await Promise.resolve();
      const { pathname, searchParams } = new URL(path, "http://server");
      paths.push(pathname);
      expect(searchParams.get("labelSelector")).toBe("app=web");
      return ok(Response.json({ kind: "PodList", items: pods.map(podOf) }));
    },
    unauthorized: () => ({ kind: "unauthorized", message: "401", advice: null }),
    openSocket: () => Promise.resolve(fail({ kind: "forbidden", message: "No port-forward.", advice: null })),
  };
  return { look: await askCaller(connection, wish), paths };
}

const old = { name: "web-old", created: "2026-11-21T00:00:01Z" };

test("the newest pod that is ready and has a proxy is asked, and one that is being deleted is not", async () => {
  const { look } = await asked(
    old,
    { name: "web-2", created: "2026-11-21T00:00:02Z" },
    { name: "starting", created: "2026-11-21T00:00:03Z", isReady: false },
    { name: "bare", created: "2026-11-21T00:00:04Z", containers: ["web"] },
    { name: "leaving", created: "2026-11-21T00:00:05Z", isDeleted: true },
  );
  expect(look.pod).toBe("web-2");
});

test("who may not port-forward is told which right is missing, and of which pod", async () => {
  const { look } = await asked(old);
  expect(look.pod).toBe("web-old");
  expect(look.clusters).toMatchObject({ ok: false, error: { kind: "forbidden" } });
  if (!look.clusters.ok) expect(look.clusters.error.advice).toContain("pods/portforward");
});

test.each([
  ["no pod is ready", [{ ...old, isReady: false }], "No pod of shop/web is ready just now."],
  [
    "no pod has a proxy",
    [{ ...old, containers: ["web"] }],
    "No pod of shop/web has a container istio-proxy.",
  ],
  ["there is no pod", [], "No pod of shop/web is ready just now."],
])("where %s nobody is asked, and that is the reason", async (_case, pods, message) => {
  const { look, paths } = await asked(...pods);
  expect(look).toEqual({
    pod: null,
    clusters: { ok: false, error: { kind: "absent", message, advice: null } },
  });
  expect(paths).toEqual(["/api/v1/namespaces/shop/pods"]);
});
