/**
 * prom-client's metrics hash every label of every observation; with Istio's 25 labels and thousands of requests a tick that is
 * most of the time. These keep a slot for each label set and add numbers to it, and answer `get` as prom-client's own do.
 */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

type LabelSet = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: LabelSet;
  readonly sharedLabels?: LabelSet;
  value: number;
  readonly metricName?: string;
}
type CounterAnswer = Awaited<ReturnType<Counter["get"]>>;
type HistogramAnswer = Awaited<ReturnType<Histogram["get"]>>;

/** One series of a counter. */
export interface CounterSlot {
  value: number;
}

/** A counter in slots. The label objects it answers with keep their identity, so that a scraper may remember them. */
export class SeriesCounter extends Counter {
  readonly #samples: Sample[] = [];
  readonly #about: { readonly name: string; readonly help: string };

  constructor(registry: Registry, name: string, help: string) {
    super({ name, help, registers: [registry] });
    this.#about = { name, help };
  }

  slot(labels: LabelSet): CounterSlot {
    const sample: Sample = { labels, value: 0 };
    this.#samples.push(sample);
    return sample;
  }

  override get(): Promise<CounterAnswer> {
    const answer = { ...this.#about, type: "counter", values: this.#samples, aggregator: "sum" };
    return Promise.resolve(answer as unknown as CounterAnswer);
  }
}

/** One series of a histogram: observations by bucket (not cumulative), and their sum. */
export class HistogramSlot {
  readonly counts: number[];
  sum = 0;
  count = 0;
  readonly #bounds: readonly number[];

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
  }
}

interface HistogramSeries {
  readonly slot: HistogramSlot;
  /** `_bucket` for each bound and +Inf, then `_sum`, then `_count`: once with all labels, once with those of the child apart. */
  readonly full: readonly Sample[];
  readonly shared: readonly Sample[];
}

export class SeriesHistogram extends Histogram {
  readonly #series: HistogramSeries[] = [];
  readonly #bounds: readonly number[];
  readonly #about: { readonly name: string; readonly help: string };

  constructor(registry: Registry, name: string, help: string, bounds: readonly number[]) {
    super({ name, help, registers: [registry], buckets: [...bounds] });
    this.#about = { name, help };
    this.#bounds = bounds;
  }

  slot(labels: LabelSet): HistogramSlot {
    const slot = new HistogramSlot(this.#bounds);
    const { name } = this.#about;
    const lines = [
      ...[...this.#bounds.map(String), "+Inf"].map((le) => ({ metricName: `${name}_bucket`, own: { le } })),
      { metricName: `${name}_sum`, own: {} },
      { metricName: `${name}_count`, own: {} },
    ];
    this.#series.push({
      slot,
      full: lines.map(({ metricName, own }) => ({ metricName, labels: { ...labels, ...own }, value: 0 })),
      shared: lines.map(({ metricName, own }) => ({
        metricName,
        labels: own,
        sharedLabels: labels,
        value: 0,
      })),
    });
    return slot;
  }

  override get(): Promise<HistogramAnswer> {
    return this.#answer("full");
  }

  /** prom-client's text exposition asks histograms by this name, with the child's labels apart from `le`. */
  getForPromString(): Promise<HistogramAnswer> {
    return this.#answer("shared");
  }

  #answer(form: "full" | "shared"): Promise<HistogramAnswer> {
    const values = this.#series.flatMap((series) => cumulated(series.slot, series[form]));
    const answer = { ...this.#about, type: "histogram", values, aggregator: "sum" };
    return Promise.resolve(answer as unknown as HistogramAnswer);
  }
}

function cumulated(slot: HistogramSlot, samples: readonly Sample[]): readonly Sample[] {
  let below = 0;
  const values = [...slot.counts.map((count) => (below += count)), slot.count, slot.sum, slot.count];
  samples.forEach((sample, index) => (sample.value = values[index] ?? 0));
  return samples;
}

/** prom-client's own gauge, for the few series that are set and not counted. */
export function gaugeIn(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
): Gauge {
  return new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
}
