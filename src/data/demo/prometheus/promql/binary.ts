import {
  dropLabels,
  dropName,
  groupKey,
  keepLabels,
  keyOf,
  METRIC_NAME,
  printLabels,
  withLabel,
  type Labels,
} from "../labels.ts";
import {
  isComparison,
  isSetOperator,
  type Binary,
  type Matching,
  type Operator,
  type SetOperator,
} from "./expression.ts";
import { cannotEvaluate } from "./promqlError.ts";
import { power } from "./goMath.ts";
import { distinct, type Sample, type Vector } from "./value.ts";

const compare: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  ">": (left, right) => left > right,
  "<": (left, right) => left < right,
  ">=": (left, right) => left >= right,
  "<=": (left, right) => left <= right,
};

const compute: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
  "^": power,
  atan2: Math.atan2,
};

/** The value of one pair, `null` where a comparison filters it out. Comparisons give the left value, or 1 and 0 with `bool`. */
function pair(op: Operator, bool: boolean, left: number, right: number): number | null {
  const holds = compare[op]?.(left, right);
  if (holds === undefined) return compute[op]?.(left, right) ?? NaN;
  if (bool) return holds ? 1 : 0;
  return holds ? left : null;
}

export function scalarsBinary(op: Operator, left: number, right: number): number {
  return pair(op, true, left, right) ?? NaN;
}

/** A vector with a scalar on its right or left; a filtering comparison always keeps the vector's values. */
export function withScalar(
  { op, bool }: Binary,
  vector: Vector,
  scalar: number,
  scalarSide: "left" | "right",
): Vector {
  const drops = dropsName(op) || bool;
  const samples: Sample[] = [];
  for (const { labels, value } of vector) {
    const result = scalarSide === "left" ? pair(op, bool, scalar, value) : pair(op, bool, value, scalar);
    if (result === null) continue;
    const kept = isComparison(op) && !bool ? value : result;
    samples.push({ labels: drops ? dropName(labels) : labels, value: kept });
  }
  return distinct(samples);
}

/** Arithmetic gives a new quantity, which the metric's name no longer names. atan2 forgets to, in 2.42. */
const dropsName = (op: Operator): boolean => !isComparison(op) && !isSetOperator(op) && op !== "atan2";

/** Two vectors: set operators, or element by element where the matching pairs them. */
export function vectorsBinary(expression: Binary, left: Vector, right: Vector): Vector {
  const { op, matching } = expression;
  const key = keyer(matching);
  return distinct(isSetOperator(op) ? combined(op, left, right, key) : matched(expression, left, right, key));
}

function keyer(matching: Matching): (labels: Labels) => string {
  const names = new Set(matching.labels);
  return (labels) => groupKey(labels, names, matching.on);
}

function combined(op: SetOperator, left: Vector, right: Vector, key: (labels: Labels) => string): Vector {
  const keysOf = (vector: Vector): ReadonlySet<string> => new Set(vector.map(({ labels }) => key(labels)));
  if (op === "or") {
    const there = keysOf(left);
    return [...left, ...right.filter(({ labels }) => !there.has(key(labels)))];
  }
  const there = keysOf(right);
  return left.filter(({ labels }) => there.has(key(labels)) === (op === "and"));
}

function matched(expression: Binary, left: Vector, right: Vector, key: (labels: Labels) => string): Vector {
  if (left.length === 0 || right.length === 0) return [];
  const { matching, op, bool } = expression;
  const swapped = matching.one === "left";
  const ones = byKey(expression, swapped ? left : right, key);
  const results = new Map<string, Set<string>>();
  const samples: Sample[] = [];
  for (const many of swapped ? right : left) {
    const group = key(many.labels);
    const one = ones.get(group);
    if (one === undefined) continue;
    const value = swapped ? pair(op, bool, one.value, many.value) : pair(op, bool, many.value, one.value);
    if (value === null) continue;
    const labels = resultLabels(expression, many.labels, one.labels);
    refuseSecond(matching, results, group, labels);
    samples.push({ labels, value });
  }
  return samples;
}

/** The side that may have one series a group only. */
function byKey(
  { matching }: Binary,
  vector: Vector,
  key: (labels: Labels) => string,
): ReadonlyMap<string, Sample> {
  const ones = new Map<string, Sample>();
  for (const sample of vector) {
    const group = key(sample.labels);
    const other = ones.get(group);
    if (other !== undefined) {
      const common = matchLabels(matching, sample.labels);
      const sides = `[${printLabels(sample.labels)}, ${printLabels(other.labels)}]`;
      throw cannotEvaluate(
        `found duplicate series for the match group ${printLabels(common)} on the ${matching.one ?? "right"} hand-side of the operation: ${sides};many-to-many matching not allowed: matching labels must be unique on one side`,
      );
    }
    ones.set(group, sample);
  }
  return ones;
}

function refuseSecond(
  matching: Matching,
  results: Map<string, Set<string>>,
  group: string,
  labels: Labels,
): void {
  const before = results.get(group);
  if (before === undefined) {
    results.set(group, new Set([keyOf(labels)]));
    return;
  }
  if (matching.one === null) {
    throw cannotEvaluate(
      "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
    );
  }
  if (before.has(keyOf(labels))) {
    throw cannotEvaluate("multiple matches for labels: grouping labels must ensure unique matches");
  }
  before.add(keyOf(labels));
}

function matchLabels(matching: Matching, labels: Labels): Labels {
  return matching.on
    ? keepLabels(labels, matching.labels)
    : dropLabels(labels, [...matching.labels, METRIC_NAME]);
}

function resultLabels({ op, bool, matching }: Binary, many: Labels, one: Labels): Labels {
  let labels = dropsName(op) || bool ? dropName(many) : many;
  if (matching.one === null) {
    labels = matching.on ? keepLabels(labels, matching.labels) : dropLabels(labels, matching.labels);
  }
  for (const name of matching.include) labels = withLabel(labels, name, one.get(name) ?? "");
  return labels;
}
