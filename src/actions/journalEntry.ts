/** What the journal holds: records as they are written, and the entries that they add up to. Pure. */
import type { Json } from "../data/mesh/json.ts";
import {
  inverseOf,
  operationsOf,
  type Change,
  type Operation,
  type Patch,
  type Plan,
  type WeightRow,
} from "./change.ts";
import { isJsonArray, isJsonObject } from "./changes/pointer.ts";
import { isGrave } from "./changes/shiftChecks.ts";

/** What became of one patch of a plan. `stayed`: it was to be taken back, and could not. */
export type StepState = "applied" | "not sent" | "refused" | "taken back" | "stayed" | "unknown";

/** Who acts, from where, on what. */
export interface Origin {
  /** Of the operating system. */
  readonly user: string;
  /** `SSH_CONNECTION`; `null`: not over SSH. */
  readonly ssh: string | null;
  readonly machine: string;
  readonly pid: number;
  readonly kubeUser: string;
  readonly context: string;
  /** `host:port` of the API server. */
  readonly server: string;
}

/** Written before anything is sent. */
export interface Intent {
  readonly record: "intent";
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly kind: "change" | "undo" | "redo";
  /** The entry that a chain of undo and redo began with: its own id for a change. */
  readonly root: string;
  readonly origin: Origin;
  /** What tells the cluster from others, whatever its address (`identityOf`); `null`: not told. Absent in entries of older versions. */
  readonly cluster?: string | null;
  readonly reason: string | null;
  readonly summary: string;
  readonly change: Change;
  readonly weights: readonly WeightRow[];
  readonly grave: boolean;
  readonly patches: readonly {
    readonly patch: Patch;
    /** JSON Patch as it is sent, and the one that takes it back; empty for a create or delete, which is in `patch`. */
    readonly sends: readonly Operation[];
    readonly inverse: readonly Operation[];
  }[];
}

/** Written after one patch was taken. */
interface Sent {
  readonly record: "sent";
  readonly id: string;
  readonly step: number;
  readonly uid: string;
  /** After the write; "" after a delete. */
  readonly resourceVersion: string;
}

/** Written when all is over, or by a later start that found out. */
export interface Ended {
  readonly record: "outcome";
  readonly id: string;
  readonly at: string;
  readonly is: "applied" | "refused" | "conflict" | "unreachable" | "unknown";
  readonly message: string;
  readonly steps: readonly StepState[];
  /** Found out by reading the objects after the writer was gone. */
  readonly explained: boolean;
}

export type JournalRecord = Intent | Sent | Ended;

export interface Entry {
  readonly intent: Intent;
  /** By step. */
  readonly sent: readonly Sent[];
  /** The newest; `null`: the writer is at it, or died. */
  readonly ended: Ended | null;
}

export function intentOf(
  plan: Plan,
  about: Pick<Intent, "id" | "at" | "kind" | "root" | "origin" | "cluster" | "reason">,
): Intent {
  const { summary, change, weights, grave } = plan;
  const patches = plan.patches.map((patch) => {
    const inverse = inverseOf(patch);
    return {
      patch,
      sends: patch.do === "edit" ? operationsOf(patch) : [],
      inverse: inverse.do === "edit" ? operationsOf(inverse) : [],
    };
  });
  return { record: "intent", ...about, summary, change, weights, grave, patches };
}

/** Every line begins so, whoever wrote it: where a torn line runs into the next one, the next one is still found. */
const MARK = '{"meshtop":1,';

/** One line with its end. JSON writes line breaks in strings as escapes, so a record is one line whatever it holds. */
export function lineOf(record: JournalRecord): string {
  return `${MARK}${JSON.stringify(record).slice(1)}\n`;
}

export interface JournalText {
  readonly records: readonly JournalRecord[];
  /** Lines, or parts of lines, that hold no whole record: a writer that was killed while writing. */
  readonly damaged: number;
}

export function readLines(text: string): JournalText {
  const records: JournalRecord[] = [];
  let damaged = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const whole = recordIn(line);
    const rest = whole ?? recordIn(line.slice(Math.max(0, line.lastIndexOf(MARK))));
    if (rest !== null) records.push(rest);
    if (whole === null) damaged += 1;
  }
  return { records, damaged };
}

function recordIn(line: string): JournalRecord | null {
  let json: Json;
  try {
    json = JSON.parse(line) as Json;
  } catch {
    return null;
  }
  if (!isJsonObject(json) || json["meshtop"] !== 1 || typeof json["id"] !== "string") return null;
  const record = Object.fromEntries(Object.entries(json).filter(([key]) => key !== "meshtop"));
  const whole =
    (record["record"] === "intent" && isJsonArray(record["patches"]) && isJsonObject(record["origin"])) ||
    (record["record"] === "sent" && typeof record["step"] === "number") ||
    (record["record"] === "outcome" && isJsonArray(record["steps"]));
  return whole ? (record as unknown as JournalRecord) : null;
}

