/** What stands against a shift, and what its author should know: one table (issue "Steering", section 2; istio.md 10.1). */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../data/mesh/model/route.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { nameOf } from "../../data/mesh/declared/meta.ts";
import { serviceHost } from "../../data/mesh/resolve/hosts.ts";
import type { ShiftChange, WeightRow } from "../change.ts";
import { valueAt } from "./pointer.ts";
import { listAt, type Held } from "./held.ts";
import { notMeant } from "./meantRule.ts";
import type { Owner } from "./owners.ts";
import { staleness } from "./planning.ts";
import { revertersOf } from "./reverters.ts";
import type { RawRule } from "./routeObject.ts";

/** Points of share that one step may move without a word. */
const BIG_STEP = 25;

export interface ShiftContext {
  readonly mesh: Mesh;
  readonly change: ShiftChange;
  /** `null`: the service is known no more. */
  readonly service: Service | null;
  /** The rule as the mesh has it; `null`: the object decides nothing for this service. */
  readonly rule: Rule | null;
  readonly held: Held;
  readonly raw: RawRule;
  readonly owner: Owner;
  readonly rows: readonly WeightRow[];
}

/** Each sentence is without a full stop; empty where there is nothing to say. */
type Check = (context: ShiftContext) => readonly string[];

const blockers: readonly Check[] = [
  noRoute,
  ({ raw }) =>
    raw.destinations.length === 1
      ? ["the rule has one destination, which gets everything whatever its weight"]
      : [],
  wrongNumbers,
  ({ rule, change }) => notMeant(rule, change, ({ destinations }) => destinations),
  otherDestinations,
  ({ rows, raw }) =>
    raw.destinations.length > 1 && rows.every(({ after }) => after.weight === 0)
      ? ["the weights sum to 0, so no destination would get anything"]
      : [],
  ({ owner, held }) =>
    owner.rollout === null
      ? []
      : [
          `${nameOf(owner.rollout.ref)} writes the weights of ${nameOf(held.ref)} and would take them back; steer it with the canary keys instead`,
        ],
  ({ owner }) =>
    owner.unseen === null
      ? []
      : [
          `Flagger's Canary ${owner.unseen} owns the route and can't be read, so nobody can tell whether it is running`,
        ],
  idleCanary,
  (context) => broken(context, true),
];

const warnings: readonly Check[] = [
  ({ mesh }) => staleness(mesh),
  (context) => broken(context, false),
  ({ held }) => revertersOf(held),
  unseenController,
  flaggerHand,
  ({ raw }) =>
    raw.json["fault"] === undefined
      ? []
      : ["the rule injects faults: errors seen behind it may be made by it"],
  sticky,
  ({ change }) =>
    change.protocol === "tcp" || change.protocol === "tls"
      ? ["open connections stay where they are; only new ones follow the weights"]
      : [],
  mirrorsToItself,
  notDeciding,
  bigStep,
];

const all = (checks: readonly Check[], context: ShiftContext): readonly string[] => [
  ...new Set(checks.flatMap((check) => check(context))),
];

export const shiftBlockers = (context: ShiftContext): readonly string[] => all(blockers, context);
export const shiftWarnings = (context: ShiftContext): readonly string[] => all(warnings, context);

function noRoute({ raw, rule }: ShiftContext): readonly string[] {
  if (raw.destinations.length > 0) return [];
  const instead = ["redirect", "directResponse", "delegate"].find((field) => raw.json[field] !== undefined);
  return [`the rule has no destinations to weigh (${rule?.instead ?? instead ?? "it is empty"})`];
}

function wrongNumbers({ change, raw }: ShiftContext): readonly string[] {
  if (change.weights.length !== raw.destinations.length) {
    return [`the rule has ${raw.destinations.length} destinations, not ${change.weights.length}: look again`];
  }
  const wrong = change.weights.find(
    (weight) => !Number.isInteger(weight) || weight < 0 || weight > 0x7fffffff,
  );
  return wrong === undefined ? [] : [`a weight is a whole number from 0, and ${wrong} is none`];
}

/** The user chose by what the mesh showed; another object by now would get weights meant for somebody else. */
function otherDestinations({ rule, raw }: ShiftContext): readonly string[] {
  if (rule === null || raw.destinations.length === 0) return [];
  const same =
    rule.destinations.length === raw.destinations.length &&
    rule.destinations.every(({ host, subset }, i) => {
      const written = raw.destinations[i];
      return written?.host === host && written.subset === subset;
    });
  return same ? [] : ["the destinations of the rule have changed since they were shown: look again"];
}

function idleCanary({ owner: { flagger }, raw, rows }: ShiftContext): readonly string[] {
  if (flagger?.idle !== true) return [];
  const host = serviceHost(flagger.held.ref.namespace ?? "", `${flagger.apex}-canary`);
  const sent = raw.destinations.some((to, i) => to.host === host && (rows[i]?.after.weight ?? 0) > 0);
  return sent
    ? [`Flagger's canary is idle (${flagger.phase}) and scaled to zero: its share would get 503`]
    : [];
}

