import { expect, test } from "vitest";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { custom, service } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { millis } from "../../../../src/data/mesh/units.ts";
import { fourSigma, smallMesh, to, versionServices, type SmallMesh } from "./smallMesh.ts";

const opened = "istio_tcp_connections_opened_total";
const source = { reporter: "source", source_workload: "caller" };
const v2 = { destination_workload: "api-v2" };

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
const encrypted = { ...connection, speaks: "tls" as const, host: "api.shop.example" };

function rules(spec: Readonly<Record<string, Json>>): Manifest {
  return custom("VirtualService", { namespace: "shop", name: "api", spec: { hosts: ["api"], ...spec } });
}

async function expectShare(mesh: SmallMesh, share: number): Promise<void> {
  const all = await mesh.total(opened, source);
  expect(all).toBeGreaterThan(1000);
  const got = await mesh.total(opened, { ...source, ...v2 });
  expect(Math.abs(got - all * share)).toBeLessThanOrEqual(fourSigma(all, share));
}

test("weights of a tcp rule split connections, and a change of them splits the next ones so", async () => {
  const weighted = (one: number, two: number): Manifest =>
    rules({ tcp: [{ match: [{ port: 9000 }], route: [to("v1", one), to("v2", two)] }] });
  const mesh = smallMesh({ objects: [onPort("tcp"), weighted(80, 20)], call: connection });
  mesh.pass(300);
  await expectShare(mesh, 0.2);
  mesh.store.apply(weighted(30, 70));
  await mesh.reset();
  mesh.pass(300);
  await expectShare(mesh, 0.7);
});

test("connections that are open stay where they are when the weights change", async () => {
  const whole = (subset: string): Manifest => rules({ tcp: [{ route: [to(subset)] }] });
  const lasts = { ...connection, tcp: { ...connection.tcp, lasts: millis(60_000) } };
  const mesh = smallMesh({ objects: [onPort("tcp"), whole("v1")], call: lasts });
  mesh.pass(60);
  const before = await mesh.total(opened, { ...source, destination_workload: "api" });
  mesh.store.apply(whole("v2"));
  await mesh.reset();
  // A tick more than the minute that each of them lasts.
  mesh.pass(65);
  const closed = "istio_tcp_connections_closed_total";
  expect(await mesh.total(opened, { ...source, destination_workload: "api" })).toBe(0);
  expect(await mesh.total(closed, { ...source, destination_workload: "api" })).toBe(before);
  expect(before).toBeGreaterThan(0);
});

test("both ends count the bytes of a connection when it ends", async () => {
  const mesh = smallMesh({ objects: [onPort("tcp")], call: connection });
  mesh.pass(60);
  for (const reporter of ["source", "destination"]) {
    const closed = await mesh.total("istio_tcp_connections_closed_total", { reporter });
    expect(closed).toBeGreaterThan(0);
    expect(await mesh.total("istio_tcp_received_bytes_total", { reporter })).toBe(closed * 300);
    expect(await mesh.total("istio_tcp_sent_bytes_total", { reporter })).toBe(closed * 7000);
  }
});

test("a tcp rule for another port does not speak of these connections", async () => {
  const objects = [onPort("tcp"), rules({ tcp: [{ match: [{ port: 7 }], route: [to("v2")] }] })];
  const mesh = smallMesh({ objects, call: connection });
  mesh.pass(300);
  await expectShare(mesh, 0.5);
});

test("http rules do not speak of connections, nor tcp rules of requests", async () => {
  const both = rules({ http: [{ route: [to("v1")] }], tcp: [{ route: [to("v2")] }] });
  const tcp = smallMesh({ objects: [onPort("tcp"), both], call: connection });
  tcp.pass(60);
  await expectShare(tcp, 1);
  const http = smallMesh({ objects: [both] });
  http.pass(60);
  expect(await http.requests({ ...source, ...v2 })).toBe(0);
  expect(await http.requests(source)).toBeGreaterThan(0);
});

const bySni = (...names: readonly [string, string]): Manifest =>
  rules({
    hosts: ["api.shop.example", "b.shop.example"],
    tls: names.map((sni, i) => ({
      match: [{ port: 9000, sniHosts: [sni] }],
      route: i === 0 ? [to("v1", 25), to("v2", 75)] : [to("v1")],
    })),
  });

/** A name outside of the cluster for what runs in it, as a ServiceEntry gives it. */
const named = custom("ServiceEntry", {
  namespace: "shop",
  name: "api",
  spec: {
    hosts: ["api.shop.example"],
    location: "MESH_INTERNAL",
    resolution: "DNS",
    ports: [{ number: 9000, name: "tls", protocol: "TLS" }],
  },
});

