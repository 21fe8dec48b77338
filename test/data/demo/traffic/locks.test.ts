import { expect, test } from "vitest";
import { custom, service, workload } from "../../../../src/data/demo/scenarios/objects.ts";
import { call, smallMesh, subsetsOf } from "./smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const destination = { reporter: "destination" };

function peerAuthentication(mode: string): ReturnType<typeof custom> {
  return custom("PeerAuthentication", { namespace: "shop", name: "default", spec: { mtls: { mode } } });
}

function withTls(mode: string): ReturnType<typeof custom> {
  return subsetsOf({ trafficPolicy: { tls: { mode } } });
}

// The table of istio.md 5, as far as it can be told from the two objects.
test.each([
  { server: "STRICT", client: null, policy: "mutual_tls" },
  { server: "PERMISSIVE", client: null, policy: "mutual_tls" },
  { server: "DISABLE", client: null, policy: "none" },
  { server: "PERMISSIVE", client: "DISABLE", policy: "none" },
  { server: "DISABLE", client: "DISABLE", policy: "none" },
  { server: "STRICT", client: "ISTIO_MUTUAL", policy: "mutual_tls" },
  { server: "PERMISSIVE", client: "ISTIO_MUTUAL", policy: "mutual_tls" },
])(
  "server $server, DestinationRule tls $client: the destination sees $policy",
  async ({ server, client, policy }) => {
    const objects = [peerAuthentication(server), ...(client === null ? [] : [withTls(client)])];
    const mesh = smallMesh({ objects });
    mesh.pass(20);
    const sent = await mesh.requests({
      ...source,
      response_code: "200",
      connection_security_policy: "unknown",
    });
    expect(sent).toBeGreaterThan(0);
    expect(await mesh.requests(source)).toBe(sent);
    expect(await mesh.requests({ ...destination, connection_security_policy: policy })).toBe(sent);
  },
);

test("behind a headless Service one workload without a sidecar takes encryption from all the others", async () => {
  const headless = (injected: boolean) => [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace: "shop", name: "api" },
      spec: {
        clusterIP: "None",
        selector: { app: "api" },
        ports: [{ name: "http", port: 80, targetPort: 8080 }],
      },
    },
    workload({
      ...{ namespace: "shop", name: "api-v2", replicas: 1, image: "api:2", port: 8080 },
      labels: { app: "api", version: "v2", "sidecar.istio.io/inject": String(injected) },
      selects: ["app", "version"],
    }),
  ];
  const secured = async (injected: boolean, policy: string): Promise<number> => {
    const mesh = smallMesh({ objects: headless(injected) });
    mesh.pass(20);
    return mesh.requests({ ...destination, destination_version: "v1", connection_security_policy: policy });
  };
  expect(await secured(true, "mutual_tls")).toBeGreaterThan(0);
  expect(await secured(true, "none")).toBe(0);
  expect(await secured(false, "none")).toBeGreaterThan(0);
  expect(await secured(false, "mutual_tls")).toBe(0);
});

test.each([
  { server: "STRICT", client: "DISABLE", flags: "UC" },
  { server: "DISABLE", client: "ISTIO_MUTUAL", flags: "UF,URX" },
  { server: "STRICT", client: "SIMPLE", flags: "UF,URX" },
  { server: "PERMISSIVE", client: "SIMPLE", flags: "UF,URX" },
])("server $server, DestinationRule tls $client: 503 $flags at the source, nothing arrives", async (row) => {
  const mesh = smallMesh({ objects: [peerAuthentication(row.server), withTls(row.client)] });
  mesh.pass(20);
  const broken = { ...source, response_code: "503", response_flags: row.flags };
  expect(await mesh.requests(broken)).toBeGreaterThan(0);
  expect(await mesh.requests(broken)).toBe(await mesh.requests({}));
  // The host was picked, so its workload is known; it never introduced itself, so its version is not.
  expect(await mesh.requests({ ...broken, destination_workload: "unknown" })).toBe(0);
  expect(await mesh.requests({ ...broken, destination_version: "unknown" })).toBe(await mesh.requests({}));
});

const fromOutside = {
  from: { is: "workload", workload: "plain/old-caller" },
  call: { host: "api.shop" },
} as const;

test("a caller without a sidecar is unknown, in plaintext, and seen by the destination alone", async () => {
  const mesh = smallMesh(fromOutside);
  mesh.pass(20);
  const seen = {
    ...destination,
    source_workload: "unknown",
    source_workload_namespace: "unknown",
    source_principal: "unknown",
    connection_security_policy: "none",
  };
  expect(await mesh.requests(seen)).toBeGreaterThan(0);
  expect(await mesh.requests(seen)).toBe(await mesh.requests({}));
});

