import type { DataError } from "../mesh/result.ts";
import { fail, ok, type Result } from "../mesh/result.ts";
import { scenarioOf, stories } from "./scenarios/known.ts";
import { startScenario, type Demo, type Played } from "./startScenario.ts";

export type { Demo } from "./startScenario.ts";

export interface DemoOptions extends Played {
  /** Name of a scenario: `coolstore`. */
  readonly scenario: string;
  /** Name of one of its variants; `null` or absent: the scenario itself. */
  readonly variant?: string | null;
}

/**
 * Starts a scenario by its name; see `startScenario`.
 *
 * @errors config: no such scenario, or no such variant of it.
 */
export async function startDemo(options: DemoOptions): Promise<Result<Demo, DataError>> {
  const scenario = scenarioOf(options.scenario, options.variant ?? null);
  if (scenario === null) return fail(noSuchScenario(options.scenario, options.variant ?? null));
  return ok(await startScenario(scenario, options));
}

function noSuchScenario(name: string, variant: string | null): DataError {
  const story = stories.get(name);
  const what = story === undefined ? `scenario "${name}"` : `variant "${variant ?? ""}" of scenario ${name}`;
  const known = story?.variants.map((one) => one.name) ?? [...stories.keys()];
  return { kind: "config", message: `There is no ${what}.`, advice: `Choose one of: ${known.join(", ")}.` };
}
