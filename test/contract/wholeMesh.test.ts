import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Demo } from "../../src/data/demo/startDemo.ts";
import { stories } from "../../src/data/demo/scenarios/known.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { documentOf } from "../../src/ui/print/documents.ts";
import type { ControlPlane } from "../support/controlPlane.ts";
import { realServersAbsent, startControlPlane } from "../support/controlPlane.ts";
import { copyObjects, copySamples } from "../support/mirrorWorld.ts";
import type { RealPrometheus } from "../support/realPrometheus.ts";
import { startRealPrometheus } from "../support/realPrometheus.ts";
import { installRollouts } from "../support/rolloutDefinition.ts";
import { meshIn } from "../support/storyMesh.ts";
import { meshViews } from "../support/meshViews.ts";

const absent = realServersAbsent();

/** Namespaces that the real server makes for itself are no difference between the meshes. */
function withoutOwn(document: unknown): unknown {
  const text = JSON.stringify(document, (_key, value: unknown) =>
    Array.isArray(value)
      ? value.filter((item) => !/"(kube-[a-z-]+|kubernetes)"/.test(JSON.stringify(item)))
      : value,
  );
  return JSON.parse(text);
}

/** A quantile that both servers add up in another order may differ in its last digit: six are told. */
const lastDigit = 2e-6;

/** The same document, with `model`'s figure wherever the two differ by no more than their last digit. */
function asIn(model: unknown, told: unknown): unknown {
  if (typeof told === "number" && typeof model === "number")
    return Math.abs(told - model) <= lastDigit ? model : told;
  if (typeof told !== "object" || told === null || typeof model !== "object" || model === null) return told;
  const models = new Map<string, unknown>(Object.entries(model));
  const fields = Object.entries(told).map(([name, value]) => [name, asIn(models.get(name), value)] as const);
  return Array.isArray(told) ? fields.map(([, value]) => value) : Object.fromEntries(fields);
}

/** Equal in every view but for ages, and for what the real server makes by itself. */
function expectSame(real: Mesh, embedded: Mesh): void {
  for (const view of meshViews) {
    const model = withoutOwn(documentOf(embedded, view, null));
    expect(asIn(model, withoutOwn(documentOf(real, view, null))), view).toEqual(model);
  }
}

/** Each of the other stories on the page that has most to say, the ambient mesh, and a release in the middle of its run. */
const telling = [
  ["bookinfo", "viewers"],
  ["coolstore", "blue-green-mirror"],
  ["bookinfo", "ambient-waypoint"],
  ["fleetman", "breaker"],
  ["helloworld", "revisions"],
  ["helloworld", "gateway-api"],
  ["helloworld", "rollout"],
  ["httpbin", "jwt"],
  ["tcp-echo", "gateway-api"],
] as const;

/** Routes and a policy attached to a Service, whose group is the empty text: Kubernetes 1.20 takes that for null, and refuses it. */
const refused = ["bookinfo gateway-api", "bookinfo ambient-waypoint-policy", "helloworld mesh-api"];

/** Half an hour, for whoever changes how the embedded servers answer. */
const everyPage = [...stories]
  .flatMap(([name, { variants }]) =>
    [null, ...variants.map((variant) => variant.name)].map((variant) => [name, variant] as const),
  )
  .filter(([name, variant]) => !refused.includes(`${name} ${variant ?? ""}`));
const pages: readonly (readonly [string, string | null])[] =
  process.env["MESHTOP_PAGES"] === "all" ? everyPage : telling;

