import { keyOf, type Labels } from "../labels.ts";
import type { Point } from "../series.ts";
import { cannotEvaluate } from "./promqlError.ts";

/** A series' value at the instant of the evaluation. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export type Vector = readonly Sample[];

export interface SampleRow {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

export type Value =
  | { readonly is: "scalar"; readonly value: number }
  | { readonly is: "string"; readonly value: string }
  | { readonly is: "vector"; readonly samples: Vector }
  | { readonly is: "matrix"; readonly rows: readonly SampleRow[] };

/** The vector itself, unless two of its samples have the same labels: then nobody could tell them apart. */
export function distinct(samples: Vector): Vector {
  if (new Set(samples.map(({ labels }) => keyOf(labels))).size === samples.length) return samples;
  throw cannotEvaluate("vector cannot contain metrics with the same labelset");
}
