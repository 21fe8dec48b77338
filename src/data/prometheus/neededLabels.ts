/** Labels that the columns are made of, and which of them a Prometheus does not have. Pure. */
import type { MetricRole } from "../mesh/telemetry.ts";
import { pairLabels } from "./metrics.ts";

const pair = ["reporter", ...Object.values(pairLabels)];

/** The other metrics carry what these carry: the proxies label requests, durations and connections each in one way. */
export type LabelledRole = Extract<MetricRole, "requests" | "durationBucket" | "tcpOpened">;

const needed: Readonly<Record<LabelledRole, readonly string[]>> = {
  requests: [...pair, "request_protocol", "response_code", "response_flags", "connection_security_policy"],
  durationBucket: [...pair, "le"],
  tcpOpened: [...pair, "connection_security_policy"],
};

/** Labels that apply to few meshes, and one that no column is made of: without them nothing is lost. */
const optional: ReadonlySet<string> = new Set([
  "source_canonical_revision",
  "source_cluster",
  "destination_cluster",
  "destination_version",
]);

/** Labels that every series of a metric should carry and that are not among `present`. */
export function absentLabels(role: LabelledRole, present: ReadonlySet<string>): readonly string[] {
  return needed[role].filter((label) => !present.has(label) && !optional.has(label));
}

/** Names of the labels that at least one of these carries. Prometheus leaves an empty label out. */
export function carriedLabels(
  samples: readonly { readonly labels: Readonly<Record<string, string>> }[],
): ReadonlySet<string> {
  const carried = new Set<string>();
  for (const { labels } of samples) for (const label in labels) carried.add(label);
  return carried;
}