test("STRICT cuts off a caller without a sidecar, and nobody reports it", async () => {
  const mesh = smallMesh({ ...fromOutside, objects: [peerAuthentication("STRICT")] });
  mesh.pass(20);
  expect(await mesh.requests({})).toBe(0);
});

test("a port's own DISABLE goes before the workload's STRICT", async () => {
  const portLevel = custom("PeerAuthentication", {
    namespace: "shop",
    name: "api",
    spec: {
      selector: { matchLabels: { app: "api" } },
      mtls: { mode: "STRICT" },
      portLevelMtls: { 8080: { mode: "DISABLE" } },
    },
  });
  const mesh = smallMesh({ ...fromOutside, objects: [peerAuthentication("STRICT"), portLevel] });
  mesh.pass(20);
  expect(await mesh.requests({ ...destination, connection_security_policy: "none" })).toBeGreaterThan(0);
});

test("mTLS shows both service accounts as principals at both ends", async () => {
  const mesh = smallMesh();
  mesh.pass(20);
  const principals = {
    source_principal: "spiffe://cluster.local/ns/shop/sa/caller",
    destination_principal: "spiffe://cluster.local/ns/shop/sa/api",
  };
  expect(await mesh.requests({ ...source, ...principals })).toBeGreaterThan(0);
  expect(await mesh.requests({ ...destination, ...principals })).toBe(
    await mesh.requests({ ...source, ...principals }),
  );
});

const database = service({
  namespace: "shop",
  name: "db",
  selector: { app: "api", version: "v1" },
  ports: [{ name: "tcp-db", port: 5432, targetPort: 8080 }],
});
const tcp = {
  host: "db",
  port: 5432,
  speaks: "tcp" as const,
  tcp: { ...call.tcp, lasts: 10_000, toServer: 7, toClient: 11 } as NonNullable<typeof call.tcp>,
};

test("TCP: every connection is opened once, ends after its time, and leaves its bytes at both ends", async () => {
  const mesh = smallMesh({ objects: [database], call: tcp });
  mesh.pass(20);
  const ends = { destination_service_name: "db", response_flags: "-" };
  const opened = await mesh.total("istio_tcp_connections_opened_total", { ...source, ...ends });
  const closed = await mesh.total("istio_tcp_connections_closed_total", { ...source, ...ends });
  // 20 a second, each open for 10 s: of 20 s the last 10 s are still open, rounded up to the ticks of 5 s.
  expect(closed).toBeGreaterThan(0);
  expect(opened - closed).toBeGreaterThanOrEqual(200 - 60);
  expect(await mesh.total("istio_tcp_received_bytes_total", source)).toBe(closed * 7);
  expect(await mesh.total("istio_tcp_sent_bytes_total", source)).toBe(closed * 11);
  const arrived = { ...destination, connection_security_policy: "mutual_tls" };
  expect(await mesh.total("istio_tcp_connections_opened_total", arrived)).toBe(opened);
});

test("TCP to a server that cannot take the client's TLS is closed with UF at the source", async () => {
  const rule = custom("DestinationRule", {
    namespace: "shop",
    name: "db",
    spec: { host: "db", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
  });
  const mesh = smallMesh({ objects: [database, rule, peerAuthentication("DISABLE")], call: tcp });
  mesh.pass(20);
  expect(
    await mesh.total("istio_tcp_connections_closed_total", { ...source, response_flags: "UF" }),
  ).toBeGreaterThan(0);
  expect(await mesh.total("istio_tcp_connections_opened_total", destination)).toBe(0);
});

test("a tcp rule splits connections by its weights", async () => {
  const parts = ["v1", "v2"].map((version) =>
    service({
      namespace: "shop",
      name: `db-${version}`,
      selector: { app: "api", version },
      ports: [{ name: "tcp-db", port: 5432, targetPort: 8080 }],
    }),
  );
  const split = custom("VirtualService", {
    namespace: "shop",
    name: "db",
    spec: {
      hosts: ["db"],
      tcp: [
        {
          route: [
            { destination: { host: "db-v1" }, weight: 80 },
            { destination: { host: "db-v2" }, weight: 20 },
          ],
        },
      ],
    },
  });
  const mesh = smallMesh({ objects: [database, ...parts, split], call: tcp });
  mesh.pass(120);
  const opened = "istio_tcp_connections_opened_total";
  const all = await mesh.total(opened, source);
  const second = await mesh.total(opened, { ...source, destination_workload: "api-v2" });
  expect(Math.abs(second - all * 0.2)).toBeLessThan(4 * Math.sqrt(all * 0.2 * 0.8));
});
