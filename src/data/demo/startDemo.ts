import type { DataError } from "../mesh/result.ts";
import { fail, ok, type Result } from "../mesh/result.ts";
import { scenarioOf, stories } from "./scenarios/known.ts";
import type { OwnScenario } from "./manifests/scenarioOfManifests.ts";
import { startScenario, type Demo, type Played } from "./startScenario.ts";

export type { Demo } from "./startScenario.ts";

export interface DemoOptions extends Played {
  /** Name of a scenario: `coolstore`; `files` for the documents alone. */
  readonly scenario: string;
  /** Name of one of its variants; `null` or absent: the scenario itself. */
  readonly variant?: string | null;
  /** Somebody's own manifests; `null` or absent: none. */
  readonly own?: { readonly documents: readonly unknown[]; readonly namespace: string } | null;
}

/** Stands for no scenario of meshtop's. */
const FILES = "files";

/**
 * Starts a scenario by its name, or one of somebody's manifests; see `startScenario`.
 *
 * @errors config: no such scenario, no such variant of it, or nothing to simulate.
 */
export async function startDemo(
  options: DemoOptions,
): Promise<Result<Demo & { readonly remarks: readonly string[] }, DataError>> {
  const chosen = await scenarioFor(options);
  if (!chosen.ok) return chosen;
  const { scenario, remarks } = chosen.value;
  return ok({ ...(await startScenario(scenario, options)), remarks });
}

async function scenarioFor({
  scenario: name,
  variant = null,
  own = null,
}: DemoOptions): Promise<Result<OwnScenario, DataError>> {
  const base = scenarioOf(name, variant);
  if (own === null)
    return base === null ? fail(noSuchScenario(name, variant)) : ok({ scenario: base, remarks: [] });
  const { scenarioOfManifests, scenarioWith } = await import("./manifests/scenarioOfManifests.ts");
  if (name === FILES && variant === null) return scenarioOfManifests(own.documents, own.namespace);
  return base === null
    ? fail(noSuchScenario(name, variant))
    : ok(scenarioWith(base, own.documents, own.namespace));
}

function noSuchScenario(name: string, variant: string | null): DataError {
  const story = stories.get(name);
  const what = story === undefined ? `scenario "${name}"` : `variant "${variant ?? ""}" of scenario ${name}`;
  const known = story?.variants.map((one) => one.name) ?? [...stories.keys()];
  return { kind: "config", message: `There is no ${what}.`, advice: `Choose one of: ${known.join(", ")}.` };
}
