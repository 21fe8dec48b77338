/** What a refresh asks, reads and paints; and what both servers send while nobody does anything. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { openDashboard, running, settled } from "./dashboard.ts";
import { count, counted, measured, type Figure } from "./figures.ts";
import { visitEveryView } from "./keyFigures.ts";
import { frameEnd, type BenchScreen, type Painted } from "./screen.ts";

/** One refresh after the other, each with what it painted. */
async function refreshes(cluster: Cluster, screen: BenchScreen, rounds: number): Promise<readonly Painted[]> {
  const all: Painted[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const done = screen.record();
    await cluster.refreshed(1);
    // What was answered is built and painted within the pause to the next one.
    await sleep(pauseMs / 2);
    all.push(done());
  }
  return all;
}

const pauseMs = 1000;

const framesIn = ({ output }: Painted): number => output.split(frameEnd).length - 1;

interface Rounds {
  readonly home: string;
  readonly rounds: number;
}

/** Of rates that stay, of 1 % that are others, and of all. */
export async function refreshFigures(cluster: Cluster, { home, rounds }: Rounds): Promise<readonly Figure[]> {
  const screen = openDashboard(cluster, { home, refresh: `${pauseMs}ms` });
  await running(cluster, screen);
  await screen.rest(2 * pauseMs);
  const before = (await cluster.counts()).prometheus;
  const same = await refreshes(cluster, screen, rounds);
  const { prometheus } = await cluster.counts();
  const own = prometheus.refreshes.slice(-(prometheus.asked - before.asked)).slice(0, -1);
  const figures: Figure[] = [
    count(
      "bytes",
      same.map(({ bytes }) => bytes),
      {
        what: "bytes of a refresh that changes nothing",
        budget: 0,
        p95Budget: 0,
      },
    ),
    count("frames", same.map(framesIn), {
      what: "frames of a refresh that changes nothing",
      budget: 0,
      p95Budget: 0,
    }),
    count(
      "queries",
      own.map(({ queries }) => queries),
      {
        what: "queries of a refresh",
        budget: 10,
        p95Budget: 10,
      },
    ),
    count(
      "bytes",
      own.map(({ bytes }) => bytes),
      {
        what: `bytes from Prometheus for a refresh, ${cluster.services} services`,
        budget: bytesOfRefresh(cluster.services),
      },
    ),
    counted("refreshes", prometheus.overlaps, {
      what: "refreshes before the last one was answered",
      budget: 0,
    }),
  ];
  for (const [part, what] of [
    [0.01, "1 %"],
    [1, "everything"],
  ] as const) {
    cluster.change(part);
    await cluster.refreshed(2);
    const painted = await refreshes(cluster, screen, rounds);
    figures.push(
      count(
        "bytes",
        painted.map(({ bytes }) => bytes),
        {
          what: `bytes of a refresh that changes ${what}`,
          budget: part === 1 ? 6000 : null,
        },
      ),
    );
  }
  cluster.change(0);
  await screen.close();
  return figures;
}

/**
 * Each of five edges of a service is a series of each reporter, of some hundred bytes of labels; up to 2,000 of them its ladder of 20 buckets
 * too, and beyond that the ladders of what is on the screen.
 */
function bytesOfRefresh(services: number): number {
  const edges = services * 5;
  const series = edges * 2 * 1.5 + Math.min(edges, 1000) * 20 + 40 * 5 * 20;
  return series * 800;
}

/** How often it asks where an answer takes long. */
export async function slowAnswers(cluster: Cluster, { home, rounds }: Rounds): Promise<readonly Figure[]> {
  const answerMs = 1000;
  cluster.delay(answerMs);
  const before = (await cluster.counts()).prometheus;
  const screen = openDashboard(cluster, { home, refresh: "250ms" });
  await running(cluster, screen);
  await cluster.refreshed(rounds);
  const { prometheus } = await cluster.counts();
  cluster.delay(0);
  await screen.close();
  const { refreshes: all } = prometheus;
  const pauses = all
    .slice(-rounds)
    .flatMap(({ at }, index, some) => (index === 0 ? [] : [at - some[index - 1]!.at]));
  return [
    counted("refreshes", prometheus.overlaps - before.overlaps, {
      what: "such refreshes where an answer takes 1 s, and one each 0.25 s was asked for",
      budget: 0,
    }),
    measured("s", Math.min(...pauses) / 1000, {
      what: "shortest time from one such refresh to the next",
      budget: null,
      floor: { value: (3 * answerMs) / 1000, of: "the answer and a rest of twice that" },
    }),
  ];
}

/** A bookmark of each watch a minute, or the event of each object written, and nothing else. */
const bookmarksOfMinute = 20_000;

/** What the API server sends in a minute: to a dashboard that is left alone, to one that goes through its views, and where pods restart. */
export async function wireFigures(
  cluster: Cluster,
  { home, seconds }: { readonly home: string; readonly seconds: number },
): Promise<readonly Figure[]> {
  const screen = openDashboard(cluster, { home });
  await settled(cluster, screen);
  const minute = async (doing: () => Promise<unknown>) => {
    const before = (await cluster.counts()).kube;
    await Promise.all([doing(), sleep(seconds * 1000)]);
    const { kube } = await cluster.counts();
    const asked = kube.lists + kube.others - before.lists - before.others;
    return { bytes: kube.bytes - before.bytes, asked, lists: kube.lists - before.lists };
  };
  const quiet = await minute(() => Promise.resolve());
  const visited = await minute(() => visitEveryView(screen));
  let restarts = 0;
  const churned = await minute(async () => {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      await cluster.churn(5);
      restarts += 5;
      await sleep(500);
    }
  });
  await screen.close();
  // A round of bookmarks may fall into any stretch, and a longer one has room for more.
  const bookmarks = bookmarksOfMinute * Math.ceil(seconds / 60);
  return [
    counted("bytes", quiet.bytes, {
      what: `bytes from the API server in ${seconds} s, nothing written`,
      budget: bookmarks,
    }),
    counted("requests", quiet.asked, {
      what: `requests to the API server in ${seconds} s of that, watches left out`,
      budget: Math.floor(seconds / silenceSeconds),
    }),
    counted("requests", visited.lists, {
      what: "lists of the API server that going through every view asks for",
      budget: 0,
    }),
    counted("bytes", churned.bytes, {
      what: `bytes from the API server in ${seconds} s, ${restarts} pods restarted`,
      budget: bookmarks + restarts * bytesOfRestart,
    }),
    counted("requests", churned.lists, { what: "lists of the API server while pods restart", budget: 0 }),
  ];
}

/** After so long a silence the API server is asked for its version: a network that is frozen closes no watch. */
const silenceSeconds = 15;

/** Two events of a pod, one of its slice and one of its Service. */
const bytesOfRestart = 10_000;
