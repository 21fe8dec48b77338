/** Which rules cannot be told apart by what telemetry says of their destinations (istio.md 4.3): metrics name no rule. */
import type { NamedBackend } from "./destinations.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { backendsIn, type RulePlan } from "./rulePlans.ts";
import type { RuleUse } from "./ruleUses.ts";

/** Another rule that sends to the same hosts. */
export interface Rival {
  readonly use: RuleUse;
  readonly backends: readonly NamedBackend[];
  /** They share a destination, so their requests cannot be told apart. */
  readonly overlaps: boolean;
}

export interface Contest {
  /** Whoever calls. */
  readonly rivals: readonly Rival[];
  /** Two destinations of the rule itself name the same workloads. */
  readonly isWithItself: boolean;
}

export function contestOf(known: KnownMesh, { use, backends }: Pick<RulePlan, "use" | "backends">): Contest {
  const others = new Set(backends.flatMap(({ to }) => known.rulesByDestination.get(to.host) ?? []));
  const rivals = [...others].flatMap((other): readonly Rival[] => {
    if (other.rule === use.rule) return [];
    const theirs = backendsIn(known, other);
    const overlaps = backends.some((a) => theirs.some((b) => overlap(a, b)));
    return [{ use: other, backends: theirs, overlaps }];
  });
  const isWithItself = backends.some((a, at) => backends.slice(at + 1).some((b) => overlap(a, b)));
  return { rivals, isWithItself };
}

function overlap(a: NamedBackend, b: NamedBackend): boolean {
  if (a.to.host !== b.to.host) return false;
  if (a.to.subset === null || b.to.subset === null || a.to.subset === b.to.subset) return true;
  return a.workloads.some((key) => b.workloads.includes(key));
}
