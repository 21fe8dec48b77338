import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Patch } from "../../src/actions/change.ts";
import { changeCommand, turnCommand } from "../../src/actions/commands.ts";
import { kubectlFor } from "../../src/actions/kubectl.ts";
import type { Asking } from "../../src/actions/proposal.ts";
import { canaryOf, hostOf, mirrorOf, outboundOf, shiftOf } from "../../src/actions/wishes.ts";
import { startKubeServer, type KubeServer } from "../../src/data/demo/kube/server.ts";
import { fail } from "../../src/data/mesh/result.ts";
import { embeddedWorld, type KubeWorld } from "../support/kubeWorlds.ts";
import {
  canary,
  configMap,
  contentOf,
  fillShop,
  httpRouteRef,
  pathOf,
  payments,
  route,
  shopMesh,
} from "../support/shopObjects.ts";
import { cut, inFolder, portsOn, requestTo, type Between } from "../support/writePath.ts";

const mesh = shopMesh();

describe("The words of a shift", () => {
  const shift = (service: string, weights: Record<string, number>, rule: number | null = null) =>
    shiftOf(mesh, { service, weights, rule });
  const weights = (...wish: Parameters<typeof shift>) => {
    const change = shift(...wish);
    return change.ok
      ? [change.value.route, change.value.protocol, change.value.rule, change.value.weights]
      : change.error;
  };

  test.each([
    ["subsets", "shop/catalog", { v1: 80, v2: 20 }, 2, [route, "http", 1, [80, 20]]],
    ["in any order", "shop/catalog", { v2: 20, v1: 80 }, 2, [route, "http", 1, [80, 20]]],
    ["one of two: the other gets the rest", "shop/catalog", { v2: 20 }, 2, [route, "http", 1, [70, 20]]],
    [
      "Services where those are the destinations",
      "shop/payments",
      { "payments-primary": 50, "payments-canary": 50 },
      null,
      [payments, "http", 0, [50, 50]],
    ],
    [
      "backends of an HTTPRoute, whose absent weight is 1",
      "shop/orders",
      { catalog: 1 },
      null,
      [httpRouteRef, "http", 0, [3, 1]],
    ],
  ])("name %s", (_what, service, wish, rule, expected) => {
    expect(weights(service, wish, rule)).toEqual(expected);
  });

  test.each([
    ["a service that is not there", "shop/nobody", { v1: 1 }, null, /no service shop\/nobody/],
    ["nothing", "shop/catalog", {}, null, /v1=80 v2=20/],
    ["a destination that no rule has", "shop/catalog", { v9: 1 }, null, /no rule with v9.*rule 2: v1, v2/],
    ["several rules at once", "shop/catalog", { v1: 1, v2: 2 }, null, /Several rules.*--rule/],
    ["a rule with one destination", "shop/catalog", { v2: 1 }, 9, /no rule 9/],
    ["more than there is, for some", "shop/catalog", { v2: 200 }, 2, /sum to 90, and 200 is more/],
    ["half a weight", "shop/catalog", { v1: 0.5, v2: 1 }, 2, /whole number/],
  ])("can't name %s", (_what, service, wish, rule, reason) => {
    expect(weights(service, wish as Record<string, number>, rule)).toMatch(reason);
  });
});

