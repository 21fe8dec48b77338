import type { Registry } from "prom-client";

/** One line of what a registry exposes: a series and its value now. */
export interface Exposed {
  readonly name: string;
  /** The line's own labels (`le` of a bucket), values as the text format spells them. */
  readonly own: Readonly<Record<string, unknown>>;
  /** Labels shared by all lines of one child; the same object from scrape to scrape, so it can be a cache key. */
  readonly shared: Readonly<Record<string, unknown>>;
  readonly value: number;
}

interface Row {
  readonly metricName?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly sharedLabels?: Readonly<Record<string, unknown>>;
  readonly value: number;
}

/** What a prom-client metric can do beside what its types say: `Registry.metrics()` asks it the same two questions. */
interface Readable {
  readonly name: string;
  getForPromString?: () => Promise<{ readonly values: readonly Row[] }>;
  get(): Promise<{ readonly values: readonly Row[] }>;
}

const NONE: Readonly<Record<string, unknown>> = {};

/**
 * What Prometheus' text parser would store of `registry.metrics()` (text format 0.0.4), without printing and parsing
 * megabytes: a histogram's children share their label objects, which `getMetricsAsJSON()` would copy once per bucket.
 */
export async function expose(registry: Registry): Promise<readonly Exposed[]> {
  const metrics = registry.getMetricsAsArray() as readonly unknown[] as readonly Readable[];
  const answers = await Promise.all(
    metrics.map(async (metric) => ({ metric, answer: await (metric.getForPromString?.() ?? metric.get()) })),
  );
  return answers.flatMap(({ metric, answer }) => answer.values.map((row) => exposed(metric.name, row)));
}

function exposed(name: string, row: Row): Exposed {
  const labels = row.labels ?? NONE;
  const shared = row.sharedLabels;
  return {
    name: row.metricName ?? name,
    own: shared === undefined ? NONE : labels,
    shared: shared ?? labels,
    // Printed as `${value}`, where the sign of zero is lost.
    value: row.value === 0 ? 0 : row.value,
  };
}

/** The labels that `registry.setDefaultLabels` adds to every line which lacks them; prom-client keeps them private. */
export function defaultLabelsOf(registry: Registry): Readonly<Record<string, unknown>> {
  return (
    (registry as unknown as { readonly _defaultLabels?: Readonly<Record<string, unknown>> })._defaultLabels ??
    NONE
  );
}
