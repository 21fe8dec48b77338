import { fail, ok, type Result } from "../../../mesh/result.ts";
import { dropName } from "../labels.ts";
import type { Series } from "../series.ts";
import type { Matcher } from "../matcher.ts";
import { aggregate } from "./aggregate.ts";
import { scalarsBinary, vectorsBinary, withScalar } from "./binary.ts";
import { typeOf } from "./check.ts";
import {
  unwrap,
  type Aggregation,
  type Binary,
  type Call,
  type Expression,
  type RangeSelector,
  type Selector,
} from "./expression.ts";
import { vectorFunctions, type Arguments } from "./functions.ts";
import { rangeFunctions } from "./overRange.ts";
import { cannotEvaluate, PromqlError } from "./promqlError.ts";
import { distinct, type SampleRow, type Value, type Vector } from "./value.ts";

/** Where and when an expression is evaluated. */
export interface Instant {
  readonly select: (matchers: readonly Matcher[]) => readonly Series[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How far back an instant selector looks for a series' newest sample: Prometheus' default, 5 min, in milliseconds. */
const LOOKBACK = 300_000;

/**
 * The value of a checked expression at one instant, as Prometheus 2.42 computes it: a range `[w]` holds the samples from
 * `at - w` to `at` with both ends (Prometheus 3 leaves out the older end).
 * @errors execution: ambiguous matching, two results with the same labels, or something that this engine lacks.
 */
export function evaluate(expression: Expression, instant: Instant): Result<Value, PromqlError> {
  try {
    return ok(valueOf(expression, instant));
  } catch (error) {
    if (error instanceof PromqlError) return fail(error);
    throw error;
  }
}

function valueOf(expression: Expression, instant: Instant): Value {
  switch (expression.is) {
    case "parens":
      return valueOf(expression.of, instant);
    case "string":
      return { is: "string", value: expression.value };
    case "range":
      return { is: "matrix", rows: rowsOf(expression, instant) };
    case "number":
    case "selector":
    case "call":
    case "aggregation":
    case "unary":
    case "binary":
      return typeOf(expression) === "scalar"
        ? { is: "scalar", value: scalarOf(expression, instant) }
        : { is: "vector", samples: vectorOf(expression, instant) };
  }
}

function scalarOf(expression: Expression, instant: Instant): number {
  const inner = unwrap(expression);
  switch (inner.is) {
    case "number":
      return inner.value;
    case "unary":
      return inner.op === "-" ? -scalarOf(inner.of, instant) : scalarOf(inner.of, instant);
    case "binary":
      return scalarsBinary(inner.op, scalarOf(inner.left, instant), scalarOf(inner.right, instant));
    case "call":
      return scalarCall(inner, instant);
    case "string":
    case "selector":
    case "range":
    case "aggregation":
    case "parens":
      throw cannotEvaluate(`expected a scalar, got ${typeOf(inner)}`);
  }
}

function scalarCall({ name, args }: Call, instant: Instant): number {
  if (name === "time") return instant.at / 1000;
  if (name === "pi") return Math.PI;
  const [only, ...more] = args[0] === undefined ? [] : vectorOf(args[0], instant);
  return only === undefined || more.length > 0 ? NaN : only.value;
}

function vectorOf(expression: Expression, instant: Instant): Vector {
  const inner = unwrap(expression);
  switch (inner.is) {
    case "selector":
      return latestOf(inner, instant).map(({ labels, value }) => ({ labels, value }));
    case "call":
      return vectorCall(inner, instant);
    case "aggregation":
      return aggregate(inner, vectorOf(inner.of, instant), parameterOf(inner, instant));
    case "unary": {
      const vector = vectorOf(inner.of, instant);
      if (inner.op === "+") return vector;
      return distinct(vector.map(({ labels, value }) => ({ labels: dropName(labels), value: -value })));
    }
    case "binary":
      return binaryOf(inner, instant);
    case "number":
    case "string":
    case "range":
    case "parens":
      throw cannotEvaluate(`expected an instant vector, got ${typeOf(inner)}`);
  }
}

function latestOf({ matchers, offset }: Selector, { select, at }: Instant) {
  return select(matchers).flatMap((series) => {
    const point = series.latest(at - offset, LOOKBACK);
    return point === null ? [] : [{ labels: series.labels, ...point }];
  });
}

function rowsOf({ of, range }: RangeSelector, { select, at }: Instant): readonly SampleRow[] {
  const to = at - of.offset;
  return select(of.matchers).flatMap((series) => {
    const points = series.between(to - range, to);
    return points.length === 0 ? [] : [{ labels: series.labels, points }];
  });
}

function parameterOf({ parameter }: Aggregation, instant: Instant): number | string | null {
  if (parameter === null) return null;
  const inner = unwrap(parameter);
  return inner.is === "string" ? inner.value : scalarOf(inner, instant);
}

function binaryOf(expression: Binary, instant: Instant): Vector {
  const { left, right } = expression;
  if (typeOf(right) === "scalar") {
    return withScalar(expression, vectorOf(left, instant), scalarOf(right, instant), "right");
  }
  if (typeOf(left) === "scalar") {
    return withScalar(expression, vectorOf(right, instant), scalarOf(left, instant), "left");
  }
  return vectorsBinary(expression, vectorOf(left, instant), vectorOf(right, instant));
}

function vectorCall(call: Call, instant: Instant): Vector {
  const { name, args } = call;
  if (name === "timestamp") return timestamps(args[0], instant);
  const range = args.map(unwrap).find((arg) => arg.is === "range");
  if (range !== undefined) return overRange(name, range, instant);
  const evaluated = vectorFunctions[name];
  if (evaluated === undefined) throw cannotEvaluate(`the embedded Prometheus does not evaluate ${name}()`);
  return evaluated(argumentsOf(args, instant));
}

function argumentsOf(expressions: readonly Expression[], instant: Instant): Arguments {
  const vectors: Vector[] = [];
  const scalars: number[] = [];
  const strings: string[] = [];
  for (const expression of expressions) {
    const inner = unwrap(expression);
    if (inner.is === "string") strings.push(inner.value);
    else if (typeOf(inner) === "scalar") scalars.push(scalarOf(inner, instant));
    else vectors.push(vectorOf(inner, instant));
  }
  return { vectors, scalars, strings, expressions };
}

function overRange(name: string, range: RangeSelector, instant: Instant): Vector {
  const evaluated = rangeFunctions[name];
  if (evaluated === undefined) throw cannotEvaluate(`the embedded Prometheus does not evaluate ${name}()`);
  const to = instant.at - range.of.offset;
  const window = { from: to - range.range, to };
  const samples = rowsOf(range, instant).flatMap(({ labels, points }) => {
    const value = evaluated(points, window);
    // last_over_time is the value at another time, all others are something else than the metric.
    return value === null ? [] : [{ labels: name === "last_over_time" ? labels : dropName(labels), value }];
  });
  return distinct(samples);
}

/** The time of a selector's own samples; of anything computed, the time of the evaluation. In seconds. */
function timestamps(of: Expression | undefined, instant: Instant): Vector {
  const inner = of === undefined ? undefined : unwrap(of);
  if (inner === undefined) return [];
  if (inner.is === "selector") {
    return distinct(
      latestOf(inner, instant).map(({ labels, at }) => ({ labels: dropName(labels), value: at / 1000 })),
    );
  }
  return distinct(
    vectorOf(inner, instant).map(({ labels }) => ({ labels: dropName(labels), value: instant.at / 1000 })),
  );
}
