/** A dashboard with a graph that is too large to be drawn between two keys, and a hand on the work that is left for later. */
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Steps } from "../../src/data/mesh/steps.ts";
import { createStore } from "../../src/data/store.ts";
import { instant, millis, perSecond } from "../../src/data/mesh/units.ts";
import type { LongWork } from "../../src/ui/graph/places.ts";
import { bigMesh } from "./bigMesh.ts";
import { dashboardOf, type Dashboard } from "./dashboard.ts";

/** Meshes of so many services, one for each refresh: all rates are others each time. */
export function refreshesOf(services: number, count: number): readonly Mesh[] {
  const { declared, telemetry } = bigMesh({ services, workloads: services, pairs: services * 2 });
  const store = createStore({ window: millis(60_000), later: (_ms, work) => work() });
  store.commitDeclared(declared, { is: "live", at: instant(0) });
  return Array.from({ length: count }, (_, turn) => {
    const requests = telemetry.requests.map((one) => ({ ...one, rate: perSecond(one.rate + 10 * turn) }));
    const value = { ...telemetry, at: instant(telemetry.at + 5000 * turn), requests };
    store.commitTelemetry({ ok: true, value }, value.at);
    return store.snapshot();
  });
}

/** Work that waits until it is told to go on. */
export function heldWork(): {
  readonly work: LongWork;
  readonly begun: () => number;
  readonly finish: () => number;
} {
  const waiting: (() => number)[] = [];
  let begun = 0;
  const work = <T>(steps: Steps<T>, done: (value: T) => void): void => {
    begun += 1;
    waiting.push(() => {
      let taken = 1;
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) taken += 1;
      done(step.value);
      return taken;
    });
  };
  return { work, begun: () => begun, finish: () => waiting.shift()?.() ?? 0 };
}

export const graphOf = (mesh: Mesh | undefined, work: LongWork): Dashboard => {
  if (mesh === undefined) throw new Error("there is no such refresh");
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh, work });
  app.press(":", "graph", "enter");
  return app;
};

/** The box under the cursor. */
export const cursorOf = ({ program }: Dashboard): string | null =>
  program.contextOf(program.state()).content.picture?.selected ?? null;

/** The picture without the header, which tells of the newest refresh. */
export const pictureIn = (app: Dashboard): string => app.screen().split("\n").slice(4, 28).join("\n");
