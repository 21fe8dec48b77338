import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clean } from "../../../../src/data/mesh/clean.ts";
import { parseAccessLine, upstreamNameOf } from "../../../../src/data/mesh/proxyLog/accessEntry.ts";

/** Lines as Istio's own page on access logs shows them, and as proxies write them when something fails. */
const lines = {
  outbound:
    '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "127.0.0.1:80" outbound|8000||httpbin.foo.svc.cluster.local 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000_._.httpbin.foo.svc.cluster.local default',
  noHealthy:
    '[2026-11-21T18:00:00.123Z] "GET /reviews/0 HTTP/1.1" 503 UH no_healthy_upstream - "-" 0 19 0 - "-" "curl/8" "id" "reviews:9080" "-" outbound|9080|v3|reviews.default.svc.cluster.local - 10.96.1.2:9080 10.244.0.7:51000 - default',
  retried:
    '[2026-11-21T18:00:00.123Z] "POST /orders HTTP/2" 503 UF,URX upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused} - "delayed connect error: 111" 12 91 75 - "10.0.0.9" "grpc-go/1.60" "id" "orders:80" "10.244.0.8:8080" outbound|80||orders.shop.svc.cluster.local; - 10.96.1.2:80 10.244.0.7:51000 - -',
  denied:
    '[2026-11-21T18:00:00.123Z] "GET /admin HTTP/1.1" 403 - rbac_access_denied_matched_policy[ns[shop]-policy[deny all]-rule[0]] - "-" 0 19 0 - "-" "curl/8" "id" "shop:80" "-" inbound|8080|| - 10.244.0.7:8080 10.244.0.9:51000 outbound_.80_._.shop.shop.svc.cluster.local default',
  tcp: '[2026-11-21T18:00:00.123Z] "- - -" 0 UH - - "-" 0 0 0 - "-" "-" "-" "-" "-" BlackHoleCluster - 142.250.1.1:443 10.244.0.7:51000 www.example.com -',
  noRoute:
    '[2026-11-21T18:00:00.123Z] "GET / HTTP/1.1" 404 NR route_not_found - "-" 0 0 0 - "10.0.0.9" "curl/8" "id" "nobody.example" "-" - - 10.244.0.7:8080 10.0.0.9:51000 - -',
};

describe("a line of Istio's default access log", () => {
  test("gives the request, its answer, and where it went", () => {
    expect(parseAccessLine(lines.outbound)).toEqual({
      start: "2020-11-25T21:26:18.409Z",
      method: "GET",
      path: "/status/418",
      protocol: "HTTP/1.1",
      code: 418,
      flags: [],
      details: "via_upstream",
      termination: null,
      failure: null,
      received: 0,
      sent: 135,
      duration: 3,
      forwardedFor: null,
      userAgent: "curl/7.73.0-DEV",
      requestId: "84961386-6d84-929d-98bd-c5aee93b5c88",
      authority: "httpbin:8000",
      upstreamHost: "127.0.0.1:80",
      cluster: "outbound|8000||httpbin.foo.svc.cluster.local",
      remote: "10.44.1.23:37652",
      serverName: "outbound_.8000_._.httpbin.foo.svc.cluster.local",
      route: "default",
    });
  });

  test("names the flag, the subset and the reason of a 503 without a healthy host", () => {
    const entry = parseAccessLine(lines.noHealthy);
    expect(entry).toMatchObject({
      code: 503,
      flags: ["UH"],
      details: "no_healthy_upstream",
      upstreamHost: null,
    });
    expect(upstreamNameOf(entry?.cluster ?? "")).toEqual({
      direction: "outbound",
      port: "9080",
      subset: "v3",
      host: "reviews.default.svc.cluster.local",
    });
  });

  test("keeps every flag of a request whose retries are used up, and why no connection came to be", () => {
    expect(parseAccessLine(lines.retried)).toMatchObject({
      flags: ["UF", "URX"],
      failure: "delayed connect error: 111",
      duration: 75,
      route: null,
    });
  });

  test("reads the policy in the details of a denial, though its name holds a blank in older proxies", () => {
    expect(parseAccessLine(lines.denied)).toMatchObject({
      code: 403,
      details: "rbac_access_denied_matched_policy[ns[shop]-policy[deny all]-rule[0]]",
      cluster: "inbound|8080||",
    });
  });

  test("of a TCP connection has no method, no path and code 0", () => {
    expect(parseAccessLine(lines.tcp)).toMatchObject({
      method: null,
      path: null,
      code: 0,
      flags: ["UH"],
      cluster: "BlackHoleCluster",
      serverName: "www.example.com",
    });
  });

  test("without a route has no cluster", () => {
    expect(parseAccessLine(lines.noRoute)).toMatchObject({ code: 404, flags: ["NR"], cluster: null });
  });

  test("in JSON says the same as in text", () => {
    const json = JSON.stringify({
      start_time: "2026-11-21T18:00:00.123Z",
      method: "GET",
      path: "/reviews/0",
      protocol: "HTTP/1.1",
      response_code: 503,
      response_flags: "UH",
      response_code_details: "no_healthy_upstream",
      connection_termination_details: null,
      upstream_transport_failure_reason: null,
      bytes_received: 0,
      bytes_sent: 19,
      duration: 0,
      upstream_service_time: null,
      x_forwarded_for: null,
      user_agent: "curl/8",
      request_id: "id",
      authority: "reviews:9080",
      upstream_host: null,
      upstream_cluster: "outbound|9080|v3|reviews.default.svc.cluster.local",
      upstream_local_address: null,
      downstream_local_address: "10.96.1.2:9080",
      downstream_remote_address: "10.244.0.7:51000",
      requested_server_name: null,
      route_name: "default",
    });
    expect(parseAccessLine(json)).toEqual(parseAccessLine(lines.noHealthy));
  });
});

describe("what is no line of an access log", () => {
  test.each([
    "2026-11-21T18:00:00.000000Z\tinfo\tEnvoy proxy is ready",
    "[2026-11-21 18:00:00.123][15][warning][config] gRPC config stream closed",
    '{"level":"info","msg":"ready"}',
    "[1,2,3]",
    "{",
    "",
  ])("%s", (line) => {
    expect(parseAccessLine(line)).toBeNull();
  });

  test("is one in which a caller's header plays at being the rest of the line", () => {
    const agent = 'x" "id" "bank.example" "10.0.0.1:80" outbound|80||bank.example 1:1 2:2 3:3 - default';
    const forged = lines.outbound.replace("curl/7.73.0-DEV", agent);
    expect(parseAccessLine(forged)).toBeNull();
  });
});

test("no line breaks the reader, and no control character gets through it", () => {
  const hostile = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(hostile, hostile, (path, agent) => {
      const json = JSON.stringify({ start_time: "t", response_code: 200, path, user_agent: agent });
      for (const line of [json, lines.outbound.replace("/status/418", path), path]) {
        const entry = parseAccessLine(line);
        const texts = Object.values(entry ?? {})
          .flat()
          .filter((value) => typeof value === "string");
        expect(texts.filter((text) => clean(text) !== text)).toEqual([]);
      }
    }),
  );
});
