import { describe, expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { scenarioOf, stories } from "../../../../src/data/demo/scenarios/known.ts";

/** How often a series was counted in ten minutes of a scenario. */
interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly n: number;
}

type Where = Readonly<Record<string, string>>;
type Count = (where: Where) => number;

/** Ten minutes of a variant; counts of the requests (or of another metric) with these labels. */
async function played(
  name: string,
  variant: string | null,
  counter = "istio_requests_total",
): Promise<Count> {
  const begin = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => begin });
  const world = playScenario(scenarioOf(name, variant)!, store, 1);
  for (let at = begin; at < begin + 600_000; at += 5000) world.tick(at, at + 5000);
  const metric = await world.registry.getSingleMetric(counter)!.get();
  const counted = metric.values.map(({ labels, value }): Counted => ({
    labels: labels as Counted["labels"],
    n: value,
  }));
  world.stop();
  return (where) =>
    counted
      .filter(({ labels }) => Object.entries(where).every(([label, value]) => labels[label] === value))
      .reduce((sum, { n }) => sum + n, 0);
}

const from = (source: string, where: Where = {}): Where => ({
  reporter: "source",
  source_workload: source,
  ...where,
});

const at = (destination: string, where: Where = {}): Where => ({
  reporter: "destination",
  destination_workload: destination,
  ...where,
});

/** Within five standard deviations of a share of `n` independent requests. */
function expectShare(part: number, n: number, share: number): void {
  expect(n).toBeGreaterThan(100);
  expect(Math.abs(part / n - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / n) + 1e-9);
}

describe("the coolstore", () => {
  const toCatalog = from("webapp", { destination_service_name: "catalog" });
  const toV2 = { ...toCatalog, destination_workload: "catalog-v2" };

  test("without a Gateway nothing listens, and no metric tells of the requests", async () => {
    const count = await played("coolstore", "no-gateway");
    expect(count(from("istio-ingressgateway"))).toBe(0);
  });

  test("with a Gateway alone every request is answered 404 NR, for an unknown service", async () => {
    const count = await played("coolstore", "gateway-only");
    const all = count(from("istio-ingressgateway"));
    expect(all).toBeGreaterThan(1000);
    const missed = { response_code: "404", response_flags: "NR", destination_service: "unknown" };
    expect(count(from("istio-ingressgateway", missed))).toBe(all);
  });

  test("a route without a subset goes to the pods of both versions, two to two", async () => {
    const count = await played("coolstore", "no-subset");
    expectShare(count(toV2), count(toCatalog), 0.5);
  });

  test("pinned to v1 by a single destination without a weight, v2 gets nothing from the mesh", async () => {
    const count = await played("coolstore", "pinned");
    expect(count(toV2)).toBe(0);
    expect(count(toCatalog)).toBeGreaterThan(1000);
  });

  test.each(["dark-launch", "dark-launch-gateway"])(
    "%s: only the cohort internal sees v2",
    async (variant) => {
      const count = await played("coolstore", variant);
      const seen =
        variant === "dark-launch"
          ? count(toV2)
          : count(at("catalog-v2", { source_workload: "istio-ingressgateway" }));
      const others = variant === "dark-launch" ? count(toCatalog) : count(from("istio-ingressgateway"));
      // 0.5 of 10 visits a second to catalog carry the header, of 12 visits in all at the gateway.
      if (variant === "dark-launch") expectShare(seen, others, 0.05);
      else
        expectShare(
          count(from("istio-ingressgateway", { destination_service_name: "catalog" })),
          others,
          0.5 / 12,
        );
    },
  );

  test("half and half: the cohort's requests come on top", async () => {
    const count = await played("coolstore", "canary-50-50");
    expectShare(count(toV2), count(toCatalog), (9.5 * 0.5 + 0.5) / 10);
  });

  test("a weight of 0 gives v2 the cohort's requests and no other", async () => {
    const count = await played("coolstore", "rolled-back");
    expectShare(count(toV2), count(toCatalog), 0.05);
  });

  test("a subset that nobody defines is answered 503 NC", async () => {
    const count = await played("coolstore", "missing-subset");
    const missed = count(from("webapp", { response_code: "503", response_flags: "NC" }));
    expectShare(missed, missed + count(toCatalog), (9.5 * 0.1 + 0.5) / 10);
  });

  test("a subset without endpoints is answered 503 UH", async () => {
    const count = await played("coolstore", "no-endpoints");
    const missed = count({ ...toCatalog, response_code: "503", response_flags: "UH" });
    expectShare(missed, count(toCatalog), (9.5 * 0.1 + 0.5) / 10);
  });

  test("over gRPC every answer is HTTP 200, and a gRPC status tells the good ones from those that found no pod", async () => {
    const count = await played("coolstore", "grpc");
    const all = count(toCatalog);
    const grpc = { ...toCatalog, request_protocol: "grpc", response_code: "200" };
    expect(all).toBeGreaterThan(1000);
    expect(count(grpc)).toBe(all);
    const lost = count({ ...grpc, grpc_response_status: "14", response_flags: "UH" });
    expect(lost).toBeGreaterThan(0);
    expect(count({ ...grpc, grpc_response_status: "0", response_flags: "-" }) + lost).toBe(all);
    // What was lost reached no server.
    expect(count(at("catalog", { source_workload: "webapp", request_protocol: "grpc" }))).toBe(all - lost);
    expect(
      count(from("webapp", { destination_service_name: "recommendation", request_protocol: "grpc" })),
    ).toBe(0);
  });

  test.each([
    ["mirror", 1],
    ["mirror-20", 0.2],
  ] as const)("%s: copies arrive at v2, and no source counts them", async (variant, share) => {
    const count = await played("coolstore", variant);
    expect(count(toV2)).toBe(0);
    const copies = count(at("catalog-v2", { source_workload: "webapp" }));
    if (share === 1) expect(copies).toBe(count(toCatalog));
    else expectShare(copies, count(toCatalog), share);
  });

  test("REGISTRY_ONLY answers 502 for hosts that nobody declared", async () => {
    const count = await played("coolstore", "registry-only");
    const all = count(from("forum"));
    expect(all).toBeGreaterThan(500);
    expect(count(from("forum", { response_code: "502", destination_service_name: "BlackHoleCluster" }))).toBe(
      all,
    );
  });

  test.each(["service-entry", "service-entry-allow-any"])(
    "%s: a declared host is reached under its own name",
    async (variant) => {
      const count = await played("coolstore", variant);
      const known = { destination_service_name: "jsonplaceholder.typicode.com" };
      expect(count(from("forum", known))).toBe(count(from("forum")));
      expectShare(count(from("forum", { response_code: "200" })), count(from("forum")), 0.998);
    },
  );
});

