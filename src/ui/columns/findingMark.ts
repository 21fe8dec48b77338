import type { Finding } from "../../data/mesh/finding.ts";
import type { Tone } from "../paint/span.ts";

/** `!` and how many, red where requests fail; `null`: none, or none but what is only worth knowing. */
export function findingMark(
  findings: Iterable<Finding>,
): { readonly text: string; readonly tone: Tone; readonly count: number } | null {
  const grave = [...findings].filter(({ severity }) => severity !== "info");
  if (grave.length === 0) return null;
  const isError = grave.some(({ severity }) => severity === "error");
  return {
    text: `!${Math.min(grave.length, 99)}`,
    tone: isError ? "bad" : "warn",
    count: grave.length,
  };
}
