import type { Fault, Retries } from "../declared/routing.ts";
import { noFlows, requestRate, type FlowIndex } from "../join/flowIndex.ts";
import type { Destination, MirrorTarget, Route, Rule } from "../model/route.ts";
import { describeMatch } from "../resolve/matches.ts";
import type { ResolvedHttpRule, ResolvedMirror, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { perSecond, ratio, ratioOf, type Millis } from "../units.ts";
import { backendFor } from "./destinations.ts";
import { mirrorWorkloads, type KnownMesh } from "./knownMesh.ts";
import { ruleTraffic } from "./ruleTraffic.ts";
import { reaches, usesOf, type AnyRule, type RuleUse } from "./ruleUses.ts";

/** The rules of one route in the order that proxies try them, with what was seen of each. */
export function buildRoute(known: KnownMesh, flows: FlowIndex, route: ResolvedRoute): Route {
  const rules = usesOf(route, known.wholeRoute(route)).map((use) => buildRule(known, flows, use));
  return { ref: route.ref, scope: route.scope, hosts: route.hosts, rules };
}

function buildRule(known: KnownMesh, flows: FlowIndex, use: RuleUse): Rule {
  const { rule, route } = use;
  const backends = rule.destinations.map((to) => backendFor(known, route, to));
  const seen = ruleTraffic({ known, flows, use, backends });
  const total = rule.destinations.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
  const destinations = backends.map(({ to, service, workloads, endpoints, problem }, at): Destination => {
    const { observed, traffic } = seen.destinations[at] ?? {
      observed: null,
      traffic: { requests: null, connections: null },
    };
    const { index, host, subset, port, weight } = to;
    const share = ratioOf(to.effectiveWeight, total);
    return {
      index,
      host,
      service,
      subset,
      port,
      weight,
      share,
      observed,
      traffic,
      workloads,
      endpoints,
      problem,
    };
  });
  return { ...writtenOf(rule), destinations, mirrors: mirrorsOf(known, flows, use), note: seen.note };
}

type Written = Omit<Rule, "destinations" | "mirrors" | "note">;

function writtenOf(rule: AnyRule): Written {
  const { index, protocol, ref, unreachable } = rule;
  const matches = rule.matches.map(describeMatch);
  return { index, protocol, ref, matches, unreachable, ...(isHttp(rule) ? extrasOf(rule) : noExtras) };
}

type Extras = Pick<Rule, "name" | "instead" | "fault" | "timeout" | "retries" | "rewrite">;

const noExtras: Extras = {
  name: null,
  instead: null,
  fault: null,
  timeout: null,
  retries: null,
  rewrite: null,
};

function extrasOf(rule: ResolvedHttpRule): Extras {
  const { name, fault, timeout, retries, rewrite } = rule;
  return {
    name,
    instead: insteadOf(rule),
    fault: fault === null ? null : faultIn(fault),
    timeout,
    retries: retries === null ? null : retriesIn(retries),
    rewrite,
  };
}

const isHttp = (rule: AnyRule): rule is ResolvedHttpRule =>
  rule.protocol === "http" || rule.protocol === "grpc";

function insteadOf({ redirect, directResponse, missingDelegate }: ResolvedHttpRule): string | null {
  if (redirect !== null) return redirect === "redirect" ? redirect : `redirect to ${redirect}`;
  if (directResponse !== null) return `direct response ${directResponse}`;
  return missingDelegate === null ? null : `delegate ${missingDelegate}`;
}

/** "delay 7s on 0.1 %, abort 500 on 100 %" */
function faultIn({ delay, abort }: Fault): string {
  const parts = [];
  if (delay !== null) parts.push(`delay ${seconds(delay.fixedDelay)} on ${delay.percent} %`);
  if (abort !== null)
    parts.push(`abort ${abort.httpStatus ?? `gRPC ${abort.grpcStatus ?? "?"}`} on ${abort.percent} %`);
  return parts.join(", ");
}

/** "3 attempts of 2s on 5xx" */
function retriesIn({ attempts, perTryTimeout, retryOn }: Retries): string {
  const each = perTryTimeout === null ? "" : ` of ${seconds(perTryTimeout)}`;
  return `${attempts} ${attempts === 1 ? "attempt" : "attempts"}${each}${retryOn === null ? "" : ` on ${retryOn}`}`;
}

const seconds = (duration: Millis): string => (duration < 1000 ? `${duration}ms` : `${duration / 1000}s`);

function mirrorsOf(known: KnownMesh, flows: FlowIndex, use: RuleUse): readonly MirrorTarget[] {
  if (!isHttp(use.rule)) return [];
  return use.rule.mirrors.map((mirror): MirrorTarget => {
    const service = known.serviceByHost.get(mirror.host);
    const { host, subset, percent } = mirror;
    return {
      host,
      service: service?.key ?? null,
      subset,
      percent: ratio(percent / 100),
      observed: copiesAt(known, flows, use, mirror),
    };
  });
}

/** Copies from callers that may take this rule. Two rules that mirror the same callers to one place are both shown what arrives there. */
function copiesAt(
  known: KnownMesh,
  flows: FlowIndex,
  use: RuleUse,
  mirror: ResolvedMirror,
): MirrorTarget["observed"] {
  if (flows.telemetry?.capabilities.reporters.includes("destination") !== true) return null;
  const workloads = new Set(mirrorWorkloads(known.serviceByHost.get(mirror.host), mirror));
  let rate = 0;
  for (const copy of flows.copiesByHost.get(mirror.host) ?? noFlows) {
    if (copy.destination === null || !workloads.has(copy.destination.key) || copy.source === null) continue;
    if (reaches(use, known.clientOf(copy.source.key))) rate += requestRate(copy);
  }
  return perSecond(rate);
}
