import { expect, test } from "vitest";
import type { Arrival, ArrivalWish, CountedSplit } from "../../../src/data/mesh/arrival.ts";
import type { Observed } from "../../../src/data/mesh/model/observed.ts";
import type { DataError, Result } from "../../../src/data/mesh/result.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import type { Telemetry } from "../../../src/data/mesh/telemetry.ts";
import { instant, ratio } from "../../../src/data/mesh/units.ts";
import { wilson } from "../../../src/data/mesh/wilson.ts";
import type { PrometheusApi } from "../../../src/data/prometheus/api.ts";
import type { Sample } from "../../../src/data/prometheus/sample.ts";
import { followArrival } from "../../../src/data/prometheus/followArrival.ts";
import { istioNames } from "../../../src/data/prometheus/metrics.ts";

const down: DataError = { kind: "unreachable", message: "Prometheus does not answer.", advice: null };
/** When the patch was taken, by our clock; the server's is ahead. */
const AT = 1_000_000;
const AHEAD_MS = 3_000;

const wish: ArrivalWish = {
  service: "shop/catalog",
  route: {
    group: "networking.istio.io",
    version: "v1",
    kind: "VirtualService",
    namespace: "shop",
    name: "catalog",
  },
  protocol: "http",
  rule: 0,
  destinations: ["v1", "v2"].map((name) => ({
    name,
    host: "catalog.shop.svc.cluster.local",
    subset: name,
    share: ratio(0.5),
  })),
  blind: null,
};

/** What the server says at a time since the patch (s). */
interface Server {
  /** Age of the callers' series; by default all are fresh 5 s after the patch. */
  readonly ages?: (second: number) => {
    readonly fresh?: number;
    readonly due?: number;
    readonly old?: number;
  };
  /** Requests since the patch for v1 and v2; 10 a second, halved, by default. */
  readonly hits?: (second: number) => readonly [number, number];
  readonly isDown?: (second: number) => boolean;
  /** Seconds to p50 and p99; nothing by default. */
  readonly convergence?: readonly Sample[];
  readonly labels?: Readonly<Record<string, string>>;
  /** A label that no row has. */
  readonly without?: string;
}

interface Asked {
  readonly name: string;
  readonly promql: string;
  readonly second: number;
}

const byDefault: Required<Pick<Server, "ages" | "hits" | "isDown">> = {
  ages: (second) => (second < 5 ? { due: 4 } : { fresh: 4 }),
  hits: (second) => [5 * second, 5 * second],
  isDown: () => false,
};

const bucket = (le: string, value: number): Sample => ({ labels: { le }, value });
const to = (version: string): Readonly<Record<string, string>> => ({
  reporter: "source",
  source_workload: "webapp",
  destination_workload: `catalog-${version}`,
  response_flags: "-",
});

/** The split as rows alone say it: what the configuration adds is `splitSince`'s affair. */
function splitOf({ requests, tcp, window }: Telemetry): CountedSplit {
  const rows = requests.length > 0 ? requests : tcp.map((row) => ({ ...row, rate: row.opened }));
  const hits = ["catalog-v1", "catalog-v2"].map((name) =>
    Math.round(
      rows.reduce((sum, row) => sum + (row.destinationWorkload === name ? row.rate : 0), 0) * (window / 1000),
    ),
  );
  const n = hits.reduce((sum, one) => sum + one, 0);
  const observed = hits.map((one): Observed | null =>
    n === 0 ? null : { share: ratio(one / n), ...wilson(one, n), requests: n },
  );
  return { observed, note: null, fed: [], blind: null };
}

