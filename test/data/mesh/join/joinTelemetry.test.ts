import fc from "fast-check";
import { expect, test } from "vitest";
import type { Flow } from "../../../../src/data/mesh/join/flow.ts";
import { joinTelemetry, type JoinInput } from "../../../../src/data/mesh/join/joinTelemetry.ts";
import type { Reporter, Telemetry } from "../../../../src/data/mesh/telemetry.ts";
import { bytesPerSecond, perSecond } from "../../../../src/data/mesh/units.ts";
import {
  both,
  connections,
  durations,
  requests,
  responses,
  telemetryOf,
  type Ends,
} from "../../../support/telemetryOf.ts";

const quiet: Omit<JoinInput, "telemetry"> = {
  hostFor: () => null,
  keyFor: () => null,
  mirrors: new Map(),
  waypoints: new Set(),
};

const join = (parts: Partial<Telemetry>, more: Partial<JoinInput> = {}) =>
  joinTelemetry({ telemetry: telemetryOf(parts), ...quiet, ...more });

/** "webapp > catalog > catalog-v1: 9 by source", without namespaces. */
const line = (flow: Flow): string => {
  const { source, target, destination, http, grpc, tcp } = flow;
  const spoken = http ?? grpc ?? tcp;
  const amount = spoken === tcp ? `${tcp?.opened ?? 0} opened` : String(rateOf(flow));
  const ends = [source?.name ?? "?", target.host.split(".")[0], destination?.name ?? "?"].join(" > ");
  return `${ends}: ${amount} by ${spoken?.reporter ?? ""}`;
};
const rateOf = ({ http, grpc }: Flow): number => (http?.rate ?? 0) + (grpc?.rate ?? 0);
const lines = (flows: readonly Flow[]) => flows.map(line).sort();

const catalog = "shop/catalog";
const v1 = "shop/catalog-v1";
const v2 = "shop/catalog-v2";

test("what both proxies report counts once, by the client's word", () => {
  const { flows } = join({ requests: both("shop/webapp", catalog, v1, 9) });
  expect(lines(flows)).toEqual(["webapp > catalog > catalog-v1: 9 by source"]);
});

test("the server's word fills callers without a proxy, beside those that have one", () => {
  const { flows } = join({
    requests: [
      ...both("shop/webapp", catalog, v1, 9),
      requests("destination", { from: null, to: catalog, at: v1 }, 2),
    ],
  });
  expect(lines(flows)).toEqual([
    "? > catalog > catalog-v1: 2 by destination",
    "webapp > catalog > catalog-v1: 9 by source",
  ]);
});

test("a gateway is a caller like any other: its own proxy speaks, or the server where the gateway is not scraped", () => {
  const from = "istio-system/istio-ingressgateway";
  expect(lines(join({ requests: [requests("source", { from, to: catalog, at: v1 }, 5)] }).flows)).toEqual([
    "istio-ingressgateway > catalog > catalog-v1: 5 by source",
  ]);
  expect(
    lines(join({ requests: [requests("destination", { from, to: catalog, at: v1 }, 5)] }).flows),
  ).toEqual(["istio-ingressgateway > catalog > catalog-v1: 5 by destination"]);
});

test("requests that no host was picked for belong to the service and to no version", () => {
  const { flows } = join({
    requests: [requests("source", { from: "shop/webapp", to: catalog, at: null }, 3)],
    responses: [responses("source", { from: "shop/webapp", to: catalog, at: null }, 3, { flags: "UH" })],
  });
  expect(lines(flows)).toEqual(["webapp > catalog > ?: 3 by source"]);
  expect(flows[0]?.http).toMatchObject({ errors: 3, lost: 3 });
  // Istio writes the revision `latest` where it knows none (istio.md 4.2).
  expect(flows[0]?.destination).toBeNull();
});

test("a time-out that the server never saw is an error, once: the client's code counts, not both", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const { flows } = join({
    requests: both("shop/webapp", catalog, v1, 10),
    responses: [
      responses("source", ends, 4, { code: "504", flags: "UT" }),
      responses("destination", ends, 4, { code: "0", flags: "DC" }),
    ],
  });
  expect(flows).toHaveLength(1);
  expect(flows[0]?.http).toMatchObject({ rate: 10, errors: 4 });
  expect([...(flows[0]?.http?.codes ?? [])]).toEqual([["504", 4]]);
  expect([...(flows[0]?.http?.flags ?? [])]).toEqual([["UT", 4]]);
});

