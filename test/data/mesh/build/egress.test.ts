import { expect, test } from "vitest";
import { meshOf, shopOf, v1, v2, webapp } from "../../../support/builtMesh.ts";
import { meshConfig, sidecar } from "../../../support/declaredOf.ts";
import { requests, telemetryOf } from "../../../support/telemetryOf.ts";

test("a caller's policy stands beside each host that it reaches outside", () => {
  const declared = shopOf(
    {
      meshConfigs: [meshConfig({ outboundMode: "REGISTRY_ONLY" })],
      sidecars: [
        sidecar("shop/open", {
          workloadSelector: { app: "webapp" },
          outboundTrafficPolicy: { mode: "ALLOW_ANY" },
        }),
      ],
    },
    [v1, v2, webapp],
  );
  const sent = (from: string, serviceName: string) =>
    requests("source", { from, to: "api.example.com", at: null }, 1, { serviceName });
  const { egress } = meshOf(
    declared,
    telemetryOf({
      requests: [sent("shop/webapp", "PassthroughCluster"), sent("shop/catalog-v1", "BlackHoleCluster")],
    }),
  );
  expect(egress.mesh.mode).toBe("REGISTRY_ONLY");
  expect(egress.hosts.map(({ from, kind, policy }) => [from, kind, policy.mode])).toEqual([
    ["shop/catalog-v1", "blackhole", "REGISTRY_ONLY"],
    ["shop/webapp", "passthrough", "ALLOW_ANY"],
  ]);
});
