import { mayWrite, type Level } from "../../actions/guard.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Mesh, SourceState } from "../../data/mesh/model/mesh.ts";
import type { Instant } from "../../data/mesh/units.ts";
import type { Session } from "../appProps.ts";
import { formatAge, formatDuration } from "../columns/format.ts";
import { spread, span } from "../paint/line.ts";
import type { Line, Span } from "../paint/span.ts";
import { digitNamespaces } from "../state/namespaces.ts";
import { currentPage, type UiState } from "../state/uiState.ts";
import { viewOf } from "../views/index.ts";

const gap: Span = { text: "  " };

/** Narrower screens leave out the window, then a cluster that is live. */
const wide = 72;
const narrow = 60;

/** `prod-eu  istioinaction  graph        prom <10 s  kube live  w 1m  [ro]`. */
export function headerLine(state: UiState, mesh: Mesh, session: Session, now: Instant): Line {
  const left: Line = [
    span(` ${clean(nameOf(session))}`, "accent"),
    gap,
    span(state.namespace ?? "all namespaces", "title"),
    gap,
    span(viewOf(currentPage(state).view).title),
  ];
  const isQuiet = state.size.columns < narrow && mesh.sources.kubernetes.is === "live";
  const right: Line = [
    ...sourceSpans("prom", mesh.sources.prometheus, now),
    ...(isQuiet ? [] : sourceSpans("kube", mesh.sources.kubernetes, now)),
    ...(state.size.columns < wide ? [] : [span(`w ${formatDuration(mesh.window)}`, "muted"), gap]),
    levelSpan(state, session.level, now),
    { text: " " },
  ];
  return spread(left, [{ text: " " }, ...right], state.size.columns);
}

const nameOf = ({ scenario, context, wanted }: Session): string =>
  scenario === null ? (context === "" ? wanted : context) : `demo ${scenario}`;

/** `[ro]`, `[rw]`, `[protected]` (a name is typed before a write), or `[armed 10 m]`: read-only, but for so long. */
function levelSpan({ armedUntil, size }: UiState, level: Level, now: Instant): Span {
  if (level === "open") return span("[rw]", "warn");
  if (level === "protected") return span(size.columns < narrow ? "[rw!]" : "[protected]", "warn");
  if (armedUntil === null || !mayWrite(level, armedUntil, now)) return span("[ro]", "good");
  return span(`[armed ${minutesLeft(armedUntil - now)}]`, "bad");
}

const minuteMs = 60_000;

/** Rounded up, in steps of five minutes while there are many and then of one: a number that ticks costs bytes. */
function minutesLeft(ms: number): string {
  const minutes = Math.ceil(ms / minuteMs);
  return minutes > 10 ? `${Math.ceil(minutes / 5) * 5} m` : ms < minuteMs ? "<1 m" : `${minutes} m`;
}

/** Prometheus is asked, so its answer has an age; Kubernetes is watched: live, or old since. */
function sourceSpans(name: string, source: SourceState, now: Instant): readonly Span[] {
  const label = span(`${name} `, "muted");
  if (source.is === "waiting") return [label, span("waiting", "accent"), gap];
  if (source.is === "stale")
    return [label, span(source.at === null ? "never" : `${formatAge(source.at, now)} old`, "bad"), gap];
  return [label, span(name === "kube" ? "live" : formatAge(source.at, now), "good"), gap];
}

/** `0 all  1 istioinaction  2 istio-system`, the chosen one marked. */
export function namespaceLine(state: UiState, mesh: Mesh): Line {
  const names = [null, ...digitNamespaces(mesh)];
  return [
    { text: " " },
    ...names.flatMap((name, digit): readonly Span[] => {
      const text = name ?? "all";
      const chosen = name === state.namespace;
      return [
        span(`${digit} `, "key"),
        chosen ? { text, tone: "title", underline: true } : span(text, "muted"),
        gap,
      ];
    }),
  ];
}
