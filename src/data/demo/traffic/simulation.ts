import type { Registry as PromRegistry } from "prom-client";
import type { ObjectStore } from "../kube/store.ts";
import type { Answering, Call, Scenario, Source } from "../scenarios/scenario.ts";
import { createBreakers, type Breakers } from "./breakers.ts";
import { declarationsOf } from "./declarations.ts";
import { createIstioMetrics, type IstioMetrics } from "./istioMetrics.ts";
import { createLoads, type Loads } from "./loads.ts";
import type { Plan, Request } from "./plan.ts";
import { planOf } from "./plans.ts";
import { writersIn, type ProxyLogs } from "./proxyLogs.ts";
import { randomOf, type Random } from "./random.ts";
import { connectionReports, requestReports } from "./reports.ts";
import type { OpenConnection, Run } from "./run.ts";
import { send } from "./send.ts";
import { createServedWindow, type ServedWindow } from "./servedWindow.ts";
import { topologyOf, type Node, type RemoteDeclarations } from "./topology.ts";
import type { World } from "./upstreams.ts";

export interface Simulation {
  /** Istio's metrics of everything so far. */
  readonly registry: PromRegistry;
  /** What each workload has answered lately: what a controller would ask Prometheus for. */
  readonly served: ServedWindow;
  /** Every proxy as it is now. */
  readonly proxies: ProxyStates;
  /** Traffic besides the scenario's own. */
  readonly loads: Loads;
  /** Lets traffic flow from `from` to `to` (epoch ms) by the store's objects as they are now. */
  tick(from: number, to: number): void;
  stop(): void;
}

/** What a proxy could tell of itself. */
export interface ProxyStates {
  readonly world: () => World;
  readonly breakers: Breakers;
}

/** The calls of one configuration; rebuilt when an object changes. */
interface Configured {
  readonly world: World;
  readonly plans: Map<string, readonly { readonly call: Call; readonly plan: Plan }[]>;
  readonly sources: readonly { readonly source: Source; readonly plan: Plan }[];
  readonly requests: Run["requests"];
  readonly connections: Run["connections"];
  readonly writes: (node: Node) => boolean;
}

/** The other cluster of a mesh of two: istiod knows its endpoints, and nobody else reads its objects. */
export interface RemoteCluster {
  readonly cluster: string;
  readonly store: ObjectStore;
}

interface Clusters {
  readonly store: ObjectStore;
  readonly remote: RemoteCluster | null;
  readonly logs: ProxyLogs;
}

const farOf = (remote: RemoteCluster | null): RemoteDeclarations | null =>
  remote === null ? null : { cluster: remote.cluster, ...declarationsOf(remote.store)() };

/**
 * Plays the traffic of a scenario over the objects in the store, request by request, and reports it as Istio's proxies do.
 *
 * The same objects, seed and ticks give the same metrics to the byte: chance comes from the seed alone, time from the ticks.
 */
export function createSimulation(
  scenario: Scenario,
  { store, remote, logs }: Clusters,
  seed: number,
): Simulation {
  const metrics = createIstioMetrics();
  const [random, breakers, loads] = [randomOf(seed), createBreakers(), createLoads()];
  const [served, declarations] = [createServedWindow(), declarationsOf(store)];
  const far = farOf(remote);
  let configured: Configured | null = null;
  let open: OpenConnection[] = [];
  const unsubscribe = store.subscribe(({ kind }) => {
    if (kind.kind !== "Event") configured = null;
  });

  const configure = (): Configured =>
    configuredFor(scenario, metrics, {
      ...topologyOf(declarations(), scenario.behaviours, far),
      outside: scenario.outside,
    });
  const tick = (from: number, to: number): void => {
    const now = (configured ??= configure());
    open = endedBefore(open, from);
    served.forget(from);
    const keep = (connection: OpenConnection): void => void open.push(connection);
    const shared = sharedByRuns(now, { random, breakers, keep });
    for (const { at, plan } of arrivals(sourcesOf(now, loads.at(from)), random, from, to)) {
      const run: Run = {
        ...shared,
        ...atTime(random, at),
        served: served.noteAt(at),
        log: (handled) => (now.writes(handled.node) ? logs.write(at, handled) : undefined),
        send: (call, depth) => send(run, call, depth),
      };
      for (let opened = connectionsFor(plan, random); opened > 0; opened -= 1) send(run, plan, 0);
    }
    breakers.endTick(to - from);
  };
  const proxies = { world: () => (configured ??= configure()).world, breakers };
  return { registry: metrics.registry, served, proxies, loads, stop: unsubscribe, tick };
}

