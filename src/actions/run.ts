/** The one way down to the cluster: rehearse, journal, send in order, take back on a refusal. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import type { DataError, Result } from "../data/mesh/result.ts";
import { explain } from "../data/mesh/result.ts";
import type { Instant } from "../data/mesh/units.ts";
import { inverseOf, type Patch, type Plan } from "./change.ts";
import type { Held, Seen } from "./changes/held.ts";
import { adopted, rebase } from "./changes/rebase.ts";
import type { Cluster } from "./cluster.ts";
import type { Journal } from "./journal.ts";
import { intentOf, type Intent, type Origin, type StepState } from "./journalEntry.ts";
import type { Cause, Outcome, Rehearsal } from "./proposal.ts";
import { send, type Settled } from "./settle.ts";

export interface Ports {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly clock: { readonly now: () => Instant; readonly sleep: (ms: number) => Promise<void> };
  readonly origin: Origin;
  /** A name for a new entry, short enough to type, unlike any before it. */
  readonly newId: () => string;
}

/** Sends every patch as a dry run. Each is tried on the objects as they are, not as earlier patches would leave them. */
export async function rehearse(plan: Plan, cluster: Cluster, seen: Seen): Promise<Rehearsal> {
  const warnings: string[] = [];
  const objects: Rehearsal["objects"][number][] = [];
  for (const planned of plan.patches) {
    const answer = await cluster.write(planned, "dry run");
    if (!answer.ok) return { refusal: answer.error, warnings, objects };
    const { held } = answer.value;
    warnings.push(...answer.value.warnings);
    const patch = adopted(planned, held);
    objects.push({ patch: patch ?? planned, before: seen.object(planned.ref), after: held });
    if (patch === null) {
      const message = `The API server takes the change of ${nameOf(planned.ref)} and drops a part of it: its CustomResourceDefinition does not know the field.`;
      return { refusal: { is: "invalid", message, advice: null }, warnings, objects };
    }
  }
  return { refusal: null, warnings, objects };
}

/**
 * Carries a plan out. Never twice: what is not plainly taken is read, and told. On a refusal the patches that were taken go back, newest first; while an
 * outcome is unknown nothing more is sent.
 */
export async function apply(plan: Plan, ports: Ports, cause: Cause): Promise<Outcome> {
  if (plan.blockers.length > 0 || plan.patches.length === 0) {
    return notSent("refused", `Refused: ${plan.blockers.join("; ") || "there is nothing to do"}.`, null);
  }
  const id = ports.newId();
  const intent = intentFor(plan, ports, cause, id);
  const noted = await ports.journal.append(intent);
  if (!noted.ok)
    return notSent("unreachable", `${noted.error.message} Nothing was sent.`, noted.error.advice);
  const outcome = await carryOut(plan, ports, id);
  const { is, message, steps } = outcome;
  const at = timeOf(ports);
  const written = await ports.journal.append({
    record: "outcome",
    id,
    at,
    is,
    message,
    steps,
    explained: false,
  });
  return written.ok ? outcome : { ...outcome, message: `${message} ${unnoted(written)}` };
}

const unnoted = (written: Result<void, DataError>): string =>
  written.ok ? "" : `${explain(written.error)} The next start finds the outcome out by reading.`;

export const timeOf = ({ clock }: Pick<Ports, "clock">): string => new Date(clock.now()).toISOString();

function notSent(is: Outcome["is"], message: string, advice: string | null): Outcome {
  return { is, id: null, message, advice, steps: [], deviations: [], warnings: [], objects: [] };
}

function intentFor(plan: Plan, ports: Ports, { reason, of }: Cause, id: string): Intent {
  const { origin } = ports;
  return intentOf(plan, {
    id,
    at: timeOf(ports),
    kind: of?.kind ?? "change",
    root: of?.root ?? id,
    origin,
    reason,
  });
}

type Refused = Exclude<Settled, { readonly is: "applied" }>;

