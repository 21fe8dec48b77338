/** Weights that an operator shifts, and what the requests and connections do then. */
import { expect, test } from "vitest";
import { shiftOf } from "../../../../src/actions/wishes.ts";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { custom, service } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { millis } from "../../../../src/data/mesh/units.ts";
import { expectPart, steered, type SteeredMesh } from "../../../support/steeredMesh.ts";
import { smallScenario, to, versionServices, virtualService, type Wishes } from "../traffic/smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const v2 = { destination_workload: "api-v2" };

const http = versionServices({ name: "http", port: 80 });
const onPort = (name: string): Manifest =>
  service({
    namespace: "shop",
    name: "api",
    selector: { app: "api" },
    ports: [{ name, port: 9000, targetPort: 8080 }],
  });
const connection = {
  port: 9000,
  speaks: "tcp" as const,
  tcp: { lasts: millis(2000), toServer: 300, toClient: 7000 },
};

function route(kind: "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute", port: number): Manifest {
  const backendRefs = ["v1", "v2"].map((version, i) => ({
    name: `api-${version}`,
    port,
    weight: 50 - 40 * i,
  }));
  const hostnames = kind === "TLSRoute" ? { hostnames: ["api"] } : {};
  const parentRefs = [{ group: "", kind: "Service", name: "api" }];
  const spec = { parentRefs, ...hostnames, rules: [{ backendRefs }] };
  return custom(kind, { namespace: "shop", name: "api", spec });
}

const before = [to("v1", 50), to("v2", 10)];
const virtual = (spec: Readonly<Record<string, Json>>): Manifest => virtualService([], spec);

interface Row {
  readonly what: string;
  readonly wishes: Wishes;
  /** How the destinations are called. */
  readonly names: readonly [string, string];
  readonly seen: "requests" | "connections";
}

const subsets = ["v1", "v2"] as const;
const services = ["api-v1", "api-v2"] as const;

const delegated: readonly Manifest[] = [
  virtualService([{ match: [{ uri: { prefix: "/" } }], delegate: { name: "api-inner" } }]),
  custom("VirtualService", { namespace: "shop", name: "api-inner", spec: { http: [{ route: before }] } }),
];

const rows: readonly Row[] = [
  {
    what: "an http rule",
    wishes: { objects: [virtualService([{ route: before }])] },
    names: subsets,
    seen: "requests",
  },
  {
    what: "a delegate's http rule",
    wishes: { objects: delegated },
    names: subsets,
    seen: "requests",
  },
  {
    what: "a tcp rule",
    wishes: { objects: [onPort("tcp"), virtual({ tcp: [{ route: before }] })], call: connection },
    names: subsets,
    seen: "connections",
  },
  {
    what: "a tls rule",
    wishes: {
      objects: [
        onPort("tls"),
        virtual({ tls: [{ match: [{ port: 9000, sniHosts: ["api"] }], route: before }] }),
      ],
      call: { ...connection, speaks: "tls" },
    },
    names: subsets,
    seen: "connections",
  },
  {
    what: "an HTTPRoute",
    wishes: { objects: [...http, route("HTTPRoute", 80)] },
    names: services,
    seen: "requests",
  },
  {
    what: "a GRPCRoute",
    wishes: {
      objects: [...versionServices({ name: "grpc", port: 9000 }), onPort("grpc"), route("GRPCRoute", 9000)],
      call: { port: 9000, speaks: "grpc", path: "/shop.Api/List" },
    },
    names: services,
    seen: "requests",
  },
  {
    what: "a TCPRoute",
    wishes: {
      objects: [...versionServices({ name: "tcp", port: 9000 }), onPort("tcp"), route("TCPRoute", 9000)],
      call: connection,
    },
    names: services,
    seen: "connections",
  },
  {
    what: "a TLSRoute",
    wishes: {
      objects: [...versionServices({ name: "tls", port: 9000 }), onPort("tls"), route("TLSRoute", 9000)],
      call: { ...connection, speaks: "tls" },
    },
    names: services,
    seen: "connections",
  },
];

async function expectShare(mesh: SteeredMesh, seen: Row["seen"], share: number): Promise<void> {
  await mesh.pass(300);
  expectPart(await mesh[seen]({ ...source, ...v2 }), await mesh[seen](source), share);
}

test.each(rows)(
  "after the weights of $what become 12 and 48, $seen split 20/80, and after the undo 50/10 again",
  async ({ wishes, names: [one, two], seen }) => {
    const mesh = await steered(smallScenario(wishes));
    await expectShare(mesh, seen, 1 / 6);
    await mesh.change((now) =>
      shiftOf(now, { service: "shop/api", weights: { [one]: 12, [two]: 48 }, rule: null }),
    );
    await expectShare(mesh, seen, 0.8);
    await mesh.undo();
    await expectShare(mesh, seen, 1 / 6);
  },
);

test("a destination that is drained gets nothing from the next tick on, and one that gets all gets all", async () => {
  const mesh = await steered(smallScenario({ objects: [virtualService([{ route: before }])] }));
  await mesh.change((now) => shiftOf(now, { service: "shop/api", weights: { v1: 0, v2: 60 }, rule: null }));
  await mesh.pass(60);
  expect(await mesh.requests({ ...source, ...v2 })).toBe(await mesh.requests(source));
  expect(await mesh.requests(source)).toBeGreaterThan(1000);
});

test("the dashboard sees the share arrive that was asked for", async () => {
  const mesh = await steered(smallScenario({ objects: [...http, route("HTTPRoute", 80)] }));
  await mesh.change((now) =>
    shiftOf(now, { service: "shop/api", weights: { "api-v1": 6, "api-v2": 54 }, rule: null }),
  );
  // Longer than the five minutes that the mesh is read over.
  await mesh.pass(330);
  const api = (await mesh.mesh()).services.find(({ key }) => key === "shop/api");
  const destination = api?.detail.routes
    .flatMap(({ rules }) => rules)
    .flatMap(({ destinations }) => destinations)
    .find(({ service: key }) => key === "shop/api-v2");
  expect(destination?.share).toBeCloseTo(0.9, 6);
  expect(destination?.observed?.share).toBeGreaterThan(0.87);
  expect(destination?.observed?.share).toBeLessThan(0.93);
});
