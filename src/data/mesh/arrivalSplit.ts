/** What counters since a patch say of the rule that it changed. */
import type { ArrivalWish, CountedSplit } from "./arrival.ts";
import { blindness, isAt } from "./arrival.ts";
import { knownMesh, type KnownMesh } from "./build/knownMesh.ts";
import { plansOf, type RulePlan } from "./build/rulePlans.ts";
import { contestOf } from "./build/contests.ts";
import { ruleTraffic } from "./build/ruleTraffic.ts";
import type { Declared } from "./declared/declared.ts";
import { flowIndexOf } from "./join/flowIndex.ts";
import { joinTelemetry } from "./join/joinTelemetry.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * The split of one rule by the very rules that the traffic view goes by (`ruleTraffic`): only callers that may take the rule, only their own proxies'
 * word, lost requests in the whole, and nothing claimed where two rules cannot be told apart.
 *
 * @param counted rows of the rule's hosts by callers' proxies, as rates over a window that began after the patch: what was counted, per second.
 */
export function splitSince(declared: Declared, wish: ArrivalWish, counted: Telemetry): CountedSplit {
  const known = knownMesh(declared);
  const plan = planFor(known, wish);
  if (plan === null) return unsplit(wish, "Its destinations were changed since.");
  const unlabelled = lackOfWorkloads(plan, counted);
  if (unlabelled !== null) return unsplit(wish, unlabelled);
  const { hostFor, keyFor, mirrors, waypoints } = known;
  const joined = joinTelemetry({ telemetry: counted, hostFor, keyFor, mirrors, waypoints });
  const flows = flowIndexOf(joined, counted, counted.window);
  const seen = ruleTraffic({
    known,
    flows,
    use: plan.use,
    backends: plan.backends,
    contest: contestOf(known, plan),
  });
  const observed = seen.destinations.map((one) => one.observed);
  const blind = blindness(seen);
  const note = blind === null ? seen.note : null;
  return {
    observed,
    blind,
    note,
    fed: plan.destinations.map((one) => note !== null && isFed(known, plan, one)),
  };
}

type Named = Pick<RulePlan["destinations"][number], "host" | "subset">;

/** Does a rule with one destination, which `note` speaks of, send here? Those that cannot be told apart are not split at all. */
function isFed(known: KnownMesh, { use }: RulePlan, { host, subset }: Named): boolean {
  const isHere = (to: Named): boolean =>
    to.host === host && (to.subset === null || subset === null || to.subset === subset);
  return (known.rulesByDestination.get(host) ?? []).some(
    ({ rule }) => rule !== use.rule && rule.destinations.length === 1 && rule.destinations.some(isHere),
  );
}

const unsplit = ({ destinations }: ArrivalWish, blind: string): CountedSplit => ({
  observed: destinations.map(() => null),
  blind,
  note: null,
  fed: [],
});

/** `null`: the rule is gone, or sends elsewhere than when the shift was made. */
function planFor(known: KnownMesh, wish: ArrivalWish): RulePlan | null {
  const plans = (known.routes.get(wish.service) ?? []).flatMap((route) => plansOf(known, route));
  const plan = plans.find(({ written }) => isAt(written, wish));
  const names = (list: readonly { readonly host: string; readonly subset: string | null }[]): string =>
    JSON.stringify(list.map(({ host, subset }) => [host, subset]));
  return plan !== undefined && names(plan.destinations) === names(wish.destinations) ? plan : null;
}

/** Without `destination_workload`, requests look as if none had reached a subset. */
function lackOfWorkloads({ destinations }: RulePlan, { capabilities }: Telemetry): string | null {
  if (destinations.every(({ subset }) => subset === null)) return null;
  const lacking = Object.entries(capabilities.missingLabels).find(([, labels]) =>
    labels.includes("destination_workload"),
  );
  return lacking === undefined
    ? null
    : `${lacking[0]} has no label destination_workload: versions of a service are not told apart.`;
}
