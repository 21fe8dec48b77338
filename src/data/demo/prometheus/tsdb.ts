import type { Registry } from "prom-client";
import { keyOf, labelsFrom } from "./labels.ts";
import type { Matcher } from "./matcher.ts";
import type { Series } from "./series.ts";
import { SeriesStore } from "./seriesStore.ts";
import { Target } from "./target.ts";

/** An in-memory store of series with Prometheus' rules: label sets are identities, samples come in time order. */
export interface Tsdb {
  /** Adds one sample; dropped if it is not newer than the series' newest. `at` in milliseconds since the epoch. */
  append(labels: Readonly<Record<string, string>>, at: number, value: number): void;
  /** Ends a series at `at` with a stale marker: instant queries stop seeing it at once instead of after the lookback. */
  markStale(labels: Readonly<Record<string, string>>, at: number): void;
  /**
   * Stores what a Prometheus that scrapes this registry at `at` would store: every line with the target's labels, the
   * target's `up`, `scrape_samples_scraped` and `scrape_samples_post_metric_relabeling`, and a stale marker for each
   * series that the target showed at the previous scrape and no longer shows. A scraped label that collides with one of
   * the target's becomes `exported_<name>` (honor_labels: false).
   * @param target the target's labels, normally `job` and `instance`; they identify the target.
   */
  scrape(registry: Registry, at: number, target: Readonly<Record<string, string>>): Promise<void>;
  /** All series that satisfy every matcher, in the order of their creation. */
  select(matchers: readonly Matcher[]): readonly Series[];
}

/** Nobody asks again for series without samples; looking for them at every scrape would cost more than they do. */
const SCRAPES_BETWEEN_SWEEPS = 64;

/** @param options.retentionMs how long samples are kept, in milliseconds; 1 h unless told. */
export function createTsdb(options: { readonly retentionMs?: number } = {}): Tsdb {
  const retention = options.retentionMs ?? 3_600_000;
  const store = new SeriesStore();
  const targets = new Map<string, Target>();
  let scrapes = 0;

  function add(labels: Readonly<Record<string, string>>, at: number, value: number | null): void {
    store.seriesOf(labelsFrom(Object.entries(labels))).append(at, value, at - retention);
  }

  function targetOf(labels: Readonly<Record<string, string>>): Target {
    const key = keyOf(labelsFrom(Object.entries(labels)));
    const target = targets.get(key) ?? new Target(labels, store);
    targets.set(key, target);
    return target;
  }

  return {
    append: add,
    markStale: (labels, at) => {
      add(labels, at, null);
    },
    scrape: async (registry, at, target) => {
      await targetOf(target).scrape(registry, at, at - retention);
      scrapes += 1;
      if (scrapes % SCRAPES_BETWEEN_SWEEPS === 0) store.sweep(at - retention);
    },
    select: (matchers) => store.select(matchers),
  };
}
