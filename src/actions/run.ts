/** The one way down to the cluster: rehearse, journal, send in order, take back on a refusal. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import type { DataError, Result } from "../data/mesh/result.ts";
import { explain } from "../data/mesh/result.ts";
import type { Instant } from "../data/mesh/units.ts";
import type { Patch, Plan } from "./change.ts";
import { describeDeviations, differences } from "./changes/differences.ts";
import { sameRef, type Held, type Seen } from "./changes/held.ts";
import { adopted, rebase, withEdits } from "./changes/rebase.ts";
import type { Cluster } from "./cluster.ts";
import type { Journal } from "./journal.ts";
import { intentOf, type Intent, type Origin, type StepState } from "./journalEntry.ts";
import type { Outcome, Proposal, Rehearsal } from "./proposal.ts";
import { send, type Sender, type Settled } from "./settle.ts";
import { leftOver, takeBack, type Taken } from "./takeBack.ts";

export interface Ports {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly clock: { readonly now: () => Instant; readonly sleep: (ms: number) => Promise<void> };
  readonly origin: Origin;
  /** A name for a new entry, short enough to type, unlike any before it. */
  readonly newId: () => string;
  /** Aborted: the program is told to end, and no further patch of a plan is sent. Absent: nothing tells it. */
  readonly leaving?: AbortSignal;
}

/** Sends every patch as a dry run. Each is tried on the objects as they are, not as earlier patches would leave them. */
export async function rehearse(plan: Plan, cluster: Cluster, seen: Seen): Promise<Rehearsal> {
  const warnings: string[] = [];
  const objects: Rehearsal["objects"][number][] = [];
  for (const planned of plan.patches) {
    const answer = await cluster.write(planned, "dry run");
    if (!answer.ok) return { refusal: answer.error, warnings, objects };
    const { held } = answer.value;
    const before = seen.object(planned.ref);
    const patch = adopted(planned, held);
    warnings.push(...answer.value.warnings, ...besides(patch, before, held));
    objects.push({ patch: patch ?? planned, before, after: held });
    if (patch === null) {
      const message = `The API server takes the change of ${nameOf(planned.ref)} and drops a part of it: its CustomResourceDefinition does not know the field.`;
      return { refusal: { is: "invalid", message, advice: null }, warnings, objects };
    }
  }
  return { refusal: null, warnings, objects };
}

/** What the server would change without being asked: a webhook, a default, a field that its definition does not know. */
function besides(patch: Patch | null, before: Held | null, after: Held | null): readonly string[] {
  if (patch?.do !== "edit" || before === null || after === null) return [];
  const asked = withEdits(before.json, patch.edits);
  const paths = asked === null ? [] : differences(asked, after.json).map(({ path }) => path);
  if (paths.length === 0) return [];
  const named =
    paths.slice(0, NAMED).join(", ") + (paths.length > NAMED ? `, ${paths.length - NAMED} more` : "");
  return [`the server itself changes more of ${nameOf(patch.ref)} (${named}): undo does not bring that back`];
}

/** Named one by one; the rest is counted. */
const NAMED = 5;

/**
 * Carries a proposal out. Never twice: what is not plainly taken is read, and told. On a refusal the patches that were taken go back, newest first; while an
 * outcome is unknown nothing more is sent.
 */