describe("httpbin", () => {
  test("a mirror at 0 percent copies nothing, at 100 everything", async () => {
    expect((await played("httpbin", "mirror-off"))(at("httpbin-v2"))).toBe(0);
    const count = await played("httpbin", "mirror");
    expect(count(at("httpbin-v2"))).toBe(count(at("httpbin-v1")));
  });

  test("one connection and one waiting request turn two callers' load away with 503 UO", async () => {
    const count = await played("httpbin", "breaker");
    const over = count(from("fortio", { response_code: "503", response_flags: "UO" }));
    // 33/s of 61 ms each are 2 at once: M/M/1/2 with that load refuses 4 of 7.
    expect(over / count(from("fortio"))).toBeGreaterThan(0.4);
    expect(over / count(from("fortio"))).toBeLessThan(0.7);
  });

  test("an injected delay is flagged DI for a tenth of the requests, an abort FI for half", async () => {
    const delayed = await played("httpbin", "delay");
    expectShare(delayed(from("sleep", { response_flags: "DI" })), delayed(from("sleep")), 0.1);
    const aborted = await played("httpbin", "abort");
    const faults = aborted(from("sleep", { response_flags: "FI", response_code: "500" }));
    expectShare(faults, aborted(from("sleep")), 0.5);
  });

  test("a caller that waits 0.5 s gives up on a slower server: 504 UT", async () => {
    const count = await played("httpbin", "timeout");
    const late = count(from("sleep", { response_code: "504", response_flags: "UT" }));
    expect(late).toBeGreaterThan(count(from("sleep")) / 2);
  });

  test("three retries hide all but a third to the fourth of the errors", async () => {
    const count = await played("httpbin", "retries");
    expectShare(count(from("sleep", { response_code: "500" })), count(from("sleep")), 0.33 ** 4);
    expect(count(at("httpbin-v1"))).toBeGreaterThan(count(from("sleep")) * 1.3);
  });
});

