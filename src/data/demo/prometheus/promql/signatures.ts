import type { ValueType } from "./expression.ts";

/** What a function takes and gives. `args` holds the longest list with fixed places; the last `optional` may be left out. */
export interface Signature {
  readonly args: readonly ValueType[];
  readonly optional: number;
  /** The last argument may come any number of times. */
  readonly variadic: boolean;
  readonly returns: ValueType;
}

const takes = (args: readonly ValueType[], returns: ValueType, optional = 0): Signature => ({
  args,
  returns,
  optional,
  variadic: false,
});

const OVER_RANGE = takes(["range vector"], "instant vector");
const PER_ELEMENT = takes(["instant vector"], "instant vector");
const PER_ELEMENT_WITH_SCALAR = takes(["instant vector", "scalar"], "instant vector");

/** The functions that this engine evaluates, with the types of Prometheus' promql/parser/functions.go. */
export const signatures: Readonly<Partial<Record<string, Signature>>> = {
  rate: OVER_RANGE,
  increase: OVER_RANGE,
  delta: OVER_RANGE,
  irate: OVER_RANGE,
  idelta: OVER_RANGE,
  resets: OVER_RANGE,
  changes: OVER_RANGE,
  avg_over_time: OVER_RANGE,
  min_over_time: OVER_RANGE,
  max_over_time: OVER_RANGE,
  sum_over_time: OVER_RANGE,
  count_over_time: OVER_RANGE,
  last_over_time: OVER_RANGE,
  present_over_time: OVER_RANGE,
  abs: PER_ELEMENT,
  ceil: PER_ELEMENT,
  floor: PER_ELEMENT,
  exp: PER_ELEMENT,
  sqrt: PER_ELEMENT,
  ln: PER_ELEMENT,
  log2: PER_ELEMENT,
  log10: PER_ELEMENT,
  sgn: PER_ELEMENT,
  round: takes(["instant vector", "scalar"], "instant vector", 1),
  clamp: takes(["instant vector", "scalar", "scalar"], "instant vector"),
  clamp_min: PER_ELEMENT_WITH_SCALAR,
  clamp_max: PER_ELEMENT_WITH_SCALAR,
  absent: PER_ELEMENT,
  sort: PER_ELEMENT,
  sort_desc: PER_ELEMENT,
  timestamp: PER_ELEMENT,
  histogram_quantile: takes(["scalar", "instant vector"], "instant vector"),
  label_replace: takes(["instant vector", "string", "string", "string", "string"], "instant vector"),
  label_join: {
    ...takes(["instant vector", "string", "string", "string"], "instant vector", 1),
    variadic: true,
  },
  scalar: takes(["instant vector"], "scalar"),
  vector: takes(["scalar"], "instant vector"),
  time: takes([], "scalar"),
  pi: takes([], "scalar"),
};
