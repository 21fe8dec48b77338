import { describe, expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import { scenarioOf, stories } from "../../../../src/data/demo/scenarios/known.ts";

/** How often a series of istio_requests_total was counted in ten minutes of a scenario. */
interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly n: number;
}

type Where = Readonly<Record<string, string>>;
type Count = (where: Where) => number;

/** Ten minutes of a variant; counts of the requests with these labels. `-` in names: workloads without their prefix. */
async function played(name: string, variant: string | null): Promise<Count> {
  const begin = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => begin });
  const world = playScenario(scenarioOf(name, variant)!, store, 1);
  for (let at = begin; at < begin + 600_000; at += 5000) world.tick(at, at + 5000);
  const metric = await world.registry.getSingleMetric("istio_requests_total")!.get();
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

test("each variant has a name and a sentence of its own", () => {
  for (const { variants } of stories.values()) {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
    expect(new Set(variants.map(({ says }) => says)).size).toBe(variants.length);
    for (const { says } of variants) expect(says).toMatch(/^[A-Zv].*\.$/);
  }
});