describe("the fleet manager", () => {
  const staff = from("api-gateway", { destination_service_name: "fleetman-staff-service" });
  const risky = { ...staff, destination_workload: "staff-service-risky-version" };

  test("sends a tenth to the risky version, though one object writes the host short and the other in full", async () => {
    const count = await played("fleetman", null);
    expectShare(count(risky), count(staff), 0.1);
  });

  test("a version that always fails is taken out, and is answered for by 503 UH", async () => {
    const count = await played("fleetman", "breaker");
    const open = await played("fleetman", "risky-fails");
    expect(count(risky)).toBeLessThan(open(risky) / 2);
    expect(count({ ...staff, response_flags: "UH" })).toBeGreaterThan(0);
    expect(open({ ...staff, response_flags: "UH" })).toBe(0);
  });

  test("either of two prefixes leads to the experimental version", async () => {
    const count = await played("fleetman", "prefixes");
    const experimental = count(from("istio-ingressgateway", { destination_workload: "webapp-experimental" }));
    expectShare(experimental, count(from("istio-ingressgateway")), 1.5 / 4.5);
  });

  test("the exact host of an older VirtualService takes everything from host *", async () => {
    const count = await played("fleetman", "shadowed");
    expect(count(from("istio-ingressgateway", { destination_workload: "webapp" }))).toBe(0);
    expect(
      count(from("istio-ingressgateway", { destination_workload: "webapp-experimental" })),
    ).toBeGreaterThan(1000);
  });

  test("each of two subdomains leads to its own version", async () => {
    const count = await played("fleetman", "subdomains");
    const experimental = count(from("istio-ingressgateway", { destination_workload: "webapp-experimental" }));
    expectShare(experimental, count(from("istio-ingressgateway")), 0.25);
  });

  test("a caller without a sidecar is plaintext and unknown where PERMISSIVE lets it in", async () => {
    const count = await played("fleetman", "nodeport");
    const plain = { source_workload: "unknown", connection_security_policy: "none" };
    const arrived = count(at("webapp", plain)) + count(at("webapp-experimental", plain));
    expectShare(arrived, arrived + count(at("webapp", { source_workload: "istio-ingressgateway" })), 0.25);
  });

  test.each(["strict-mesh", "strict-namespace", "strict-workload"])(
    "%s: the plaintext caller gets through to nobody",
    async (variant) => {
      const count = await played("fleetman", variant);
      expect(count({ reporter: "destination", source_workload: "unknown" })).toBe(0);
      expect(count(at("webapp"))).toBeGreaterThan(1000);
    },
  );
});

describe("Bookinfo", () => {
  const page = (where: Where): Where => from("productpage-v1", where);
  const reviews = (version: string): Where => page({ destination_workload: `reviews-${version}` });
  const allReviews = page({ destination_canonical_service: "reviews" });
  const ratings = (version: string, where: Where = {}): Where =>
    from(`reviews-${version}`, { destination_service_name: "ratings", ...where });

  test("the page asks three versions of reviews in turn, and two of them ask for ratings", async () => {
    const count = await played("bookinfo", null);
    for (const version of ["v1", "v2", "v3"]) expectShare(count(reviews(version)), count(allReviews), 1 / 3);
    expect(count(ratings("v1"))).toBe(0);
    expect(count(ratings("v2"))).toBe(count(reviews("v2")));
  });

  test.each([
    { variant: "all-v1", shares: { v1: 1, v2: 0, v3: 0 } },
    { variant: "reviews-90-10", shares: { v1: 0.9, v2: 0.1, v3: 0 } },
    { variant: "reviews-50-v3", shares: { v1: 0.5, v2: 0, v3: 0.5 } },
    // One of six is signed in as jason.
    { variant: "jason", shares: { v1: 5 / 6, v2: 1 / 6, v3: 0 } },
    { variant: "jason-weights", shares: { v1: 0, v2: 1 / 6, v3: 5 / 6 } },
    { variant: "gateway-api", shares: { v1: 0.9, v2: 0.1, v3: 0 } },
  ])("$variant: reviews split so", async ({ variant, shares }) => {
    const count = await played("bookinfo", variant);
    for (const [version, share] of Object.entries(shares)) {
      expectShare(count(reviews(version)), count(allReviews), share);
    }
  });

  test("three prefixes of one host lead to three services", async () => {
    const count = await played("bookinfo", "prefixes");
    const gateway = from("istio-ingressgateway");
    const to = (name: string): number => count({ ...gateway, destination_service_name: name });
    expectShare(to("productpage"), count(gateway), 3 / 6);
    expectShare(to("reviews"), count(gateway), 2 / 6);
    expectShare(to("ratings"), count(gateway), 1 / 6);
  });

  test("an HTTPS listener with a certificate leads to the page as HTTP did", async () => {
    const count = await played("bookinfo", "https");
    const gateway = from("istio-ingressgateway", { destination_service_name: "productpage" });
    expect(count({ ...gateway, response_code: "200" })).toBe(count(gateway));
    expect(count(gateway)).toBeGreaterThan(1000);
  });

  test("ratings that are two seconds late cost every review its half second: 504 UT", async () => {
    const count = await played("bookinfo", "timeout");
    const late = page({ response_code: "504", response_flags: "UT" });
    expect(count(late)).toBe(count(allReviews));
    expect(count(late)).toBeGreaterThan(1000);
    expect(count(ratings("v2", { response_flags: "DI" }))).toBe(count(ratings("v2")));
  });

  test.each([
    { variant: "fault-delay", flags: "DI", code: "200" },
    { variant: "fault-abort", flags: "FI", code: "500" },
  ])("$variant: jason's ratings are $code $flags, and nobody else's", async ({ variant, flags, code }) => {
    const count = await played("bookinfo", variant);
    const touched = count(ratings("v2", { response_flags: flags, response_code: code }));
    expect(touched).toBe(count(ratings("v2")));
    expectShare(touched, count(allReviews), 1 / 6);
  });

  test("the host outside is a service of its own, not mTLS of the mesh", async () => {
    const count = await played("bookinfo", "external-mtls");
    const outside = from("details-v1", { destination_service: "ext-svc.example.com" });
    expect(count(outside)).toBeGreaterThan(1000);
    expect(count({ ...outside, connection_security_policy: "mutual_tls" })).toBe(0);
  });

  test("MongoDB sees connections and no request", async () => {
    const count = await played("bookinfo", "mongo");
    expect(count({ destination_service_name: "mongodb" })).toBe(0);
    const opened = await played("bookinfo", "mongo", "istio_tcp_connections_opened_total");
    // A fifth of a connection for each of six pages a second.
    const connections = opened(from("ratings-v2", { destination_service_name: "mongodb" }));
    expect(Math.abs(connections - 720)).toBeLessThan(720 * 0.1 + 5 * Math.sqrt(720));
  });

  test.each([
    { variant: "plaintext-caller", arrives: true },
    { variant: "strict-reviews", arrives: false },
  ])("$variant: reviews takes the caller without a sidecar: $arrives", async ({ variant, arrives }) => {
    const count = await played("bookinfo", variant);
    const plain = (app: string): number =>
      count({ reporter: "destination", destination_canonical_service: app, source_workload: "unknown" });
    expect(plain("reviews") > 0).toBe(arrives);
    // The policy is about reviews alone.
    expect(plain("details")).toBeGreaterThan(100);
    expect(count(allReviews)).toBeGreaterThan(1000);
  });
});

