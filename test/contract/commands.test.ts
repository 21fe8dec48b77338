import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Demo } from "../../src/data/demo/startDemo.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";
import { readJsonPage } from "../support/jsonPage.ts";
import { sending, type KubeWorld } from "../support/kubeWorlds.ts";
import { copyObjects } from "../support/mirrorWorld.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { contentOf } from "../support/shopObjects.ts";

const absent = realServersAbsent();
const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;
const istio = "/apis/networking.istio.io/v1/namespaces/istioinaction";
const catalog = `${istio}/virtualservices/catalog`;
const sidecar = `${istio}/sidecars/default`;
const mesh = "/api/v1/namespaces/istio-system/configmaps/istio";
const canary = "/apis/flagger.app/v1beta1/namespaces/istioinaction/canaries/recommendation";
const webhooks = "/apis/admissionregistration.k8s.io/v1beta1/validatingwebhookconfigurations";
const shift = ["shift", "istioinaction/catalog", "version-v1=80", "version-v2=20"] as const;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Route {
  readonly spec: { readonly http: readonly { readonly route: readonly { readonly weight: number }[] }[] };
}

/** What a person would have done by hand, on a copy. */
type ByHand = (before: Record<string, never>) => unknown;

interface Case {
  readonly args: readonly string[];
  readonly path: string;
  readonly byHand: ByHand;
}

const edited =
  (
    edit: (object: {
      spec: { http: Record<string, unknown>[]; suspend?: boolean };
      data: { mesh: string };
    }) => void,
  ): ByHand =>
  (before) => {
    const copy = structuredClone(before) as unknown as Parameters<typeof edit>[0];
    edit(copy);
    return copy;
  };

const cases: Readonly<Record<string, Case>> = {
  "a shift": {
    args: shift,
    path: catalog,
    byHand: edited(({ spec }) => {
      const route = (spec.http[1]?.["route"] ?? []) as { weight: number }[];
      for (const [at, weight] of [80, 20].entries()) route[at] = { ...route[at], weight };
    }),
  },
  "a mirror": {
    args: ["set-mirror", "istioinaction/catalog", "version-v2", "--percent", "12.5", "--rule", "2"],
    path: catalog,
    byHand: edited(({ spec }) => {
      // A short name is completed with the namespace of the route, which need not be the service's.
      const mirror = { host: "catalog.istioinaction.svc.cluster.local", subset: "version-v2" };
      spec.http[1] = { ...spec.http[1], mirror, mirrorPercentage: { value: 12.5 } };
    }),
  },
  "the outbound policy of the mesh": {
    args: ["set-outbound", "REGISTRY_ONLY", "--mesh"],
    path: mesh,
    byHand: edited(({ data }) => {
      data.mesh = data.mesh.replace("mode: ALLOW_ANY", "mode: REGISTRY_ONLY");
    }),
  },
  "the outbound policy of a namespace, where there was none": {
    args: ["set-outbound", "REGISTRY_ONLY", "--namespace", "istioinaction"],
    path: sidecar,
    byHand: () => ({
      apiVersion: "networking.istio.io/v1",
      kind: "Sidecar",
      metadata: { name: "default", namespace: "istioinaction" },
      spec: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
    }),
  },
  "a canary's pause": {
    args: ["canary", "pause", "istioinaction/recommendation"],
    path: canary,
    byHand: edited(({ spec }) => {
      spec.suspend = true;
    }),
  },
};

