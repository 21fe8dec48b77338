import { formatGoFloat } from "../goFloat.ts";
import {
  dropLabels,
  groupKey,
  keepLabels,
  METRIC_NAME,
  NO_LABELS,
  withLabel,
  type Labels,
} from "../labels.ts";
import type { Aggregation } from "./expression.ts";
import { cannotEvaluate } from "./promqlError.ts";
import { topOf } from "./topk.ts";
import { distinct, type Sample, type Vector } from "./value.ts";

/** One value from the values of a group, in the order in which the series were made. */
type Reducer = (values: readonly number[]) => number;

const extreme =
  (better: (value: number, best: number) => boolean): Reducer =>
  (values) =>
    values.reduce((best, value) => (better(value, best) || Number.isNaN(best) ? value : best));

const reducers: Readonly<Partial<Record<Aggregation["op"], Reducer>>> = {
  sum: (values) => values.reduce((sum, value) => sum + value),
  avg: mean,
  min: extreme((value, best) => value < best),
  max: extreme((value, best) => value > best),
  count: (values) => values.length,
  group: () => 1,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
};

/** The parameter of `topk`, `bottomk` and `quantile` is a number, that of `count_values` a label's name. */
export function aggregate(
  expression: Aggregation,
  vector: Vector,
  parameter: number | string | null,
): Vector {
  const { op } = expression;
  if (typeof parameter === "string") return countValues(expression, vector, parameter);
  if (op === "topk" || op === "bottomk") return extremes(expression, vector, parameter ?? NaN);
  const reduce =
    op === "quantile" ? (values: readonly number[]) => quantile(parameter ?? NaN, values) : reducers[op];
  if (reduce === undefined) throw cannotEvaluate(`the embedded Prometheus does not evaluate ${op}()`);
  return groups(expression, vector).map(({ labels, samples }) => ({
    labels,
    value: reduce(samples.map(({ value }) => value)),
  }));
}

interface Group {
  readonly labels: Labels;
  readonly samples: Sample[];
}

/** The groups in the order of their first series. */
function groups(
  { grouping, without }: Pick<Aggregation, "grouping" | "without">,
  vector: Vector,
): readonly Group[] {
  const names = new Set(grouping);
  const found = new Map<string, Group>();
  for (const sample of vector) {
    const key = groupKey(sample.labels, names, !without);
    const group = found.get(key);
    if (group !== undefined) group.samples.push(sample);
    else found.set(key, { labels: groupLabels(sample.labels, grouping, without), samples: [sample] });
  }
  return [...found.values()];
}

function groupLabels(labels: Labels, grouping: readonly string[], without: boolean): Labels {
  if (without) return dropLabels(labels, [...grouping, METRIC_NAME]);
  return grouping.length === 0 ? NO_LABELS : keepLabels(labels, grouping);
}

const LARGEST_INT64 = 2 ** 63;

function extremes(expression: Aggregation, vector: Vector, wanted: number): Vector {
  if (!(wanted >= -LARGEST_INT64 && wanted < LARGEST_INT64)) {
    throw cannotEvaluate(`Scalar value ${formatGoFloat(wanted)} overflows int64`);
  }
  const k = Math.trunc(wanted);
  if (k < 1) return [];
  return groups(expression, vector).flatMap(({ samples }) => topOf(samples, k, expression.op === "bottomk"));
}

function countValues(expression: Aggregation, vector: Vector, label: string): Vector {
  if (!/^[a-zA-Z_]\w*$/.test(label)) throw cannotEvaluate(`invalid label name ${JSON.stringify(label)}`);
  const labelled = vector.map(({ labels, value }) => ({
    labels: withLabel(labels, label, plain(value)),
    value,
  }));
  const grouping = expression.without ? expression.grouping : [...expression.grouping, label];
  const counted = groups({ grouping, without: expression.without }, labelled);
  return distinct(counted.map(({ labels, samples }) => ({ labels, value: samples.length })));
}

/** `FormatFloat(v, 'f', -1, 64)` without any exponent, as count_values labels. */
function plain(value: number): string {
  const text = formatGoFloat(value);
  const [, sign = "", whole = "", fraction = "", exponent = ""] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === "") return text;
  const shift = Number(exponent);
  const digits = whole + fraction;
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${digits}`
    : `${sign}${digits}${"0".repeat(shift - fraction.length)}`;
}

/** The running mean of Prometheus: no sum that overflows, and an infinity stays unless the opposite one or NaN joins it. */
function mean(values: readonly number[]): number {
  return values.reduce((average, value, index) => {
    if (Math.abs(average) === Infinity && (value === average || Number.isFinite(value))) return average;
    return average + (value / (index + 1) - average / (index + 1));
  });
}

function variance(values: readonly number[]): number {
  let average = values[0] ?? NaN;
  let squares = 0;
  for (const [index, value] of values.entries()) {
    if (index === 0) continue;
    const delta = value - average;
    average += delta / (index + 1);
    squares += delta * (value - average);
  }
  return squares / values.length;
}

/** `quantile` of Prometheus: between the two nearest ranks, NaN sorted below everything. */
function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return NaN;
  if (q < 0 || q > 1) return q < 0 ? -Infinity : Infinity;
  const sorted = [...values].sort((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
  const rank = q * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  const weight = rank - lower;
  return (sorted[lower] ?? NaN) * (1 - weight) + (sorted[upper] ?? NaN) * weight;
}
