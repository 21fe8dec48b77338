/** From the words of a command line to changes: which rule, which destinations, which canary. Errors are sentences about usage. */
import { clean } from "../data/mesh/clean.ts";
import { nameOf } from "../data/mesh/declared/meta.ts";
import type { Canary } from "../data/mesh/model/canary.ts";
import type { Mesh } from "../data/mesh/model/mesh.ts";
import type { Rule } from "../data/mesh/model/route.ts";
import { fail, ok, type Result } from "../data/mesh/result.ts";
import { percent as percentOf } from "../data/mesh/units.ts";
import type { CanaryChange, CanaryVerb, MirrorChange, MirrorTo, ShiftChange } from "./change.ts";
import { absentWeight } from "./changes/routeObject.ts";
import { namesIn, ruleFor, type RuleWish } from "./changes/namedRule.ts";
import { wishedWeights, type WishedWeights } from "./changes/wishedWeights.ts";

export { hostOf, outboundOf } from "./outboundWishes.ts";

export interface ShiftWish extends RuleWish {
  /** By subset, or by Service where those are the destinations. Those left out share the rest in proportion. */
  readonly weights: Readonly<Record<string, number>>;
  /** The weights are parts of 100, whatever those of the rule sum to; `false` unless told. */
  readonly normalise?: boolean;
}

export function shiftOf(mesh: Mesh, wish: ShiftWish): Result<ShiftChange, string> {
  const found = wishedShift(mesh, wish);
  if (!found.ok) return found;
  const { rule, weights } = found.value;
  return ok({ kind: "shift", service: wish.service, ...placeOf(rule), weights });
}

/** What has to be told about the numbers of a wish: which sum they are parts of. `null`: nothing, or it is no change. */
export function shiftNote(mesh: Mesh, wish: ShiftWish): string | null {
  const found = wishedShift(mesh, wish);
  return found.ok ? found.value.note : null;
}

function wishedShift(mesh: Mesh, wish: ShiftWish): Result<WishedWeights & { readonly rule: Rule }, string> {
  const names = Object.keys(wish.weights);
  if (names.length === 0) return fail("Say which destination gets which weight: v1=80 v2=20.");
  const fits = (rule: Rule): boolean => {
    const own = namesIn(rule);
    return own.length > 1 && names.every((name) => own.includes(name));
  };
  const rule = ruleFor(mesh, wish, fits, `with ${names.join(" and ")} among several destinations`);
  if (!rule.ok) return rule;
  const weights = weightsFor(rule.value, wish);
  return weights.ok ? ok({ ...weights.value, rule: rule.value }) : weights;
}

const placeOf = ({ ref, protocol, index }: Rule): Pick<ShiftChange, "route" | "protocol" | "rule"> => ({
  route: ref,
  protocol,
  rule: index,
});

function weightsFor(
  rule: Rule,
  { weights: wanted, normalise = false }: ShiftWish,
): Result<WishedWeights, string> {
  const names = namesIn(rule);
  if (new Set(names).size < names.length)
    return fail("Two destinations of the rule have the same name; change it by hand.");
  const wrong = Object.entries(wanted).find(([, weight]) => !Number.isInteger(weight) || weight < 0);
  if (wrong !== undefined)
    return fail(`A weight is a whole number from 0, and ${wrong[0]}=${wrong[1]} is none.`);
  const now = rule.destinations.map(({ weight }) => weight ?? absentWeight(rule.ref));
  return wishedWeights({ names, now }, wanted, normalise);
}

export interface MirrorWish extends RuleWish {
  /** Off keeps the target. */
  readonly percent: number;
  /** A subset of the service, or a Service of its namespace; `null`: the target that is there. */
  readonly to: string | null;
}

export function mirrorOf(mesh: Mesh, wish: MirrorWish): Result<MirrorChange, string> {
  const http = ({ protocol }: Rule): boolean => protocol === "http" || protocol === "grpc";
  const fits = (rule: Rule): boolean =>
    http(rule) && rule.instead === null && (wish.to !== null || rule.mirrors.length > 0);
  const rule = ruleFor(mesh, wish, fits, wish.to === null ? "with a mirror" : "that can be mirrored");
  if (!rule.ok) return rule;
  const to = wish.to === null ? ok(null) : mirrorTarget(mesh, wish.service, rule.value, wish.to);
  if (!to.ok) return to;
  const percent = percentOf(wish.percent);
  return ok({
    kind: "mirror",
    service: wish.service,
    ...placeOf(rule.value),
    at: null,
    percent,
    to: to.value,
  });
}

/** In a VirtualService by its full name: a short one is completed with the namespace of the route, which need not be the service's (istio.md 2.4). */
function mirrorTarget(mesh: Mesh, key: string, rule: Rule, name: string): Result<MirrorTo, string> {
  const service = mesh.services.find((one) => one.key === key);
  const namespace = rule.ref.namespace ?? "";
  if (service?.subsets.some((subset) => subset.name === name) === true) {
    return ok({ host: service.host, subset: name, port: null });
  }
  const target = mesh.services.find((one) => one.key === `${namespace}/${name}` || one.key === name);
  if (target === undefined) return fail(`${clean(name)} is neither a subset of ${clean(key)} nor a Service.`);
  const port = target.ports[0]?.port ?? null;
  if (rule.ref.group === "networking.istio.io") return ok({ host: target.host, subset: null, port: null });
  const host = target.namespace === namespace ? target.name : `${target.name}.${target.namespace}`;
  return ok({ host, subset: null, port });
}

/** @param verb `rollback` is the command line's other word for abort. @param key `ns/name` of the Canary or Rollout, or of its Service. */
export function canaryOf(
  mesh: Mesh,
  verb: CanaryVerb | "rollback",
  key: string,
): Result<CanaryChange, string> {
  const known = (one: Canary): boolean => one.key === key || `${one.ref.namespace ?? ""}/${one.apex}` === key;
  const [canary, second] = mesh.canaries.filter(known);
  if (canary === undefined) {
    const known = mesh.canaries.map((one) => one.key);
    const there = known.length === 0 ? "" : ` There are: ${known.join(", ")}.`;
    return fail(clean(`There is no Flagger Canary and no Argo Rollout ${key}.${there}`));
  }
  if (second !== undefined)
    return fail(`Both ${nameOf(canary.ref)} and ${nameOf(second.ref)} are called so.`);
  return ok({ kind: "canary", canary: canary.ref, verb: verb === "rollback" ? "abort" : verb });
}
