/** How long a key may have to wait for what the program is at: lists and answers that are read, meshes that are built. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { openDashboard, running } from "./dashboard.ts";
import { measured, type Figure } from "./figures.ts";
import { probeBy } from "./probe.ts";

/** The longest stretch since the last time in which the main thread computed without a turn for keys, in milliseconds of CPU. */
async function longest(probe: ReturnType<typeof probeBy>, pid: number): Promise<number> {
  return (JSON.parse(await probe.ask(pid)) as readonly number[])[0] ?? 0;
}

/** Before it is reset for the first time: modules are loaded and the first frame is drawn, while nothing can be asked for. */
const loadingMs = 1000;

/** The longest stretch while all lists and first answers come, in refreshes (of the services, and with the graph open), and while pods restart. */
export async function turns(cluster: Cluster, home: string, seconds: number): Promise<readonly Figure[]> {
  const probe = probeBy({ module: "turnProbe.mjs" });
  const screen = openDashboard(cluster, { home, refresh: "5s", environment: probe.environment });
  const figure = async (what: string): Promise<Figure> =>
    measured("ms", await longest(probe, screen.pid), {
      what: `longest stretch without a turn for keys, CPU: ${what}, ${cluster.services} services`,
      budget: null,
    });
  await sleep(loadingMs);
  await longest(probe, screen.pid);
  await running(cluster, screen);
  const figures = [await figure("the first lists and answers")];
  cluster.change(0.01);
  await sleep(seconds * 1000);
  figures.push(await figure("refreshes of 1 %"));
  cluster.change(1);
  await sleep(seconds * 1000);
  figures.push(await figure("refreshes of everything"));
  cluster.change(0.01);
  screen.write(":graph\r");
  // The first of these takes back what the refreshes of everything said.
  await cluster.refreshed(2);
  await longest(probe, screen.pid);
  await sleep(seconds * 1000);
  figures.push(await figure("refreshes of 1 % under the graph"));
  screen.write(":services\r");
  cluster.change(0);
  for (let round = 0; round < seconds / 2; round += 1) {
    await cluster.churn(20);
    await sleep(2000);
  }
  figures.push(await figure("pods restart, ten a second"));
  await screen.close();
  probe.end();
  return figures;
}
