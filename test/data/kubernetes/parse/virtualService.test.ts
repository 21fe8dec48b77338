import { describe, expect, test } from "vitest";
import type { HttpRule, VirtualService } from "../../../../src/data/mesh/declared/routing.ts";
import { declaredBy, findingFor } from "../support/parsed.ts";

function virtualService(spec: string): VirtualService {
  const head =
    "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\n";
  return declaredBy(`${head}spec: ${spec}`).virtualServices![0]!;
}

function rule(http: string): HttpRule {
  return virtualService(`{hosts: [web], http: [${http}]}`).http[0]!;
}

describe("a VirtualService", () => {
  test("keeps a weight that is absent apart from a weight of 0", () => {
    const { destinations } = rule("{route: [{destination: {host: a}}, {destination: {host: b}, weight: 0}]}");
    expect(destinations.map(({ weight }) => weight)).toEqual([null, 0]);
  });

  test("keeps hosts as they are written and says where no gateways are named", () => {
    const { hosts, gateways, exportTo } = virtualService("{hosts: [web, web.shop.svc.cluster.local]}");
    expect(hosts).toEqual(["web", "web.shop.svc.cluster.local"]);
    expect(gateways).toBeNull();
    expect(exportTo).toBeNull();
  });

  test.each([
    ["mirror: {host: b}", 100, null],
    ["mirror: {host: b}, mirrorPercent: 20", 20, "mirrorPercent"],
    ["mirror: {host: b}, mirror_percent: 30", 30, "mirror_percent"],
    ["mirror: {host: b}, mirrorPercentage: {value: 0.5}, mirrorPercent: 20", 0.5, "mirrorPercentage"],
    ["mirror: {host: b}, mirrorPercentage: {value: 0}", 0, "mirrorPercentage"],
    // A protobuf message without its double holds 0.
    ["mirror: {host: b}, mirrorPercentage: {}", 0, "mirrorPercentage"],
  ])("mirrors `%s` at %d %%", (written, percent, percentField) => {
    expect(rule(`{${written}}`).mirrors).toEqual([
      { destination: { host: "b", subset: null, port: null }, percent, percentField, at: "mirror" },
    ]);
  });

  test("reads a list of mirrors with their places in it", () => {
    const { mirrors } = rule(
      "{mirrors: [{destination: {host: b}}, {destination: {host: c}, percentage: {value: 12.5}}]}",
    );
    expect(mirrors).toMatchObject([
      { at: 0, percent: 100, percentField: null },
      { at: 1, percent: 12.5, percentField: "percentage" },
    ]);
  });

  test("reads every form of a match", () => {
    const [match] = rule(
      `{match: [{uri: {prefix: /api}, method: {exact: GET}, headers: {x-user: {regex: "a.*"}, x-any: {}},
        withoutHeaders: {x-not: {}}, queryParams: {q: {exact: "1"}}, port: 80, sourceLabels: {app: front},
        gateways: [mesh], ignoreUriCase: true}]}`,
    ).matches;
    expect(match).toMatchObject({
      uri: { prefix: "/api" },
      method: { exact: "GET" },
      headers: { "x-user": { regex: "a.*" }, "x-any": { present: true } },
      withoutHeaders: { "x-not": { present: true } },
      queryParams: { q: { exact: "1" } },
      port: 80,
      sourceLabels: { app: "front" },
      gateways: ["mesh"],
      ignoreUriCase: true,
      scheme: null,
      authority: null,
    });
  });

  test.each([
    ["10s", 10_000],
    ["0.5s", 500],
    ["100ms", 100],
    ["1h30m", 5_400_000],
    ["1.5s", 1_500],
    ["0s", 0],
  ])("waits %s for %d ms", (timeout, ms) => {
    expect(rule(`{timeout: ${timeout}}`).timeout).toBe(ms);
  });

  test("reads faults, retries, redirects, delegates and direct responses", () => {
    expect(
      rule("{fault: {delay: {fixedDelay: 5s, percentage: {value: 10}}, abort: {httpStatus: 503}}}").fault,
    ).toEqual({
      delay: { percent: 10, fixedDelay: 5000 },
      // Without a percentage no request is hurt.
      abort: { percent: 0, httpStatus: 503, grpcStatus: null },
    });
    expect(rule("{retries: {attempts: 3, perTryTimeout: 2s, retryOn: 5xx}}").retries).toEqual({
      attempts: 3,
      perTryTimeout: 2000,
      retryOn: "5xx",
    });
    expect(rule("{redirect: {scheme: https, authority: other, uri: /x}}").redirect).toBe("https://other/x");
    expect(rule("{delegate: {name: cart, namespace: shop}}").delegate).toEqual({
      name: "cart",
      namespace: "shop",
    });
    expect(rule("{directResponse: {status: 418}}").directResponse).toBe(418);
    expect(rule("{rewrite: {uri: /v2}}").rewrite).toBe("/v2");
  });

  test("reads tcp and tls rules", () => {
    const { tcp, tls } = virtualService(
      `{hosts: [db], tcp: [{match: [{port: 27017}], route: [{destination: {host: db, port: {number: 27017}}, weight: 20}]}],
        tls: [{match: [{sniHosts: [db.example], port: 443}], route: [{destination: {host: db}}]}]}`,
    );
    expect(tcp[0]).toMatchObject({
      matches: [{ port: 27017 }],
      destinations: [{ weight: 20, destination: { port: 27017 } }],
    });
    expect(tls[0]).toMatchObject({
      matches: [{ sniHosts: ["db.example"] }],
      destinations: [{ weight: null }],
    });
  });

  test.each([
    ["{hosts: [web], http: [{route: web}]}", "spec.http[0].route", "is a string, not a list"],
    ["{hosts: web}", "spec.hosts", "is a string, not a list"],
    [
      "{http: [{route: [{destination: {subset: v1}}]}]}",
      "spec.http[0].route[0].destination.host",
      "is absent, not a string",
    ],
    [
      "{http: [{route: [{destination: {host: a}, weight: '90'}]}]}",
      "spec.http[0].route[0].weight",
      "is a string, not a number",
    ],
    ["{http: [{timeout: soon}]}", "spec.http[0].timeout", 'is "soon", not a duration'],
    [
      "{http: [{match: [{headers: {x.y: 1}}]}]}",
      'spec.http[0].match[0].headers["x.y"]',
      "is a number, not an object",
    ],
  ])("that says %s is a finding at %s", (spec, path, problem) => {
    const finding = findingFor(`kind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec: ${spec}`);
    expect(finding).toMatchObject({
      code: "MT0001",
      path,
      object: { kind: "VirtualService", namespace: "shop", name: "web" },
    });
    expect(finding.message).toContain(`VirtualService shop/web can't be read: ${path} ${problem}`);
  });

  test("is cleaned of escape sequences in names, keys and values", () => {
    const hostile = "a\\u001b[31mb";
    const read = virtualService(
      `{hosts: ["${hostile}"], http: [{match: [{headers: {"${hostile}": {exact: "${hostile}"}}}]}]}`,
    );
    expect(JSON.stringify(read)).not.toMatch(/\\u001b/);
    expect(read.hosts[0]).toContain("[31mb");
  });
});