describe("The words of other changes", () => {
  test("a mirror goes to a subset of the service, to another Service, or stays where it is", () => {
    const mirror = (to: string | null, percent = 10) =>
      mirrorOf(mesh, { service: "shop/catalog", rule: 2, percent, to });
    expect(mirror("v2")).toMatchObject({
      ok: true,
      value: { rule: 1, to: { host: "catalog.shop.svc.cluster.local", subset: "v2" } },
    });
    expect(mirror("webapp")).toMatchObject({
      ok: true,
      value: { to: { host: "webapp.shop.svc.cluster.local", subset: null } },
    });
    expect(mirror("nobody")).toMatchObject({ ok: false });
    expect(mirror(null, 0)).toMatchObject({ ok: false });
    const orders = mirrorOf(mesh, { service: "shop/orders", rule: null, percent: 1, to: "webapp" });
    expect(orders).toMatchObject({ ok: true, value: { to: { host: "webapp", subset: null, port: 80 } } });
  });

  test("the outbound policy is of the mesh's own ConfigMap, or of a namespace that is there", () => {
    expect(outboundOf(mesh, { mode: "REGISTRY_ONLY", namespace: null, configMap: null })).toMatchObject({
      ok: true,
      value: { target: { is: "mesh", configMap } },
    });
    expect(outboundOf(mesh, { mode: "ALLOW_ANY", namespace: "shop", configMap: null })).toMatchObject({
      ok: true,
      value: { target: { is: "sidecar", namespace: "shop", labels: null } },
    });
    expect(outboundOf(mesh, { mode: "ALLOW_ANY", namespace: "nowhere", configMap: null }).ok).toBe(false);
  });

  test("the outbound policy of a workload is that of its pods", () => {
    const outbound = (workload: string) =>
      outboundOf(mesh, { mode: "REGISTRY_ONLY", namespace: null, workload, configMap: null });
    expect(outbound("shop/catalog-v1")).toEqual({
      ok: true,
      value: {
        kind: "outbound",
        mode: "REGISTRY_ONLY",
        target: { is: "sidecar", namespace: "shop", labels: { app: "catalog", version: "v1" } },
      },
    });
    expect(outbound("shop/nobody")).toEqual({ ok: false, error: "There is no workload shop/nobody." });
    const heard = mesh.workloads.map((one) => ({ ...one, labels: {} }));
    const blind = outboundOf(
      { ...mesh, workloads: heard },
      { mode: "ALLOW_ANY", namespace: "shop", workload: "shop/catalog-v1", configMap: null },
    );
    expect(blind).toMatchObject({ ok: false, error: expect.stringMatching(/labels.*not known/) as string });
  });

  test.each([
    ["API.Example.com.", "api.example.com"],
    [" api.example.com:8080", "api.example.com:8080"],
    ["api.example.com.:8080", "api.example.com:8080"],
  ])("a host to declare is %j, written as metrics would", (host, written) => {
    expect(hostOf(mesh, { host, namespace: "shop" })).toEqual({
      ok: true,
      value: { kind: "declareHost", namespace: "shop", host: written },
    });
  });

  test("a host is declared to a namespace that is there, and has a name", () => {
    expect(hostOf(mesh, { host: "api.example.com", namespace: "nowhere" }).ok).toBe(false);
    expect(hostOf(mesh, { host: " ", namespace: "shop" }).ok).toBe(false);
  });

  test("a canary is named by itself or by its Service, and rollback is its abort", () => {
    expect(canaryOf(mesh, "rollback", "shop/payments")).toEqual({
      ok: true,
      value: { kind: "canary", canary, verb: "abort" },
    });
    expect(canaryOf(mesh, "pause", "shop/basket")).toMatchObject({
      ok: true,
      value: { canary: { kind: "Rollout" } },
    });
    expect(canaryOf(mesh, "pause", "shop/nobody").ok).toBe(false);
  });
});

