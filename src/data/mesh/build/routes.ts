import { noFlows } from "../join/flow.ts";
import { requestRate, type FlowIndex } from "../join/flowIndex.ts";
import type { MirrorTarget, Route, Rule } from "../model/route.ts";
import { noTraffic } from "../traffic.ts";
import { perSecond } from "../units.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { RulePlan } from "./rulePlans.ts";
import { ruleTraffic } from "./ruleTraffic.ts";
import { reaches } from "./ruleUses.ts";
import type { ServicePlan } from "./servicePlans.ts";

type RoutePlan = ServicePlan["routes"][number];

/** The rules of one route in the order that proxies try them, with what was seen of each. */
export function buildRoute(known: KnownMesh, flows: FlowIndex, { route, rules }: RoutePlan): Route {
  const { ref, scope, hosts } = route;
  return { ref, scope, hosts, rules: rules.map((rule) => buildRule(known, flows, rule)) };
}

function buildRule(known: KnownMesh, flows: FlowIndex, { plan, contest }: RoutePlan["rules"][number]): Rule {
  const { use, written, backends } = plan;
  const seen = ruleTraffic({ known, flows, use, backends, contest });
  const destinations = plan.destinations.map((destination, at) => {
    const { observed, traffic } = seen.destinations[at] ?? { observed: null, traffic: noTraffic };
    return { ...destination, observed, traffic };
  });
  const mirrors = plan.mirrors.map((mirror): MirrorTarget => {
    return { ...mirror.target, observed: copiesAt(known, flows, plan, mirror) };
  });
  return { ...written, destinations, mirrors, note: plan.unapplied ?? seen.note };
}

/** Copies from callers that may take this rule. Two rules that mirror the same callers to one place are both shown what arrives there. */
function copiesAt(
  known: KnownMesh,
  flows: FlowIndex,
  { use }: RulePlan,
  { target, workloads }: RulePlan["mirrors"][number],
): MirrorTarget["observed"] {
  if (!flows.sight.copies) return null;
  let rate = 0;
  for (const copy of flows.copiesByHost.get(target.host) ?? noFlows) {
    if (copy.destination === null || !workloads.has(copy.destination.key) || copy.source === null) continue;
    if (reaches(use, known.clientOf(copy.source.key))) rate += requestRate(copy);
  }
  return perSecond(rate);
}
