/** The journal as a table: one row for each entry, the newest first. */
import type { Entry, Ended } from "../../actions/journalEntry.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Tone } from "../paint/span.ts";
import { turnOf, type Turn } from "../state/journalTurns.ts";
import { nothing } from "./format.ts";
import type { Column } from "./table.ts";

export interface JournalRow {
  readonly entry: Entry;
  readonly turn: Turn;
}

export function journalRows(entries: readonly Entry[]): readonly JournalRow[] {
  return entries.map((entry) => ({ entry, turn: turnOf(entry, entries) })).toReversed();
}

export const outcomeWord = ({ ended }: Entry): string => ended?.is ?? "open";

const outcomes: Readonly<Record<Ended["is"], Tone>> = {
  applied: "good",
  refused: "bad",
  conflict: "warn",
  unreachable: "bad",
  unknown: "warn",
};

export const outcomeTone = ({ ended }: Entry): Tone => (ended === null ? "accent" : outcomes[ended.is]);

/** What a person calls it: `shift`, `pause`, `undo`. */
export function deedWord({ intent: { kind, change } }: Entry): string {
  if (kind !== "change") return kind;
  const words = { shift: "shift", mirror: "mirror", outbound: "outbound", declareHost: "host", undo: "undo" };
  return change.kind === "canary" ? change.verb : words[change.kind];
}

const refsOf = ({ intent }: Entry): readonly ResourceRef[] => intent.patches.map(({ patch }) => patch.ref);

/** The first object that was to be written. */
export const firstRef = (entry: Entry): ResourceRef | null => refsOf(entry)[0] ?? null;

/** `shop/catalog +1`: with how many more objects. */
function objectWord(entry: Entry): string {
  const [first, ...more] = refsOf(entry);
  if (first === undefined) return nothing;
  const name = first.namespace === null ? first.name : `${first.namespace}/${first.name}`;
  return clean(more.length === 0 ? name : `${name} +${more.length}`);
}

/** `2026-11-21T03:00:05.123Z` as `11-21 03:00:05`; what is no such time stays as it is. */
function clockWord(at: string): string {
  const [, day, time] = /^\d{4}-(\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(at) ?? [];
  return day === undefined || time === undefined ? clean(at) : `${day} ${time}`;
}

export const turnTones: Readonly<Record<Turn, Tone | undefined>> = {
  "in effect": "title",
  undone: "muted",
  "can redo": undefined,
  redone: "muted",
  final: "muted",
  nothing: "muted",
  open: "warn",
};

export const journalColumns: readonly Column<JournalRow>[] = [
  {
    id: "at",
    title: "TIME (UTC)",
    width: 14,
    align: "left",
    letter: "T",
    cell: ({ entry }) => clockWord(entry.intent.at),
    // Numbers go from high to low: the newest first.
    sort: ({ entry }) => Date.parse(entry.intent.at),
  },
  {
    id: "user",
    title: "WHO",
    width: 8,
    align: "left",
    letter: "U",
    cell: ({ entry }) => clean(entry.intent.origin.user),
    sort: ({ entry }) => entry.intent.origin.user,
  },
  {
    id: "deed",
    title: "WHAT",
    width: 8,
    align: "left",
    letter: "W",
    cell: ({ entry }) => deedWord(entry),
    sort: ({ entry }) => deedWord(entry),
  },
  {
    id: "object",
    title: "OBJECT",
    width: "fill",
    align: "left",
    letter: "N",
    cell: ({ entry }) => objectWord(entry),
    sort: ({ entry }) => objectWord(entry),
  },
  {
    id: "kind",
    title: "KIND",
    width: 15,
    align: "left",
    letter: "K",
    drop: 2,
    cell: ({ entry }) => clean(firstRef(entry)?.kind ?? nothing),
    tone: () => "muted",
    sort: ({ entry }) => firstRef(entry)?.kind ?? null,
  },
  {
    id: "outcome",
    title: "OUTCOME",
    width: 11,
    align: "left",
    letter: "O",
    cell: ({ entry }) => outcomeWord(entry),
    tone: ({ entry }) => outcomeTone(entry),
    sort: ({ entry }) => outcomeWord(entry),
  },
  {
    id: "turn",
    title: "NOW",
    width: 9,
    align: "left",
    letter: "S",
    cell: ({ turn }) => (turn === "nothing" ? nothing : turn),
    tone: ({ turn }) => turnTones[turn],
    sort: ({ turn }) => turn,
  },
  {
    id: "entry",
    title: "ENTRY",
    width: 8,
    align: "left",
    letter: "E",
    drop: 1,
    cell: ({ entry }) => clean(entry.intent.id),
    tone: () => "muted",
    sort: ({ entry }) => entry.intent.id,
  },
  {
    id: "change",
    title: "CHANGE",
    width: "fill",
    align: "left",
    drop: 4,
    cell: ({ entry: { intent } }) =>
      clean([intent.summary, ...(intent.reason === null ? [] : [`(${intent.reason})`])].join(" ")),
    tone: () => "muted",
  },
];
