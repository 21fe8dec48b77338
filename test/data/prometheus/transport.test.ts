import { afterEach, describe, expect, test } from "vitest";
import { ok } from "../../../src/data/mesh/result.ts";
import { prometheusApi } from "../../../src/data/prometheus/api.ts";
import {
  directTransport,
  transportThrough,
  type DirectOptions,
} from "../../../src/data/prometheus/transport.ts";
import { startApiServer, startProxy } from "../kubernetes/support/apiServer.ts";
import { issue } from "../kubernetes/support/certificates.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});

const authority = issue({ name: "company CA", issuer: null, isAuthority: true });
const stranger = issue({ name: "another CA", issuer: null, isAuthority: true });

async function server(hosts: readonly string[] = ["127.0.0.1"]): Promise<number> {
  const certificate = issue({ name: "prometheus", issuer: authority, hosts });
  const https = await startApiServer({ server: certificate, clients: authority }, (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
  });
  cleanups.push(() => https.stop());
  return https.port;
}

async function asked(options: DirectOptions, environment: Readonly<Record<string, string>> = {}) {
  const transport = directTransport(options, environment);
  if (!transport.ok) return transport;
  return prometheusApi(transport.value, 5_000).query("up", "up", null);
}

describe("over TLS", () => {
  test("a Prometheus whose authority was given answers", async () => {
    expect(await asked({ url: `https://127.0.0.1:${await server()}`, ca: authority.cert })).toEqual(ok([]));
  });

  test("one of an authority that nobody named is refused, with the flag that would name it", async () => {
    const url = `https://127.0.0.1:${await server()}`;
    for (const ca of [{}, { ca: stranger.cert }]) {
      expect(await asked({ url, ...ca })).toEqual({
        ok: false,
        error: {
          kind: "unreachable",
          message: `Prometheus at ${url} does not answer: its certificate comes from an authority that is not trusted here.`,
          advice: "Name its authority with --prometheus-ca FILE.",
        },
      });
    }
  });

  test("one with another name in its certificate is refused, whatever authority signed it", async () => {
    const url = `https://127.0.0.1:${await server(["prometheus.example"])}`;
    expect(await asked({ url, ca: authority.cert })).toMatchObject({
      ok: false,
      error: { message: `Prometheus at ${url} does not answer: its certificate is for another name.` },
    });
  });

  test("one may be asked without a look at its certificate", async () => {
    const url = `https://127.0.0.1:${await server()}`;
    expect(await asked({ url, insecureSkipTlsVerify: true })).toEqual(ok([]));
  });
});

describe("through the proxy of the environment", () => {
  test("goes what is not exempt, the certificate checked all the same", async () => {
    const proxy = await startProxy();
    cleanups.push(() => proxy.stop());
    const url = `https://prometheus.example:${await server(["prometheus.example"])}`;
    const environment = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await asked({ url, ca: authority.cert }, environment)).toEqual(ok([]));
    expect(proxy.tunnels).toEqual([new URL(url).host]);
    expect(await asked({ url, ca: stranger.cert }, environment)).toMatchObject({ ok: false });
  });

  test("an address in a range of NO_PROXY goes straight", async () => {
    const proxy = await startProxy();
    cleanups.push(() => proxy.stop());
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    // TEST-NET-1: nobody is there, so only the proxy could tell that it was asked.
    const options = { url: "https://192.0.2.1:9090", connectTimeoutMs: 200 };
    await asked(options, { HTTPS_PROXY, NO_PROXY: "192.0.2.0/24" });
    expect(proxy.tunnels).toEqual([]);
    await asked(options, { HTTPS_PROXY });
    expect(proxy.tunnels).toEqual(["192.0.2.1:9090"]);
  });

  test("a proxy that is no URL is named without its text", () => {
    const transport = directTransport(
      { url: "https://prometheus.example" },
      { HTTPS_PROXY: "ftp://ops:hunter2@proxy" },
    );
    expect(transport).toMatchObject({ ok: false, error: { kind: "config" } });
    expect(JSON.stringify(transport)).not.toContain("hunter2");
  });
});

test("through the API server even a long question goes by GET: POST would need the right to create", async () => {
  const methods: string[] = [];
  const transport = transportThrough(
    (path, { method }) => {
      methods.push(`${method} ${path.slice(0, 6)} ${path.length > 7_000}`);
      const text = '{"status":"success","data":{"resultType":"vector","result":[]}}';
      const body = ReadableStream.from([Buffer.from(text)]);
      return Promise.resolve(ok({ status: 200, headers: new Headers(), body }));
    },
    "/proxy",
    "Prometheus",
    {},
  );
  expect(await prometheusApi(transport, 1_000).query("durations", "x".repeat(7_000), null)).toEqual(ok([]));
  expect(methods).toEqual(["GET /proxy true"]);
});
