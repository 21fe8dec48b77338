import type { Labels } from "../declared/meta.ts";

/** Is every label of `selector` on the object? An empty selector is on everything. */
export function hasLabels(labels: Labels, selector: Labels): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

export const isEmpty = (labels: Labels): boolean => Object.keys(labels).length === 0;
