/** What the core costs in this process, without a terminal: a mesh built, a mesh refreshed, a graph drawn. */
import { LATENCY_FOR_ALL } from "../../src/data/prometheus/poll.ts";
import { createStore, type Store } from "../../src/data/store.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Telemetry } from "../../src/data/mesh/telemetry.ts";
import { instant, millis, perSecond } from "../../src/data/mesh/units.ts";
import { bigMesh, withLatenciesOf } from "../support/bigMesh.ts";
import { dashboardOf } from "../support/dashboard.ts";
import { count, measured, times as timesOf, type Figure } from "./figures.ts";

const now = instant(Date.UTC(2026, 10, 21));

/** The part of the pairs that a refresh brings other rates for. */
function changedTelemetry(telemetry: Telemetry, part: number, turn: number): Telemetry {
  const changes = telemetry.requests.length * part;
  const requests = telemetry.requests.map((one, index) =>
    index < changes ? { ...one, rate: perSecond(one.rate + turn) } : { ...one },
  );
  return { ...telemetry, at: instant(telemetry.at + 5000 * turn), requests };
}

function emptyStore(): Store {
  return createStore({ window: millis(60_000), later: (_ms, work) => work() });
}

function storeOf(declared: Declared): Store {
  const store = emptyStore();
  store.commitDeclared(declared, { is: "live", at: now });
  return store;
}

/** @param look what somebody does with the mesh who gets it. */
function timeToBuild(
  declared: Declared,
  telemetry: Telemetry,
  look: (mesh: Mesh) => unknown = () => null,
): number {
  const store = storeOf(declared);
  return timed(() => {
    store.commitTelemetry({ ok: true, value: telemetry }, now);
    look(store.snapshot());
  });
}

/** A refresh of 1 % of the rates. */
function timeToRefresh(store: Store, telemetry: Telemetry, turn: number): number {
  const value = changedTelemetry(telemetry, 0.01, turn);
  return timed(() => store.commitTelemetry({ ok: true, value }, instant(now + turn * 5000)));
}

/** Of a larger mesh the program asks for the latencies on the screen alone (poll.ts). */
const asAsked = (telemetry: Telemetry): Telemetry =>
  telemetry.requests.length > LATENCY_FOR_ALL ? withLatenciesOf(40, telemetry) : telemetry;

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

interface CoreTimes {
  readonly built: number[];
  readonly whole: number[];
  readonly withLatencies: number[];
  readonly drawn: number[];
  readonly paired: number[];
  readonly refreshed: number[];
  readonly redrawn: number[];
  readonly repaired: number[];
}

/** Meshes of which nothing was there before, and refreshes after each. Nobody asks for workloads or the graph unless it is said. */
function coreTimes(services: number, rounds: number): CoreTimes {
  const size = { services, workloads: services * 2.5, pairs: services * 5 };
  const { declared, telemetry: whole } = bigMesh(size);
  const telemetry = asAsked(whole);
  const times: CoreTimes = {
    ...{ built: [], whole: [], withLatencies: [], drawn: [], paired: [] },
    ...{ refreshed: [], redrawn: [], repaired: [] },
  };
  for (let round = 0; round < rounds; round += 1) {
    const store = storeOf(declared);
    times.built.push(timed(() => store.commitTelemetry({ ok: true, value: telemetry }, now)));
    for (const turn of [1, 2, 3]) times.refreshed.push(timeToRefresh(store, telemetry, turn));
    times.drawn.push(timed(() => store.snapshot().graph.edges));
    times.redrawn.push(timeToRefresh(store, telemetry, 4));
    times.paired.push(timed(() => store.snapshot().graph.pairs));
    times.repaired.push(timeToRefresh(store, telemetry, 5));
    times.whole.push(timeToBuild(declared, telemetry, ({ workloads, graph }) => [workloads, graph.edges]));
    times.withLatencies.push(timeToBuild(declared, whole));
  }
  return times;
}

export function core(services: number, rounds: number): readonly Figure[] {
  const times = coreTimes(services, rounds);
  const row = (what: string, all: readonly number[], budget: number | null = null): Figure =>
    timesOf(all, { what: `${what}, ${services} services`, budget: services === 1000 ? budget : null });
  return [
    measured("ms", times.built[0] ?? Number.NaN, {
      what: `the first mesh of a process, ${services} services`,
      budget: null,
    }),
    row("build a mesh", times.built, 50),
    row("build a mesh with the latencies of all its pairs", times.withLatencies),
    row("build a mesh, and its workloads and graph for who asks", times.whole),
    row("draw the graph of a mesh that is there", times.drawn),
    row("its pairs, for a graph of workloads", times.paired),
    row("refresh, 1 % changed", times.refreshed, 15),
    row("refresh, 1 % changed, somebody looks at the graph", times.redrawn),
    row("refresh, 1 % changed, somebody looks at its pairs", times.repaired),
  ];
}

/** Layout and paint of a graph, each time of a mesh that is new to the view. */
export function graph(nodes: number, rounds: number): Figure {
  const { declared, telemetry } = bigMesh({
    services: nodes,
    workloads: nodes,
    pairs: nodes * 2,
    namespaces: 6,
  });
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const store = storeOf(declared);
    store.commitTelemetry({ ok: true, value: telemetry }, now);
    const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: store.snapshot() });
    app.press(":", "graph");
    all.push(
      timed(() => {
        app.press("enter");
        app.lines();
      }),
    );
  }
  return timesOf(all, {
    what: `layout and paint of a graph, ${nodes} nodes`,
    budget: nodes === 300 ? 100 : null,
  });
}

/** The header, the line of namespaces, the title, the message, the footer, and the row that loses the cursor and the one that gets it. */
const linesOfKey = 7;

/** Lines that a key makes anew; all others are the objects of the frame before. What is not made anew costs neither memory nor a comparison. */
export function composed(services: number): Figure {
  const { declared, telemetry } = bigMesh({ services, workloads: services * 2.5, pairs: services * 5 });
  const store = storeOf(declared);
  store.commitTelemetry({ ok: true, value: telemetry }, now);
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: store.snapshot() });
  const made: number[] = [];
  for (let press = 0; press < 20; press += 1) {
    const before = new Set(app.lines());
    app.press("j");
    made.push(app.lines().filter((line) => !before.has(line)).length);
  }
  return count("lines", made, {
    what: `lines of 40 made anew by a key, ${services} services`,
    budget: linesOfKey,
    p95Budget: linesOfKey,
  });
}
