import { expect, test } from "vitest";
import { strictPreview, type ArrivedCount } from "../../../src/data/mesh/strictPreview.ts";
import { millis } from "../../../src/data/mesh/units.ts";
import { shopOf } from "../../support/builtMesh.ts";
import { namespace, peerAuthentication } from "../../support/declaredOf.ts";

const hour = millis(3_600_000);
const arrived = (to: string, more: Partial<ArrivedCount> = {}): ArrivedCount => ({
  from: null,
  to: `shop/${to}`,
  what: "requests",
  security: "none",
  count: 10,
  ...more,
});
const verdicts = (declared: ReturnType<typeof shopOf>, ...counts: readonly ArrivedCount[]) =>
  strictPreview(declared, "shop", counts, hour).callers.map(({ to, verdict }) => `${to} ${verdict}`);

test("plaintext is cut off wherever STRICT of the namespace decides, whatever the namespace says today", () => {
  const today = shopOf({
    peerAuthentications: [
      peerAuthentication("shop/old", "PERMISSIVE"),
      peerAuthentication("istio-system/default", "DISABLE"),
    ],
  });
  expect(verdicts(today, arrived("catalog-v1"))).toEqual(["shop/catalog-v1 cut off"]);
});

test("a policy of a workload has the last word, and one for a port has it for that port", () => {
  const today = shopOf({
    peerAuthentications: [
      peerAuthentication("shop/v1", "PERMISSIVE", { selector: { version: "v1" } }),
      // Unset, it inherits: PERMISSIVE today, STRICT then; its port stays open.
      peerAuthentication("shop/v2", null, {
        selector: { version: "v2" },
        portLevelMtls: { 9090: "PERMISSIVE" },
      }),
    ],
  });
  expect(verdicts(today, arrived("catalog-v1"), arrived("catalog-v2"), arrived("forum"))).toEqual([
    "shop/forum cut off",
    "shop/catalog-v2 some ports",
    "shop/catalog-v1 stays",
  ]);
});

test("a server that the cluster does not know is no verdict", () => {
  expect(verdicts(shopOf(), arrived("elsewhere"))).toEqual(["shop/elsewhere unknown"]);
});

test("mTLS is nobody's trouble, and what does not say how it travelled is told apart", () => {
  const preview = strictPreview(
    shopOf(),
    "shop",
    [arrived("catalog-v1", { security: "mutual_tls", count: 30 }), arrived("forum", { security: "unknown" })],
    hour,
  );
  expect(preview).toMatchObject({ callers: [], unnamed: 0.25 });
  // Nothing arrived there, or nobody counted it.
  expect(preview.unseen).toEqual(["shop/catalog-v2", "shop/webapp"]);
});

test("a ztunnel names no plaintext, but STRICT refuses whatever came to it without HBONE", () => {
  const ambient = shopOf({
    namespaces: [namespace("shop", { "istio.io/dataplane-mode": "ambient" }), namespace("istio-system")],
    pods: [],
  });
  const unknown = { from: "legacy/report", what: "connections", security: "unknown" } as const;
  const preview = strictPreview(ambient, "shop", [arrived("catalog-v1", unknown)], hour);
  expect(preview.callers.map(({ from, verdict }) => [from, verdict])).toEqual([["legacy/report", "cut off"]]);
  expect(preview.unnamed).toBe(0);
});

test("STRICT in the root namespace is for the mesh, but for namespaces that say otherwise", () => {
  const today = shopOf({ peerAuthentications: [peerAuthentication("shop/default", "PERMISSIVE")] });
  const counts = [arrived("catalog-v1"), arrived("x", { to: "istio-system/istio-ingressgateway" })];
  const preview = strictPreview(today, "istio-system", counts, hour);
  expect(preview.isMesh).toBe(true);
  expect(preview.callers.map(({ to, verdict }) => `${to} ${verdict}`)).toContain("shop/catalog-v1 stays");
  const open = strictPreview(shopOf(), "istio-system", counts, hour);
  expect(open.callers.map(({ to, verdict }) => `${to} ${verdict}`)).toContain("shop/catalog-v1 cut off");
});