test("weights of a tls rule split the connections with its server name", async () => {
  const objects = [onPort("tls"), named, bySni("api.shop.example", "b.shop.example")];
  const mesh = smallMesh({ objects, call: encrypted });
  mesh.pass(300);
  await expectShare(mesh, 0.75);
  expect(await mesh.total(opened, { request_protocol: "tcp" })).toBe(await mesh.total(opened, {}));
});

test("a server name that no tls rule of the port has finds nobody who listens", async () => {
  const objects = [onPort("tls"), named, bySni("x.shop.example", "b.shop.example")];
  const mesh = smallMesh({ objects, call: encrypted });
  mesh.pass(30);
  expect(await mesh.total(opened, {})).toBe(0);
});

test("tls rules are for ports that are declared as TLS: on a tcp port they say nothing", async () => {
  const tls = [{ match: [{ port: 9000, sniHosts: ["api"] }], route: [to("v2")] }];
  const mesh = smallMesh({ objects: [onPort("tcp"), rules({ tls })], call: connection });
  mesh.pass(300);
  await expectShare(mesh, 0.5);
});

const parentRefs = [{ group: "", kind: "Service", name: "api" }];

test.each([
  { kind: "TCPRoute", port: "tcp", call: connection },
  { kind: "TLSRoute", port: "tls", call: { ...encrypted, host: "api" } },
] as const)("a $kind on a Service splits connections by the weights of its backends", async (row) => {
  const backendRefs = [
    { name: "api-v1", port: 9000, weight: 1 },
    { name: "api-v2", port: 9000, weight: 4 },
  ];
  const hostnames = row.kind === "TLSRoute" ? { hostnames: ["api"] } : {};
  const spec = { parentRefs, ...hostnames, rules: [{ backendRefs }] };
  const mesh = smallMesh({
    objects: [
      onPort(row.port),
      ...versionServices({ name: row.port, port: 9000 }),
      custom(row.kind, { namespace: "shop", name: "api", spec }),
    ],
    call: row.call,
  });
  mesh.pass(300);
  await expectShare(mesh, 0.8);
  expect(await mesh.total(opened, { ...source, destination_service_name: "api" })).toBe(0);
});

const edge = (protocol: string, tls: Readonly<Record<string, Json>> = {}): Manifest =>
  custom("Gateway", {
    namespace: "shop",
    name: "edge",
    spec: {
      selector: { app: "caller" },
      servers: [{ port: { number: 31400, name: "raw", protocol }, hosts: ["*"], ...tls }],
    },
  });
const fromOutside = {
  from: { is: "gateway", workload: "shop/caller" },
  call: { ...connection, host: "anything", port: 31400 },
} as const;

test("a tcp rule at a gateway splits the connections on its port (tcp-echo 80/20)", async () => {
  const routed = rules({
    hosts: ["*"],
    gateways: ["edge"],
    tcp: [{ match: [{ port: 31400 }], route: [at("v1", 80), at("v2", 20)] }],
  });
  const mesh = smallMesh({ ...fromOutside, objects: [onPort("tcp"), edge("TCP"), routed] });
  mesh.pass(300);
  await expectShare(mesh, 0.2);
});

function at(subset: string, weight: number): Json {
  return { destination: { host: "api", subset, port: { number: 9000 } }, weight };
}

test("a gateway that passes TLS on splits by server name", async () => {
  const routed = rules({
    hosts: ["api.shop.example"],
    gateways: ["edge"],
    tls: [{ match: [{ port: 31400, sniHosts: ["api.shop.example"] }], route: [at("v1", 1), at("v2", 1)] }],
  });
  const call = { ...fromOutside.call, speaks: "tls" as const, host: "api.shop.example" };
  const objects = [onPort("tls"), edge("TLS", { tls: { mode: "PASSTHROUGH" } }), routed];
  const mesh = smallMesh({ ...fromOutside, call, objects });
  mesh.pass(300);
  await expectShare(mesh, 0.5);
  const stranger = smallMesh({ ...fromOutside, call: { ...call, host: "other.example" }, objects });
  stranger.pass(30);
  expect(await stranger.total(opened, {})).toBe(0);
});

test("a gateway that ends TLS on an HTTPS port routes the requests inside", async () => {
  const routed = rules({
    hosts: ["api.shop.example"],
    gateways: ["edge"],
    http: [{ route: [{ destination: { host: "api", subset: "v2", port: { number: 80 } } }] }],
  });
  const call = { host: "api.shop.example", port: 31400 };
  const objects = [edge("HTTPS", { tls: { mode: "SIMPLE", credentialName: "cert" } }), routed];
  const mesh = smallMesh({ ...fromOutside, call, objects });
  mesh.pass(30);
  expect(await mesh.requests({ ...source, ...v2, response_code: "200" })).toBeGreaterThan(0);
});