function configuredFor(scenario: Scenario, metrics: IstioMetrics, world: World): Configured {
  return {
    world,
    plans: new Map(),
    sources: plannedSources(world, scenario.sources),
    requests: requestReports(metrics, world),
    connections: connectionReports(metrics, world),
    writes: writersIn(world.registry),
  };
}

interface Shared {
  readonly random: Random;
  readonly breakers: Breakers;
  readonly keep: Run["open"];
}

function sharedByRuns(
  configured: Configured,
  { random, breakers, keep }: Shared,
): Pick<Run, "breakers" | "requests" | "connections" | "pick" | "callsOf" | "open"> {
  return {
    breakers,
    requests: configured.requests,
    connections: configured.connections,
    pick: pickFrom(random),
    callsOf: (node, request, path) => callsOf(configured, node, request, path),
    open: keep,
  };
}

/** A source's own rate counts requests; how many connections one of them opens is the call's affair. */
function connectionsFor(plan: Plan, random: Random): number {
  if (plan.is !== "connect") return 1;
  const { times } = plan.request.call;
  return Math.floor(times) + (random.chance(times % 1) ? 1 : 0);
}

const sourcesOf = ({ world, sources }: Configured, more: readonly Source[]): Configured["sources"] =>
  more.length === 0 ? sources : [...sources, ...plannedSources(world, more)];

function plannedSources(world: World, sources: readonly Source[]): Configured["sources"] {
  return sources.map((source) => ({ source, plan: sourcePlan(world, source) }));
}

function sourcePlan(world: World, { at, call }: Source): Plan {
  const node = world.nodes.get(at.workload);
  if (node === undefined) return { is: "silent" };
  return planOf(world, node, { call, headers: call.headers });
}

interface Arrival {
  readonly at: number;
  readonly plan: Plan;
}

/** Requests from outside in the order of time. */
function arrivals(
  sources: Configured["sources"],
  random: Random,
  from: number,
  to: number,
): readonly Arrival[] {
  const all = sources.flatMap(({ source, plan }): readonly Arrival[] => {
    const expected = (rateAt(source, from) * (to - from)) / 1000;
    const count = plan.is === "silent" ? 0 : random.poisson(expected);
    return Array.from({ length: count }, () => ({ at: from + random.next() * (to - from), plan }));
  });
  return all.sort((a, b) => a.at - b.at);
}

/** How long a swing of a source's rate takes, up and down. */
const swingPeriod = 7 * 60_000;

function rateAt({ rate, swing }: Source, at: number): number {
  return rate * (1 + swing * Math.sin((2 * Math.PI * at) / swingPeriod));
}

function callsOf(
  { world, plans }: Configured,
  node: Node,
  { headers }: Request,
  path: string,
): readonly { readonly call: Call; readonly plan: Plan }[] {
  const { calls = [], forwards = [] } = node.behaviour ?? {};
  if (calls.length === 0) return [];
  const kept = forwards.flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]] as const],
  );
  const key = `${node.key} ${path} ${kept.join("&")}`;
  const known = plans.get(key);
  if (known !== undefined) return known;
  const made = calls
    .filter(({ onlyFor }) => path.startsWith(onlyFor))
    .map((call) => {
      const request = { call, headers: { ...Object.fromEntries(kept), ...call.headers } };
      return { call, plan: planOf(world, node, request) };
    });
  plans.set(key, made);
  return made;
}

function pickFrom(random: Random): Run["pick"] {
  return (from) => {
    const picked = from[random.below(from.length)];
    if (picked === undefined) throw new Error("Nothing to pick from.");
    return picked;
  };
}

/** 95 % of a normal curve lie below this many standard deviations. */
const z95 = 1.645;

function atTime(random: Random, now: number): Pick<Run, "now" | "random" | "latency" | "errorsOf"> {
  const inTrouble = ({ troubles }: Answering): boolean =>
    troubles !== undefined && now % troubles.period < troubles.lasts;
  return {
    now,
    random,
    latency(answering) {
      // Log-normal, through the two quantiles.
      const spread = Math.log(answering.p95 / answering.p50) / z95;
      const slower = inTrouble(answering) ? (answering.troubles?.slower ?? 1) : 1;
      return answering.p50 * slower * Math.exp(spread * random.normal());
    },
    errorsOf: (answering) =>
      inTrouble(answering) ? (answering.troubles?.errors ?? answering.errors) : answering.errors,
  };
}

function endedBefore(open: readonly OpenConnection[], at: number): OpenConnection[] {
  for (const connection of open) if (connection.until <= at) connection.end();
  return open.filter(({ until }) => until > at);
}
