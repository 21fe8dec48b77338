/** An hour in miniature: docs/performance.md has the whole one. */
import { expect, test } from "vitest";
import { looksAtChurn } from "../bench/restFigures.ts";
import { withHome } from "../bench/startFigures.ts";

/** A refresh that left 50 kB behind, of the some MB that it reads, would be 36 MB in an hour, and 4 MB here. */
const growth = 4e6;

test("pods that restart and rates that change leave nothing behind in the heap", async () => {
  const churn = { services: 20, refreshes: 100, before: 20, looks: 10 };
  const looks = await withHome((home) => looksAtChurn(churn, home));
  const retained = looks.map((look) => look.retained);
  // A look may find a refresh at work; what is kept is the least that some looks find.
  const [first, last] = [Math.min(...retained.slice(0, 3)), Math.min(...retained.slice(-3))];
  expect(last - first, retained.map((bytes) => (bytes / 1e6).toFixed(1)).join(" ")).toBeLessThan(growth);
}, 180_000);
