/** The outbound policy as an operator sets it, for everybody, a namespace or a workload, and a host that is made known. */
import { expect, test } from "vitest";
import type { WantedChange } from "../../../../src/actions/change.ts";
import { outboundOf } from "../../../../src/actions/wishes.ts";
import type { OutboundMode } from "../../../../src/data/mesh/declared/routing.ts";
import { namespace, workload } from "../../../../src/data/demo/scenarios/objects.ts";
import { perSecond, ratio } from "../../../../src/data/mesh/units.ts";
import { steered, type SteeredMesh } from "../../../support/steeredMesh.ts";
import { call, smallScenario } from "../traffic/smallMesh.ts";

const outside = { ...call, host: "outside.example", path: "/users" };
const https = {
  ...call,
  host: "outside.example",
  port: 443,
  speaks: "tls" as const,
};

/** Three workloads that reach out: two of namespace shop, one of another. */
function reachingOut(kind: typeof outside | typeof https) {
  const base = smallScenario({ call: kind });
  const app = (name: string, at: string) =>
    workload({ namespace: at, name, labels: { app: name }, replicas: 1, image: `${name}:1`, port: 8080 });
  const more = ["shop/billing", "farm/barn"];
  return {
    ...base,
    manifests: [
      ...base.manifests,
      namespace("farm", { "istio-injection": "enabled" }),
      app("billing", "shop"),
      app("barn", "farm"),
    ],
    sources: [
      ...base.sources,
      ...more.map((name) => ({
        at: { is: "workload" as const, workload: name },
        rate: perSecond(10),
        swing: ratio(0),
        call: kind,
      })),
    ],
  };
}

type Ways = Readonly<Record<string, "through" | "blocked" | "known" | "both">>;

/** What became of the requests of each workload in the next minute. */
async function waysOut(mesh: SteeredMesh): Promise<Ways> {
  await mesh.pass(60);
  const ways: Record<string, Ways[string]> = {};
  for (const source of ["caller", "billing", "barn"]) {
    const at = { reporter: "source", source_workload: source };
    const [all, through, blocked] = await Promise.all([
      mesh.requests(at),
      mesh.requests({ ...at, destination_service_name: "PassthroughCluster", response_code: "200" }),
      mesh.requests({ ...at, destination_service_name: "BlackHoleCluster", response_code: "502" }),
    ]);
    expect(all).toBeGreaterThan(300);
    ways[source] =
      through === all ? "through" : blocked === all ? "blocked" : through + blocked === 0 ? "known" : "both";
  }
  return ways;
}

const open: Ways = { caller: "through", billing: "through", barn: "through" };
const shut: Ways = { caller: "blocked", billing: "blocked", barn: "blocked" };

const set = (mode: OutboundMode, where: string | null) => (mesh: Parameters<typeof outboundOf>[0]) =>
  outboundOf(mesh, { mode, namespace: where, configMap: null });

test("after the mesh becomes REGISTRY_ONLY every workload's way out is shut, and after the undo open", async () => {
  const mesh = await steered(reachingOut(outside));
  expect(await waysOut(mesh)).toEqual(open);
  await mesh.change(set("REGISTRY_ONLY", null));
  expect(await waysOut(mesh)).toEqual(shut);
  await mesh.undo();
  expect(await waysOut(mesh)).toEqual(open);
});

test("after a namespace becomes REGISTRY_ONLY its workloads are shut in, and nobody else's", async () => {
  const mesh = await steered(reachingOut(outside));
  await mesh.change(set("REGISTRY_ONLY", "shop"));
  expect(await waysOut(mesh)).toEqual({ ...shut, barn: "through" });
  await mesh.undo();
  expect(await waysOut(mesh)).toEqual(open);
});

test("after a namespace becomes ALLOW_ANY in a REGISTRY_ONLY mesh, it alone gets out", async () => {
  const mesh = await steered(reachingOut(outside));
  await mesh.change(set("REGISTRY_ONLY", null));
  await mesh.change(set("ALLOW_ANY", "farm"));
  expect(await waysOut(mesh)).toEqual({ ...shut, barn: "through" });
});

test("after one workload becomes REGISTRY_ONLY, it alone is shut in", async () => {
  const mesh = await steered(reachingOut(outside));
  const labels = { app: "caller" };
  const change: WantedChange = {
    kind: "outbound",
    mode: "REGISTRY_ONLY",
    target: { is: "sidecar", namespace: "shop", labels },
  };
  await mesh.change(() => change);
  expect(await waysOut(mesh)).toEqual({ ...open, caller: "blocked" });
  await mesh.undo();
  expect(await waysOut(mesh)).toEqual(open);
});

test("under ALLOW_ANY_DYNAMIC_DNS plain HTTP goes out by the name of its host", async () => {
  const mesh = await steered(reachingOut(outside));
  await mesh.change(set("ALLOW_ANY_DYNAMIC_DNS", null));
  expect(await waysOut(mesh)).toEqual({ caller: "known", billing: "known", barn: "known" });
  const named = { destination_service_name: "outside.example", response_code: "200" };
  expect(await mesh.requests(named)).toBe(await mesh.requests({}));
});

const declare: WantedChange = { kind: "declareHost", namespace: "shop", host: "outside.example" };

test("after a host is declared to a namespace it is reached there by its name, REGISTRY_ONLY or not", async () => {
  const mesh = await steered(reachingOut(outside));
  await mesh.change(set("REGISTRY_ONLY", null));
  await mesh.change(() => declare);
  // Not exported: the other namespace knows nothing of it.
  expect(await waysOut(mesh)).toEqual({ caller: "known", billing: "known", barn: "blocked" });
  const named = { destination_service: "outside.example", destination_service_name: "outside.example" };
  expect(await mesh.requests({ ...named, response_code: "200" })).toBe(await mesh.requests(named));
  await mesh.undo();
  expect(await waysOut(mesh)).toEqual(shut);
});

test("a declared host's TLS connections get its name, and those of others stay nameless or closed", async () => {
  const mesh = await steered(reachingOut(https));
  await mesh.pass(60);
  const nameless = { destination_service: "unknown", destination_service_name: "PassthroughCluster" };
  await mesh.change(set("REGISTRY_ONLY", null));
  await mesh.change(() => declare);
  await mesh.pass(60);
  const named = { destination_service_name: "outside.example", response_flags: "-" };
  expect(await mesh.connections({ source_workload: "caller" })).toBeGreaterThan(300);
  expect(await mesh.connections({ source_workload: "caller", ...named })).toBe(
    await mesh.connections({ source_workload: "caller" }),
  );
  const closed = { source_workload: "barn", destination_service_name: "BlackHoleCluster" };
  expect(await mesh.count("istio_tcp_connections_closed_total", { ...closed, response_flags: "UH" })).toBe(
    await mesh.connections({ source_workload: "barn" }),
  );
  expect(await mesh.connections(nameless)).toBe(0);
});
