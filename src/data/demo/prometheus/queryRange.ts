import { fail, ok, type Result } from "../../mesh/result.ts";
import { compareLabels, keyOf } from "./labels.ts";
import type { Point } from "./series.ts";
import { evaluate, type Instant } from "./promql/evaluate.ts";
import type { Expression } from "./promql/expression.ts";
import type { PromqlError } from "./promql/promqlError.ts";
import type { SampleRow, Value } from "./promql/value.ts";
import { NO_LABELS } from "./labels.ts";

export interface Steps {
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  /** Milliseconds, at least 1. */
  readonly step: number;
}

/** The expression at each step, as one row of points a label set, in Prometheus' order; a scalar is a row without labels. */
export function evaluateRange(
  expression: Expression,
  { start, end, step }: Steps,
  select: Instant["select"],
): Result<readonly SampleRow[], PromqlError> {
  const rows = new Map<string, { readonly labels: SampleRow["labels"]; readonly points: Point[] }>();
  for (let at = start; at <= end; at += step) {
    const value = evaluate(expression, { select, at });
    if (!value.ok) return fail(value.error);
    for (const { labels, value: number } of samplesOf(value.value)) {
      const row = rows.get(keyOf(labels)) ?? { labels, points: [] };
      row.points.push({ at, value: number });
      rows.set(keyOf(labels), row);
    }
  }
  return ok([...rows.values()].sort((a, b) => compareLabels(a.labels, b.labels)));
}

function samplesOf(value: Value) {
  if (value.is === "vector") return value.samples;
  return value.is === "scalar" ? [{ labels: NO_LABELS, value: value.value }] : [];
}
