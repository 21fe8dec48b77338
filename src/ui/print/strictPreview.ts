/** `meshtop preview-strict` in its formats. */
import { stringify } from "yaml";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { PlaintextCaller, StrictPreview } from "../../data/mesh/strictPreview.ts";
import { formatDuration } from "../columns/format.ts";
import { objectWord } from "../columns/words.ts";
import type { Table } from "../columns/table.ts";
import type { OutputFormat } from "../commands/options.ts";
import { refFields, rounded, type Fields } from "./figures.ts";
import { printed } from "./table.ts";

const stranger = "unknown: no proxy, or it did not say";

const tableOf = (callers: readonly PlaintextCaller[]): Table<PlaintextCaller> => ({
  key: ({ from, to, what }) => `${from ?? ""} ${to} ${what}`,
  order: "worst first",
  rows: () => callers,
  columns: [
    { id: "verdict", title: "UNDER STRICT", width: 12, align: "left", cell: ({ verdict }) => verdict },
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
    { id: "mode", title: "MODE THEN", width: 10, align: "left", cell: ({ after }) => modeWord(after) },
    {
      id: "by",
      title: "DECIDED BY",
      width: 24,
      align: "left",
      cell: ({ after }) => (after === null ? "?" : objectWord(after.from)),
    },
  ],
});

function modeWord(after: PlaintextCaller["after"]): string {
  if (after === null) return "?";
  const ports = Object.entries(after.ports).map(([port, mode]) => `${port} ${mode}`);
  return ports.length === 0 ? after.mode : `${after.mode}, ${ports.join(", ")}`;
}

const callerFields = ({ from, to, what, count, verdict, after }: PlaintextCaller): Fields => ({
  from,
  to,
  what,
  count: Math.ceil(count),
  verdict,
  ...(after === null ? {} : { mode: after.mode, decidedBy: refFields(after.from), ports: after.ports }),
});

/** The whole answer for stdout, without a final newline. */
export function printStrictPreview(preview: StrictPreview, mesh: Mesh, format: OutputFormat): string {
  const { namespace, isMesh, over, callers, unseen, withoutProxy, unnamed } = preview;
  const document: Fields = {
    namespace,
    mesh: isMesh,
    overMs: over,
    callers: callers.map(callerFields),
    unseen,
    withoutProxy,
    unnamedRatio: rounded(unnamed),
  };
  if (format === "json") return JSON.stringify(document, null, 2);
  if (format === "yaml") return stringify(document).trimEnd();
  return printed(tableOf(callers), mesh, null);
}

/** What else there is to know, for stderr. */
export function strictRemarks(preview: StrictPreview): readonly string[] {
  const { namespace, isMesh, over, callers, unseen, withoutProxy, unnamed } = preview;
  const where = isMesh ? "the mesh" : `namespace ${namespace}`;
  const cut = callers.filter(({ verdict }) => verdict !== "stays");
  const time = formatDuration(over);
  return [
    cut.length === 0
      ? `Nobody who was seen in the last ${time} would be cut off by STRICT for ${where}.`
      : `${cut.length} of those who came in plaintext in the last ${time} would be cut off by STRICT for ${where}, or may be.`,
    ...(unnamed === 0
      ? []
      : [
          `Of ${(unnamed * 100).toFixed(1)} % of what arrived it is not known how it travelled: connection_security_policy is missing.`,
        ]),
    ...(unseen.length === 0
      ? []
      : [`Nothing is known of callers of ${listed(unseen)}: nothing arrived, or nobody scrapes them.`]),
    ...(withoutProxy.length === 0 ? [] : [`No proxy enforces it at ${listed(withoutProxy)}.`]),
  ];
}

const most = 8;

function listed(names: readonly string[]): string {
  const rest = names.length - most;
  return names.slice(0, most).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