test.each([
  ["500", "", "-", 1, ["500"]],
  ["503", "", "UO", 1, ["503"]],
  ["0", "", "DC", 1, ["0"]],
  ["404", "", "-", 0, ["404"]],
  ["200", "14", "-", 1, ["grpc 14"]],
  ["200", "0", "-", 0, []],
  ["200", "", "DC", 0, []],
])(
  "code %s, gRPC status %j, flags %s: %d of 1 is an error, shown under %j",
  (code, grpcStatus, flags, errors, codes) => {
    const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
    const { flows } = join({
      requests: [requests("source", ends, 1)],
      responses: [responses("source", ends, 1, { code, grpcStatus, flags })],
    });
    expect(flows[0]?.http?.errors).toBe(errors);
    expect([...(flows[0]?.http?.codes?.keys() ?? [])]).toEqual(codes);
  },
);

test("flags that stand together are told apart", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const { flows } = join({
    requests: [requests("source", ends, 1)],
    responses: [responses("source", ends, 1, { flags: "UF,URX" })],
  });
  expect([...(flows[0]?.http?.flags?.keys() ?? [])].sort()).toEqual(["UF", "URX"]);
});

test("copies are what the server counts beyond its client, where a mirror rule points", () => {
  const rows = [
    ...both("shop/webapp", catalog, v1, 9),
    requests("destination", { from: "shop/webapp", to: catalog, at: v2 }, 9),
  ];
  const mirrors = new Map([[v2, ["catalog.shop.svc.cluster.local"]]]);
  const { flows, copies } = join({ requests: rows }, { mirrors });
  expect(lines(flows)).toEqual(["webapp > catalog > catalog-v1: 9 by source"]);
  expect(lines(copies)).toEqual(["webapp > catalog > catalog-v2: 9 by destination"]);
});

test("without a mirror rule the surplus is retries, and neither traffic nor copies", () => {
  const rows = [
    ...both("shop/webapp", catalog, v1, 9),
    requests("destination", { from: "shop/webapp", to: catalog, at: v2 }, 2),
  ];
  const { flows, copies } = join({ requests: rows });
  expect(lines(flows)).toEqual(["webapp > catalog > catalog-v1: 9 by source"]);
  expect(copies).toEqual([]);
});

test("a workload that gets a share and copies counts each apart", () => {
  const rows = [
    ...both("shop/webapp", catalog, v1, 9),
    requests("source", { from: "shop/webapp", to: catalog, at: v2 }, 1),
    requests("destination", { from: "shop/webapp", to: catalog, at: v2 }, 10),
  ];
  const { flows, copies } = join(
    { requests: rows },
    { mirrors: new Map([[v2, ["catalog.shop.svc.cluster.local"]]]) },
  );
  expect(lines(flows)).toEqual([
    "webapp > catalog > catalog-v1: 9 by source",
    "webapp > catalog > catalog-v2: 1 by source",
  ]);
  expect(lines(copies)).toEqual(["webapp > catalog > catalog-v2: 9 by destination"]);
});

test("callers without a proxy send no copies, though the target is mirrored to", () => {
  const rows = [
    ...both("shop/webapp", catalog, v1, 9),
    requests("destination", { from: null, to: catalog, at: v2 }, 3),
  ];
  const { flows, copies } = join(
    { requests: rows },
    { mirrors: new Map([[v2, ["catalog.shop.svc.cluster.local"]]]) },
  );
  expect(lines(flows)).toContain("? > catalog > catalog-v2: 3 by destination");
  expect(copies).toEqual([]);
});

test("a server that names another Service of the same pod reports the same requests, not more", () => {
  // At the destination a pod behind several Services names only the first (istio.md 4.3): Flagger's apex for its primary.
  const primary = "shop/catalog-primary";
  const rows = [
    requests("source", { from: "shop/webapp", to: primary, at: primary }, 9),
    requests("destination", { from: "shop/webapp", to: catalog, at: primary }, 9),
  ];
  const { flows } = join({ requests: rows });
  expect(lines(flows)).toEqual(["webapp > catalog-primary > catalog-primary: 9 by source"]);
  // And how they travelled is known from those rows all the same.
  expect(flows[0]?.seen.http).toEqual({ mtls: 9, plain: 0, hidden: 0 });
});

