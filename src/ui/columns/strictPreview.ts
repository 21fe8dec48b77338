/** Who came in plaintext to a namespace, and whom STRICT would cut off. */
import type { PlaintextCaller } from "../../data/mesh/strictPreview.ts";
import type { Tone } from "../paint/span.ts";
import type { Column, Table } from "./table.ts";
import { objectWord } from "./words.ts";

const stranger = "unknown: no proxy, or it did not say";

const verdictTones: Readonly<Record<PlaintextCaller["verdict"], Tone>> = {
  "cut off": "bad",
  "some ports": "warn",
  unknown: "warn",
  stays: "good",
};

const columns: readonly Column<PlaintextCaller>[] = [
  {
    id: "verdict",
    title: "UNDER STRICT",
    width: 12,
    align: "left",
    cell: ({ verdict }) => verdict,
    tone: ({ verdict }) => verdictTones[verdict],
  },
  {
    id: "from",
    title: "PLAINTEXT FROM",
    width: "fill",
    align: "left",
    cell: ({ from }) => from ?? stranger,
  },
  { id: "to", title: "TO", width: "fill", align: "left", cell: ({ to }) => to },
  { id: "count", title: "COUNT", width: 8, align: "right", cell: ({ count }) => String(Math.ceil(count)) },
  { id: "what", title: "OF", width: 11, align: "left", cell: ({ what }) => what },
  {
    id: "mode",
    title: "MODE THEN",
    width: 10,
    align: "left",
    drop: 2,
    cell: ({ after }) => modeWord(after),
  },
  {
    id: "by",
    title: "DECIDED BY",
    width: 24,
    align: "left",
    drop: 1,
    cell: ({ after }) => (after === null ? "?" : objectWord(after.from)),
  },
];

export const strictTable = (callers: readonly PlaintextCaller[]): Table<PlaintextCaller> => ({
  columns,
  key: ({ from, to, what }) => `${from ?? ""} ${to} ${what}`,
  order: "worst first",
  rows: () => callers,
});

function modeWord(after: PlaintextCaller["after"]): string {
  if (after === null) return "?";
  const ports = Object.entries(after.ports).map(([port, mode]) => `${port} ${mode}`);
  return ports.length === 0 ? after.mode : `${after.mode}, ${ports.join(", ")}`;
}
