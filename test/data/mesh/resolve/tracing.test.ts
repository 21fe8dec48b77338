import { describe, expect, test } from "vitest";
import type { Telemetry } from "../../../../src/data/mesh/declared/security.ts";
import { tracingFor } from "../../../../src/data/mesh/resolve/tracing.ts";
import { percent } from "../../../../src/data/mesh/units.ts";
import { meshConfig, meta } from "../../../support/declaredOf.ts";
import { registry } from "./builders.ts";

function telemetry(
  at: string,
  sampling: number | null,
  more: { readonly disabled?: boolean; readonly selector?: Telemetry["selector"] } = {},
): Telemetry {
  const tracing = { sampling: sampling === null ? null : percent(sampling), disabled: more.disabled ?? null };
  return { meta: meta("Telemetry", at), selector: more.selector ?? null, accessLogging: null, tracing };
}

/** Percentage, deciding object and whether spans are sent, for a workload `app: web` in `shop`. */
function asked(
  telemetries: readonly Telemetry[],
  sampling: number | null = null,
  annotated: number | null = null,
): readonly unknown[] {
  const meshConfigs = [meshConfig({ tracingSampling: sampling === null ? null : percent(sampling) })];
  const own =
    annotated === null ? null : { ref: meta("Deployment", "shop/web").ref, sampling: percent(annotated) };
  const found = tracingFor(registry({ telemetries, meshConfigs }), "shop", { app: "web" }, own);
  return [found.sampling, found.from === "default" ? found.from : found.from.name, found.isReported];
}

describe("workload > namespace > mesh > defaultConfig > 1 % (istio.io, Telemetry and ProxyConfig)", () => {
  const mesh = telemetry("istio-system/mesh", 10);
  const namespace = telemetry("shop/all", 20);
  const workload = telemetry("shop/web", 100, { selector: { app: "web" } });
  const silent = telemetry("shop/silent", null, { selector: { app: "web" }, disabled: true });

  test.each<[string, readonly Telemetry[], number | null, readonly unknown[]]>([
    ["nobody speaks", [], null, [1, "default", true]],
    ["the mesh's configuration", [], 50, [50, "istio", true]],
    // A float without presence: 0 is what is not written (proxyConfigSamplingValue).
    ["the mesh's configuration says 0, which is not set", [], 0, [1, "default", true]],
    ["the mesh's configuration asks for too much", [], 200, [1, "istio", true]],
    ["the mesh's Telemetry over its configuration", [mesh], 50, [10, "mesh", true]],
    ["the namespace's over the mesh's", [mesh, namespace], null, [20, "all", true]],
    ["the workload's over both", [mesh, namespace, workload], null, [100, "web", true]],
    ["what is not written is inherited", [mesh, silent], null, [10, "mesh", false]],
    ["another namespace's is not ours", [telemetry("other/all", 90)], null, [1, "default", true]],
    [
      "another workload's is not ours",
      [telemetry("shop/x", 90, { selector: { app: "x" } })],
      null,
      [1, "default", true],
    ],
  ])("%s", (_name, telemetries, sampling, expected) => {
    expect(asked(telemetries, sampling)).toEqual(expected);
  });

  test.each<[string, readonly Telemetry[], number | null, number, readonly unknown[]]>([
    ["the pods' annotation over the mesh's configuration", [], 50, 5, [5, "web", true]],
    ["an annotation of 0 is not set", [], 50, 0, [50, "istio", true]],
    ["any Telemetry over the annotation", [mesh], 50, 5, [10, "mesh", true]],
  ])("%s", (_name, telemetries, sampling, annotated, expected) => {
    expect(asked(telemetries, sampling, annotated)).toEqual(expected);
  });
});
