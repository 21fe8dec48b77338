/** The parts of the benchmark, in their order: a new one is a line here. */
import { composed, core, graph } from "./coreFigures.ts";
import { openDashboard, settled } from "./dashboard.ts";
import type { Figure } from "./figures.ts";
import { writeEntries } from "./journalEntries.ts";
import { keys, largeGraph } from "./keyFigures.ts";
import { limited } from "./limitFigures.ts";
import { behindLink } from "./linkFigures.ts";
import { realFigures } from "./realFigures.ts";
import { refreshFigures, slowAnswers, wireFigures } from "./refreshFigures.ts";
import { churned, idle, memory } from "./restFigures.ts";
import type { Scene } from "./scene.ts";
import { shortCommands, starts } from "./startFigures.ts";
import { turns } from "./turnFigures.ts";

interface Part {
  readonly name: string;
  readonly run: (scene: Scene) => Promise<readonly Figure[]>;
}

/** Services that have 300 nodes with their workloads. */
const of300Nodes = 86;

export const parts: readonly Part[] = [
  { name: "commands", run: ({ isShort }) => Promise.resolve(shortCommands(isShort ? 5 : 15)) },
  {
    name: "core",
    run: ({ services, isShort }) =>
      Promise.resolve([
        // The code that builds a mesh is compiled as it is used: a dozen are built before that is done.
        ...core(services, isShort ? 3 : 60),
        graph(300, isShort ? 3 : 15),
        composed(services),
      ]),
  },
  {
    name: "start",
    run: async ({ clusterOf, services, isShort }) =>
      starts(await clusterOf(services), isShort ? { warm: 2, cold: 1 } : { warm: 7, cold: 3 }),
  },
  {
    name: "keys",
    run: async ({ clusterOf, services, home, isShort }) => {
      const cluster = await clusterOf(services);
      writeEntries(home, 200);
      const screen = openDashboard(cluster, { home });
      await settled(cluster, screen);
      const figures = await keys(screen, isShort ? 20 : 300);
      await screen.close();
      return figures;
    },
  },
  {
    name: "graph",
    run: async ({ clusterOf, home, isShort }) => {
      const cluster = await clusterOf(of300Nodes);
      const screen = openDashboard(cluster, { home });
      await settled(cluster, screen);
      const figures = await largeGraph(screen, 300, isShort ? 20 : 300);
      await screen.close();
      return figures;
    },
  },
  {
    name: "refresh",
    run: async ({ clusterOf, services, home, isShort }) => {
      const cluster = await clusterOf(services);
      const rounds = isShort ? 3 : 12;
      return [
        ...(await refreshFigures(cluster, { home, rounds })),
        ...(await slowAnswers(cluster, { home, rounds: isShort ? 2 : 5 })),
      ];
    },
  },
  {
    name: "turns",
    run: async ({ clusterOf, services, home, isShort }) =>
      turns(await clusterOf(services), home, isShort ? 6 : 30),
  },
  {
    name: "wire",
    run: async ({ clusterOf, services, home, isShort }) =>
      wireFigures(await clusterOf(services), { home, seconds: isShort ? 6 : 65 }),
  },
  {
    name: "link",
    run: async ({ clusterOf, services, home, isShort }) =>
      behindLink(await clusterOf(services), { home, presses: isShort ? 5 : 30 }),
  },
  {
    name: "memory",
    // Refreshes at their real pace: nothing for the short form.
    run: async ({ clusterOf, services, home, isShort }) =>
      isShort ? [] : memory(await clusterOf(services), home, 10),
  },
  {
    name: "idle",
    run: async ({ clusterOf, home, isShort }) =>
      idle(await clusterOf(isShort ? 100 : 500), home, isShort ? 10 : 60),
  },
  {
    name: "hour",
    run: ({ home, services, isShort }) =>
      churned(
        isShort
          ? { services: 50, refreshes: 40, before: 20, looks: 4 }
          : { services, refreshes: 720, before: 60, looks: 24 },
        home,
      ),
  },
  {
    name: "limit",
    run: async ({ clusterOf, home, isShort }) =>
      isShort ? [] : limited(await clusterOf(5000), { home, megabytes: 256, seconds: 60 }),
  },
];

export const realParts: readonly Part[] = [{ name: "real", run: realFigures }];