describe("A command ends with", () => {
  let server: KubeServer;
  let world: Pick<KubeWorld, "fetch">;
  beforeAll(async () => {
    server = await startKubeServer({ clock: () => Date.now() });
    world = embeddedWorld(server);
  });
  beforeEach(() => fillShop(world));
  afterAll(() => server.stop());

  const wish = shiftOf(mesh, { service: "shop/catalog", rule: 2, weights: { v1: 60, v2: 40 } });
  const yes: Asking = { reason: "drill", dryRun: false, confirm: () => Promise.resolve(true) };
  const run = async (asking: Partial<Asking> = {}, between?: Between, change = wish) =>
    inFolder(async (directory) => {
      const ports = portsOn(await requestTo(server.kubeconfig, between), directory);
      return changeCommand(change, mesh, ports, { ...yes, ...asking });
    });

  test("0 where it is done, and where a dry run is accepted", async () => {
    expect(await run()).toMatchObject({
      exitCode: 0,
      message: "Applied: shift shop/catalog, rule 2: v1 90 -> 60, v2 - -> 40.",
    });
    await fillShop(world);
    const before = await contentOf(world, pathOf(route));
    expect(await run({ dryRun: true })).toMatchObject({ exitCode: 0, outcome: null });
    expect(await contentOf(world, pathOf(route))).toEqual(before);
  });

  test("1 where nobody said yes, and where something stands against it", async () => {
    const before = await contentOf(world, pathOf(route));
    expect(await run({ confirm: () => Promise.resolve(false) })).toMatchObject({
      exitCode: 1,
      outcome: null,
    });
    const zero = shiftOf(mesh, { service: "shop/catalog", rule: 2, weights: { v1: 0, v2: 0 } });
    expect(await run({}, undefined, zero)).toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/sum to 0/) as string,
    });
    expect(await contentOf(world, pathOf(route))).toEqual(before);
  });

  test("2 for wrong words, and where the server can't be reached", async () => {
    expect(await run({}, undefined, fail("What?"))).toMatchObject({ exitCode: 2, message: "What?" });
    expect(await run({}, () => Promise.resolve(fail(cut)))).toMatchObject({
      exitCode: 2,
      message: cut.message,
    });
  });

  test("3 where somebody else was faster, and 4 where nobody knows", async () => {
    const meddle: Between = async (_path, method, send) => {
      if (method === "PATCH") {
        await world.fetch(pathOf(route), {
          method: "PATCH",
          headers: { "content-type": "application/merge-patch+json" },
          body: JSON.stringify({ spec: { exportTo: [`ns-${Math.random()}`] } }),
        });
      }
      return send();
    };
    expect((await run({}, meddle)).exitCode).toBe(3);
    let gone = false;
    const confirm = () => {
      gone = true;
      return Promise.resolve(true);
    };
    expect((await run({ confirm }, () => (gone ? Promise.resolve(fail(cut)) : undefined))).exitCode).toBe(4);
  });

  test("an undo of the last change, by name or without, and 2 where there is none", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(server.kubeconfig), directory);
      const before = await contentOf(world, pathOf(route));
      expect(await turnCommand({ is: "undo", id: null }, ports, yes)).toMatchObject({
        exitCode: 2,
        message: "The journal of this context has nothing to undo.",
      });
      const done = await changeCommand(wish, mesh, ports, yes);
      expect(await turnCommand({ is: "undo", id: "nobody" }, ports, yes)).toMatchObject({ exitCode: 2 });
      expect(await turnCommand({ is: "undo", id: done.outcome?.id ?? "" }, ports, yes)).toMatchObject({
        exitCode: 0,
      });
      expect(await contentOf(world, pathOf(route))).toEqual(before);
    });
  });

  test("a redo of the last undo, by name or without, and 2 where there is none", async () => {
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(server.kubeconfig), directory);
      expect(await turnCommand({ is: "redo", id: null }, ports, yes)).toMatchObject({ exitCode: 2 });
      const done = await changeCommand(wish, mesh, ports, yes);
      const after = await contentOf(world, pathOf(route));
      expect(await turnCommand({ is: "redo", id: null }, ports, yes)).toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(/^The journal of this context has nothing to redo/) as string,
      });
      await turnCommand({ is: "undo", id: null }, ports, yes);
      expect(await turnCommand({ is: "redo", id: "nobody" }, ports, yes)).toMatchObject({ exitCode: 2 });
      expect(await turnCommand({ is: "redo", id: done.outcome?.id ?? "" }, ports, yes)).toMatchObject({
        exitCode: 0,
      });
      expect(await contentOf(world, pathOf(route))).toEqual(after);
    });
  });
});

describe("The kubectl command of an entry", () => {
  const ref = route;
  test("says the same to a shell, whatever stands in it", () => {
    const value = `it's "quoted" $(rm -rf /) \`x\` \\ \n end`;
    const patch: Patch = {
      do: "edit",
      ref,
      subresource: null,
      uid: "u",
      resourceVersion: "7",
      pinned: true,
      guards: [],
      edits: [{ op: "add", path: "/a", now: value }],
    };
    const command = kubectlFor(patch, "arn:aws:eks/prod 'x'");
    const words = execFileSync(
      "sh",
      ["-c", `kubectl() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${command}`],
      { encoding: "utf8" },
    )
      .split("\0")
      .slice(0, -1);
    expect(words.slice(0, 8)).toEqual([
      "--context",
      "arn:aws:eks/prod 'x'",
      "-n",
      "shop",
      "patch",
      "virtualservices.v1.networking.istio.io",
      "catalog",
      "--type=json",
    ]);
    expect(JSON.parse(words.at(-1) ?? "")).toContainEqual({ op: "add", path: "/a", value });
  });

  test("names the subresource, and creates and deletes", () => {
    const edit: Patch = {
      do: "edit",
      ref,
      subresource: "status",
      uid: "u",
      resourceVersion: "7",
      pinned: false,
      guards: [],
      edits: [],
    };
    expect(kubectlFor(edit, "c")).toContain("--subresource=status");
    expect(kubectlFor({ do: "create", ref, manifest: { a: 1 } }, "c")).toBe(
      `printf %s '{"a":1}' | kubectl --context c -n shop create --field-manager=meshtop -f -`,
    );
    expect(kubectlFor({ do: "delete", ref, uid: "", resourceVersion: "", manifest: {} }, "c")).toBe(
      "kubectl --context c -n shop delete virtualservices.v1.networking.istio.io catalog",
    );
  });
});
