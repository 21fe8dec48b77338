import type { KindState, KindStatus } from "../../data/mesh/declared/declared.ts";
import type { SourceState } from "../../data/mesh/model/mesh.ts";
import { silentIn } from "../../data/mesh/proxies/proxyReading.ts";
import { explain } from "../../data/mesh/result.ts";
import { span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { pad } from "../paint/width.ts";
import { section, sentence } from "./describe/sheet.ts";
import { textContent } from "./textContent.ts";
import type { View, ViewInput } from "./view.ts";

/** Where the data comes from, kind by kind, and what cannot be seen. */
export const sourcesView: View = {
  id: "sources",
  title: "sources",
  commands: ["sources", "src", "kinds"],
  description: "what is read from where, and what cannot be seen",
  isRoot: true,
  render: (input) => textContent(sourceLines(input), input),
};

function sourceLines({ mesh, size, proxies }: ViewInput): readonly Line[] {
  const { kubernetes, prometheus, kinds, notes } = mesh.sources;
  return [
    ...section("Kubernetes", [
      ...stateLines(kubernetes, size.columns),
      ...kinds.flatMap((kind) => kindLines(kind, size.columns)),
    ]),
    ...section("Prometheus", stateLines(prometheus, size.columns)),
    ...section("Proxies", proxyLines(proxies, size.columns)),
    ...section(
      "Not seen",
      notes.flatMap((note) => sentence(note, size.columns)),
    ),
  ];
}

function stateLines(state: SourceState, columns: number): readonly Line[] {
  if (state.is === "stale") return sentence(explain(state.error), columns, span("stale: ", "bad"));
  return [
    [
      { text: "  " },
      state.is === "live" ? span("live", "good") : span("waiting for the first answer", "accent"),
    ],
  ];
}

/** One line for each reason why an istiod said nothing. */
function proxyLines({ result }: ViewInput["proxies"], columns: number): readonly Line[] {
  if (result === null) return [[{ text: "  " }, span("asked while :proxies is open", "muted")]];
  if (!result.ok) return sentence(explain(result.error), columns);
  const { istiods } = result.value;
  const answered = istiods.filter((one) => one.result.ok).length;
  const tone = answered === istiods.length ? "good" : "warn";
  return [
    [{ text: "  " }, span(`${answered} of ${istiods.length} istiods answered`, tone)],
    ...silentIn(result.value).flatMap((error) => sentence(explain(error), columns)),
  ];
}

const kindTones: Readonly<Record<KindState["is"], Tone>> = {
  loading: "accent",
  live: "good",
  absent: "muted",
  forbidden: "warn",
  stale: "bad",
};

/** Cells for the name of a kind: `peerauthentications.security.istio.io` fits. */
const kindCells = 44;

function kindLines({ kind, namespace, state, objects }: KindStatus, columns: number): readonly Line[] {
  const where = namespace === null ? "" : ` in ${namespace} only`;
  const noun = objects === 1 ? "object" : "objects";
  const count = state.is === "absent" || state.is === "forbidden" ? "" : `  ${objects} ${noun}${where}`;
  const line: Line = [
    { text: `  ${pad(kind, kindCells)}` },
    span(state.is, kindTones[state.is]),
    span(count, "muted"),
  ];
  return "error" in state ? [line, ...sentence(explain(state.error), columns, { text: "  " })] : [line];
}
