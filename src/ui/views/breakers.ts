import type { Breaker } from "../../data/mesh/model/breaker.ts";
import { breakerTable, clientSentences, limitWords } from "../columns/breakers.ts";
import { sourceWord } from "../columns/words.ts";
import type { Subject } from "../state/uiState.ts";
import { lookSentences, withLooks } from "./breakerLooks.ts";
import { tableContent } from "./tableContent.ts";
import type { View } from "./view.ts";

/** The object that sets the limits; the service where that is the mesh's own default. */
function subjectOf({ service, definedBy }: Breaker): Subject {
  if (definedBy === "mesh default") return { is: "service", key: service, ref: null };
  return { is: "object", key: `${definedBy.namespace ?? ""}/${definedBy.name}`, ref: definedBy };
}

export const breakersView: View = {
  id: "breakers",
  title: "breakers",
  commands: ["breakers", "cb"],
  description: "circuit breakers: limits, ejectable hosts, and whether they are seen to act",
  isRoot: true,
  render: (input) =>
    tableContent(
      {
        table: {
          ...breakerTable,
          rows: (mesh, scope) => breakerTable.rows(withLooks(mesh, input.proxies), scope),
        },
        empty: () => ({
          says: ["No DestinationRule here sets a connectionPool or an outlierDetection."],
          kinds: ["destinationrules.networking.istio.io"],
          needsMetrics: false,
        }),
        subject: subjectOf,
        open: ({ service }) => ({ view: "breaker", subject: { is: "service", key: service, ref: null } }),
        service: ({ service }) => service,
        detail: (breaker) => [
          ...lookSentences(breaker, input.mesh, input.proxies),
          `${limitWords(breaker)}.`,
          ...seenSentences(breaker),
          ejectionSentence(breaker),
        ],
      },
      input,
    ),
};

function seenSentences(breaker: Breaker): readonly string[] {
  const said = clientSentences(breaker);
  if (said.length > 0) return [said.join(" ")];
  if (breaker.state.verdict !== "unknown") return [];
  return [
    "No client exports stats of it: proxyStatsMatcher needs .*outlier_detection.* and .*circuit_breakers.*; enter asks callers' proxies.",
  ];
}

function ejectionSentence({ ejectable, hosts, outlierDetection, definedBy }: Breaker): string {
  const defined = `Defined by ${sourceWord(definedBy)}.`;
  if (ejectable === null) return defined;
  const percent = outlierDetection?.maxEjectionPercent ?? 10;
  const none = ejectable === 0 ? `: ${percent} % of ${hosts} is less than one, nothing is ever ejected` : "";
  return `${ejectable} of ${hosts} hosts can be ejected at a time${none}. ${defined}`;
}
