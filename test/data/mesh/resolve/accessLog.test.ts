import { describe, expect, test } from "vitest";
import type { Telemetry } from "../../../../src/data/mesh/declared/security.ts";
import { accessLogFor } from "../../../../src/data/mesh/resolve/accessLog.ts";
import { meshConfig, meta } from "../../../support/declaredOf.ts";
import { registry } from "./builders.ts";

function telemetry(
  at: string,
  accessLogging: Telemetry["accessLogging"],
  selector: Telemetry["selector"] = null,
): Telemetry {
  return { meta: meta("Telemetry", at), selector, accessLogging, tracing: null };
}

const to = (...providers: readonly string[]): Telemetry["accessLogging"] => ({ disabled: false, providers });
const off: Telemetry["accessLogging"] = { disabled: true, providers: [] };

/** State, providers and deciding object for a workload `app: web` in `shop`. */
function asked(telemetries: readonly Telemetry[], accessLogFile = ""): readonly unknown[] {
  const lists = { telemetries, meshConfigs: [meshConfig({ accessLogFile })] };
  const { is, providers, from } = accessLogFor(registry(lists), "shop", { app: "web" });
  return [is, providers, from === "default" ? from : from.name];
}

describe("workload > namespace > mesh > accessLogFile (istio.io, Telemetry)", () => {
  const mesh = telemetry("istio-system/mesh", to("otel"));
  const namespace = telemetry("shop/quiet", off);
  const workload = telemetry("shop/web", to(), { app: "web" });

  test.each<[string, readonly Telemetry[], string, readonly unknown[]]>([
    ["nobody speaks: off", [], "", ["off", [], "default"]],
    ["the mesh's file", [], "/dev/stdout", ["on", ["envoy"], "istio"]],
    ["the mesh's Telemetry over its file", [mesh], "/dev/stdout", ["on", ["otel"], "mesh"]],
    ["the namespace's over the mesh's", [mesh, namespace], "", ["off", [], "quiet"]],
    [
      "the workload's, with the provider of the mesh",
      [mesh, namespace, workload],
      "",
      ["on", ["otel"], "web"],
    ],
    ["without any provider: envoy", [workload], "", ["on", ["envoy"], "web"]],
    [
      "another workload's is not ours",
      [telemetry("shop/x", to("otel"), { app: "x" })],
      "",
      ["off", [], "default"],
    ],
    [
      "one that says nothing of logs is passed over",
      [telemetry("shop/x", null), mesh],
      "",
      ["on", ["otel"], "mesh"],
    ],
  ])("%s", (_name, telemetries, file, expected) => {
    expect(asked(telemetries, file)).toEqual(expected);
  });
});
