import { noFlows, type Flow } from "../join/flow.ts";
import { hidesLost, lostRate, requestRate, type FlowIndex } from "../join/flowIndex.ts";
import type { Measured } from "../join/sum.ts";
import { hasSameItems } from "../kept.ts";
import { withOne } from "../smallMap.ts";
import type { Destination } from "../model/route.ts";
import { describeMatch } from "../resolve/matches.ts";
import type { Contest, Rival } from "./contests.ts";
import { ruleName, type NamedBackend } from "./destinations.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { observe } from "./observe.ts";
import { oneOfEach, passingNote, tries } from "./ruleCallers.ts";
import type { RuleUse } from "./ruleUses.ts";

/** What telemetry says of one rule's destinations. */
export interface RuleTraffic {
  readonly destinations: readonly Pick<Destination, "observed" | "traffic">[];
  readonly note: string | null;
}

type Kind = "requests" | "connections";

interface Sight {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
  readonly use: RuleUse;
  readonly backends: readonly NamedBackend[];
  readonly contest: Contest;
}

/**
 * The split that callers' proxies made, by what the rule names (istio.md 4.3). Only callers that may take the rule count, and only their own word: the
 * servers' would count mirrored copies and retries.
 *
 * No label names a rule. Where a second weighted rule sends the same callers to the same workloads, nothing is claimed; where a rule with one
 * destination does, its requests are in the numbers and the note says so.
 */
export function ruleTraffic(sight: Sight): RuleTraffic {
  const kind: Kind =
    sight.use.rule.protocol === "tcp" || sight.use.rule.protocol === "tls" ? "connections" : "requests";
  const mine = answersTo(sight, kind);
  const rivals = rivalsOf(sight, mine, kind);
  const isLostUnseen = kind === "requests" && mine.some(({ flows }) => hidesLost(flows, sight.flows.sight));
  const note = isLostUnseen ? lostUnseen : noteOf(sight, rivals);
  const shares = note?.hides === true ? null : sharesOf(sight, mine, kind, rivals);
  const passing = passingNote(sight);
  return {
    destinations: sight.backends.map((backend, at) => ({
      traffic: measuredTo(sight, backend, mine).traffic,
      observed: shares?.[at] ?? null,
    })),
    note: note === null || passing === null ? (note?.says ?? passing) : `${note.says} ${passing}`,
  };
}

/** What callers of the rule send to one of its hosts, by any rule or none, and one end answers. */
interface Answer {
  readonly host: string;
  /** `null`: nobody answers. */
  readonly end: Flow["destination"];
  readonly flows: readonly Flow[];
}

function answersTo(sight: Sight, kind: Kind): readonly Answer[] {
  let found: readonly Answer[] = noAnswers;
  const { backends, flows } = sight;
  for (let place = 0; place < backends.length; place += 1) {
    const host = backends[place]?.to.host ?? "";
    if (isNamedBefore(backends, host, place)) continue;
    const { keys, values } = flows.answersTo(host);
    for (let at = 0; at < keys.length; at += 1) {
      const own = triedOf(sight, values[at] ?? noFlows, kind);
      if (own.length > 0) found = withOne(found, { host, end: keys[at] ?? null, flows: own });
    }
  }
  return found;
}

const noAnswers: readonly Answer[] = [];

function isNamedBefore(backends: readonly NamedBackend[], host: string, place: number): boolean {
  for (let at = 0; at < place; at += 1) if (backends[at]?.to.host === host) return true;
  return false;
}

/** The very list, where all of it is. */
function triedOf({ known, use }: Sight, flows: readonly Flow[], kind: Kind): readonly Flow[] {
  for (const flow of flows)
    if (!tries(known, use, flow, kind)) return flows.filter((one) => tries(known, use, one, kind));
  return flows;
}

const goesTo = (
  { known }: Pick<Sight, "known">,
  { to, takes }: NamedBackend,
  { host, end }: Answer,
): boolean => host === to.host && takes(end, known.workloads);

/** Place of the first that takes it; -1: none does. */
function takerOf(sight: Pick<Sight, "known">, backends: readonly NamedBackend[], answer: Answer): number {
  for (let at = 0; at < backends.length; at += 1) {
    const backend = backends[at];
    if (backend !== undefined && goesTo(sight, backend, answer)) return at;
  }
  return -1;
}

