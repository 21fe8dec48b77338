/** Finding out what became of writers that died, or that got no answer. */
import { nameOf } from "../data/mesh/declared/meta.ts";
import type { Held } from "./changes/held.ts";
import { isInEffect } from "./changes/inEffect.ts";
import { standingOf, type Standing } from "./changes/rebase.ts";
import { elsewhere, type Place } from "./identity.ts";
import type { Ended, Entry, Intent, JournalRecord, StepState } from "./journalEntry.ts";
import { timeOf, type Ports } from "./run.ts";

type Reading = Pick<Ports, "cluster" | "clock" | "origin">;

/** What a start found out about a writer that never said how it ended. */
export interface Explanation {
  readonly entry: Entry;
  readonly ended: Ended;
}

/** A minute after an intent, no request of its writer is under way any more. */
const SETTLED_AFTER = 60_000;

/** @param isAlive whether a process of this machine runs. */
export function pendingEntries(
  entries: readonly Entry[],
  ports: Pick<Ports, "clock" | "origin">,
  isAlive: (pid: number) => boolean,
): readonly Entry[] {
  return entries.filter(({ intent, ended }) => {
    if (ended !== null) return ended.is === "unknown" || mayHaveLanded(ended);
    const { machine, pid } = intent.origin;
    const here = machine === ports.origin.machine;
    if (here && !isAlive(pid)) return true;
    return ports.clock.now() - Date.parse(intent.at) > SETTLED_AFTER;
  });
}

/** A request that got no answer was seen not to be in effect; it may have arrived after that look. One later look ends it. */
const mayHaveLanded = ({ is, explained }: Ended): boolean => is === "unreachable" && !explained;

/**
 * Reads the objects of each pending entry and notes what is found, so that it can be undone. What still can't be told stays pending, and is noted once.
 */
export async function explainPending(
  pending: readonly Entry[],
  ports: Reading & Pick<Ports, "journal">,
): Promise<readonly Explanation[]> {
  const explained: Explanation[] = [];
  for (const entry of pending) {
    const { ended, made } = await explainOne(entry, ports);
    explained.push({ entry, ended });
    const news = ended.is !== "unknown" || entry.ended?.explained !== true;
    if (news) for (const record of [...made, ended]) await ports.journal.append(record);
  }
  return explained;
}

/** What reading told of one step. */
interface Found {
  readonly state: StepState;
  /** As it is there now; `null`: it is not, or was not read. */
  readonly held: Held | null;
}

interface Explained {
  readonly ended: Ended;
  /** Who the objects are that it made, as its writer would have noted. */
  readonly made: readonly JournalRecord[];
}

async function explainOne(entry: Entry, ports: Reading): Promise<Explained> {
  const { intent } = entry;
  const { id } = intent;
  const common = { record: "outcome", id, at: timeOf(ports), explained: true } as const;
  const away = elsewhere(intent, await placeOf(ports));
  if (away !== null) {
    const steps = intent.patches.map((_, step): StepState => entry.ended?.steps[step] ?? "unknown");
    return { ended: { ...common, is: "unknown", message: away, steps }, made: [] };
  }
  const found = await Promise.all(intent.patches.map((_, step) => lookAt(entry, step, ports)));
  const steps = found.map(({ state }) => state);
  const is = overall(steps);
  const parts = intent.patches.map(({ patch }, step) => `${nameOf(patch.ref)}: ${steps[step] ?? "unknown"}`);
  const message = `${intent.summary} was interrupted. ${verdictOf(intent, is)} (${parts.join("; ")}).`;
  return {
    ended: { ...common, is, message, steps },
    made: found.flatMap((one, step) => madeBy(entry, step, one)),
  };
}

export const placeOf = async ({ origin, cluster }: Pick<Ports, "cluster" | "origin">): Promise<Place> => ({
  server: origin.server,
  cluster: await cluster.identity(),
});

async function lookAt(entry: Entry, step: number, { cluster }: Pick<Ports, "cluster">): Promise<Found> {
  const known = entry.ended?.steps[step] ?? "unknown";
  const open = known === "unknown" || (known === "refused" && entry.ended?.is === "unreachable");
  const patch = entry.intent.patches[step]?.patch;
  if (!open || patch === undefined) return { state: known, held: null };
  const read = await cluster.read(patch.ref);
  if (!read.ok) return { state: "unknown", held: null };
  const taken = entry.sent.some((sent) => sent.step === step);
  const standing = standingOf(patch, read.value, { taken, before: null });
  // Whoever did it: a change whose values are back is not in effect any more.
  const isBack = entry.intent.kind === "undo" && isInEffect(patch, read.value);
  return { state: isBack ? "applied" : stateOf(standing, taken), held: read.value };
}

/** What the server took was applied, whatever became of it: an undo compares the values. */
const stateOf = (standing: Standing, taken: boolean): StepState =>
  standing === "not applied" ? (taken ? "taken back" : "not sent") : taken ? "applied" : standing;

function madeBy({ intent, sent }: Entry, step: number, { state, held }: Found): readonly JournalRecord[] {
  const isNew = intent.patches[step]?.patch.do === "create" && !sent.some((one) => one.step === step);
  if (!isNew || state !== "applied" || held === null) return [];
  const { uid, resourceVersion } = held;
  return [{ record: "sent", id: intent.id, step, uid, resourceVersion }];
}

const verdicts: Readonly<Record<Ended["is"], string>> = {
  applied: "It was applied",
  refused: "It was not applied",
  conflict: "It was applied in part: undo takes that part back",
  unreachable: "It was not applied",
  unknown: "Whether it was applied can't be told by reading",
};

const verdictOf = ({ kind }: Intent, is: Ended["is"]): string =>
  kind === "undo" && is === "conflict" ? "It was applied in part: undo takes back the rest" : verdicts[is];

function overall(steps: readonly StepState[]): Ended["is"] {
  if (steps.includes("unknown")) return "unknown";
  const applied = steps.filter((state) => state === "applied" || state === "stayed").length;
  if (applied === 0) return "refused";
  return applied === steps.length ? "applied" : "conflict";
}
