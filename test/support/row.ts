/** A row of the table of scenarios: `docs/scenarios.md` is made of these calls. */
import { test } from "vitest";

/** @param number of the row. @param sentence what is seen, or can be done, as a sentence about the mesh. */
export function row(number: number, sentence: string, proof: () => Promise<void>): void {
  test(`row ${number}: ${sentence}`, proof);
}
