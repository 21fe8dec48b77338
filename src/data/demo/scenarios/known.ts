import { coolstore } from "./coolstore.ts";
import type { Scenario } from "./scenario.ts";

/** Every scenario by its name. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map(
  [coolstore].map((scenario) => [scenario.name, scenario]),
);
