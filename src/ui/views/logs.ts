import { nameOf } from "../../data/mesh/declared/meta.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { parseLogFilter, type LogTest } from "../../data/mesh/proxyLog/logFilter.ts";
import type { LogLine } from "../../data/mesh/proxyLog/logTail.ts";
import { accessColumns, entrySentences, type LogRow } from "../columns/accessLog.ts";
import { headLine, layOut, rowLine } from "../columns/table.ts";
import { span } from "../paint/line.ts";
import type { Line } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Content } from "../state/content.ts";
import type { Tailing } from "../state/tailEvent.ts";
import { workloadsOf } from "../state/tailing.ts";
import { gutter } from "./tableContent.ts";
import type { View, ViewInput } from "./view.ts";

/** The access log of a workload's proxies, as they write it. */
export const logsView: View = {
  id: "logs",
  title: "logs",
  commands: ["logs", "accesslog"],
  description: "the access log of a workload's proxies, as they write it",
  isRoot: false,
  render: logsContent,
};

const detailHeight = 6;

function logsContent(input: ViewInput): Content {
  const { page, logs } = input;
  const filter = parseLogFilter(page.filter);
  const all = logs === null ? [] : (logs.frozen ?? logs.tail).lines;
  const lines = filter.ok && filter.value !== null ? passing(all, page.filter, filter.value) : all;
  const byKey = (key: string | null): LogLine | undefined => lines.find(({ id }) => String(id) === key);
  return {
    about: page.subject?.key ?? "",
    counts: { shown: lines.length, of: all.length },
    remark: logs === null ? "" : remarkOf(logs),
    ...rowsOf(lines, input),
    length: lines.length,
    sideways: 0,
    cursor: "rows",
    stops: lines.map(({ id }, line) => ({ key: String(id), line })),
    empty: emptyWords(input, all.length, filter.ok ? null : filter.error),
    subject: () => page.subject,
    open: () => "A line of a log leads nowhere; what it says in full stands below.",
    detail: { rows: detailHeight, lines: (key) => detailLines(byKey(key), input.size.columns) },
    whyNotFilter: (text) => {
      const parsed = parseLogFilter(text);
      return parsed.ok ? null : parsed.error;
    },
  };
}

function rowsOf(lines: readonly LogLine[], input: ViewInput): Pick<Content, "head" | "line"> {
  const layout = layOut(accessColumns((input.logs?.pods.length ?? 0) > 1), input.size.columns - gutter);
  const pad = { text: " ".repeat(gutter) };
  return {
    head: [...summaryLines(input), [pad, ...headLine(layout, null, input.glyphs)]],
    line: (index) => {
      const line = lines[index];
      if (line === undefined) return [];
      const { entry } = line;
      return entry === null ? [pad, span(line.text, "muted")] : [pad, ...rowLine(layout, { line, entry })];
    },
  };
}

/** What a line was last found to be, so that news cost no more than what is new. */
const verdicts = new WeakMap<LogLine, { readonly text: string; readonly passes: boolean }>();

function passing(lines: readonly LogLine[], text: string, test: LogTest): readonly LogLine[] {
  return lines.filter((line) => {
    const known = verdicts.get(line);
    if (known?.text === text) return known.passes;
    const passes = test(line);
    verdicts.set(line, { text, passes });
    return passes;
  });
}

/** `following`, or how much came since it stands still; and what was let go. */
function remarkOf({ tail, frozen }: Tailing): string {
  const dropped = (frozen ?? tail).dropped;
  const gone = dropped === 0 ? "" : `${dropped} older dropped, `;
  if (frozen === null) return `${gone}following`;
  const newer = Math.max(0, (tail.lines.at(-1)?.id ?? 0) - (frozen.lines.at(-1)?.id ?? 0));
  return `${gone}frozen, ${newer} newer`;
}

/** What stands in the way, above the lines: pods that cannot be read, pods that are left out, and a log that is off. */
function summaryLines(input: ViewInput): readonly Line[] {
  const { logs, size } = input;
  if (logs === null) return [];
  const troubles = logs.pods.flatMap(({ why }) => why ?? []);
  const others =
    logs.others === 0
      ? []
      : [
          `${logs.pods.length} of ${logs.pods.length + logs.others} pods are followed, the newest; :logs NAMESPACE/POD takes another.`,
        ];
  const said = [
    ...offWords(input).slice(0, 1),
    ...(logs.problem === null ? [] : [logs.problem]),
    ...troubles,
    ...others,
  ];
  return said
    .slice(0, 3)
    .flatMap((text) => wrapped(text, Math.max(20, size.columns - 2 * gutter)).slice(0, 2))
    .map((text): Line => [{ text: " ".repeat(gutter) }, span(text, "warn")]);
}

/** Why the proxies write no lines here, and how they would; empty: they do, or nobody knows. */
function offWords({ page, mesh }: ViewInput): readonly string[] {
  const workloads = page.subject === null ? [] : workloadsOf(page.subject, mesh);
  const logs = workloads.flatMap(({ accessLog }) => accessLog ?? []);
  const [first] = logs;
  if (first === undefined) return [];
  const by = first.from === "default" ? "nothing switches it on" : `by ${nameOf(first.from)}`;
  if (logs.every(({ is }) => is === "off"))
    return [`The access log is off (${by}): requests are not written down.`, advice(workloads)];
  const providers = [...new Set(logs.flatMap((log) => log.providers))];
  if (logs.every((log) => !log.providers.includes("envoy")))
    return [
      `The access log goes to ${providers.join(", ")} (${by}), which need not be the proxy's own output read here.`,
    ];
  return [];
}

const advice = (workloads: readonly Workload[]): string =>
  `To switch it on: a Telemetry in ${workloads[0]?.namespace ?? "the namespace"} with spec.accessLogging: [{providers: [{name: envoy}]}], or accessLogFile: /dev/stdout in the mesh configuration.`;

function emptyWords(input: ViewInput, total: number, wrong: string | null): readonly string[] {
  const { page, logs } = input;
  if (wrong !== null) return [`Not a filter: ${wrong}.`];
  if (total > 0) return [`No line matches ${page.filter}; more are coming in. esc clears the filter.`];
  if (logs === null) return ["No log is followed."];
  const off = offWords(input).slice(1);
  if (logs.problem !== null) return [...off];
  const opening = logs.pods.length === 0 || logs.pods.some(({ is }) => is === "opening");
  return opening ? ["Opening the logs.", ...off] : ["Nothing has been written yet.", ...off];
}

function detailLines(line: LogLine | undefined, columns: number): readonly Line[] {
  if (line === undefined) return [];
  const row: LogRow | null = line.entry === null ? null : { line, entry: line.entry };
  const sentences = row === null ? [line.text] : entrySentences(row);
  return sentences
    .flatMap((text) => wrapped(text, columns - 2 * gutter))
    .map((text): Line => [{ text: " ".repeat(gutter) }, span(text)]);
}