interface Progress {
  readonly taken: readonly { readonly patch: Patch; readonly held: Held | null }[];
  readonly warnings: readonly string[];
  /** `null`: all were taken. */
  readonly refused: Refused | null;
}

async function carryOut(plan: Plan, ports: Ports, id: string): Promise<Outcome> {
  const progress = await sendInOrder(plan.patches, ports, id);
  const { taken, refused, warnings } = progress;
  const objects = taken.flatMap(({ held }) => held ?? []);
  const steps = (rest: readonly StepState[]): readonly StepState[] => [
    ...rest,
    ...plan.patches.slice(rest.length).map((): StepState => "not sent"),
  ];
  if (refused === null) {
    const message = [
      `Applied: ${plan.summary}.`,
      ...(plan.afterwards === null ? [] : [plan.afterwards]),
    ].join(" ");
    return {
      ...notSent("applied", message, null),
      id,
      steps: steps(taken.map(() => "applied")),
      warnings,
      objects,
    };
  }
  const unknown = refused.is === "unknown";
  const back = unknown ? taken.map((): StepState => "applied") : await takeBack(taken, ports);
  const message = [refused.message, ...leftOver(progress, back)].join(" ");
  const { is, advice, deviations } = refused;
  const states = steps([...back, unknown ? "unknown" : "refused"]);
  return { is, id, message, advice, steps: states, deviations, warnings, objects };
}

/** A second patch of one object is pinned to the version that the first one made. */
async function sendInOrder(patches: readonly Patch[], ports: Ports, id: string): Promise<Progress> {
  const taken: Progress["taken"][number][] = [];
  const warnings: string[] = [];
  const sender = { cluster: ports.cluster, sleep: ports.clock.sleep };
  for (const [step, planned] of patches.entries()) {
    const before = taken.findLast(
      ({ held }) => held !== null && "uid" in planned && held.uid === planned.uid,
    );
    const patch =
      before?.held == null || planned.do === "create"
        ? planned
        : { ...planned, resourceVersion: before.held.resourceVersion };
    const settled = await send(patch, sender);
    if (settled.is !== "applied") return { taken, warnings, refused: settled };
    const { held } = settled;
    taken.push({ patch, held });
    warnings.push(...settled.warnings);
    // Where this can't be written, the intent is there and the objects tell.
    await ports.journal.append({
      record: "sent",
      id,
      step,
      uid: held?.uid ?? ("uid" in patch ? patch.uid : ""),
      resourceVersion: held?.resourceVersion ?? "",
    });
  }
  return { taken, warnings, refused: null };
}

/** Newest first, each on the object as it is now; gives the states in the order of the plan. */
async function takeBack(taken: Progress["taken"], ports: Ports): Promise<readonly StepState[]> {
  const states: StepState[] = [];
  for (const { patch } of taken.toReversed()) {
    const found = await ports.cluster.read(patch.ref);
    const inverse = found.ok ? rebase(inverseOf(patch), found.value) : null;
    const sent =
      inverse?.ok === true
        ? await send(inverse.value, { cluster: ports.cluster, sleep: ports.clock.sleep })
        : null;
    states.unshift(sent?.is === "applied" ? "taken back" : sent?.is === "unknown" ? "unknown" : "stayed");
  }
  return states;
}

function leftOver({ taken }: Progress, back: readonly StepState[]): readonly string[] {
  const named = (state: StepState): readonly string[] =>
    taken.flatMap(({ patch }, i) => (back[i] === state ? [nameOf(patch.ref)] : []));
  const say = (names: readonly string[], what: string): readonly string[] =>
    names.length === 0 ? [] : [`${names.join(", ")} ${what}`];
  return [
    ...say(named("taken back"), "was changed first and is as before again."),
    ...say(named("applied"), "was changed before and stays so."),
    ...say(named("stayed"), "was changed first and could not be put back: undo does it."),
    ...say(named("unknown"), "was changed first, and it is unknown whether it is back."),
  ];
}
