import { expect, test } from "vitest";
import { custom, service, workload } from "../../../../src/data/demo/scenarios/objects.ts";
import { call, meshConfig, smallMesh } from "./smallMesh.ts";

const outside = { host: "outside.example", path: "/users" };
const registryOnly = meshConfig("outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n");
const serviceEntry = custom("ServiceEntry", {
  namespace: "shop",
  name: "outside",
  spec: {
    hosts: ["outside.example"],
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
  },
});

const nobody = { destination_workload: "unknown", destination_service_namespace: "unknown" };

test("ALLOW_ANY lets plain HTTP to unknown hosts through PassthroughCluster, named by the Host header", async () => {
  const mesh = smallMesh({ call: outside });
  mesh.pass(30);
  const through = {
    ...nobody,
    reporter: "source",
    source_workload: "caller",
    destination_service: "outside.example",
    destination_service_name: "PassthroughCluster",
    response_code: "200",
    response_flags: "-",
    connection_security_policy: "unknown",
  };
  expect(await mesh.requests(through)).toBeGreaterThan(0);
  expect(await mesh.requests(through)).toBe(await mesh.requests({}));
});

test("REGISTRY_ONLY answers 502 from BlackHoleCluster at the next tick, and nothing passes through any more", async () => {
  const mesh = smallMesh({ call: outside });
  mesh.pass(30);
  mesh.store.apply(registryOnly);
  await mesh.reset();
  mesh.pass(30);
  const blocked = {
    ...nobody,
    destination_service: "outside.example",
    destination_service_name: "BlackHoleCluster",
  };
  const all = await mesh.requests({});
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ ...blocked, response_code: "502", response_flags: "-" })).toBe(all);
  expect(await mesh.requests({ destination_service_name: "PassthroughCluster" })).toBe(0);
});

test.each([
  { mode: "ALLOW_ANY", cluster: "PassthroughCluster" },
  { mode: "REGISTRY_ONLY", cluster: "BlackHoleCluster" },
])("istiod ignores a mesh config that it can't take: $mode of before stays", async ({ mode, cluster }) => {
  const before = meshConfig(`outboundTrafficPolicy:\n  mode: ${mode}\n`);
  const mesh = smallMesh({ objects: [before], call: outside });
  mesh.pass(10);
  for (const text of ["outboundTrafficPolicy:\n  mode: ALLOW_LIST\n", "a: 1\nb: [\n"]) {
    mesh.store.apply(meshConfig(text));
    await mesh.reset();
    mesh.pass(10);
    const requests = await mesh.requests({});
    expect(requests).toBeGreaterThan(0);
    expect(await mesh.requests({ destination_service_name: cluster })).toBe(requests);
  }
});

test("a ServiceEntry makes the host a service of its own, also under REGISTRY_ONLY", async () => {
  const mesh = smallMesh({ objects: [registryOnly, serviceEntry], call: outside });
  mesh.pass(30);
  const known = {
    ...nobody,
    destination_service: "outside.example",
    destination_service_name: "outside.example",
  };
  expect(await mesh.requests({ ...known, response_code: "200" })).toBeGreaterThan(0);
  expect(await mesh.requests(known)).toBe(await mesh.requests({}));
});

test("a Sidecar's own REGISTRY_ONLY goes before the mesh's ALLOW_ANY", async () => {
  const sidecar = custom("Sidecar", {
    namespace: "shop",
    name: "default",
    spec: { egress: [{ hosts: ["./*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
  });
  const mesh = smallMesh({ objects: [sidecar], call: outside });
  mesh.pass(30);
  expect(await mesh.requests({ destination_service_name: "BlackHoleCluster" })).toBeGreaterThan(0);
  expect(await mesh.requests({ destination_service_name: "BlackHoleCluster" })).toBe(await mesh.requests({}));
});

test("a Service that the Sidecar does not import is reached through PassthroughCluster, in plaintext", async () => {
  const sidecar = custom("Sidecar", {
    namespace: "shop",
    name: "default",
    spec: { egress: [{ hosts: ["istio-system/*"] }] },
  });
  const mesh = smallMesh({ objects: [sidecar] });
  mesh.pass(30);
  const all = await mesh.requests({ reporter: "source" });
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ reporter: "source", destination_service_name: "PassthroughCluster" })).toBe(
    all,
  );
  const arrived = {
    reporter: "destination",
    destination_service_name: "api",
    connection_security_policy: "none",
  };
  expect(await mesh.requests(arrived)).toBe(all);
});

test("HTTPS to outside is TCP without a name; REGISTRY_ONLY closes it with UH", async () => {
  const https = { host: "outside.example", port: 443, speaks: "tcp" as const };
  const mesh = smallMesh({ call: https });
  mesh.pass(30);
  const opened = "istio_tcp_connections_opened_total";
  const unnamed = { destination_service: "unknown", destination_service_name: "PassthroughCluster" };
  expect(await mesh.total(opened, unnamed)).toBeGreaterThan(0);
  mesh.store.apply(registryOnly);
  await mesh.reset();
  mesh.pass(30);
  expect(await mesh.total(opened, unnamed)).toBe(0);
  const closed = { destination_service_name: "BlackHoleCluster", response_flags: "UH" };
  expect(await mesh.total("istio_tcp_connections_closed_total", closed)).toBeGreaterThan(0);
});

const gateway = workload({
  namespace: "istio-system",
  name: "ingress",
  labels: { istio: "ingressgateway" },
  replicas: 1,
  image: "proxy",
  port: 8080,
});
const gatewayServer = custom("Gateway", {
  namespace: "shop",
  name: "edge",
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["shop.example"] }],
  },
});
const throughGateway = {
  from: { is: "gateway", workload: "istio-system/ingress" },
  call: { ...call, host: "shop.example" },
} as const;