async function followed(
  server: Server,
  more: {
    readonly wanted?: ArrivalWish;
    readonly names?: typeof istioNames;
    readonly endAfter?: number;
  } = {},
) {
  const { ages, hits, isDown } = { ...byDefault, ...server };
  let clock = AT;
  const second = (): number => (clock - AT) / 1000;
  const asked: Asked[] = [];
  const counted: Telemetry[] = [];
  const ending = new AbortController();
  let baseline = 0;
  const rowsOf = (name: string): readonly Sample[] => {
    if (name === "time") return [{ labels: {}, value: (clock + AHEAD_MS) / 1000 }];
    if (name === "propagation") return server.convergence ?? [];
    if (name === "freshness") {
      baseline = second();
      return Object.entries(ages(second())).map(([is, value]) => ({ labels: { is }, value }));
    }
    const since = hits(baseline);
    return hits(second()).map((value, index) => ({
      labels: Object.fromEntries(
        Object.entries({ ...to(index === 0 ? "v1" : "v2"), ...server.labels }).filter(
          ([label]) => label !== server.without,
        ),
      ),
      value: value - (since[index] ?? 0),
    }));
  };
  const api: PrometheusApi = {
    where: "test",
    query(name, promql, at) {
      if (at !== null) expect(at).toBe(clock + AHEAD_MS);
      asked.push({ name, promql, second: second() });
      return Promise.resolve(isDown(second()) ? fail(down) : ok(rowsOf(name)));
    },
    read: () => Promise.resolve(fail(down)),
    labels: () => Promise.resolve(ok([])),
  };
  const progress: { second: number; arrival: Arrival }[] = [];
  const found: Result<PrometheusApi, DataError> = ok(api);
  const last = await followArrival({
    api: () => found,
    names: istioNames,
    matchers: "",
    wanted: wish,
    at: instant(AT),
    splitOf: (telemetry) => {
      counted.push(telemetry);
      return splitOf(telemetry);
    },
    now: () => instant(clock),
    sleep: (ms) => {
      clock += ms;
      if (second() >= (more.endAfter ?? Infinity)) ending.abort();
      return Promise.resolve();
    },
    signal: ending.signal,
    onProgress: (arrival) => void progress.push({ second: second(), arrival }),
    ...(more.wanted === undefined ? {} : { wanted: more.wanted }),
    ...(more.names === undefined ? {} : { names: more.names }),
  });
  const story = progress.map(({ second: at, arrival }) => `${at} ${arrival.state} ${arrival.n}`);
  return { last, progress, story, asked, counted };
}

test("it waits for fresh samples, counts from there, and ends when the shares agree", async () => {
  const { story, last, progress } = await followed({});
  // Half-width of 50 of 100 is 9.6 points, of 25 of 50 13.4: the first with enough is the look at 15 s with 100 since 5 s.
  expect(story).toEqual(["0 waiting 0", "5 waiting 0", "10 arriving 50", "15 agrees 100"]);
  expect(last).toBe(progress.at(-1)?.arrival);
  expect(last).toMatchObject({
    elapsed: 15_000,
    counted: 10_000,
    destinations: [{ requests: 50 }, { requests: 50 }],
  });
});

test("shares that stay away are late after two minutes, and no later", async () => {
  const { last, progress } = await followed({ hits: (second) => [9 * second, second] });
  expect(progress.slice(0, -1).every(({ arrival }) => ["waiting", "arriving"].includes(arrival.state))).toBe(
    true,
  );
  // 115 s of 10 a second.
  expect(last).toMatchObject({ state: "late", n: 1_150, elapsed: 120_000 });
});

test("a service that nobody calls has no traffic, and is counted once a scrape of 15 s has gone by", async () => {
  const { last, progress } = await followed({ ages: () => ({}), hits: () => [0, 0] });
  expect(last).toMatchObject({ state: "no traffic", n: 0 });
  // 15 s after the 2 s in which proxies get their configuration; looks are 5 s apart.
  expect(progress.findIndex(({ arrival }) => arrival.counted !== null)).toBe(4);
});

test("while a series is due it waits a minute for it, and no longer", async () => {
  const { progress } = await followed({ ages: () => ({ fresh: 3, due: 1 }) });
  expect(progress.find(({ arrival }) => arrival.counted !== null)?.second).toBe(65);
});

test("where no proxy was scraped since the patch, nobody can tell", async () => {
  for (const ages of [() => ({ due: 4 }), () => ({ old: 4 })]) {
    const { last } = await followed({ ages });
    expect(last).toMatchObject({
      state: "cannot be told",
      reason: "Prometheus got no new sample from the callers' proxies since the patch.",
      counted: null,
    });
  }
});

test("proxies have two seconds to get the configuration, longer where they took longer", async () => {
  const settledIn = async (server: Server): Promise<string | undefined> => {
    const { asked } = await followed(server);
    return /> ([0-9.]+)/.exec(asked.find(({ name }) => name === "freshness")?.promql ?? "")?.[1];
  };
  const after = (seconds: number): string => ((AT + AHEAD_MS) / 1000 + seconds).toFixed(3);
  expect(await settledIn({})).toBe(after(2));
  // All within the bucket from 5 to 10 s: the 99th percentile is 9.95 s.
  const slow = [bucket("5", 0), bucket("10", 40), bucket("+Inf", 40)];
  expect(await settledIn({ convergence: slow })).toBe(after(9.95));
  const stuck = [bucket("20", 0), bucket("30", 40), bucket("+Inf", 40)];
  expect(await settledIn({ convergence: stuck })).toBe(after(15));
});

