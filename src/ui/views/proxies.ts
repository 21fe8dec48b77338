import { proxiesIn, silentIn, type ProxyReading } from "../../data/mesh/proxies/proxyReading.ts";
import { worstOf, type ProxySync, type XdsSync } from "../../data/mesh/proxies/syncStatus.ts";
import { explain } from "../../data/mesh/result.ts";
import { millis } from "../../data/mesh/units.ts";
import { formatDuration } from "../columns/format.ts";
import { proxyTable } from "../columns/proxies.ts";
import { span } from "../paint/line.ts";
import type { Line, Tone } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Subject } from "../state/uiState.ts";
import { gutter, tableContent } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

/** Which proxies have what istiod sent them; asked for while it is open. */
export const proxiesView: View = {
  id: "proxies",
  title: "proxies",
  commands: ["proxies", "proxy", "ps", "proxystatus"],
  description: "which proxies have the newest configuration, by every istiod",
  isRoot: true,
  render: (input) => {
    const reading = readingIn(input);
    const all = reading === null ? [] : rowsIn(reading);
    const content = tableContent(
      {
        table: proxyTable(all),
        empty: () => ({ says: [], kinds: [], needsMetrics: false }),
        subject: subjectOf,
        open: (row) => ({ view: "proxy", subject: subjectOf(row) }),
        detail: (row) => detailOf(row, reading),
        summary: () => summaryLines(input),
      },
      input,
    );
    return all.length > 0 ? content : { ...content, empty: whyEmpty(input) };
  },
};

function readingIn({ proxies }: ViewInput): ProxyReading | null {
  return proxies.result?.ok === true ? proxies.result.value : null;
}

/** Rows of a reading for as long as it lives. */
const known = new WeakMap<ProxyReading, readonly ProxySync[]>();

function rowsIn(reading: ProxyReading): readonly ProxySync[] {
  const rows = known.get(reading) ?? proxiesIn(reading);
  known.set(reading, rows);
  return rows;
}

function subjectOf({ namespace, pod, key }: ProxySync): Subject {
  const ref = { group: "", version: "v1", kind: "Pod", namespace, name: pod };
  return { is: "object", key, ref };
}

function whyEmpty(input: ViewInput): readonly string[] {
  const { result } = input.proxies;
  const { kubernetes } = input.mesh.sources;
  if (result?.ok !== true && kubernetes.is === "stale" && kubernetes.at === null)
    return [explain(kubernetes.error)];
  if (result === null) return ["Asking every istiod."];
  if (!result.ok) return [explain(result.error)];
  // What an istiod said instead of an answer stands above already.
  if (silentIn(result.value).length > 0) return ["No istiod has told of a proxy."];
  return input.namespace === null
    ? ["No proxy is connected to any istiod."]
    : [`No proxy of namespace ${input.namespace} is connected to any istiod; 0 shows all of them.`];
}

function summaryLines(input: ViewInput): readonly Line[] {
  const reading = readingIn(input);
  if (reading === null) return [];
  const late = rowsIn(reading).filter((row) => ["stale", "rejected"].includes(worstOf(row))).length;
  const answered = reading.istiods.filter(({ result }) => result.ok).length;
  const counted = `${answered} of ${reading.istiods.length} istiods answered`;
  const told =
    late === 0 ? "" : `; ${late} of their proxies ${late === 1 ? "has" : "have"} not what was sent`;
  return [
    ...indented(`${counted}${told}.`, input, late === 0 ? "muted" : "bad"),
    ...silentIn(reading).flatMap((error) => indented(explain(error), input, "warn")),
  ];
}

function indented(sentence: string, { size }: ViewInput, tone: Tone): readonly Line[] {
  return wrapped(sentence, Math.max(10, size.columns - 2 * gutter)).map((text): Line => [
    { text: " ".repeat(gutter) },
    span(text, tone),
  ]);
}

function detailOf(row: ProxySync, reading: ProxyReading | null): readonly string[] {
  const { istiod, xds } = row;
  const bad = xds.filter(({ state }) => state === "stale" || state === "rejected");
  const subscribed = xds.map(({ type }) => type).join(" ");
  return [
    ...bad.map((one) => lateSentence(one, reading)),
    `${row.type || "proxy"} of revision ${istiod.revision}, served by ${istiod.namespace}/${istiod.name}; ${subscribed}.`,
  ];
}

function lateSentence({ type, state, sentAt, error }: XdsSync, reading: ProxyReading | null): string {
  if (state === "rejected") return `${type} was rejected, the proxy keeps what it had: ${error ?? ""}`;
  const isOld = sentAt !== null && reading !== null && reading.at > sentAt;
  const since = isOld ? ` ${formatDuration(millis(reading.at - sentAt))} ago` : "";
  return `${type} was sent${since} and not acknowledged: the proxy works with what it had before.`;
}