describe.skipIf(absent !== null)(
  `The commands on a real kube-apiserver${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    let demo: Demo;
    let plane: ControlPlane;
    let world: Pick<KubeWorld, "fetch">;
    let folder = "";

    beforeAll(async () => {
      const started = await startDemo({ scenario: "coolstore", seed: 7, clock: () => Date.now() });
      if (!started.ok) throw new Error(started.error.message);
      demo = started.value;
      plane = await startControlPlane();
      await copyObjects(/server: (\S+)/.exec(demo.kubeconfig)?.[1] ?? "", plane);
      world = {
        fetch: async (path, init) => {
          const answer = await plane.fetch(path, init);
          const text = await answer.text();
          // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in kubeWorlds
          return { status: answer.status, contentType: "", text, json: <T>() => JSON.parse(text) as T };
        },
      };
    });
    afterAll(() => Promise.all([demo.stop(), plane.stop()]));
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "meshtop-real-"));
      await writeFile(join(folder, "kubeconfig"), plane.kubeconfig);
    });
    afterEach(() => rm(folder, { recursive: true }));

    function meshtop(...args: readonly string[]): Promise<Ended> {
      const { PATH = "" } = process.env;
      const env = { PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder };
      const where = ["--kubeconfig", join(folder, "kubeconfig"), "--prometheus", demo.prometheusUrl];
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          [bundle, ...args, ...where],
          { env, timeout: 60_000 },
          (error, stdout, stderr) => {
            resolve({
              code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1,
              stdout,
              stderr,
            });
          },
        );
      });
    }
    const held = (path: string) => contentOf(world, path);
    const meddle = async (path: string, patch: object): Promise<void> => {
      const answer = await world.fetch(path, sending("PATCH", patch, "application/merge-patch+json"));
      expect(answer.status, answer.text).toBe(200);
    };

    test.each(Object.entries(cases))(
      "%s changes what a person would have changed by hand; undo, redo and undo go back and forth",
      async (_what, { args, path, byHand }) => {
        const before = await held(path);
        const done = await meshtop(...args, "--yes", "--reason", "drill", "-o", "json");
        expect([done.code, done.stderr.includes("meshtop undo")]).toEqual([0, true]);
        expect(readJsonPage().disagreements("answer", JSON.parse(done.stdout))).toEqual([]);
        const after = await held(path);
        expect(after).toMatchObject(byHand(before as Record<string, never>) as object);
        if (before !== 404) expect(after).toEqual(byHand(before as Record<string, never>));

        expect((await meshtop("undo", "--yes")).code).toBe(0);
        expect(await held(path)).toEqual(before);
        expect((await meshtop("redo", "--yes")).code).toBe(0);
        expect(await held(path)).toMatchObject(byHand(before as Record<string, never>) as object);
        expect((await meshtop("undo", "--yes")).code).toBe(0);
        expect(await held(path)).toEqual(before);

        const journal = await meshtop("journal", "-o", "json");
        const entries = JSON.parse(journal.stdout) as readonly {
          readonly kind: string;
          readonly reason: string | null;
        }[];
        expect(entries.flatMap((entry) => readJsonPage().disagreements("entry", entry))).toEqual([]);
        expect(entries.map(({ kind, reason }) => [kind, reason])).toEqual([
          ["undo", null],
          ["redo", null],
          ["undo", null],
          ["change", "drill"],
        ]);
        const table = await meshtop("journal", "--limit", "1");
        expect(table.stdout).toMatch(
          /^ENTRY +AT +OUTCOME +USER +CHANGE +REASON\n\w{8} +\S+Z +applied +\S+ +undo /,
        );
      },
      90_000,
    );

    describe("Nothing is written over, and the exit code is", () => {
      let before: unknown;
      let proxy: Proxy | null = null;
      beforeEach(async () => {
        before = await held(catalog);
      });
      afterEach(async () => {
        await proxy?.stop();
        proxy = null;
      });
      const untouched = async () => expect(await held(catalog)).toEqual(before);
      const weights = async () =>
        ((await held(catalog)) as Route).spec.http[1]?.route.map(({ weight }) => weight);

      async function through(): Promise<Proxy> {
        proxy = await startProxy(plane.url, plane.ca);
        const config = JSON.parse(plane.kubeconfig) as { clusters: { cluster: object }[] };
        const direct = { ...config, clusters: [{ name: "real", cluster: { server: proxy.url } }] };
        await writeFile(join(folder, "kubeconfig"), JSON.stringify(direct));
        return proxy;
      }

      test("0 after a dry run, which the server accepts and nobody journals", async () => {
        const ended = await meshtop(...shift, "--dry-run");
        expect(ended.code).toBe(0);
        expect(ended.stdout).toMatch(/^The server accepts it \(dry run\): shift /);
        expect((await meshtop("journal")).stdout).toBe("nothing was changed from here yet\n");
        await untouched();
      });

      test("1 where something stands against it: nothing would go anywhere", async () => {
        const ended = await meshtop(
          "shift",
          "istioinaction/catalog",
          "version-v1=0",
          "version-v2=0",
          "--yes",
        );
        expect(ended).toMatchObject({ code: 1, stdout: "" });
        expect(ended.stderr).toMatch(/meshtop: Refused: .*sum to 0/);
        await untouched();
      });

      test("1 where the user may not write, which is said before anything is tried", async () => {
        const read = { apiGroups: ["*"], resources: ["*"], verbs: ["get", "list", "watch"] };
        await plane.grant([read], null);
        await writeFile(join(folder, "kubeconfig"), plane.limited.kubeconfig);
        const ended = await meshtop(...shift, "--yes");
        expect(ended).toMatchObject({ code: 1, stdout: "" });
        expect(ended.stderr).toContain(
          "meshtop: Refused: you may not patch virtualservices in istioinaction.",
        );
        await untouched();
      });

      test("1 where a webhook will not have it tried, in the server's own words", async () => {
        const rules = [
          {
            apiGroups: ["networking.istio.io"],
            apiVersions: ["*"],
            operations: ["*"],
            resources: ["virtualservices"],
          },
        ];
        const webhook = {
          name: "lint.example.com",
          rules,
          clientConfig: { url: "https://127.0.0.1:1" },
          sideEffects: "Some",
          failurePolicy: "Fail",
        };
        const apiVersion = "admissionregistration.k8s.io/v1beta1";
        const kind = "ValidatingWebhookConfiguration";
        const body = { apiVersion, kind, metadata: { name: "lint" }, webhooks: [webhook] };
        expect((await world.fetch(webhooks, sending("POST", body))).status).toBe(201);
        try {
          await expect
            .poll(async () => (await meshtop(...shift, "--yes")).stderr, { timeout: 40_000, interval: 500 })
            .toMatch(/meshtop: The API server refuses .*lint\.example\.com.*dry run/);
          const ended = await meshtop(...shift, "--dry-run", "-o", "json");
          expect(ended.code).toBe(1);
          expect(JSON.parse(ended.stdout)).toMatchObject({
            dryRun: { accepted: false, refusal: { is: "invalid" } },
            outcome: null,
          });
        } finally {
          await world.fetch(`${webhooks}/lint`, { method: "DELETE" });
        }
        await untouched();
      }, 60_000);

      test("2 where there is nothing to undo, and where the words fit nothing", async () => {
        expect(await meshtop("undo", "--yes")).toMatchObject({ code: 2, stdout: "" });
        expect((await meshtop("shift", "istioinaction/catalog", "v9=1", "--yes")).code).toBe(2);
        await untouched();
      });

      test("3 where another writer set the weight in between: it stays, and he is named", async () => {
        (await through()).onWrite(async (send) => {
          const operations = [{ op: "replace", path: "/spec/http/1/route/0/weight", value: 70 }];
          const init = sending("PATCH", operations, "application/json-patch+json");
          await world.fetch(`${catalog}?fieldManager=night-shift`, init);
          (await send())();
        });
        const ended = await meshtop(...shift, "--yes", "-o", "json");
        expect(ended.code).toBe(3);
        expect(ended.stderr).toMatch(/is 70 and not 90 \(night-shift/);
        expect(JSON.parse(ended.stdout)).toMatchObject({
          outcome: {
            is: "conflict",
            deviations: [{ found: 70, expected: 90, by: { managers: ["night-shift"] } }],
          },
        });
        expect(await weights()).toEqual([70, 10]);
        await meddle(catalog, { spec: (before as { spec: object }).spec });
        await untouched();
      });

      test("3 where another writer changed anything else of it in between", async () => {
        (await through()).onWrite(async (send) => {
          await meddle(catalog, { metadata: { labels: { touched: "yes" } } });
          (await send())();
        });
        expect((await meshtop(...shift, "--yes")).code).toBe(3);
        await meddle(catalog, { metadata: { labels: { touched: null } } });
        expect(await weights()).toEqual([90, 10]);
      });

      test("4 where the server is gone after it was sent; the next start says what became of it", async () => {
        const way = await through();
        way.onWrite(async (send) => {
          await send();
          way.cut();
        });
        const ended = await meshtop(...shift, "--yes");
        expect(ended).toMatchObject({ code: 4, stdout: "" });
        expect(await weights()).toEqual([80, 20]);
        await writeFile(join(folder, "kubeconfig"), plane.kubeconfig);
        const undone = await meshtop("undo", "--yes");
        expect([undone.code, undone.stderr]).toEqual([0, expect.stringContaining("It was applied")]);
        await untouched();
      }, 60_000);
    });
  },
);
