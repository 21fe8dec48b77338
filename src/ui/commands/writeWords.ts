/** Commands that write, from words to wishes. Errors are sentences about usage. */
import type { CanaryVerb } from "../../actions/change.ts";
import type { RuleName } from "../../actions/changes/namedRule.ts";
import { parseSpan } from "../../data/mesh/duration.ts";
import { fail, ok, type Result } from "../../data/mesh/result.ts";
import { millis, type Millis } from "../../data/mesh/units.ts";
import type { Turn } from "../../actions/proposal.ts";
import { optionalText, text, type Values } from "./optionRows.ts";
import { oneOf, type UsageError } from "./options.ts";
import type { ChangeWish } from "./wish.ts";

/** How a change is asked for and carried out. */
export interface Writing {
  /** Stop after the server's word. */
  readonly dryRun: boolean;
  /** `null`: ask; else do not, where `context` is none or the right one. */
  readonly yes: { readonly context: string | null } | null;
  readonly reason: string | null;
  /** How long the traffic may take to follow; `null`: nobody waits for it. */
  readonly wait: Millis | null;
}

type Words = readonly string[];
type Read = (words: Words, values: Values) => Result<ChangeWish | Turn, UsageError>;

export const writeVerbs = {
  shift: shiftWish,
  "set-mirror": mirrorWish,
  "set-outbound": outboundWish,
  "declare-host": declareHostWish,
  canary: canaryWish,
  undo: (words) => turnWish("undo", words),
  redo: (words) => turnWish("redo", words),
} as const satisfies Readonly<Record<string, Read>>;

const canaryVerbs: readonly (CanaryVerb | "rollback")[] = [
  "pause",
  "resume",
  "next",
  "promote",
  "abort",
  "retry",
  "rollback",
];
const modes = ["ALLOW_ANY", "REGISTRY_ONLY"] as const;

function shiftWish([service, ...words]: Words, values: Values): Result<ChangeWish, UsageError> {
  if (service === undefined || words.length === 0)
    return fail("shift what? meshtop shift NAMESPACE/SERVICE v1=80 v2=20");
  const rule = ruleOf(values);
  if (!rule.ok) return rule;
  const weights = new Map<string, number>();
  for (const word of words) {
    const [, name, weight] = /^([^=]+)=(\d{1,10})$/.exec(word) ?? [];
    if (name === undefined || weight === undefined)
      return fail(`a weight is a name and a whole number, as in v1=80; "${word}" is none`);
    if (weights.has(name)) return fail(`${name} is given two weights`);
    weights.set(name, Number(weight));
  }
  const normalise = values.normalise === true;
  return ok({ is: "shift", service, weights: Object.fromEntries(weights), normalise, rule: rule.value });
}

const protocols = ["http", "grpc", "tcp", "tls"] as const;
/** `2`, `tcp:2`, `catalog-ingress:2`, `shop/catalog:http:2`. A name such as `tcp` needs its namespace. */
const rulePattern = /^(?:(?!(?:http|grpc|tcp|tls):)([^:\s]+):)?(?:(http|grpc|tcp|tls):)?([1-9]\d{0,5})$/;

function ruleOf(values: Values): Result<RuleName | number | null, UsageError> {
  const written = text(values, "rule");
  if (written === null) return ok(null);
  const [, object = null, word, digits] = rulePattern.exec(written) ?? [];
  if (digits === undefined)
    return fail(`--rule takes a number from 1, or [OBJECT:][PROTOCOL:]N, not "${written}"`);
  const number = Number(digits);
  const protocol = protocols.find((one) => one === word) ?? null;
  return ok(object === null && protocol === null ? number : { object, protocol, number });
}