test("without the label destination_workload, a server that names another Service still reports the same requests", () => {
  // No end of a row has a workload, so the two cannot be paired: but webapp's own proxy reports all that webapp sends.
  const from = { from: "shop/webapp", at: null };
  const rows = [
    requests("source", { ...from, to: "shop/recommendation-primary" }, 4.9),
    requests("destination", { ...from, to: "shop/recommendation" }, 4.9),
    requests("destination", { from: null, to: "shop/recommendation", at: null }, 1),
    requests("destination", { from: "shop/forum", to: "shop/recommendation", at: null }, 2),
  ];
  expect(lines(join({ requests: rows }).flows)).toEqual([
    "? > recommendation > ?: 1 by destination",
    "forum > recommendation > ?: 2 by destination",
    "webapp > recommendation-primary > ?: 4.9 by source",
  ]);
});

test("a waypoint that speaks for a caller's calls of one Service does not speak for those of others", () => {
  const from = { from: "shop/webapp", at: null };
  const rows = [
    requests("waypoint", { ...from, to: catalog }, 5),
    requests("destination", { ...from, to: "shop/forum" }, 2),
  ];
  expect(lines(join({ requests: rows }).flows)).toEqual([
    "webapp > catalog > ?: 5 by waypoint",
    "webapp > forum > ?: 2 by destination",
  ]);
});

test.each([["shop/mongodb-v1"], [null]])(
  "a server at %j that names another Service of its pod reports the same connections, not more",
  (at) => {
    const rows = [
      connections("source", { from: "shop/ratings", to: "shop/mongodb-primary", at }, 2),
      connections("destination", { from: "shop/ratings", to: "shop/mongodb", at }, 2),
    ];
    expect(lines(join({ tcp: rows }).flows)).toEqual([
      `ratings > mongodb-primary > ${at === null ? "?" : "mongodb-v1"}: 2 opened by source`,
    ]);
  },
);

test("a waypoint between the two is the one that counts", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const { flows } = join(
    {
      requests: [requests("waypoint", ends, 7), requests("source", { ...ends, at: "shop/waypoint" }, 7)],
      tcp: [
        connections("source", { ...ends, at: "shop/waypoint" }, 1),
        connections("destination", { from: "shop/waypoint", to: catalog, at: v1 }, 1),
      ],
    },
    { waypoints: new Set(["shop/waypoint"]) },
  );
  expect(lines(flows)).toEqual(["webapp > catalog > catalog-v1: 7 by waypoint"]);
});

test("of connections of which one rate is no number, the others still count", () => {
  const row = connections("source", { from: "shop/webapp", to: catalog, at: v1 }, Infinity, {
    received: bytesPerSecond(Number.NaN),
    sent: bytesPerSecond(5),
    failed: { UF: perSecond(Number.NaN), NC: perSecond(2) },
  });
  const { flows } = join({ tcp: [row] });
  expect(flows.map(({ tcp }) => tcp)).toMatchObject([
    { opened: 0, received: 0, sent: 5, flags: new Map([["NC", 2]]) },
  ]);
});

test("under a waypoint's requests, ztunnel's connections of the same pair are those requests again", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const { flows } = join({
    requests: [requests("waypoint", ends, 7)],
    tcp: [connections("source", ends, 1), connections("destination", ends, 1)],
  });
  expect(flows.map(({ http, tcp }) => [http?.rate, tcp])).toEqual([[7, null]]);
});

test("how requests travelled to a pod behind ztunnel is known by its connections, which are those requests again", () => {
  const ends: Ends = { from: "istio-system/istio-ingressgateway", to: catalog, at: v1 };
  const { flows } = join({
    requests: [requests("source", ends, 7)],
    tcp: [connections("destination", ends, 2)],
  });
  expect(flows.map(({ http, tcp, seen }) => [http?.rate, tcp, seen.http, seen.tcp.mtls])).toEqual([
    [7, null, { mtls: 2, plain: 0, hidden: 0 }, 0],
  ]);
});

test("a proxy that does not know its own name speaks for one of the unknown callers, not for all", () => {
  const ends: Ends = { from: null, to: catalog, at: v1 };
  const { flows } = join({ requests: [requests("source", ends, 1), requests("destination", ends, 40)] });
  expect(lines(flows)).toEqual(["? > catalog > catalog-v1: 40 by destination"]);
});

