import { expect, test } from "vitest";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { custom, service } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { answersIn, fourSigma, smallMesh, versionServices } from "./smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const first = { destination_service_name: "api-v1" };
const second = { destination_service_name: "api-v2" };

const services = versionServices({ name: "http", port: 80 });
const onService = [{ group: "", kind: "Service", name: "api", port: 80 }];
const onGateway = [{ name: "edge" }];

function backend(version: string, weight?: number, port = 80): Json {
  return { name: `api-${version}`, port, ...(weight === undefined ? {} : { weight }) };
}

function route(
  rules: readonly Json[],
  rest: Readonly<Record<string, Json>> = {},
  kind: "HTTPRoute" | "GRPCRoute" = "HTTPRoute",
): Manifest {
  const spec = { parentRefs: onService, rules, ...rest };
  return custom(kind, { namespace: "shop", name: "api", spec });
}

const split = (one: number, two: number): Json => ({ backendRefs: [backend("v1", one), backend("v2", two)] });

function mirrored(filter: Readonly<Record<string, Json>>): Manifest {
  const requestMirror = { backendRef: backend("v2"), ...filter };
  return route([{ backendRefs: [backend("v1")], filters: [{ type: "RequestMirror", requestMirror }] }]);
}

test.each([
  { weights: [20, 80], share: 0.8 },
  { weights: [1, 3], share: 0.75 },
])(
  "an HTTPRoute on a Service splits its callers' requests by weights $weights",
  async ({ weights: [one = 0, two = 0], share }) => {
    const mesh = smallMesh({ objects: [...services, route([split(one, two)])] });
    mesh.pass(300);
    const all = await mesh.requests(source);
    expect(all).toBeGreaterThan(5000);
    expect(Math.abs((await mesh.requests({ ...source, ...second })) - all * share)).toBeLessThan(
      fourSigma(all, share),
    );
  },
);

test("a backend without a weight weighs 1", async () => {
  const rules = [{ backendRefs: [backend("v1", 3), backend("v2")] }];
  const mesh = smallMesh({ objects: [...services, route(rules)] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  expect(Math.abs((await mesh.requests({ ...source, ...second })) - all / 4)).toBeLessThan(
    fourSigma(all, 0.25),
  );
});

test("backends that all weigh 0 are 500, and nothing arrives", async () => {
  const mesh = smallMesh({ objects: [...services, route([split(0, 0)])] });
  mesh.pass(30);
  const all = await mesh.requests({});
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ ...source, response_code: "500" })).toBe(all);
});