/** Entries in the order of their intents. Records without an intent are nobody's. */
export function entriesOf(records: readonly JournalRecord[]): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const record of records) {
    const entry = entries.get(record.id);
    if (record.record === "intent") entries.set(record.id, { intent: record, sent: [], ended: null });
    else if (entry === undefined) continue;
    else if (record.record === "sent") entries.set(record.id, { ...entry, sent: [...entry.sent, record] });
    else if (!isOutOfDate(record, entry.ended)) entries.set(record.id, { ...entry, ended: record });
  }
  return [...entries.values()];
}

/** The writer itself knows how it ended: what another one found out by reading, while it was still at it, is not better. */
function isOutOfDate(record: Ended, known: Ended | null): boolean {
  return (
    record.explained && known?.explained === false && known.is !== "unknown" && known.is !== "unreachable"
  );
}

/** Steps that are in effect. */
export function standingSteps({ ended }: Entry): readonly number[] {
  return (ended?.steps ?? []).flatMap((state, step) =>
    state === "applied" || state === "stayed" ? [step] : [],
  );
}

/** One patch of an entry, in effect. */
interface Piece {
  readonly entry: Entry;
  readonly step: number;
}

const refOf = ({ entry, step }: Piece): string => {
  const patch = entry.intent.patches[step]?.patch;
  const part = patch?.do === "edit" ? patch.subresource : null;
  return JSON.stringify([patch?.ref.group, patch?.ref.kind, patch?.ref.namespace, patch?.ref.name, part]);
};

/**
 * Changes and redos that nothing took back, the one that was written last at the end. Of one that was taken back in part (its undo was killed, or refused half way) what is left:
 * the undo of that goes on where the other one stopped.
 */
export function changesInEffect(entries: readonly Entry[]): readonly Entry[] {
  const chains = new Map<string, readonly Piece[]>();
  for (const entry of entries) {
    const { root, kind } = entry.intent;
    const own = standingSteps(entry).map((step): Piece => ({ entry, step }));
    if (own.length === 0) continue;
    const written = new Set(own.map(refOf));
    const others = (chains.get(root) ?? []).filter((piece) => !written.has(refOf(piece)));
    chains.delete(root);
    chains.set(root, kind === "undo" ? others : [...others, ...own]);
  }
  return [...chains.values()].flatMap((pieces) => entryOf(pieces) ?? []);
}

/** An entry that did just these pieces; `null`: there are none. */
function entryOf(pieces: readonly Piece[]): Entry | null {
  const entry = pieces.at(-1)?.entry;
  if (entry?.ended == null) return null;
  const whole = pieces.length === standingSteps(entry).length && pieces.every((one) => one.entry === entry);
  if (whole) return entry;
  const { intent, ended } = entry;
  return {
    intent: {
      ...intent,
      weights: [],
      patches: pieces.flatMap((one) => one.entry.intent.patches[one.step] ?? []),
    },
    sent: pieces.flatMap((one, step) =>
      one.entry.sent.filter((sent) => sent.step === one.step).map((sent) => ({ ...sent, step })),
    ),
    ended: { ...ended, steps: pieces.map(() => "applied") },
  };
}

/**
 * The entry whose inverse undoes the change that a person means by "the last one", or the one with this id: the change itself, or its latest redo.
 * `null`: there is none in effect.
 */
export function undoable(entries: readonly Entry[], id: string | null = null): Entry | null {
  const inEffect = changesInEffect(entries);
  if (id === null) return inEffect.at(-1) ?? null;
  return inEffect.find(({ intent }) => intent.id === id || intent.root === id) ?? null;
}

/** The undo that can be taken back: the latest, unless something new was changed after it. */
export function redoable(entries: readonly Entry[]): Entry | null {
  const last = entries.findLast((entry) => standingSteps(entry).length > 0) ?? null;
  return last?.intent.kind === "undo" ? last : null;
}

/** Rows of the opposite direction, and whether that cuts somebody off. */
export function invertedWeights({ weights, grave }: Intent): Pick<Plan, "weights" | "grave"> {
  const rows = weights.map(({ name, before, after }) => ({
    name,
    before: after,
    after: { weight: before.weight ?? 0, share: before.share },
  }));
  return { weights: rows, grave: rows.length === 0 ? grave : isGrave(rows) };
}