test("TCP counts connections by the same rules, and bytes by their direction", () => {
  const ends: Ends = { from: "shop/ratings", to: "shop/mongodb", at: "shop/mongodb-v1" };
  const more = {
    received: bytesPerSecond(100),
    sent: bytesPerSecond(900),
    failed: { "UF,URX": perSecond(0.5) },
  };
  const { flows } = join({
    tcp: [connections("source", ends, 2, more), connections("destination", ends, 2, more)],
  });
  expect(lines(flows)).toEqual(["ratings > mongodb > mongodb-v1: 2 opened by source"]);
  expect(flows[0]?.tcp).toMatchObject({ received: 100, sent: 900 });
  expect(Object.fromEntries(flows[0]?.tcp?.flags ?? [])).toEqual({ UF: 0.5, URX: 0.5 });
});

test("a connection that opened long ago still flows, and still shows how it travels", () => {
  const ends: Ends = { from: "shop/ratings", to: "shop/mongodb", at: "shop/mongodb-v1" };
  const more = { received: bytesPerSecond(100) };
  const { flows } = join({
    tcp: [connections("source", ends, 0, more), connections("destination", ends, 0, more)],
  });
  expect(flows).toHaveLength(1);
  expect(flows[0]?.seen.tcp.mtls).toBeGreaterThan(0);
});

test("durations come from the reporter that counts the requests", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const { flows } = join({
    requests: both("shop/webapp", catalog, v1, 1),
    durations: [
      durations("source", ends, [
        [100, 0],
        [Infinity, 1],
      ]),
      durations("destination", ends, [
        [100, 1],
        [Infinity, 1],
      ]),
    ],
  });
  expect(flows[0]?.durations).toEqual({ bounds: [100, Infinity], rates: [0, 1] });
});

test("the same name in another cluster is another caller, unless the label is missing", () => {
  const ends: Ends = { from: "shop/webapp", to: catalog, at: v1 };
  const from = (sourceCluster: string) => [
    requests("source", ends, 9),
    requests("destination", ends, 4, { sourceCluster }),
  ];
  expect(lines(join({ requests: from("west") }).flows)).toEqual([
    "webapp > catalog > catalog-v1: 4 by destination",
    "webapp > catalog > catalog-v1: 9 by source",
  ]);
  expect(lines(join({ requests: from("unknown") }).flows)).toEqual([
    "webapp > catalog > catalog-v1: 9 by source",
  ]);
});

test.each([
  ["a bare IP", { service: "10.0.0.7", serviceName: "10.0.0.7" }, "service", "10.0.0.7"],
  [
    "an IP with a port",
    { service: "10.0.0.7:9090", serviceName: "10.0.0.7:9090" },
    "service",
    "10.0.0.7:9090",
  ],
  ["an IPv6 address", { service: "[::1]:80", serviceName: "[::1]:80" }, "service", "[::1]:80"],
  ["nothing", { service: "", serviceName: "" }, "nowhere", "unknown"],
  [
    "a Host header behind PassthroughCluster",
    { service: "api.example.com", serviceName: "PassthroughCluster" },
    "passthrough",
    "api.example.com",
  ],
  [
    "raw TCP behind BlackHoleCluster",
    { service: "unknown", serviceName: "BlackHoleCluster" },
    "blackhole",
    "unknown",
  ],
  [
    "a port without a Service",
    { service: "unknown", serviceName: "InboundPassthroughCluster" },
    "direct",
    "unknown",
  ],
  [
    "an escape sequence",
    { service: "a\u001b[2J.example", serviceName: "PassthroughCluster" },
    "passthrough",
    "a\ufffd[2J.example",
  ],
  [
    "a name of Object.prototype",
    { service: "constructor", serviceName: "__proto__" },
    "service",
    "constructor",
  ],
  [
    "no destination_service label",
    { service: "unknown", serviceName: "catalog", serviceNamespace: "shop" },
    "service",
    "catalog.shop.svc.cluster.local",
  ],
])("%s as destination is a %s", (_, pair, kind, host) => {
  const { flows } = join({
    requests: [requests("source", { from: "shop/webapp", to: catalog, at: null }, 1, pair)],
  });
  expect(flows[0]?.target).toEqual({ kind, host });
});

