import type { Flow } from "../join/flow.ts";
import { hidesLost, lostRate, noFlows, requestRate, type FlowIndex } from "../join/flowIndex.ts";
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
  const mine = flowsOf(sight, kind);
  const rivals = rivalsOf(sight, mine, kind);
  const parts = partsOf(sight, mine);
  const note =
    kind === "requests" && mine.some((flow) => hidesLost(flow, sight.flows.sight))
      ? lostUnseen
      : noteOf(sight, rivals);
  const shares = note?.hides === true ? null : sharesOf(sight, { mine, ...parts }, kind, rivals);
  return {
    destinations: parts.own.map((flows, at) => ({
      traffic: sight.flows.measure(flows).traffic,
      observed: shares?.[at] ?? null,
    })),
    note: [note?.says ?? "", passingNote(sight) ?? ""].join(" ").trim() || null,
  };
}

interface Parts {
  /** By destination: what goes there. */
  readonly own: readonly (readonly Flow[])[];
  /** By flow: the first destination that it goes to; -1: none. */
  readonly first: readonly number[];
}

function partsOf({ known, backends }: Sight, mine: readonly Flow[]): Parts {
  const own = backends.map((): Flow[] => []);
  const first = mine.map((flow) => {
    let place = -1;
    backends.forEach((backend, at) => {
      if (!goesTo(backend, flow, known)) return;
      own[at]?.push(flow);
      if (place < 0) place = at;
    });
    return place;
  });
  return { own, first };
}

const goesTo = ({ to, takes }: NamedBackend, flow: Flow, { workloads }: KnownMesh): boolean =>
  flow.target.host === to.host && takes(flow, workloads);

/** Everything that callers of this rule send to the hosts that it names, by any rule or none. */
function flowsOf({ known, flows, use, backends }: Sight, kind: Kind): readonly Flow[] {
  const found: Flow[] = [];
  for (const host of new Set(backends.map(({ to }) => to.host))) {
    for (const flow of flows.byHost.get(host) ?? noFlows) {
      if (tries(known, use, flow, kind)) found.push(flow);
    }
  }
  return found;
}

/** Other rules that the same callers may take to the same hosts. */
function rivalsOf({ known, use, contest }: Sight, mine: readonly Flow[], kind: Kind): readonly Rival[] {
  if (contest.rivals.length === 0) return contest.rivals;
  const callers = oneOfEach(mine, kind);
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
  { flows, known }: Sight,
  { mine, own, first }: Parts & { readonly mine: readonly Flow[] },
  kind: Kind,
  rivals: readonly Rival[],
): readonly Destination["observed"][] {
  const others = rivals.filter(({ overlaps }) => !overlaps).flatMap(({ backends: theirs }) => theirs);
  const parts = own.map(() => 0);
  let whole = 0;
  mine.forEach((flow, place) => {
    const at = first[place] ?? -1;
    const amount = kind === "connections" ? (flow.tcp?.opened ?? 0) : requestRate(flow);
    if (at >= 0) {
      parts[at] = (parts[at] ?? 0) + amount;
      whole += amount;
    } else if (flow.destination === null) whole += kind === "requests" ? lostRate(flow) : 0;
    else if (!others.some((backend) => goesTo(backend, flow, known))) whole += amount;
  });
  return parts.map((part) => observe(part, whole, flows.window));
}
