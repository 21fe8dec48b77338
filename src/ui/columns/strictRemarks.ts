import type { StrictPreview } from "../../data/mesh/strictPreview.ts";
import { formatDuration } from "./format.ts";

/** What a preview comes to in sentences, the answer first. */
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
