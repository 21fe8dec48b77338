import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetch, type RequestInit } from "undici";
import { changeCommand } from "../../src/actions/commands.ts";
import { propose } from "../../src/actions/propose.ts";
import { whyNot } from "../../src/actions/rights.ts";
import { apply } from "../../src/actions/run.ts";
import { deniedBy } from "../../src/data/demo/kube/admission.ts";
import type { AccessRequest } from "../../src/data/demo/kube/access.ts";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { ok } from "../../src/data/mesh/result.ts";
import { realServersAbsent, startControlPlane } from "../support/controlPlane.ts";
import type { KubeWorld } from "../support/kubeWorlds.ts";
import {
  canary,
  configMap,
  contentOf,
  fillShop,
  pathOf,
  route,
  shift,
  shopMesh,
} from "../support/shopObjects.ts";
import { inFolder, portsOn, requestTo } from "../support/writePath.ts";

const mesh = shopMesh();

/** The one route that may be changed. */
const allowed = { ...route, name: "open" };

type Admin = Pick<KubeWorld, "fetch">;

interface Restricted {
  readonly admin: Admin;
  /** Of somebody who may read routes and Rollouts in `shop`, change one route that is not there, and the spec of Rollouts. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

const adminBy = (
  ask: (path: string, init?: RequestInit) => Promise<{ status: number; text(): Promise<string> }>,
): Admin => ({
  fetch: async (path, init) => {
    const answer = await ask(path, init);
    const text = await answer.text();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in kubeWorlds
    return { status: answer.status, contentType: "", text, json: <T>() => JSON.parse(text) as T };
  },
});

async function embedded(): Promise<Restricted> {
  let filling = true;
  const reads = ({ verb, resource, subresource, namespace, name }: AccessRequest) =>
    namespace === "shop" &&
    ((verb === "get" && ["virtualservices", "rollouts"].includes(resource)) ||
      (verb === "patch" && resource === "virtualservices" && name === allowed.name) ||
      (verb === "patch" && resource === "rollouts" && subresource === ""));
  const server = await startKubeServer({
    clock: () => Date.now(),
    access: (request) => filling || reads(request),
  });
  const admin = adminBy((path, init) => fetch(server.url + path, init));
  await fillShop(admin);
  filling = false;
  return { admin, kubeconfig: server.kubeconfig, stop: () => server.stop() };
}

async function real(): Promise<Restricted> {
  const plane = await startControlPlane();
  const admin = adminBy((path, init) => plane.fetch(path, init));
  await fillShop(admin);
  const routes = { apiGroups: ["networking.istio.io"], resources: ["virtualservices"] };
  const rules = [
    { ...routes, verbs: ["get", "list"] },
    { ...routes, verbs: ["patch"], resourceNames: [allowed.name] },
    { apiGroups: ["argoproj.io"], resources: ["rollouts"], verbs: ["get", "list", "patch"] },
  ];
  await plane.grant(rules, "shop");
  return { admin, kubeconfig: plane.limited.kubeconfig, stop: () => plane.stop() };
}

const absent = realServersAbsent();

describe.each([
  { name: "the embedded API server", start: embedded, skipped: false },
  { name: `a real kube-apiserver (${absent ?? "present"})`, start: real, skipped: absent !== null },
])("Somebody who may only look, $name", ({ start, skipped }) => {
  describe.skipIf(skipped)("wants to shift traffic", () => {
    let world: Restricted;
    beforeAll(async () => {
      world = await start();
    });
    afterAll(() => world.stop());

    test("is told before anything is sent", async () => {
      await inFolder(async (directory) => {
        const asked: string[] = [];
        const request = await requestTo(world.kubeconfig, (path, method) => {
          asked.push(`${method} ${path.split("/").at(-1) ?? ""}`);
          return undefined;
        });
        const result = await changeCommand(ok(shift), mesh, portsOn(request, directory), {
          reason: null,
          dryRun: false,
          confirm: () => Promise.resolve(true),
        });
        expect(result).toMatchObject({ exitCode: 1, outcome: null });
        expect(result.message).toBe("Refused: you may not patch virtualservices in shop.");
        // For all routes of the namespace, then for this one.
        const review = "POST selfsubjectaccessreviews";
        expect(asked).toEqual(["GET catalog", "GET basket", review, review]);
      });
    });

    test("and with rights that were thought to be there, is told by the server, and nothing changes", async () => {
      await inFolder(async (directory) => {
        const before = await contentOf(world.admin, pathOf(route));
        const ports = portsOn(await requestTo(world.kubeconfig), directory);
        const trusting = { ...ports.cluster, forbidden: () => Promise.resolve(null) };
        const proposal = await propose(shift, mesh, trusting);
        expect(proposal.ok && proposal.value.rehearsal?.refusal).toMatchObject({ is: "forbidden" });
        const [patch] = proposal.ok ? proposal.value.plan.patches : [];
        const answer = await ports.cluster.write(patch!, "for real");
        expect(!answer.ok && answer.error.message).toMatch(/cannot patch resource "virtualservices"/);
        expect(await contentOf(world.admin, pathOf(route))).toEqual(before);
      });
    });

    test("or to change what may not even be read, and is told that", async () => {
      await inFolder(async (directory) => {
        const ports = portsOn(await requestTo(world.kubeconfig), directory);
        const asking = { reason: null, dryRun: true, confirm: () => Promise.resolve(true) };
        const pause = { kind: "canary", canary, verb: "pause" } as const;
        const result = await changeCommand(ok(pause), mesh, ports, asking);
        expect(result).toMatchObject({ exitCode: 1, proposal: null });
        expect(result.message).toMatch(/cannot get resource "canaries"/);
      });
    });

    test("sees before anything is read or planned which keys can do nothing, and why", async () => {
      await inFolder(async (directory) => {
        const { cluster } = portsOn(await requestTo(world.kubeconfig), directory);
        const rollout = {
          ...canary,
          group: "argoproj.io",
          version: "v1alpha1",
          kind: "Rollout",
          name: "basket",
        };
        expect(await whyNot("shift", route, cluster)).toBe("you may not patch virtualservices in shop");
        expect(await whyNot("shift", allowed, cluster)).toBeNull();
        expect(await whyNot("outbound", configMap, cluster)).toBe(
          "you may not patch configmaps in istio-system",
        );
        expect(await whyNot("declareHost", route, cluster)).toBe("you may not create serviceentries in shop");
        expect(await whyNot("abort", canary, cluster)).toBe("you may not patch canaries in shop");
        expect(await whyNot("abort", rollout, cluster)).toBe("you may not patch rollouts/status in shop");
        expect(await whyNot("pause", rollout, cluster)).toBeNull();
      });
    });

    test("asks for the same right once in a while", async () => {
      let reviews = 0;
      const request = await requestTo(world.kubeconfig, (path) => {
        if (path.includes("selfsubject")) reviews += 1;
        return undefined;
      });
      await inFolder(async (directory) => {
        const { cluster } = portsOn(request, directory);
        await propose(shift, mesh, cluster);
        const first = reviews;
        await propose(shift, mesh, cluster);
        expect([first, reviews]).toEqual([2, 2]);
      });
    });
  });
});

test("Who may make a Sidecar and not delete it is told that undo can't take it back", async () => {
  const server = await startKubeServer({
    clock: () => Date.now(),
    access: ({ verb }) => verb !== "delete",
  });
  await inFolder(async (directory) => {
    const ports = portsOn(await requestTo(server.kubeconfig), directory);
    const target = { is: "sidecar", namespace: "shop", labels: null } as const;
    const proposal = await propose({ kind: "outbound", target, mode: "ALLOW_ANY" }, mesh, ports.cluster);
    expect(proposal.ok && proposal.value.plan.blockers).toEqual([]);
    expect(proposal.ok && proposal.value.plan.warnings).toContain(
      "you may not delete sidecars in shop: undo can't take this back",
    );
  });
  await server.stop();
});

test("What the server changes besides is told before the question: undo does not bring it back", async () => {
  const server = await startKubeServer({ clock: () => Date.now() });
  await fillShop(adminBy((path, init) => fetch(server.url + path, init)));
  await inFolder(async (directory) => {
    // A webhook that mutates, as the answer shows it.
    const ports = portsOn(await requestTo(server.kubeconfig), directory);
    const { write } = ports.cluster;
    const mutating: typeof write = async (patch, mode) => {
      const answer = await write(patch, mode);
      if (!answer.ok || answer.value.held === null) return answer;
      const { held } = answer.value;
      const spec = { ...(held.json["spec"] as object), exportTo: ["."] };
      return ok({ ...answer.value, held: { ...held, json: { ...held.json, spec } } });
    };
    const plain = await propose(shift, mesh, ports.cluster);
    expect(plain.ok && plain.value.rehearsal?.warnings).toEqual([]);
    const proposal = await propose(shift, mesh, { ...ports.cluster, write: mutating });
    expect(proposal.ok && proposal.value.rehearsal?.warnings).toEqual([
      "the server itself changes more of VirtualService shop/catalog (/spec/exportTo): undo does not bring that back",
    ]);
  });
  await server.stop();
});

test("A server that takes a patch and keeps other values says so in the outcome", async () => {
  const server = await startKubeServer({ clock: () => Date.now() });
  await fillShop(adminBy((path, init) => fetch(server.url + path, init)));
  await inFolder(async (directory) => {
    const ports = portsOn(await requestTo(server.kubeconfig), directory);
    const { write } = ports.cluster;
    const other: typeof write = async (patch, mode) => {
      if (mode === "dry run" || patch.do !== "edit") return write(patch, mode);
      const edits = patch.edits.map((edit) => (edit.op === "set" ? { ...edit, now: 61 } : edit));
      return write({ ...patch, edits }, mode);
    };
    const proposal = await propose(shift, mesh, ports.cluster);
    if (!proposal.ok) throw new Error(proposal.error.message);
    const outcome = await apply(proposal.value, { ...ports, cluster: { ...ports.cluster, write: other } });
    expect(outcome.warnings).toEqual([
      "the server took it and wrote something else: in VirtualService shop/catalog, /spec/http/1/route/0/weight is 61 and not 60",
    ]);
  });
  await server.stop();
});

describe("A webhook", () => {
  const why = "configuration is invalid: total destination weight = 0";
  test("that denies is quoted, in the dry run as well", async () => {
    let strict = false;
    const server = await startKubeServer({
      clock: () => Date.now(),
      admission: () => ({ denied: strict ? deniedBy("validation.istio.io", why) : null, warnings: [] }),
    });
    await fillShop(adminBy((path, init) => fetch(server.url + path, init)));
    strict = true;
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(server.kubeconfig), directory);
      const proposal = await propose(shift, mesh, ports.cluster);
      expect(proposal.ok && proposal.value.rehearsal?.refusal).toEqual({
        is: "invalid",
        message: `The API server refuses VirtualService shop/catalog: admission webhook "validation.istio.io" denied the request: ${why}.`,
        advice: null,
      });
    });
    await server.stop();
  });

  test("that warns is quoted before the question and after the write", async () => {
    const said = [
      'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead',
      "another, with a comma",
    ];
    const server = await startKubeServer({
      clock: () => Date.now(),
      admission: () => ({ denied: null, warnings: said }),
    });
    await fillShop(adminBy((path, init) => fetch(server.url + path, init)));
    await inFolder(async (directory) => {
      const ports = portsOn(await requestTo(server.kubeconfig), directory);
      const result = await changeCommand(ok(shift), mesh, ports, {
        reason: null,
        dryRun: false,
        confirm: ({ rehearsal }) => {
          expect(rehearsal?.warnings).toEqual(said);
          return Promise.resolve(true);
        },
      });
      expect(result.outcome?.warnings).toEqual(said);
    });
    await server.stop();
  });
});
