import { clean } from "../clean.ts";
import type { Declared, KindStatus } from "../declared/declared.ts";
import { explain } from "../result.ts";
import type { Telemetry } from "../telemetry.ts";

/** One line for each thing that cannot be seen, and why. A kind that the server does not serve is no gap: there is none of it. */
export function notesOf(declared: Declared, telemetry: Telemetry | null): readonly string[] {
  return [...declared.kinds.flatMap(kindNote), ...(telemetry === null ? [] : telemetryNotes(telemetry))].map(
    clean,
  );
}

function kindNote({ kind, namespace, state }: KindStatus): readonly string[] {
  const where = namespace === null ? "" : ` in namespace ${namespace}`;
  if (state.is === "forbidden") return [`${kind}${where}: not readable. ${explain(state.error)}`];
  if (state.is === "stale")
    return [`${kind}${where}: the watch is down, old data stays. ${explain(state.error)}`];
  return [];
}

function telemetryNotes({ capabilities, failed }: Telemetry): readonly string[] {
  const missing = Object.entries(capabilities.missingLabels).flatMap(([metric, labels]) =>
    labels.length === 0
      ? []
      : [`${metric} has no label ${labels.join(", ")}: what it would tell apart is shown together.`],
  );
  return [...missing, ...failed.map(({ query, error }) => `Query ${query} failed. ${explain(error)}`)];
}
