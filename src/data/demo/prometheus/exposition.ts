import type { Registry } from "prom-client";

export type LabelRecord = Readonly<Record<string, unknown>>;

/** One line of what a registry exposes, as prom-client hands it to its own printer. */
export interface Row {
  /** The series' name where it is not the metric's: `_bucket`, `_sum`, `_count`. */
  readonly metricName?: string;
  /** The line's own labels, all of them where nothing is shared. */
  readonly labels?: LabelRecord;
  /** Labels that all lines of a histogram's child share: one object for the life of the child. */
  readonly sharedLabels?: LabelRecord;
  readonly value: number;
}

export interface ExposedMetric {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** What a prom-client metric can do beside what its types say: `Registry.metrics()` asks it the same two questions. */
interface Readable {
  readonly name: string;
  getForPromString?: () => Promise<{ readonly values: readonly Row[] }>;
  get(): Promise<{ readonly values: readonly Row[] }>;
}

/**
 * The lines of `registry.metrics()` before they are printed. Printing and parsing megabytes would cost a hundred times as
 * much, and `getMetricsAsJSON()` copies the labels of a histogram's child once for each bucket.
 */
export function expose(registry: Registry): Promise<readonly ExposedMetric[]> {
  const metrics = registry.getMetricsAsArray() as readonly unknown[] as readonly Readable[];
  return Promise.all(
    metrics.map(async (metric) => {
      const { values } = await (metric.getForPromString?.() ?? metric.get());
      return { name: metric.name, rows: values };
    }),
  );
}

const NONE: LabelRecord = {};

/** The labels that `registry.setDefaultLabels` adds to every line which lacks them; prom-client keeps them private. */
export function defaultLabelsOf(registry: Registry): LabelRecord {
  return (registry as unknown as { readonly _defaultLabels?: LabelRecord })._defaultLabels ?? NONE;
}

/** The labels of a line as Prometheus' text parser reads them (text format 0.0.4), defaults included, empty ones left out. */
export function textLabels(row: Row, defaults: LabelRecord): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [name, value] of Object.entries({ ...defaults, ...row.labels, ...row.sharedLabels })) {
    // prom-client prints whatever it was given; the text is UTF-8, where half a surrogate pair has no place.
    if (value !== "") labels.set(name, String(value).toWellFormed());
  }
  return labels;
}

/** A line's value after printing and parsing: `${-0}` is 0. */
export const textValue = ({ value }: Row): number => (value === 0 ? 0 : value);