describe("helloworld", () => {
  const hello = (where: Where = {}): Where => ({ reporter: "source", ...where });

  test.each([
    { variant: null, second: 0.5 },
    { variant: "90-10", second: 0.1 },
    { variant: "50-50", second: 0.5 },
    { variant: "subsets", second: 0.3 },
    { variant: "services", second: 0.8 },
    { variant: "gateway-api", second: 0.1 },
    { variant: "gateway-api-50-50", second: 0.5 },
    { variant: "mesh-api", second: 0.1 },
    { variant: "round-robin", second: 0.5 },
  ])("$variant: v2 answers $second of the requests", async ({ variant, second }) => {
    const count = await played("helloworld", variant);
    expectShare(count(hello({ destination_workload: "helloworld-v2" })), count(hello()), second);
    expect(count(hello({ response_code: "200" }))).toBe(count(hello()));
  });

  test("an Argo Rollout has its next image a minute after the first, and waits with it at half of the requests", async () => {
    const count = await played("helloworld", "rollout");
    const canary = count(hello({ destination_service_name: "helloworld-canary" }));
    // A quarter of five a second for a minute or so, then half of them for more than seven.
    expect(canary).toBeGreaterThan(5 * (60 * 0.25 + 420 * 0.5) * 0.8);
    expect(canary).toBeLessThan(5 * 540 * 0.5 * 1.2);
    expect(canary + count(hello({ destination_service_name: "helloworld-stable" }))).toBe(count(hello()));
    expect(count(hello({ destination_workload: "helloworld" }))).toBe(count(hello()));
  });
});

describe("tcp-echo", () => {
  test.each([
    { variant: null, second: 0.2 },
    { variant: "all-v1", second: 0 },
    { variant: "mesh", second: 0.2 },
    { variant: "gateway-api", second: 0.2 },
  ])("$variant: v2 takes $second of the connections", async ({ variant, second }) => {
    const count = await played("tcp-echo", variant, "istio_tcp_connections_opened_total");
    const opened = { reporter: "source" };
    expectShare(count({ ...opened, destination_workload: "tcp-echo-v2" }), count(opened), second);
  });
});

test("each variant has a name and a sentence of its own", () => {
  for (const { variants } of stories.values()) {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
    expect(new Set(variants.map(({ says }) => says)).size).toBe(variants.length);
    for (const { says } of variants) expect(says).toMatch(/^[A-Zv].*\.$/);
  }
});