export async function apply(proposal: Proposal, ports: Ports): Promise<Outcome> {
  const against = reasonsAgainst(proposal);
  if (against !== null) return notSent("refused", against, null);
  const moved = await firstMoved(proposal.plan, ports);
  if (moved !== null) return moved;
  const id = ports.newId();
  const intent = await intentFor(proposal, ports, id);
  const noted = await ports.journal.append(intent);
  if (!noted.ok)
    return notSent("unreachable", `${noted.error.message} Nothing was sent.`, noted.error.advice);
  const outcome = await carryOut(proposal, ports, id);
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

/** Only what the server took in a dry run is sent. `null`: nothing stands against it. */
function reasonsAgainst({ plan, rehearsal }: Proposal): string | null {
  const { blockers, patches } = plan;
  if (blockers.length > 0 || patches.length === 0)
    return `Refused: ${blockers.join("; ") || "there is nothing to do"}.`;
  if (rehearsal === null) return "Refused: no dry run says what the server makes of it.";
  return rehearsal.refusal?.message ?? null;
}

/** What the question took for granted and is no longer so; `null`: all of it holds. */
async function firstMoved({ relies = [] }: Plan, { cluster }: Ports): Promise<Outcome | null> {
  for (const patch of relies) {
    const found = await cluster.read(patch.ref);
    if (!found.ok)
      return notSent("unreachable", `${found.error.message} Nothing was sent.`, found.error.advice);
    const fit = rebase(patch, found.value);
    if (fit.ok) continue;
    const message = `${nameOf(patch.ref)} has changed since it was read: ${describeDeviations(fit.error)}. Nothing was sent.`;
    return { ...notSent("conflict", message, "Look again and ask again."), deviations: fit.error };
  }
  return null;
}

async function intentFor({ plan, cause }: Proposal, ports: Ports, id: string): Promise<Intent> {
  const { reason, of } = cause;
  return intentOf(plan, {
    id,
    at: timeOf(ports),
    kind: of?.kind ?? "change",
    root: of?.root ?? id,
    origin: ports.origin,
    cluster: await ports.cluster.identity(),
    reason,
  });
}

/** `isSent` false: it was not even tried. */
type Refused = Exclude<Settled, { readonly is: "applied" }> & { readonly isSent?: false };

interface Progress {
  readonly taken: readonly Taken[];
  readonly warnings: readonly string[];
  /** `null`: all were taken. */
  readonly refused: Refused | null;
}

async function carryOut({ plan, rehearsal }: Proposal, ports: Ports, id: string): Promise<Outcome> {
  const known = rehearsal?.objects ?? [];
  const before: Sender["before"] = (ref) => known.find((one) => sameRef(one.patch.ref, ref))?.before ?? null;
  const sender: Sender = { cluster: ports.cluster, sleep: ports.clock.sleep, before };
  const progress = await sendInOrder(plan.patches, { ...ports, sender }, id);
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
  // What was sent before makes room for it (a suspended canary), and has to stay as long as it may arrive.
  const back = refused.open ? taken.map((): StepState => "applied") : await takeBack(taken, sender);
  const message = [refused.message, ...leftOver(taken, back)].join(" ");
  const { is, advice, deviations } = refused;
  const last = refused.isSent === false ? "not sent" : refused.is === "unknown" ? "unknown" : "refused";
  const states = steps([...back, last]);
  return { is, id, message, advice, steps: states, deviations, warnings, objects };
}

/** Half a plan is nothing that was asked for: it is taken back like one that was refused. */
const told: Refused = {
  is: "refused",
  message: "Stopped: meshtop was told to end before all of it was sent.",
  advice: null,
  deviations: [],
  open: false,
  isSent: false,
};

/** A second patch of one object is pinned to the version that the first one made. */
function onVersionOf(planned: Patch, taken: readonly Taken[]): Patch {
  const before = taken.findLast(({ held }) => held !== null && "uid" in planned && held.uid === planned.uid);
  return before?.held == null || planned.do === "create"
    ? planned
    : { ...planned, resourceVersion: before.held.resourceVersion };
}

async function sendInOrder(
  patches: readonly Patch[],
  { sender, journal, leaving }: Pick<Ports, "journal" | "leaving"> & { readonly sender: Sender },
  id: string,
): Promise<Progress> {
  const taken: Taken[] = [];
  const warnings: string[] = [];
  for (const [step, planned] of patches.entries()) {
    if (leaving?.aborted === true) return { taken, warnings, refused: told };
    const patch = onVersionOf(planned, taken);
    const settled = await send(patch, sender);
    if (settled.is !== "applied") return { taken, warnings, refused: settled };
    const { held } = settled;
    taken.push({ patch, held });
    warnings.push(...settled.warnings);
    // Where this can't be written, the intent is there and the objects tell.
    await journal.append({
      record: "sent",
      id,
      step,
      uid: held?.uid ?? ("uid" in patch ? patch.uid : ""),
      resourceVersion: held?.resourceVersion ?? "",
    });
  }
  return { taken, warnings, refused: null };
}