const problems: Readonly<Record<NonNullable<Destination["problem"]>, string>> = {
  "missing subset": "no DestinationRule that the callers see defines it (503 NC)",
  "no endpoints": "there is no ready endpoint behind it (503 UH)",
  "unknown host": "no Service and no ServiceEntry has its host",
};

/**
 * Destinations that can't answer and would get something. To take less from one than it has is no reason to refuse: that is how it is drained.
 */
function broken({ rule, rows }: ShiftContext, refusing: boolean): readonly string[] {
  return (rule?.destinations ?? []).flatMap(({ problem }, i) => {
    const row = rows[i];
    if (problem === null || row === undefined || row.after.weight === 0) return [];
    const less = (row.after.share ?? 0) < (row.before.share ?? 0);
    return less === refusing
      ? []
      : [`${row.name} gets ${percent(row.after.share)}, but ${problems[problem]}`];
  });
}

const percent = (share: number | null): string => `${Math.round((share ?? 0) * 100)} %`;

function flaggerHand({ owner: { flagger } }: ShiftContext): readonly string[] {
  if (flagger === null) return [];
  const name = nameOf(flagger.held.ref);
  if (flagger.suspended) {
    return flagger.stepWeights.length > 0
      ? [`${name} is suspended; resume brings the weights back to one of its steps first`]
      : [`${name} is suspended; once resumed, it goes on from these weights`];
  }
  return flagger.idle
    ? [`${name} is idle: the weights stay, and its next run starts from them without its pre-rollout checks`]
    : [`${name} is ${flagger.phase || "starting"}: it is suspended first, until you resume it`];
}

/** By its name in managedFields, where the objects that say so can't be read (terminal-tools.md 6.3). */
const controllers: Readonly<Record<string, string>> = {
  flagger: "a Flagger Canary",
  "rollouts-controller": "an Argo Rollout",
};

function unseenController({ owner: { flagger, rollout }, held }: ShiftContext): readonly string[] {
  if (flagger !== null || rollout !== null) return [];
  const managers = listAt(held, "/metadata/managedFields").map((entry) => valueAt(entry, "/manager"));
  return Object.entries(controllers).flatMap(([name, what]) =>
    managers.includes(name)
      ? [`${name} has written ${nameOf(held.ref)}: ${what} that meshtop can't see may take the weights back`]
      : [],
  );
}

/** Hashing sends a client to the same place every time, but only within a destination; across them the weights decide anew. */
function sticky({ mesh, rule, owner }: ShiftContext): readonly string[] {
  const hashed = (rule?.destinations ?? []).flatMap(({ service, subset }) => {
    const known = mesh.services.find(({ key }) => key === service);
    const balancer = known?.subsets.find(({ name }) => name === subset)?.loadBalancer ?? null;
    return balancer === null || /^[A-Z_]+$/.test(balancer) ? [] : [balancer];
  });
  if (owner.flagger?.sticky === true)
    return ["Flagger keeps sessions with a cookie: known clients stay where they are"];
  return hashed.length === 0
    ? []
    : [`sessions are sticky (${hashed[0] ?? ""}): what is observed may stay away from the weights`];
}

function mirrorsToItself({ rule, rows }: ShiftContext): readonly string[] {
  return (rule?.mirrors ?? []).flatMap((mirror) => {
    const to =
      rule?.destinations.findIndex((d) => d.host === mirror.host && d.subset === mirror.subset) ?? -1;
    const row = rows[to];
    if (row === undefined || mirror.percent === 0 || row.after.weight === 0) return [];
    return [`${row.name} also gets mirrored copies of this rule`];
  });
}

function notDeciding({ service, rule, held, change }: ShiftContext): readonly string[] {
  if (service === null || rule === null) {
    return [`${nameOf(held.ref)} does not decide for ${change.service}: another object wins its host`];
  }
  if (rule.unreachable) return ["no proxy tries this rule: one before it takes everything"];
  const isApplied = rule.destinations.some(({ share, weight }) => share !== null || (weight ?? 0) === 0);
  return isApplied || rule.note === null
    ? []
    : [`no proxy applies this rule. ${rule.note.replace(/\.$/, "")}`];
}

function bigStep({ rows }: ShiftContext): readonly string[] {
  const moved = Math.max(
    0,
    ...rows.map(({ before, after }) => Math.abs((after.share ?? 0) - (before.share ?? 0))),
  );
  const points = Math.round(moved * 100);
  return points > BIG_STEP ? [`one step of ${points} points`] : [];
}

/** Something is cut off, or gets everything, that was not so before. */
export function isGrave(rows: readonly WeightRow[]): boolean {
  return rows.some(
    ({ before, after }) => before.share !== after.share && (after.share === 0 || after.share === 1),
  );
}

/** Is there `spec.suspend` to set before the weights may be touched? */
export function suspends({ owner: { flagger } }: Pick<ShiftContext, "owner">): boolean {
  return (
    flagger !== null &&
    !flagger.suspended &&
    !flagger.idle &&
    valueAt(flagger.held.json, "/spec") !== undefined
  );
}
