import type { Fault, Retries } from "../declared/routing.ts";
import type { WorkloadKey } from "../model/keys.ts";
import type { Destination, MirrorTarget, Rule } from "../model/route.ts";
import { describeMatch } from "../resolve/matches.ts";
import { keptWhile } from "../resolve/once.ts";
import type { ResolvedHttpRule, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import { ratio, ratioOf, type Millis } from "../units.ts";
import { gatewaySight, whyUnapplied } from "./ambientServices.ts";
import { backendFor, backendParts, type NamedBackend } from "./destinations.ts";
import { mirrorWorkloads, type KnownMesh } from "./knownMesh.ts";
import { usesOf, type AnyRule, type RuleUse } from "./ruleUses.ts";

/** A rule as far as the declared side says it; what telemetry adds is `observed`, `traffic` and `note`. */
export interface RulePlan {
  readonly use: RuleUse;
  readonly written: Omit<Rule, "destinations" | "mirrors" | "note">;
  /** Why no proxy applies the rule; `null`: some may. */
  readonly unapplied: string | null;
  readonly backends: readonly NamedBackend[];
  readonly destinations: readonly Omit<Destination, "observed" | "traffic">[];
  readonly mirrors: readonly {
    readonly target: Omit<MirrorTarget, "observed">;
    readonly workloads: ReadonlySet<WorkloadKey>;
  }[];
}

type Remembered<V> = { readonly parts: readonly unknown[]; readonly value: V };
type Kept<V> = WeakMap<object, Remembered<V>>;

// While what destinations are resolved by stands, nothing of a rule needs to be looked at again.
const standingPlans: Kept<readonly RulePlan[]> = new WeakMap();
const plans: Kept<readonly RulePlan[]> = new WeakMap();

/** The rules of a route in the order that proxies try them. The same object in two states of the cluster that say the same of it. */
export function plansOf(known: KnownMesh, route: ResolvedRoute): readonly RulePlan[] {
  const whole = known.wholeRoute(route);
  const { workloads, registry, declared } = known;
  const labelled = [registry.namespaces, registry.lists.services, registry.gatewayApiGateways];
  const ground = [known.standing, whole, workloads, ...labelled, gatewaySight(declared)];
  return keptWhile(standingPlans, route, ground, () => {
    const rules = [...route.http, ...route.tcp, ...route.tls];
    const mirrors = route.http.flatMap((rule) =>
      rule.mirrors.map(({ host }) => known.serviceByHost.get(host)),
    );
    const backends = rules.map((rule) => backendsIn(known, { route, rule }));
    return keptWhile(plans, route, [whole, whyUnapplied(known, route), ...mirrors, ...backends], () =>
      usesOf(route, whole).map((use) => planOf(known, use)),
    );
  });
}

type Backends = readonly NamedBackend[];

/** Of rules of routes on the mesh, and of those that only gateways use: another DestinationRule may count there. */
const keptBackends = [true, false].map(() => ({
  standing: new WeakMap<object, Remembered<Backends>>(),
  resolved: new WeakMap<object, Remembered<Backends>>(),
}));

/** What the destinations of a rule name. */
export function backendsIn(known: KnownMesh, { route, rule }: Pick<RuleUse, "route" | "rule">): Backends {
  const kept = keptBackends[route.scope.mesh ? 0 : 1];
  if (kept === undefined) return [];
  return keptWhile(kept.standing, rule, [known.standing], () => {
    const parts = rule.destinations.flatMap((to) => backendParts(known, route, to));
    return keptWhile(kept.resolved, rule, parts, () =>
      rule.destinations.map((to) => backendFor(known, route, to)),
    );
  });
}

function planOf(known: KnownMesh, use: RuleUse): RulePlan {
  const { rule } = use;
  const backends = backendsIn(known, use);
  const unapplied = whyUnapplied(known, use.route);
  const weighed = rule.destinations.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
  const total = unapplied === null ? weighed : 0;
  const destinations = backends.map(({ to, service, workloads, endpoints, problem }) => {
    const { index, host, subset, port, weight, effectiveWeight } = to;
    const share = ratioOf(effectiveWeight, total);
    return { index, host, service, subset, port, weight, share, workloads, endpoints, problem };
  });
  const mirrors = (isHttp(rule) ? rule.mirrors : []).map((mirror) => {
    const service = known.serviceByHost.get(mirror.host);
    const { host, subset, percent } = mirror;
    const target = { host, service: service?.key ?? null, subset, percent: ratio(percent / 100) };
    return { target, workloads: new Set(mirrorWorkloads(service, mirror)) };
  });
  return { use, written: writtenOf(rule), unapplied, backends, destinations, mirrors };
}

function writtenOf(rule: AnyRule): RulePlan["written"] {
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