/** What goes to one destination. Other rules, and the service, may ask for the same. */
function measuredTo(sight: Sight, backend: NamedBackend, mine: readonly Answer[]): Measured {
  const { flows: index } = sight;
  const { host } = backend.to;
  let lists: readonly (readonly Flow[])[] = noLists;
  for (const answer of mine) if (goesTo(sight, backend, answer)) lists = withOne(lists, answer.flows);
  if (lists.length < 2) return index.measure(lists[0] ?? noFlows);
  return hasSameItems(lists, index.answersTo(host).values)
    ? index.measure(index.byHost.get(host) ?? noFlows)
    : index.measureItems(lists.flat());
}

const noLists: readonly (readonly Flow[])[] = [];

/** Other rules that the same callers may take to the same hosts. */
function rivalsOf({ known, use, contest }: Sight, mine: readonly Answer[], kind: Kind): readonly Rival[] {
  if (contest.rivals.length === 0) return contest.rivals;
  const all = mine.flatMap(({ flows }) => flows);
  const callers = oneOfEach(all, kind);
  return contest.rivals.filter((other) =>
    callers.length === 0
      ? sameScope(use, other.use)
      : callers.some((caller) => tries(known, other.use, caller, kind)),
  );
}

/** Nobody calls yet: rules of routes that some proxy would try both of. */
function sameScope(a: RuleUse, b: RuleUse): boolean {
  const [one, other] = [a.route.scope, b.route.scope];
  return (one.mesh && other.mesh) || one.gateways.some((name) => other.gateways.includes(name));
}

interface Note {
  readonly says: string;
  /** The shares would be a guess. */
  readonly hides: boolean;
}

const lostUnseen: Note = {
  says: "Without response flags nobody can tell which requests were sent to a destination and reached none.",
  hides: true,
};

function noteOf({ use, backends, contest }: Sight, rivals: readonly Rival[]): Note | null {
  if (rivals.length === 0 && !contest.isWithItself) return null;
  const overlapping = rivals.filter(({ overlaps }) => overlaps);
  const name = (rival: Rival): string => ruleName(rival.use.rule, use.rule.ref);
  if (backends.length < 2) {
    if (overlapping.length === 0) return null;
    return {
      says: `Metrics name no rule: ${overlapping.map(name).join(", ")} sends the same callers here too.`,
      hides: true,
    };
  }
  if (contest.isWithItself)
    return {
      says: "Two destinations of this rule name the same workloads, so metrics cannot split them.",
      hides: true,
    };
  const weighted = overlapping.filter(({ backends: theirs }) => theirs.length > 1);
  if (weighted.length > 0) {
    return {
      says: `Metrics name no rule: ${weighted.map(name).join(", ")} splits the same callers too, so this split cannot be observed.`,
      hides: true,
    };
  }
  if (overlapping.length === 0) return null;
  return {
    says: `Includes ${overlapping.map((rival) => `${name(rival)} (${wordsOf(rival)})`).join("; ")}.`,
    hides: false,
  };
}

/** "x-istio-cohort = internal to version-v2" */
function wordsOf({ use: { rule } }: Rival): string {
  const matches = rule.matches.map(describeMatch).join(" or ");
  const to = rule.destinations.map(({ host, subset }) => subset ?? host.split(".")[0] ?? host).join(", ");
  return `${matches === "" ? "everything" : matches} to ${to}`;
}

function sharesOf(
  sight: Sight,
  mine: readonly Answer[],
  kind: Kind,
  rivals: readonly Rival[],
): readonly Destination["observed"][] {
  const isRivals = (answer: Answer): boolean =>
    rivals.some(({ overlaps, backends }) => !overlaps && takerOf(sight, backends, answer) >= 0);
  const parts = sight.backends.map(() => 0);
  let whole = 0;
  for (const answer of mine) {
    const at = takerOf(sight, sight.backends, answer);
    if (at >= 0) {
      const amount = amountOf(answer, kind);
      parts[at] = (parts[at] ?? 0) + amount;
      whole += amount;
    } else if (answer.end === null) whole += kind === "requests" ? sumOf(answer, lostRate) : 0;
    else if (!isRivals(answer)) whole += amountOf(answer, kind);
  }
  return parts.map((part) => observe(part, whole, sight.flows.window));
}

const amountOf = (answer: Answer, kind: Kind): number =>
  sumOf(answer, kind === "connections" ? ({ tcp }) => tcp?.opened ?? 0 : requestRate);

function sumOf({ flows }: Answer, amount: (flow: Flow) => number): number {
  let sum = 0;
  for (const flow of flows) sum += amount(flow);
  return sum;
}
