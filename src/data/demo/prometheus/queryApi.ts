import { badParameter, refusal, success, type Answer } from "./answer.ts";
import { formatGoFloat } from "./goFloat.ts";
import type { Labels } from "./labels.ts";
import { readDuration, readTime, readTimeOr } from "./parameters.ts";
import { typeOf } from "./promql/check.ts";
import { evaluate } from "./promql/evaluate.ts";
import { parseExpression } from "./promql/parse.ts";
import type { PromqlError } from "./promql/promqlError.ts";
import type { SampleRow, Value } from "./promql/value.ts";
import { evaluateRange } from "./queryRange.ts";
import type { Point } from "./series.ts";
import type { Tsdb } from "./tsdb.ts";

/** What an answer is computed from. `clock`: now, in milliseconds since the epoch. */
export interface Source {
  readonly tsdb: Pick<Tsdb, "select">;
  readonly clock: () => number;
}

/** `/api/v1/query`: `query`, `time` (absent: the clock's), `timeout` (checked, not needed). */
export function queryInstant({ tsdb, clock }: Source, parameters: URLSearchParams): Answer {
  const at = readTimeOr(parameters, "time", clock());
  if (!at.ok) return badParameter("time", at.error);
  const late = refusedTimeout(parameters);
  if (late !== null) return late;
  const expression = parseExpression(parameters.get("query") ?? "");
  if (!expression.ok) return refused(expression.error, "query");
  const value = evaluate(expression.value, { select: tsdb.select, at: at.value });
  return value.ok ? success(resultOf(value.value, at.value)) : refused(value.error, "query");
}

/** Prometheus' limit on a range query, steps a series. */
const MOST_STEPS = 11_000;

/** `/api/v1/query_range`: `query`, `start`, `end`, `step`. */
export function queryRange({ tsdb }: Source, parameters: URLSearchParams): Answer {
  const steps = readSteps(parameters);
  if ("status" in steps) return steps;
  const late = refusedTimeout(parameters);
  if (late !== null) return late;
  const expression = parseExpression(parameters.get("query") ?? "");
  if (!expression.ok) return refused(expression.error, null);
  const type = typeOf(expression.value);
  if (type !== "scalar" && type !== "instant vector") {
    return refusal(
      "bad_data",
      `invalid expression type ${JSON.stringify(type)} for range query, must be Scalar or instant Vector`,
    );
  }
  const rows = evaluateRange(expression.value, steps, tsdb.select);
  return rows.ok
    ? success({ resultType: "matrix", result: rows.value.map(rowJson) })
    : refused(rows.error, null);
}

function readSteps(parameters: URLSearchParams): { start: number; end: number; step: number } | Answer {
  const start = readTime(parameters.get("start") ?? "");
  if (!start.ok) return badParameter("start", start.error);
  const end = readTime(parameters.get("end") ?? "");
  if (!end.ok) return badParameter("end", end.error);
  if (end.value < start.value) return badParameter("end", "end timestamp must not be before start time");
  const step = readDuration(parameters.get("step") ?? "");
  if (!step.ok) return badParameter("step", step.error);
  if (step.value <= 0) {
    return badParameter(
      "step",
      "zero or negative query resolution step widths are not accepted. Try a positive integer",
    );
  }
  if ((end.value - start.value) / step.value > MOST_STEPS) {
    const advice = "Try decreasing the query resolution (?step=XX)";
    return refusal("bad_data", `exceeded maximum resolution of 11,000 points per timeseries. ${advice}`);
  }
  return { start: start.value, end: end.value, step: step.value };
}

function refusedTimeout(parameters: URLSearchParams): Answer | null {
  const text = parameters.get("timeout") ?? "";
  const timeout = text === "" ? null : readDuration(text);
  return timeout === null || timeout.ok ? null : badParameter("timeout", timeout.error);
}

function refused(error: PromqlError, parameter: string | null): Answer {
  if (error.type === "bad_data" && parameter !== null) return badParameter(parameter, error.message);
  return refusal(error.type, error.message);
}

const pointJson = ({ at, value }: Point): readonly [number, string] => [at / 1000, formatGoFloat(value)];

/** A label set as the API shows it. */
export const labelsJson = (labels: Labels): Readonly<Record<string, string>> => Object.fromEntries(labels);

const rowJson = ({ labels, points }: SampleRow): unknown => ({
  metric: labelsJson(labels),
  values: points.map(pointJson),
});

function resultOf(value: Value, at: number): { readonly resultType: string; readonly result: unknown } {
  switch (value.is) {
    case "scalar":
      return { resultType: "scalar", result: pointJson({ at, value: value.value }) };
    case "string":
      return { resultType: "string", result: [at / 1000, value.value] };
    case "matrix":
      return { resultType: "matrix", result: value.rows.map(rowJson) };
    case "vector": {
      const result = value.samples.map((sample) => ({
        metric: labelsJson(sample.labels),
        value: pointJson({ at, value: sample.value }),
      }));
      return { resultType: "vector", result };
    }
  }
}
