/** A shift on the simulated coolstore, from the plan to the last word: real requests to its API server and Prometheus, a clock of the test's own. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ShiftChange } from "../../src/actions/change.ts";
import type { Ports } from "../../src/actions/run.ts";
import { custom, service } from "../../src/data/demo/scenarios/objects.ts";
import { startDemo, type Demo } from "../../src/data/demo/startDemo.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import { startLiveMesh, type LiveMesh } from "../../src/data/liveMesh.ts";
import { arrivalWish, type Arrival, type RulePlace } from "../../src/data/mesh/arrival.ts";
import { arrivalSentence, propagationWords } from "../../src/data/mesh/arrivalWords.ts";
import type { Rule } from "../../src/data/mesh/model/route.ts";
import { fail, ok } from "../../src/data/mesh/result.ts";
import { instant, millis, ratio, type Ratio } from "../../src/data/mesh/units.ts";
import type { ChosenPrometheus } from "../../src/data/prometheus/choose.ts";
import { istioNames } from "../../src/data/prometheus/metrics.ts";
import { settle } from "../../src/data/settle.ts";
import { createStore, type Store } from "../../src/data/store.ts";
import { carriedOut, entriesIn, inFolder, portsOn, requestTo, turned } from "../support/writePath.ts";

const start = Date.UTC(2026, 4, 1, 12, 0, 0);
const catalog = "istioinaction/catalog";
const REFRESH_MS = 600_000;

let clock = start;
let demo: Demo;
let store: Store;
let live: LiveMesh;
let end: AbortController;

/** Looks are what lets time pass; the poll's own pauses are longer than any test. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (ms >= REFRESH_MS) return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  clock += ms;
  await demo.advance(clock);
}

async function open(prometheus: (url: string) => ChosenPrometheus | null = named): Promise<void> {
  const started = await startDemo({ scenario: "coolstore", seed: 7, clock: () => clock });
  if (!started.ok) throw new Error(started.error.message);
  demo = started.value;
  const connection = await connect({ kubeconfig: { text: demo.kubeconfig }, context: null });
  store = createStore({ window: millis(60_000), later: (ms, work) => void setTimeout(work, ms) });
  const chosen = prometheus(demo.prometheusUrl);
  const missing = { kind: "config", message: "The Prometheus URL cannot be read.", advice: null } as const;
  live = startLiveMesh({
    store,
    connection,
    prometheus: chosen === null ? fail(missing) : ok(chosen),
    names: istioNames,
    matchers: "",
    namespace: null,
    window: millis(60_000),
    refresh: millis(REFRESH_MS),
    now: () => instant(clock),
    sleep,
    signal: end.signal,
  });
  await settle(store, millis(20_000));
}

const named = (url: string): ChosenPrometheus => ({ is: "named", options: { url } });

beforeEach(() => {
  clock = start;
  end = new AbortController();
});
afterEach(async () => {
  end.abort();
  await demo.stop();
});

function weightedRule(): Rule {
  const found = store.snapshot().services.find(({ key }) => key === catalog);
  const rule = found?.detail.routes
    .flatMap(({ rules }) => rules)
    .find(({ destinations }) => destinations.length > 1);
  if (rule === undefined) throw new Error("catalog has no weighted rule");
  return rule;
}

function placeOf({ ref, protocol, index }: Rule, key = catalog): RulePlace {
  return { service: key, route: ref, protocol, rule: index };
}

async function followed(place: RulePlace, shares: readonly (Ratio | null)[]) {
  const wish = arrivalWish(store.snapshot(), place, shares);
  if (wish === null) throw new Error("no such rule");
  const looks: Arrival[] = [];
  const onProgress = (arrival: Arrival) => void looks.push(arrival);
  const last = await live.follow(wish, instant(clock), { onProgress, signal: end.signal });
  expect(looks.at(-1)).toBe(last);
  const states = looks.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1]);
  return { last, looks, states };
}

async function shifted(ports: Ports, weights: readonly number[]) {
  const place = placeOf(weightedRule());
  const change: ShiftChange = { kind: "shift", ...place, weights };
  expect((await carriedOut(change, store.snapshot(), ports)).is).toBe("applied");
  return followed(
    place,
    weights.map((weight) => ratio(weight / 100)),
  );
}

/** The coolstore's rule 2 by itself. */
async function withoutCohorts(): Promise<void> {
  const destinations = weightedRule().destinations.map(({ subset, weight }) => ({
    destination: { host: "catalog", subset: subset ?? "" },
    weight: weight ?? 0,
  }));
  demo.store.apply(
    custom("VirtualService", {
      namespace: "istioinaction",
      name: "catalog",
      spec: { hosts: ["catalog"], gateways: ["mesh"], http: [{ route: destinations }] },
    }),
  );
  await until(() => weightedRule().index === 0);
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 500 && !holds(); turn += 1) await new Promise((done) => setTimeout(done, 20));
  expect(holds()).toBe(true);
}