test("a Host header that a proxy found no route for belongs to the service that it names", () => {
  const host = "catalog.shop.svc.cluster.local";
  const hostFor = (written: string, namespace: string) =>
    written === host || (written === "catalog" && namespace === "shop") ? host : null;
  const noRoute = requests("source", { from: "shop/webapp", to: catalog, at: null }, 1, {
    service: "catalog",
    serviceName: "catalog",
  });
  const { flows } = join({ requests: [noRoute, ...both("shop/webapp", catalog, v1, 1)] }, { hostFor });
  expect(new Set(flows.map(({ target }) => target)).size).toBe(1);
});

test.each([0, -1, Number.NaN, Infinity])("a rate of %d is no traffic", (rate) => {
  expect(
    join({ requests: [requests("source", { from: "shop/webapp", to: catalog, at: v1 }, rate)] }).flows,
  ).toEqual([]);
});

const name = fc.constantFrom("a", "b", "c", "d").map((letter) => `shop/${letter}`);
const ends = fc.record({ from: name, to: fc.constantFrom("shop/s", "shop/t"), at: fc.option(name) });
const rate = fc.integer({ min: 1, max: 1000 });
const row = fc.record({ ends, rate, protocol: fc.constantFrom("http", "grpc") });
type Row = { readonly ends: Ends; readonly rate: number; readonly protocol: "http" | "grpc" };

const reported = (reporter: Reporter, rows: readonly Row[]) =>
  rows.map(({ ends: of, rate: per, protocol }) => requests(reporter, of, per, { protocol }));
const total = (flows: readonly Flow[], host: string) =>
  flows
    .filter(({ target }) => target.host.startsWith(host))
    .reduce((sum, { http, grpc }) => sum + (http?.rate ?? 0) + (grpc?.rate ?? 0), 0);

test("a service's rate is the sum of what its callers' proxies report, when all do", () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const { flows } = join({ requests: reported("source", rows) });
      for (const host of ["s", "t"]) {
        const expected = rows
          .filter(({ ends: of }) => of.to === `shop/${host}`)
          .reduce((sum, { rate: per }) => sum + per, 0);
        expect(total(flows, `${host}.`)).toBeCloseTo(expected, 6);
      }
    }),
  );
});

test("the servers' twins of those requests change nothing, whatever they count", () => {
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 5 }), (rows, factor) => {
      const client = reported("source", rows);
      const reached = (rows as Row[]).filter(({ ends: of }) => of.at !== null);
      const server = reported(
        "destination",
        reached.map((one) => ({ ...one, rate: one.rate * factor })),
      );
      expect(lines(join({ requests: [...server, ...client] }).flows)).toEqual(
        lines(join({ requests: client }).flows),
      );
    }),
  );
});

test("the order of the rows does not matter", () => {
  const shuffled = fc
    .array(row)
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
  fc.assert(
    fc.property(shuffled, ([rows, others]) => {
      const all = (list: unknown) => [
        ...reported("source", list as Row[]),
        ...reported("destination", list as Row[]),
      ];
      expect(lines(join({ requests: all(rows) }).flows)).toEqual(
        lines(join({ requests: all(others) }).flows),
      );
    }),
  );
});

test("traffic and copies together are never more than the servers counted, nor traffic more than the clients did", () => {
  fc.assert(
    fc.property(fc.array(row), fc.array(row), (sent, arrived) => {
      const reached = (arrived as Row[]).filter(({ ends: of }) => of.at !== null);
      const mirrors = new Map([["shop/a", ["s.shop.svc.cluster.local"]]]);
      const telemetry = {
        requests: [...reported("source", sent), ...reported("destination", reached)],
      };
      const { flows, copies } = join(telemetry, { mirrors });
      const sum = (rows: readonly { rate: number }[]) => rows.reduce((all, { rate: per }) => all + per, 0);
      const byClient = flows.filter(({ http, grpc }) => (http ?? grpc)?.reporter === "source");
      const byServer = [...flows.filter((flow) => !byClient.includes(flow)), ...copies];
      expect(total(byClient, "")).toBeCloseTo(sum(sent), 6);
      expect(total(byServer, "")).toBeLessThanOrEqual(sum(reached) + 1e-6);
    }),
  );
});
