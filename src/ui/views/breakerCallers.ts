import { breakerCallers, mostCallers, type BreakerCaller } from "../../data/mesh/proxies/breakerCallers.ts";
import type { BreakerLook } from "../../data/mesh/proxies/breakerLook.ts";
import type { EnvoyCluster } from "../../data/mesh/proxies/envoyClusters.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { explain } from "../../data/mesh/result.ts";
import { ejectedNames, statsAdvice } from "../columns/envoyClusters.ts";
import { formatClock, formatRate } from "../columns/format.ts";
import { rowLine, type Layout } from "../columns/table.ts";
import { span } from "../paint/line.ts";
import type { Line, Span, Tone } from "../paint/span.ts";
import { wrapped } from "../paint/wrap.ts";
import type { Target } from "../state/content.ts";
import type { Subject } from "../state/uiState.ts";
import type { Block, Row } from "./block.ts";
import { workloadSubject } from "./subjects.ts";
import { gutter } from "./tableContent.ts";
import type { ViewInput } from "./view.ts";

/** What a line with the cursor on it is about. */
export interface BreakerStop {
  /** `null`: the service of the page. */
  readonly subject: Subject | null;
  readonly opens: Target | string;
}

type BreakerRow = Row<BreakerStop>;

const pad: Span = { text: " ".repeat(gutter) };
const deep = gutter + 4;

/** One for each caller that was asked, the busiest first. */
export function callerBlocks(
  service: Service,
  layout: Layout<EnvoyCluster>,
  input: ViewInput,
): readonly Block<BreakerStop>[] {
  const looks = input.proxies.callers[service.key] ?? {};
  const { withProxy } = breakerCallers(input.mesh, service.key);
  return withProxy.flatMap((caller): readonly Block<BreakerStop>[] => {
    const look = looks[caller.workload];
    if (look === undefined) return [];
    return [{ rows: [callerRow(caller, look, input.mesh), ...lookRows(look, layout, input)] }];
  });
}

function callerRow(
  { workload, namespace, rate }: BreakerCaller,
  look: BreakerLook | null,
  mesh: Mesh,
): BreakerRow {
  const known = mesh.workloads.find(({ key }) => key === workload);
  const subject = known === undefined ? null : workloadSubject(known);
  const pod = look?.pod ?? null;
  const ref = { group: "", version: "v1", kind: "Pod", namespace, name: pod ?? "" };
  const opens: Target | string =
    pod === null
      ? `No proxy of ${workload} has answered; ctrl-r asks again.`
      : { view: "proxy", subject: { is: "object", key: `${namespace}/${pod}`, ref } };
  const told: readonly Span[] =
    look === null
      ? [span("asking", "muted")]
      : [
          ...(look.clusters.ok ? [] : [span("unknown  ", "warn")]),
          span(
            `${pod === null ? "" : `${look.clusters.ok ? "by" : "asked of"} ${pod} `}at ${formatClock(look.at)}`,
            "muted",
          ),
        ];
  const calls = rate === null ? "" : `  ${formatRate(rate)}`;
  return {
    line: [pad, span(workload, "title"), span(`${calls}  `), ...told],
    stop: { key: `caller:${workload}`, about: { subject, opens } },
  };
}

/** Clusters of one proxy that are shown: a service of many ports and subsets has more. */
const mostClusters = 24;

function lookRows(
  look: BreakerLook | null,
  layout: Layout<EnvoyCluster>,
  input: ViewInput,
): readonly BreakerRow[] {
  if (look === null) return [];
  const { clusters } = look;
  if (!clusters.ok) return paragraph(explain(clusters.error), input, { indent: deep });
  if (clusters.value.length === 0)
    return paragraph("It knows no such host: its Sidecar may not import it.", input, { indent: deep });
  const rest = clusters.value.length - mostClusters;
  return [
    ...clusters.value.slice(0, mostClusters).flatMap((cluster): readonly BreakerRow[] => [
      { line: [pad, ...rowLine(layout, cluster)] },
      ...ejectedNames(cluster).map((name) => ({
        line: [{ text: " ".repeat(deep + 2) }, span("ejected ", "bad"), span(name)],
      })),
    ]),
    ...(rest > 0 ? paragraph(`${rest} more clusters.`, input, { indent: deep, tone: "muted" }) : []),
  ];
}

/** Who was not asked and why, for whom the others speak, and how to know it of all. */
export function noteBlock(service: Service, input: ViewInput): Block<BreakerStop> {
  const { withProxy, without } = breakerCallers(input.mesh, service.key);
  const looks = input.proxies.callers[service.key] ?? {};
  const told = withProxy.flatMap(({ workload }) => looks[workload] ?? []);
  const others = withProxy.filter(({ workload }) => looks[workload] === undefined);
  const clusters = told.flatMap((look) => (look.clusters.ok ? look.clusters.value : []));
  const isUnknown = service.breaker.verdict === "unknown" || told.some((look) => !look.clusters.ok);
  const says: readonly (string | null)[] = [
    withProxy.length === 0 ? nobody(input.mesh) : null,
    others.length > 0 ? othersWords(others) : null,
    without.length > 0
      ? `Before ${without.map(({ key }) => key).join(", ")} stands no breaker: no Envoy of its own.`
      : null,
    clusters.length > 0 ? "The proxy of every pod has a breaker of its own, and tells of no other." : null,
    clusters.some(({ maxPending }) => maxPending !== null)
      ? "How many requests are pending Envoy does not tell here."
      : null,
    isUnknown || withProxy.length === 0 ? `To know of all clients: ${statsAdvice}.` : null,
  ];
  const lines = says.flatMap((text) =>
    text === null ? [] : paragraph(text, input, { indent: gutter, tone: "muted" }),
  );
  return { rows: lines };
}

function othersWords(others: readonly BreakerCaller[]): string {
  const names = others.slice(0, mostCallers).map(({ workload }) => workload);
  const more = others.length > names.length ? ` and ${others.length - names.length} more` : "";
  return `Not asked: ${names.join(", ")}${more}; only one pod of the ${mostCallers} busiest callers is.`;
}

function nobody({ sources }: Mesh): string {
  return sources.prometheus.is === "live"
    ? "Unknown: nobody with a proxy is seen calling it, so there is no proxy to ask."
    : "Unknown: who calls it is known from Prometheus, which does not answer now, so there is no proxy to ask.";
}

function paragraph(
  text: string,
  { size }: ViewInput,
  { indent, tone }: { readonly indent: number; readonly tone?: Tone },
): readonly BreakerRow[] {
  return wrapped(text, Math.max(20, size.columns - indent - gutter)).map((part) => {
    const line: Line = [{ text: " ".repeat(indent) }, span(part, tone)];
    return { line };
  });
}