describe.skipIf(absent !== null)(
  `the other stories on real servers${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    test.each(pages)(
      "%s (%s) is the same mesh as on the embedded servers",
      async (scenario, variant) => {
        const at = Math.floor(Date.now() / 5_000) * 5_000;
        const started = await startDemo({ scenario, variant, seed: 7, clock: () => at });
        if (!started.ok) throw new Error(started.error.message);
        const [plane, prometheus] = await Promise.all([startControlPlane(), startRealPrometheus()]);
        try {
          const kubeUrl = /server: (\S+)/.exec(started.value.kubeconfig)?.[1] ?? "";
          await installRollouts((path, init) => plane.fetch(path, init));
          await copyObjects(kubeUrl, plane);
          await copySamples(started.value.prometheusUrl, prometheus, at);
          const { mesh: embedded } = await meshIn(started.value, at);
          const { mesh: real } = await meshIn(
            { kubeconfig: plane.kubeconfig, prometheusUrl: prometheus.url },
            at,
          );
          expect(real.graph.edges.length).toBeGreaterThan(1);
          expect(real.services.length).toBeGreaterThan(3);
          expectSame(real, embedded);
        } finally {
          await Promise.all([started.value.stop(), plane.stop(), prometheus.stop()]);
        }
      },
      120_000,
    );
  },
);

describe.skipIf(absent !== null)(
  `the coolstore on real servers${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    let demo: Demo;
    let plane: ControlPlane;
    let prometheus: RealPrometheus;
    let at = 0;

    beforeAll(async () => {
      // Now, not when the file was read: the other stories have taken minutes since.
      at = Math.floor(Date.now() / 5_000) * 5_000;
      const started = await startDemo({ scenario: "coolstore", seed: 7, clock: () => at });
      if (!started.ok) throw new Error(started.error.message);
      demo = started.value;
      [plane, prometheus] = await Promise.all([startControlPlane(), startRealPrometheus()]);
      const kubeUrl = /server: (\S+)/.exec(demo.kubeconfig)?.[1] ?? "";
      expect(await copyObjects(kubeUrl, plane)).toBeGreaterThan(40);
      expect(await copySamples(demo.prometheusUrl, prometheus, at)).toBeGreaterThan(200);
    });

    afterAll(async () => {
      await Promise.all([demo.stop(), plane.stop(), prometheus.stop()]);
    });

    test("is the same mesh as on the embedded servers, in every view", async () => {
      const { mesh: embedded, lacks: nothing } = await meshIn(demo, at);
      const { mesh: real, lacks } = await meshIn(
        { kubeconfig: plane.kubeconfig, prometheusUrl: prometheus.url },
        at,
      );
      expect([lacks, nothing]).toEqual([{}, {}]);
      // Equal because both are empty would prove nothing.
      expect(real.services.length).toBeGreaterThan(5);
      expect(real.canaries).toHaveLength(1);
      expect(real.breakers.length).toBeGreaterThan(0);
      expect(real.egress.mesh).toMatchObject({
        mode: "ALLOW_ANY",
        from: { kind: "ConfigMap", name: "istio" },
      });
      expect(real.graph.edges.some(({ protocol }) => protocol === "tcp")).toBe(true);
      expectSame(real, embedded);
    });

    test("meshtop get agrees with what the API server and Prometheus say themselves", async () => {
      const folder = await mkdtemp(join(tmpdir(), "meshtop-whole-"));
      const kubeconfig = join(folder, "config");
      await writeFile(kubeconfig, plane.kubeconfig);
      const bundle = new URL("../../dist/meshtop.js", import.meta.url).pathname;
      const args = [
        "get",
        "services",
        "-o",
        "json",
        "--kubeconfig",
        kubeconfig,
        "--prometheus",
        prometheus.url,
        "-w",
        "5m",
      ];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [bundle, ...args]);
      await rm(folder, { recursive: true });
      expect(stderr).toBe("");
      const services = JSON.parse(stdout) as readonly { name: string; kind: string; rps?: number }[];
      const answer = await plane.fetch("/api/v1/services");
      const { items } = (await answer.json()) as { items: readonly { metadata: { name: string } }[] };
      const names = services.filter(({ kind }) => kind === "service").map(({ name }) => name);
      expect(names.toSorted()).toEqual(items.map(({ metadata }) => metadata.name).toSorted());
      const promql =
        'sum(rate(istio_requests_total{reporter="source",destination_service_name="webapp"}[5m]))';
      const asked = await fetch(
        `${prometheus.url}/api/v1/query?${new URLSearchParams({ query: promql }).toString()}`,
      );
      const { data } = (await asked.json()) as {
        data: { result: readonly { value: readonly [number, string] }[] };
      };
      const rate = Number(data.result[0]?.value[1]);
      const shown = services.find(({ name }) => name === "webapp")?.rps ?? 0;
      // Asked a moment apart, in a window of five minutes that loses what left it in between.
      expect(Math.abs(shown - rate) / rate).toBeLessThan(0.05);
    });
  },
);