test("a backend that does not exist costs just its own share, as 500", async () => {
  const rules = [{ backendRefs: [backend("v1", 75), backend("v9", 25)] }];
  const mesh = smallMesh({ objects: [...services, route(rules)] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const lost = await mesh.requests({ ...source, response_code: "500" });
  expect(Math.abs(lost - all / 4)).toBeLessThan(fourSigma(all, 0.25));
  expect(await mesh.requests({ reporter: "destination" })).toBe(all - lost);
});

test.each([
  { written: "percent 30", filter: { percent: 30 }, share: 0.3 },
  { written: "a fraction of 1/8", filter: { fraction: { numerator: 1, denominator: 8 } }, share: 0.125 },
  { written: "nothing", filter: {}, share: 1 },
  { written: "percent 0", filter: { percent: 0 }, share: 0 },
])("a RequestMirror with $written copies that part, and only the target reports it", async (row) => {
  const mesh = smallMesh({ objects: [...services, mirrored(row.filter)] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  expect(await mesh.requests({ ...source, ...first })).toBe(all);
  const copies = await mesh.requests({ reporter: "destination", destination_workload: "api-v2" });
  expect(Math.abs(copies - all * row.share)).toBeLessThanOrEqual(fourSigma(all, row.share));
});

const grpc = {
  call: { speaks: "grpc" as const, path: "/shop.Api/List", port: 9000 },
  services: [
    ...versionServices({ name: "grpc", port: 9000 }),
    service({
      namespace: "shop",
      name: "api",
      selector: { app: "api" },
      ports: [{ name: "grpc", port: 9000, targetPort: 8080 }],
    }),
  ],
};

test("a GRPCRoute sends one method to v2, and the proxies call it grpc", async () => {
  const parentRefs = [{ group: "", kind: "Service", name: "api" }];
  const rules = [
    {
      matches: [{ method: { service: "shop.Api", method: "List" } }],
      backendRefs: [backend("v2", 1, 9000)],
    },
    { backendRefs: [backend("v1", 1, 9000)] },
  ];
  const objects = [...grpc.services, route(rules, { parentRefs }, "GRPCRoute")];
  const behaviours = { "shop/api": answersIn(5), "shop/api-v2": answersIn(5, 1) };
  const list = smallMesh({ objects, behaviours, call: grpc.call });
  list.pass(30);
  // An application's error travels in HTTP 200, with status 13 of gRPC.
  const failed = { request_protocol: "grpc", response_code: "200", grpc_response_status: "13" };
  expect(await list.requests({ ...source, ...second, ...failed })).toBeGreaterThan(0);
  expect(await list.requests({ ...source, ...second, ...failed })).toBe(await list.requests(source));
  const other = smallMesh({ objects, behaviours, call: { ...grpc.call, path: "/shop.Api/Get" } });
  other.pass(30);
  expect(await other.requests({ ...source, ...first, grpc_response_status: "0" })).toBe(
    await other.requests(source),
  );
  expect(await other.requests(source)).toBeGreaterThan(0);
});

test("gRPC over a port that is named http is grpc in the metrics all the same", async () => {
  const mesh = smallMesh({ call: { speaks: "grpc", path: "/shop.Api/Get" } });
  mesh.pass(10);
  expect(await mesh.requests({ request_protocol: "grpc" })).toBeGreaterThan(0);
  expect(await mesh.requests({ request_protocol: "http" })).toBe(0);
});

const gateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "shop" },
  ...{
    spec: {
      gatewayClassName: "istio",
      listeners: [
        { name: "web", port: 80, protocol: "HTTP", hostname: "*.shop.example" },
        { name: "raw", port: 31400, protocol: "TCP" },
      ],
    },
  },
} satisfies Manifest;

const throughGateway = {
  from: { is: "gateway", workload: "shop/edge-istio" },
  call: { host: "api.shop.example" },
} as const;
const atGateway = { reporter: "source", source_workload: "edge-istio" };

test("istiod deploys a Gateway, and an HTTPRoute on it splits what comes from outside", async () => {
  const mesh = smallMesh({
    ...throughGateway,
    objects: [...services, gateway, route([split(90, 10)], { parentRefs: onGateway })],
  });
  mesh.pass(5);
  await mesh.reset();
  mesh.pass(300);
  const all = await mesh.requests(atGateway);
  expect(all).toBeGreaterThan(5000);
  expect(Math.abs((await mesh.requests({ ...atGateway, ...second })) - all / 10)).toBeLessThan(
    fourSigma(all, 0.1),
  );
  expect(await mesh.requests({ reporter: "destination", source_canonical_service: "edge-istio" })).toBe(all);
});

test("a host that no route of the Gateway has is 404 NR", async () => {
  const mesh = smallMesh({
    ...throughGateway,
    objects: [
      ...services,
      gateway,
      route([split(1, 0)], { parentRefs: onGateway, hostnames: ["other.shop.example"] }),
    ],
  });
  mesh.pass(30);
  const refused = { ...atGateway, response_code: "404", response_flags: "NR" };
  expect(await mesh.requests(refused)).toBeGreaterThan(0);
  expect(await mesh.requests(refused)).toBe(await mesh.requests({}));
});

test("a TCPRoute on one listener of a Gateway splits the connections on that port", async () => {
  const tcp = { name: "tcp", port: 9000 };
  const rules = [{ backendRefs: [backend("v1", 80, 9000), backend("v2", 20, 9000)] }];
  const parentRefs = [{ name: "edge", sectionName: "raw" }];
  const mesh = smallMesh({
    ...throughGateway,
    objects: [
      ...versionServices(tcp),
      gateway,
      custom("TCPRoute", { namespace: "shop", name: "api", spec: { parentRefs, rules } }),
    ],
    call: { host: "api.shop.example", port: 31400, speaks: "tcp" },
  });
  mesh.pass(300);
  const opened = "istio_tcp_connections_opened_total";
  const all = await mesh.total(opened, atGateway);
  expect(all).toBeGreaterThan(5000);
  expect(Math.abs((await mesh.total(opened, { ...atGateway, ...second })) - all / 5)).toBeLessThan(
    fourSigma(all, 0.2),
  );
  expect(await mesh.requests({})).toBe(0);
});

test("istiod accepts a route on a Gateway or a Service it knows, and says where a backend is missing", () => {
  const lost = custom("HTTPRoute", {
    namespace: "shop",
    name: "lost",
    spec: { parentRefs: [{ name: "elsewhere" }], rules: [split(1, 1)] },
  });
  const rules = [{ backendRefs: [backend("v9")] }];
  const mesh = smallMesh({ objects: [...services, gateway, route(rules), lost] });
  mesh.pass(5);
  const status = (name: string): unknown =>
    mesh.store.get({ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "shop", name })?.[
      "status"
    ];
  expect(status("api")).toMatchObject({
    parents: [
      {
        parentRef: { kind: "Service", name: "api" },
        controllerName: "istio.io/gateway-controller",
        conditions: [
          { type: "Accepted", status: "True" },
          { type: "ResolvedRefs", status: "False", reason: "BackendNotFound" },
        ],
      },
    ],
  });
  expect(status("lost")).toBeUndefined();
});

test("what a Gateway deployed goes with it", () => {
  const mesh = smallMesh({ objects: [gateway] });
  const deployed = () =>
    mesh.store.get({ group: "apps", kind: "Deployment", namespace: "shop", name: "edge-istio" });
  mesh.pass(5);
  expect(deployed()).not.toBeNull();
  mesh.store.delete({
    group: "gateway.networking.k8s.io",
    kind: "Gateway",
    namespace: "shop",
    name: "edge",
  });
  mesh.pass(5);
  expect(deployed()).toBeNull();
});