function mirrorWish([service, to, ...rest]: Words, values: Values): Result<ChangeWish, UsageError> {
  if (service === undefined || rest.length > 0)
    return fail(
      "set-mirror takes a service and a subset, NAMESPACE/SERVICE SUBSET, or NAMESPACE/SERVICE --off",
    );
  const percent = partOf(to ?? null, values);
  if (!percent.ok) return percent;
  const rule = ruleOf(values);
  return rule.ok
    ? ok({ is: "mirror", service, to: to ?? null, percent: percent.value, rule: rule.value })
    : rule;
}

function partOf(to: string | null, values: Values): Result<number, UsageError> {
  const written = text(values, "percent");
  if (values.off === true)
    return to === null && written === null ? ok(0) : fail("--off takes no subset and no --percent");
  if (to === null && written === null)
    return fail("set-mirror to which subset? Or --percent P for the one that is there, or --off");
  return percentOf(written);
}

/** Istio mirrors everything where nothing else is said (VirtualService, HTTPRoute.mirrorPercentage). */
function percentOf(written: string | null): Result<number, UsageError> {
  if (written === null) return ok(100);
  const percent = /^\d{1,3}(\.\d{1,6})?$/.test(written) ? Number(written) : Number.NaN;
  return percent <= 100 ? ok(percent) : fail(`--percent takes a number from 0 to 100, not "${written}"`);
}

function outboundWish([word, ...rest]: Words, values: Values): Result<ChangeWish, UsageError> {
  if (word === undefined || rest.length > 0)
    return fail(`set-outbound takes one mode: ${modes.join(" or ")}`);
  const mode = oneOf(word, modes, "mode");
  if (!mode.ok) return mode;
  const workload = text(values, "workload");
  // A workload may be named without its namespace.
  const namespace = workload === null ? text(values, "namespace") : null;
  const targets = [values.mesh === true ? true : null, workload, namespace].filter((one) => one !== null);
  if (targets.length !== 1)
    return fail("set-outbound is for one of --mesh, --namespace NAME and --workload NAMESPACE/NAME");
  return ok({ is: "outbound", mode: mode.value, namespace, workload });
}

function declareHostWish([host, ...rest]: Words, values: Values): Result<ChangeWish, UsageError> {
  if (host === undefined || rest.length > 0) return fail("declare-host takes one host of the outside");
  const namespace = text(values, "namespace");
  if (namespace === null) return fail("declare-host to which namespace? Say --namespace NAME");
  return ok({ is: "declareHost", namespace, host });
}

function canaryWish([word, canary, ...rest]: Words): Result<ChangeWish, UsageError> {
  if (word === undefined) return fail(`canary what? One of ${canaryVerbs.join(", ")}`);
  const verb = oneOf(word, canaryVerbs, "canary command");
  if (!verb.ok) return verb;
  if (canary === undefined || rest.length > 0) return fail(`canary ${word} takes one canary: NAMESPACE/NAME`);
  return ok({ is: "canary", verb: verb.value, canary });
}

function turnWish(is: Turn["is"], [id, ...rest]: Words): Result<Turn, UsageError> {
  return rest.length > 0 ? fail(`${is} takes one entry of the journal`) : ok({ is, id: id ?? null });
}

export function writingOf(values: Values): Result<Writing, UsageError> {
  const yes = optionalText(values, "yes");
  if (yes === "") return fail("--yes= names no context; leave the = away, or name it");
  const wait = waitOf(values);
  if (!wait.ok) return wait;
  return ok({
    dryRun: values["dry-run"] === true,
    yes: yes === undefined ? null : { context: yes },
    reason: text(values, "reason"),
    wait: wait.value,
  });
}

const DEFAULT_WAIT = millis(2 * 60_000);

function waitOf(values: Values): Result<Millis | null, UsageError> {
  const written = optionalText(values, "wait");
  if (written === undefined) return ok(null);
  if (values["dry-run"] === true) return fail("--wait and --dry-run contradict each other");
  const span = written === null ? DEFAULT_WAIT : parseSpan(written);
  return span === null ? fail(`--wait takes a duration such as 2m, not "${written ?? ""}"`) : ok(span);
}
