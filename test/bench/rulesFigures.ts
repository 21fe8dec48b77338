/** What recording rules save and cost. One server that has them is asked in turns: to compute the rates, and to read them. */
import { setTimeout as sleep } from "node:timers/promises";
import { istioNames, metrics, queryNames, type QueryScope } from "../../src/data/prometheus/metrics.ts";
import { LATENCY_FOR_ALL } from "../../src/data/prometheus/poll.ts";
import { millis } from "../../src/data/mesh/units.ts";
import { clusterOf, servicesOf, type ClusterSize } from "../support/largeCluster.ts";
import { recordedRates } from "../support/queryLedger.ts";
import type { Cluster } from "./cluster.ts";
import { median, times, type Figure } from "./figures.ts";

const rounds = 12;
/** Services on a screen. */
const shown = 40;

/** What Envoy counts of its clusters is in no rule. */
const asked = queryNames.filter((name) => name !== "clusters");

/** Asks what a refresh asks of Istio's metrics, one after the other. @returns how long the server computed, in ms. */
async function computedMs(cluster: Cluster, scope: QueryScope): Promise<number> {
  const time = String(Date.now() / 1000);
  for (const name of asked) {
    const body = new URLSearchParams({ query: metrics[name].promql(scope), time });
    const answer = await fetch(`${cluster.prometheus}/api/v1/query`, { method: "POST", body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Prometheus refuses ${name}: ${text.slice(0, 300)}`);
  }
  const { prometheus } = await cluster.counts();
  return prometheus.refreshes.at(-1)?.computedMs ?? Number.NaN;
}

interface Evaluation {
  /** All rules, in ms, when they ran last, as the server says; 0: they have not. */
  readonly allMs: number;
  /** Of that, the one about durations. */
  readonly durationsMs: number;
}

async function evaluationOf(cluster: Cluster): Promise<Evaluation> {
  const answer = await fetch(`${cluster.prometheus}/api/v1/rules`);
  if (!answer.ok) throw new Error(`Prometheus does not tell its rules: ${answer.status}`);
  const { data } = (await answer.json()) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  };
  const rules = data.groups.flatMap((group) => group.rules);
  const msOf = (some: readonly Rule[]): number =>
    some.reduce((sum, { evaluationTime }) => sum + evaluationTime * 1000, 0);
  const durations = rules.filter(({ name }) => name.includes(istioNames.durationBucket));
  return { allMs: msOf(rules), durationsMs: msOf(durations) };
}

interface Rule {
  readonly name: string;
  /** In s. */
  readonly evaluationTime: number;
}

/** Their interval. */
const RULES_MS = 15_000;

/** Evaluations of the rules while nobody asks anything, until there are rates of a whole window. */
export async function recordingCost(cluster: Cluster): Promise<readonly Figure[]> {
  const all: Evaluation[] = [];
  for (let evaluation = 0; evaluation < 5; evaluation += 1) {
    await sleep(RULES_MS);
    all.push(await evaluationOf(cluster));
  }
  const ran = all.filter(({ allMs }) => allMs > 0);
  return [
    times(
      ran.map(({ allMs }) => allMs),
      { what: "real: time that the rules take, every 15 s", budget: null },
    ),
    times(
      ran.map(({ durationsMs }) => durationsMs),
      { what: "real: of that, the rule about durations", budget: null },
    ),
  ];
}

const plainly = { window: millis(60_000), names: istioNames, matchers: "" };

/** As the program asks: of a larger mesh for what is on the screen. */
function latencyHostsOf(size: ClusterSize): QueryScope["latencyHosts"] {
  // Both ends report nearly every edge.
  if (2 * size.edges <= LATENCY_FOR_ALL) return null;
  const onScreen = servicesOf(size).slice(0, shown);
  return onScreen.map(({ name, namespace }) => `${name}.${namespace}.svc.cluster.local`);
}

/** Reading what the rules recorded beside computing the same, on the same server. */
export async function recordingGain(cluster: Cluster): Promise<Figure> {
  const computed = { ...plainly, latencyHosts: latencyHostsOf(clusterOf(cluster.services)) };
  const read = { ...computed, recorded: recordedRates };
  const [without, withRules]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => without.push(await computedMs(cluster, computed)),
      async () => withRules.push(await computedMs(cluster, read)),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  return times(withRules, {
    what: "real: time Prometheus computes for a refresh with recording rules, asked in turns with none",
    budget: null,
    floor: { value: median(without), of: "without rules" },
  });
}
