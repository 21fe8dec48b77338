import type { Registry } from "prom-client";
import {
  defaultLabelsOf,
  expose,
  textLabels,
  textValue,
  type ExposedMetric,
  type LabelRecord,
  type Row,
} from "./exposition.ts";
import { labelsFrom, METRIC_NAME } from "./labels.ts";
import type { SampleRing } from "./series.ts";
import type { SeriesStore } from "./seriesStore.ts";

/** A line of a metric that was scraped before: how to know it again, and its series. */
interface Slot {
  /** prom-client keeps one label object for the life of a child. */
  readonly child: LabelRecord | undefined;
  readonly name: string | undefined;
  readonly bucket: unknown;
  readonly series: SampleRing;
}

interface Scrape {
  readonly at: number;
  readonly keepFrom: number;
}

/** One thing that is scraped, with what its last scrape showed. */
export class Target {
  readonly #labels: Readonly<Record<string, string>>;
  readonly #store: SeriesStore;
  /** By metric, in the order in which prom-client lists the lines: it keeps that order, so most lines are where they were. */
  readonly #slots = new Map<string, readonly Slot[]>();
  #defaults: LabelRecord = {};

  constructor(labels: Readonly<Record<string, string>>, store: SeriesStore) {
    this.#labels = labels;
    this.#store = store;
  }

  /** Appends every line of the registry and the report on the scrape; ends the series that are gone. See `Tsdb.scrape`. */
  async scrape(registry: Registry, at: number, keepFrom: number): Promise<void> {
    const metrics = await expose(registry);
    const scrape = { at, keepFrom };
    const defaults = defaultLabelsOf(registry);
    const names = new Set(metrics.map(({ name }) => name));
    for (const name of this.#slots.keys()) if (!names.has(name)) this.#append({ name, rows: [] }, scrape);
    const sameDefaults = defaults === this.#defaults;
    this.#defaults = defaults;
    for (const metric of metrics) this.#append(metric, scrape, sameDefaults);
    this.#report(
      metrics.reduce((sum, { rows }) => sum + rows.length, 0),
      scrape,
    );
  }

  #append({ name, rows }: ExposedMetric, scrape: Scrape, trusted = true): void {
    const before = this.#slots.get(name) ?? [];
    const moved = trusted && rows.length === before.length ? firstMoved(before, rows) : 0;
    if (moved !== rows.length || rows.length !== before.length) {
      const slots = rows.map((row, index) => {
        const known = before[index];
        return trusted && known !== undefined && isAt(known, row) ? known : this.#slotOf(name, row);
      });
      this.#slots.set(name, slots);
      endMissing(before, slots, scrape);
    }
    store(this.#slots.get(name) ?? [], rows, scrape);
  }

  #slotOf(name: string, row: Row): Slot {
    const scraped = textLabels(row, this.#defaults);
    const renamed = renamedCollisions(scraped, this.#labels);
    const own = Object.entries(this.#labels);
    const labels = labelsFrom([...scraped, ...own, ...renamed, [METRIC_NAME, row.metricName ?? name]]);
    return { ...identityOf(row), series: this.#store.seriesOf(labels) };
  }

  /** What Prometheus says about each scrape; how long it took is nothing that a simulation could know. */
  #report(samples: number, { at, keepFrom }: Scrape): void {
    const report = { up: 1, scrape_samples_scraped: samples, scrape_samples_post_metric_relabeling: samples };
    for (const [name, value] of Object.entries(report)) {
      const labels = labelsFrom(Object.entries({ ...this.#labels, [METRIC_NAME]: name }));
      this.#store.seriesOf(labels).append(at, value, keepFrom);
    }
  }
}

const identityOf = (row: Row): Omit<Slot, "series"> => ({
  child: row.sharedLabels ?? row.labels,
  name: row.metricName,
  bucket: row.sharedLabels === undefined ? undefined : row.labels?.["le"],
});

/** The first line that is not the one that was at its place before; the number of lines if there is none. */
function firstMoved(slots: readonly Slot[], rows: readonly Row[]): number {
  let index = 0;
  for (const row of rows) {
    const slot = slots[index];
    if (slot === undefined || !isAt(slot, row)) return index;
    index += 1;
  }
  return index;
}

function store(slots: readonly Slot[], rows: readonly Row[], { at, keepFrom }: Scrape): void {
  let index = 0;
  for (const row of rows) {
    slots[index]?.series.append(at, textValue(row), keepFrom);
    index += 1;
  }
}

function endMissing(before: readonly Slot[], now: readonly Slot[], { at, keepFrom }: Scrape): void {
  const shown = new Set(now.map(({ series }) => series));
  for (const { series } of before) if (!shown.has(series)) series.append(at, null, keepFrom);
}

function isAt(slot: Slot, row: Row): boolean {
  const { sharedLabels, labels } = row;
  if (slot.child !== (sharedLabels ?? labels) || slot.name !== row.metricName || slot.series.dropped)
    return false;
  return sharedLabels === undefined || slot.bucket === labels?.["le"];
}

/** Prometheus puts `exported_` in front until the name is free (scrape/scrape.go, resolveConflictingExposedLabels). */
function renamedCollisions(
  scraped: ReadonlyMap<string, string>,
  target: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const colliding = Object.keys(target).filter((name) => scraped.has(name));
  for (const name of colliding.sort((a, b) => a.length - b.length)) {
    let free = `exported_${name}`;
    while (scraped.has(free) || free in target || renamed.has(free)) free = `exported_${free}`;
    renamed.set(free, scraped.get(name) ?? "");
  }
  return renamed;
}
