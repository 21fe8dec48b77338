import type { PlayedScenario } from "./controllers/playScenario.ts";
import type { Tsdb } from "./prometheus/tsdb.ts";

/** The one thread of simulated time: ticks of the cluster, each followed by a scrape. */
export interface Playback {
  /**
   * Plays the past up to `toMs` (epoch ms), and tells before each tick when it is. Only the end of it is scraped at each tick:
   * what is older is for graphs, which need no more than Istio's usual 15 s.
   */
  remember(toMs: number, isNow: (at: number) => void): Promise<void>;
  /** Plays all whole ticks up to `toMs`. */
  advance(toMs: number): Promise<void>;
  /** The same for a clock that may have jumped: a machine that slept gets the last ten minutes and no more. */
  follow(now: number): Promise<void>;
}

interface Played {
  readonly world: Omit<PlayedScenario, "proxies">;
  readonly tsdb: Tsdb;
  readonly tickMs: number;
  /** Epoch ms. */
  readonly begin: number;
}

const scrapedClosely = 2 * 60_000;
const sparseScrape = 15_000;
const longestGap = 10 * 60_000;

const target: Parameters<Tsdb["scrape"]>[2] = { job: "istio-proxies", instance: "demo:15020" };

export function createPlayback({ world, tsdb, tickMs, begin }: Played): Playback {
  let at = begin;
  const tick = async (isScraped: boolean): Promise<void> => {
    world.tick(at, at + tickMs);
    at += tickMs;
    if (isScraped) await tsdb.scrape(world.registry, at, target);
  };
  const playTo = async (toMs: number): Promise<void> => {
    while (at + tickMs <= toMs) await tick(true);
  };
  const inTurn = queue();
  return {
    remember: (toMs, isNow) =>
      inTurn(async () => {
        while (at + tickMs <= toMs) {
          isNow(at);
          await tick(at >= toMs - scrapedClosely || at % sparseScrape < tickMs);
        }
      }),
    advance: (toMs) => inTurn(() => playTo(toMs)),
    follow: (now) =>
      inTurn(() => {
        at = Math.max(at, Math.floor((now - longestGap) / tickMs) * tickMs);
        return playTo(now);
      }),
  };
}

/** One after the other: the timer may fire while somebody advances. */
function queue(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (work) => (last = last.then(work));
}
