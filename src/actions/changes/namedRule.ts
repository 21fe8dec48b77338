/** Which rule of a service a person means. Pure. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import { sameRef } from "./held.ts";
import { destinationName } from "./shiftTraffic.ts";

/** A rule by its number, where several objects or lists have one of it: `catalog-ingress:1`, `tcp:2`, `shop/catalog:http:1`. */
export interface RuleName {
  /** Name of the object, or `ns/name`; `null`: any. */
  readonly object: string | null;
  readonly protocol: Rule["protocol"] | null;
  /** From 1, as screens count. */
  readonly number: number;
}

export interface RuleWish {
  /** `ns/name`. */
  readonly service: string;
  /** A bare number counts in every object and list; `null`: the only one that fits. */
  readonly rule: RuleName | number | null;
}

/** What destinations are called on the command line, in the object's order. */
export const namesIn = (rule: Rule): readonly string[] =>
  rule.destinations.map((destination) => destinationName(destination, rule.ref.namespace ?? ""));

/** Errors: a sentence with the rules that there are, each by a name that is its alone. @param what of the rules that fit, after "no rule". */
export function ruleFor(
  mesh: Mesh,
  { service: key, rule: wished }: RuleWish,
  fits: (rule: Rule) => boolean,
  what: string,
): Result<Rule, string> {
  const service = mesh.services.find((one) => one.key === key);
  if (service === undefined) return fail(`There is no service ${clean(key)}.${namesakes(mesh, key)}`);
  const all = distinctRules(service);
  const name = typeof wished === "number" ? { object: null, protocol: null, number: wished } : wished;
  const found = all.filter((rule) => (name === null || isCalled(rule, name)) && fits(rule));
  const [only, second] = found;
  if (only === undefined) {
    const which = name === null ? "no rule" : `no rule ${wordOf(name)}`;
    return fail(clean(`${key} has ${which} ${what}. ${listOf(all)}`));
  }
  if (second === undefined) return ok(only);
  const fitting = all.filter(fits);
  const choices = found.map((rule) => `--rule ${ownName(rule, fitting)} (${describe(rule)})`);
  return fail(clean(`Several rules of ${key} fit; name one: ${choices.join(", ")}.`));
}

/** A service that was named without its namespace is looked for in the context's, which is not always the one that was meant. */
function namesakes({ services }: Mesh, key: string): string {
  const name = key.slice(key.indexOf("/") + 1);
  const others = services.filter((one) => one.name === name).map((one) => one.key);
  return others.length === 0 ? "" : clean(` There is ${others.join(", ")}.`);
}

/** One object can decide in several places. */
function distinctRules({ detail }: Service): readonly Rule[] {
  const rules = detail.routes.flatMap((route) => route.rules);
  const same = (a: Rule, b: Rule): boolean =>
    sameRef(a.ref, b.ref) && a.index === b.index && a.protocol === b.protocol;
  return rules.filter((rule, i) => rules.findIndex((other) => same(rule, other)) === i);
}

const fullName = ({ ref }: Rule): string => `${ref.namespace ?? ""}/${ref.name}`;

function isCalled(rule: Rule, { object, protocol, number }: RuleName): boolean {
  return (
    rule.index === number - 1 &&
    (protocol === null || rule.protocol === protocol) &&
    (object === null || object === rule.ref.name || object === fullName(rule))
  );
}

const wordOf = ({ object, protocol, number }: RuleName): string =>
  [object, protocol, number].filter((part) => part !== null).join(":");

/** The shortest name that no other of them has; the longest where a VirtualService and an HTTPRoute share even that. */
function ownName(rule: Rule, among: readonly Rule[]): string {
  const objects = [null, rule.ref.name, fullName(rule)];
  const names = objects.flatMap((object) =>
    [null, rule.protocol].map((protocol) => ({ object, protocol, number: rule.index + 1 })),
  );
  const own = names.find((name) => among.filter((one) => isCalled(one, name)).length === 1);
  return wordOf(own ?? { object: fullName(rule), protocol: rule.protocol, number: rule.index + 1 });
}

const describe = (rule: Rule): string =>
  `${nameOf(rule.ref)} rule ${rule.index + 1}: ${namesIn(rule).join(", ") || (rule.instead ?? "nothing")}`;

function listOf(rules: readonly Rule[]): string {
  if (rules.length === 0) return "No route decides about it.";
  return `There are: ${rules.map(describe).join("; ")}.`;
}
