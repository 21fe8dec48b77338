/** Envoy's admin interface, in the forms of envoy/admin/v3/{config_dump,clusters}.proto. */
import { describe, expect, test } from "vitest";
import { parseClusters } from "../../../../src/data/mesh/proxies/envoyClusters.ts";
import { parseRoutes } from "../../../../src/data/mesh/proxies/envoyRoutes.ts";

const host = "catalog.shop.svc.cluster.local";

describe("the routes of a proxy", () => {
  const virtualHost = {
    name: `${host}:80`,
    domains: [host, "catalog"],
    routes: [
      {
        match: { prefix: "/", headers: [{ name: "end-user", string_match: { exact: "jason" } }] },
        route: { cluster: `outbound|80|v2|${host}`, timeout: "0s" },
      },
      {
        name: "split",
        match: { path: "/a" },
        route: {
          weighted_clusters: {
            clusters: [
              { name: `outbound|80|v1|${host}`, weight: 90 },
              { name: `outbound|80|v2|${host}`, weight: 10 },
            ],
          },
          timeout: "5s",
        },
      },
      { match: { safe_regex: { regex: ".*x" } }, direct_response: { status: 404 } },
    ],
  };
  const [only, split, own] = parseRoutes({
    configs: [{ route_config: { virtual_hosts: [virtualHost] } }],
  })[0]!.routes;

  test("a single cluster takes everything that its match names", () => {
    expect(only).toEqual({
      name: "",
      match: "end-user",
      targets: [{ host, subset: "v2", port: 80, weight: 1 }],
      timeout: "0s",
    });
  });

  test("weighted clusters keep their weights, with the rule's name and timeout", () => {
    expect(split).toMatchObject({ name: "split", match: "path /a", timeout: "5s" });
    expect(split?.targets.map(({ subset, weight }) => [subset, weight])).toEqual([
      ["v1", 90],
      ["v2", 10],
    ]);
  });

  test("a route that answers by itself has no destination", () => {
    expect(own).toMatchObject({ match: "regex .*x", targets: [], timeout: null });
  });

  test("an Envoy that nests the tables in a dump of their type is read as well", () => {
    const nested = {
      configs: [{ dynamic_route_configs: [{ route_config: { virtual_hosts: [virtualHost] } }] }],
    };
    expect(parseRoutes(nested).map(({ name }) => name)).toEqual([`${host}:80`]);
    expect(parseRoutes("no")).toEqual([]);
  });

  test("names are cleaned of what could hurt a terminal", () => {
    const named = { route_config: { virtual_hosts: [{ name: "a\u001b]0;x", domains: ["\u202eevil"] }] } };
    expect(parseRoutes({ configs: [named] })).toEqual([
      { name: "a\ufffd]0;x", domains: ["\ufffdevil"], routes: [] },
    ]);
  });
});

describe("the hosts behind a proxy's clusters", () => {
  const at = (address: string, port: number, more: object = {}) => ({
    address: { socket_address: { address, port_value: port } },
    stats: [{ name: "cx_active", value: "2", type: "GAUGE" }, { name: "rq_active" }],
    ...more,
  });
  const [cluster] = parseClusters({
    cluster_statuses: [
      {
        name: `outbound|80|v1|${host}`,
        circuit_breakers: {
          thresholds: [
            { max_connections: 4, max_requests: 4294967295 },
            { priority: "HIGH", max_connections: 9 },
          ],
        },
        host_statuses: [
          at("10.0.0.1", 8080, {
            health_status: { failed_outlier_check: true, eds_health_status: "HEALTHY" },
          }),
          at("10.0.0.2", 8080, { health_status: { eds_health_status: "UNHEALTHY" } }),
        ],
      },
      { name: "inbound|8080||" },
      { name: "BlackHoleCluster" },
    ],
  });

  test("an ejected host is one that failed the outlier check, and not a pod that is not ready", () => {
    expect(cluster).toMatchObject({
      host,
      subset: "v1",
      port: 80,
      hosts: 2,
      ejected: [{ address: "10.0.0.1:8080", pod: null }],
    });
  });

  test("connections add up over the hosts, against the limit of the default priority", () => {
    expect(cluster).toMatchObject({ connections: 4, maxConnections: 4, requests: 0 });
  });

  test("Envoy's largest number is no limit", () => {
    expect(cluster?.maxRequests).toBeNull();
  });

  test("clusters that belong to no service are left out", () => {
    expect(parseClusters({ cluster_statuses: [{ name: "inbound|8080||" }, { name: "xds-grpc" }] })).toEqual(
      [],
    );
  });
});
