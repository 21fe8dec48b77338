/** What the core costs in this process, without a terminal: a mesh built, a mesh refreshed, a graph drawn. */
import { LATENCY_FOR_ALL } from "../../src/data/prometheus/poll.ts";
import { createStore, type Store } from "../../src/data/store.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import type { Telemetry } from "../../src/data/mesh/telemetry.ts";
import { instant, millis, perSecond } from "../../src/data/mesh/units.ts";
import { bigMesh, withLatenciesOf } from "../support/bigMesh.ts";
import { dashboardOf } from "../support/dashboard.ts";
import { count, measured, times, type Figure } from "./figures.ts";

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

function timeToBuild(declared: Declared, telemetry: Telemetry): number {
  const store = storeOf(declared);
  return timed(() => store.commitTelemetry({ ok: true, value: telemetry }, now));
}

/** Of a larger mesh the program asks for the latencies on the screen alone (poll.ts). */
const asAsked = (telemetry: Telemetry): Telemetry =>
  telemetry.requests.length > LATENCY_FOR_ALL ? withLatenciesOf(40, telemetry) : telemetry;

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}

export function core(services: number, rounds: number): readonly Figure[] {
  const { declared, telemetry: whole } = bigMesh({
    services,
    workloads: services * 2.5,
    pairs: services * 5,
  });
  const telemetry = asAsked(whole);
  const built: number[] = [];
  const withLatencies: number[] = [];
  const paired: number[] = [];
  const withPairs: number[] = [];
  const refreshed: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const store = storeOf(declared);
    built.push(timed(() => store.commitTelemetry({ ok: true, value: telemetry }, now)));
    for (const turn of [1, 2, 3]) {
      const value = changedTelemetry(telemetry, 0.01, turn);
      refreshed.push(timed(() => store.commitTelemetry({ ok: true, value }, instant(now + turn * 5000))));
    }
    paired.push(timed(() => store.snapshot().graph.pairs));
    const value = changedTelemetry(telemetry, 0.01, 4);
    withPairs.push(timed(() => store.commitTelemetry({ ok: true, value }, instant(now + 20_000))));
    withLatencies.push(timeToBuild(declared, whole));
  }
  return [
    measured("ms", built[0] ?? Number.NaN, {
      what: `the first mesh of a process, ${services} services`,
      budget: null,
    }),
    times(built, { what: `build a mesh, ${services} services`, budget: services === 1000 ? 50 : null }),
    times(withLatencies, {
      what: `build a mesh with the latencies of all its pairs, ${services} services`,
      budget: null,
    }),
    times(paired, { what: `its pairs, for a graph of workloads, ${services} services`, budget: null }),
    times(refreshed, {
      what: `refresh, 1 % changed, ${services} services`,
      budget: services === 1000 ? 15 : null,
    }),
    times(withPairs, {
      what: `refresh, 1 % changed, somebody asked for pairs, ${services} services`,
      budget: null,
    }),
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
  return times(all, {
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