const withPorts = (run: (ports: Ports) => Promise<void>): Promise<void> =>
  inFolder(async (directory) => run(portsOn(await requestTo(demo.kubeconfig), directory)));

const shareOfV2 = ({ destinations }: Arrival): number => destinations[1]?.observed ?? Number.NaN;

test("half of catalog's requests go to v2: waiting, arriving, agrees; and the undo arrives likewise", async () => {
  await open();
  await withoutCohorts();
  await withPorts(async (ports) => {
    const there = await shifted(ports, [50, 50]);
    expect(there.states).toEqual(["waiting", "arriving", "agrees"]);
    const counts = there.looks.map(({ n }) => n);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    // 10 requests a second of webapp, which swing by 15 %: what was counted is from these seconds alone.
    const { n, counted } = there.last;
    expect(n).toBeGreaterThan(90);
    expect(n).toBeLessThan((10 * 1.15 * (counted ?? 0)) / 1000 + 4 * Math.sqrt(n));
    expect(Math.abs(shareOfV2(there.last) - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n));
    expect(arrivalSentence(there.last, "+-")).toMatch(
      /^applied; [45]\d % \+-\d+ observed of 50 % \(n \d+\)$/,
    );
    // istiod told every proxy of the change; a tenth of a second each, more or less.
    expect(propagationWords(there.last)).toMatch(/^proxies had it after \d+ ms \(99 %: \d+ ms\)$/);

    expect((await turned(ports, "undo")).is).toBe("applied");
    const [entry] = (await entriesIn(ports)).filter(({ intent }) => intent.kind === "change");
    const before = entry?.intent.weights.map((row) => row.before.share) ?? [];
    expect(before).toEqual([0.9, 0.1]);
    const back = await followed(placeOf(weightedRule()), before);
    expect([back.states[0], back.states.at(-1)]).toEqual(["waiting", "agrees"]);
    expect(Math.abs(shareOfV2(back.last) - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / back.last.n));
  });
});

test("v1 is drained: not one of the new requests reaches it", async () => {
  await open();
  await withPorts(async (ports) => {
    const { last, states } = await shifted(ports, [0, 100]);
    expect([states[0], states.at(-1)]).toEqual(["waiting", "agrees"]);
    expect(last.destinations[0]).toMatchObject({ name: "version-v1", requests: 0, observed: 0 });
    expect(arrivalSentence(last)).toMatch(/^applied; 100 % ±\d+ observed of 100 % \(n \d+\)$/);
  });
});

test("v2 cannot be drained by rule 2 alone: what still comes is told, and by which rule", async () => {
  await open();
  await withPorts(async (ports) => {
    const { last } = await shifted(ports, [100, 0]);
    expect(last).toMatchObject({ state: "cannot be told", elapsed: 120_000 });
    expect(arrivalSentence(last)).toMatch(
      /^applied; 9\d % ±\d observed of 100 % \(n \d{3,4}\)\. Includes rule 1 \(x-istio-cohort = internal/,
    );
  });
});

test("a shift that never happened is late, by the numbers of the old weights", async () => {
  await open();
  const { last, looks } = await followed(placeOf(weightedRule()), [ratio(0.5), ratio(0.5)]);
  expect(last).toMatchObject({ state: "late", elapsed: 120_000 });
  expect(looks.length).toBeGreaterThan(20);
  // 10 % of rule 2 and all of rule 1's one in twenty: 14.5 %.
  expect(Math.abs(shareOfV2(last) - 0.145)).toBeLessThan(4 * Math.sqrt(0.124 / last.n));
});

test("a service that nobody calls has no traffic", async () => {
  await open();
  const namespace = "istioinaction";
  const route = (subset: string) => ({ destination: { host: "quiet", subset }, weight: 50 });
  demo.store.apply(
    service({
      namespace,
      name: "quiet",
      selector: { app: "quiet" },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
    }),
  );
  demo.store.apply(
    custom("VirtualService", {
      namespace,
      name: "quiet",
      spec: { hosts: ["quiet"], http: [{ route: [route("v1"), route("v2")] }] },
    }),
  );
  const key = "istioinaction/quiet";
  const rule = (): Rule | undefined =>
    store.snapshot().services.find((one) => one.key === key)?.detail.routes[0]?.rules[0];
  await until(() => rule() !== undefined);
  const { last, states } = await followed(placeOf(rule()!, key), [ratio(0.5), ratio(0.5)]);
  expect(states).toEqual(["waiting", "no traffic"]);
  expect(arrivalSentence(last)).toBe("applied; no request has come since");
});

test("without a Prometheus nobody can tell, and the reason says what is missing", async () => {
  await open(() => null);
  const { last, states } = await followed(placeOf(weightedRule()), [ratio(0.5), ratio(0.5)]);
  expect(states).toEqual(["waiting", "cannot be told"]);
  expect(last.reason).toBe("The Prometheus URL cannot be read.");
});