test("what a recording rule wrote holds older scrapes: half a minute more goes by", async () => {
  const names = { ...istioNames, requests: "workload:istio_requests_total" };
  const { asked } = await followed({}, { names });
  const first = asked.find(({ name }) => name === "freshness");
  expect(first?.second).toBe(35);
  expect(first?.promql).toContain("workload:istio_requests_total{");
});

test("how long proxies took is in milliseconds, and null where nobody measured", async () => {
  // 20 of 40 within 0.1 s; 39.6 of 40 lie at 0.5 + 0.5 * 1.6 / 2 s.
  const convergence = [bucket("0.1", 20), bucket("0.5", 38), bucket("1", 40), bucket("+Inf", 40)];
  const { last } = await followed({ convergence });
  expect(last.propagation?.p50).toBeCloseTo(100);
  expect(last.propagation?.p99).toBeCloseTo(900);
  expect((await followed({})).last.propagation).toBeNull();
  expect(
    (await followed({ convergence: [bucket("0.1", 0), bucket("+Inf", 0)] })).last.propagation,
  ).toBeNull();
});

test("a Prometheus that fails for a while is spoken of, and counted on when it is back", async () => {
  const { progress, last } = await followed({ isDown: (second) => second < 10 });
  expect(progress[1]?.arrival).toMatchObject({ state: "waiting", reason: "Prometheus does not answer." });
  expect(last).toMatchObject({ state: "agrees", reason: null });
  const gap = await followed({
    isDown: (second) => second === 10,
    hits: (second) => (second < 15 ? [9 * second, second] : [5 * second, 5 * second]),
  });
  expect(gap.progress[2]?.arrival).toMatchObject({
    state: "waiting",
    n: 0,
    reason: "Prometheus does not answer.",
  });
});

test("a Prometheus that stays away is the last word after two minutes", async () => {
  for (const from of [0, 10]) {
    const { last } = await followed({
      isDown: (second) => second >= from,
      hits: (second) => [9 * second, second],
    });
    expect(last).toMatchObject({
      state: "cannot be told",
      reason: "Prometheus does not answer.",
      elapsed: 120_000,
    });
  }
});

test("nothing is asked where metrics are known to be blind", async () => {
  const blind = "Metrics name no rule: rule 2 splits the same callers too, so this split cannot be observed.";
  const { last, asked, progress } = await followed({}, { wanted: { ...wish, blind } });
  expect(last).toMatchObject({ state: "cannot be told", reason: blind });
  expect([asked, progress.length]).toEqual([[], 1]);
});

test("who leaves gets the newest word at once", async () => {
  const { last, story } = await followed({ hits: (second) => [9 * second, second] }, { endAfter: 20 });
  expect(story).toHaveLength(4);
  expect(last).toMatchObject({ state: "arriving", elapsed: 15_000 });
});

test("a tcp rule is told by connections", async () => {
  const { asked, last } = await followed({}, { wanted: { ...wish, protocol: "tcp" } });
  expect(asked.find(({ name }) => name === "split")?.promql).toContain(`${istioNames.tcpOpened}{`);
  expect(last).toMatchObject({ state: "agrees", counts: "connections", n: 100 });
});

test("rows become rates over what was counted, with their flags and with what they lack", async () => {
  const { counted } = await followed({});
  expect(counted[0]).toMatchObject({
    window: 5_000,
    requests: [{ destinationWorkload: "catalog-v1", rate: 5 }, { rate: 5 }],
    responses: [],
    capabilities: { missingLabels: {} },
  });
  const lost = await followed({ labels: { response_flags: "UH", response_code: "503" } });
  expect(lost.counted[0]?.responses).toMatchObject([{ flags: "UH", rate: 5 }, { flags: "UH" }]);
  for (const without of ["response_flags", "destination_workload"]) {
    const bare = await followed({ without });
    expect(bare.counted[0]?.capabilities.missingLabels).toEqual({ istio_requests_total: [without] });
  }
});