test("a gateway without a Gateway listens on nothing: no metrics at all", async () => {
  const mesh = smallMesh({ ...throughGateway, objects: [gateway] });
  mesh.pass(30);
  expect(await mesh.requests({})).toBe(0);
});

test("a Gateway listens on its own ports only", async () => {
  const mesh = smallMesh({
    ...throughGateway,
    objects: [gateway, gatewayServer],
    call: { ...throughGateway.call, port: 8081 },
  });
  mesh.pass(30);
  expect(await mesh.requests({})).toBe(0);
});

test("a Gateway may name the port of the pods behind the gateway's Service, as Bookinfo's does", async () => {
  const front = service({
    namespace: "istio-system",
    name: "ingress",
    selector: { istio: "ingressgateway" },
    ports: [{ name: "http2", port: 80, targetPort: 8080 }],
  });
  const behind = custom("Gateway", {
    namespace: "shop",
    name: "edge",
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  });
  const route = custom("VirtualService", {
    namespace: "shop",
    name: "edge",
    spec: {
      hosts: ["*"],
      gateways: ["edge"],
      http: [{ route: [{ destination: { host: "api", port: { number: 80 } } }] }],
    },
  });
  const mesh = smallMesh({ ...throughGateway, objects: [gateway, front, behind, route] });
  mesh.pass(30);
  const sent = { reporter: "source", source_workload: "ingress", response_code: "200" };
  expect(await mesh.requests(sent)).toBeGreaterThan(0);
  const alone = smallMesh({ ...throughGateway, objects: [gateway, behind, route] });
  alone.pass(30);
  expect(await alone.requests({})).toBe(0);
});

test("a Gateway without a VirtualService answers 404 NR, and names no service", async () => {
  const mesh = smallMesh({ ...throughGateway, objects: [gateway, gatewayServer] });
  mesh.pass(30);
  const noRoute = { reporter: "source", source_workload: "ingress", destination_service: "unknown" };
  expect(await mesh.requests({ ...noRoute, response_code: "404", response_flags: "NR" })).toBeGreaterThan(0);
  expect(await mesh.requests(noRoute)).toBe(await mesh.requests({}));
});

test("requests through a gateway have it as their source, at both ends", async () => {
  const route = custom("VirtualService", {
    namespace: "shop",
    name: "edge",
    spec: {
      hosts: ["shop.example"],
      gateways: ["edge"],
      http: [{ route: [{ destination: { host: "api" } }] }],
    },
  });
  const mesh = smallMesh({ ...throughGateway, objects: [gateway, gatewayServer, route] });
  mesh.pass(30);
  const sent = await mesh.requests({ reporter: "source", source_workload: "ingress" });
  expect(sent).toBeGreaterThan(0);
  const arrived = {
    reporter: "destination",
    source_workload: "ingress",
    connection_security_policy: "mutual_tls",
  };
  expect(await mesh.requests(arrived)).toBe(sent);
});

test("a port that is named tcp shows connections and no requests, whatever the program speaks", async () => {
  const tcp = service({
    namespace: "shop",
    name: "api",
    selector: { app: "api" },
    ports: [{ name: "tcp-api", port: 80, targetPort: 8080 }],
  });
  const mesh = smallMesh({ objects: [tcp] });
  mesh.pass(30);
  expect(await mesh.requests({})).toBe(0);
  const opened = await mesh.total("istio_tcp_connections_opened_total", { reporter: "source" });
  expect(opened).toBeGreaterThan(0);
  const arrived = { reporter: "destination", connection_security_policy: "mutual_tls" };
  expect(await mesh.total("istio_tcp_connections_opened_total", arrived)).toBe(opened);
});
