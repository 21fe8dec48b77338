import type { Labels } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, Route, RouteScope, Rule } from "../../data/mesh/model/route.ts";
import type { Observed, Service } from "../../data/mesh/model/service.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import type { Ratio } from "../../data/mesh/units.ts";
import { formatCount, formatMillis, formatObserved, formatRatio, formatShare, nothing } from "./format.ts";
import type { Column, Scope, Table } from "./table.ts";
import { errorsOf, errorTone, flagCell, p95Of, rateTone, rateWord } from "./words.ts";

export interface RouteRow {
  readonly service: Service;
  readonly route: Route;
  readonly rule: Rule;
  /** `null`: the rule redirects, answers itself or delegates. */
  readonly destination: Destination | null;
}

/** Where requests go, one line of a split: what both the routes table and the traffic view have columns for. */
export interface SplitLine {
  readonly name: string;
  readonly weight: number | null;
  readonly share: Ratio | null;
  readonly observed: Observed | null;
  readonly traffic: Traffic;
}

/** Weight beside observed share; the text of a split that has none of a number is "-". */
export const splitColumns: readonly Column<SplitLine>[] = [
  {
    id: "weight",
    title: "WEIGHT",
    width: 6,
    align: "right",
    cell: ({ weight }) => (weight === null ? nothing : String(weight)),
  },
  {
    id: "share",
    title: "SHARE",
    width: 7,
    align: "right",
    cell: ({ share }) => formatShare(share),
  },
  {
    id: "observed",
    title: "OBSERVED",
    width: 10,
    align: "right",
    cell: ({ observed }) => formatObserved(observed),
    tone: (line) => (isOff(line) ? "warn" : undefined),
  },
  {
    id: "requests",
    title: "N",
    width: 5,
    align: "right",
    drop: 2,
    cell: ({ observed }) => formatCount(observed?.requests ?? null),
    tone: () => "muted",
  },
  {
    id: "rate",
    title: "RATE",
    width: 9,
    align: "right",
    drop: 1,
    cell: ({ traffic }) => rateWord(traffic),
    tone: ({ traffic }) => rateTone(traffic),
  },
  {
    id: "errors",
    title: "ERR",
    width: 6,
    align: "right",
    cell: ({ traffic }) => formatRatio(errorsOf(traffic)),
    tone: ({ traffic }) => errorTone(errorsOf(traffic)),
  },
  {
    id: "p95",
    title: "P95",
    width: 6,
    align: "right",
    drop: 0,
    cell: ({ traffic }) => formatMillis(p95Of(traffic)),
  },
];

/** The configured share lies outside of the interval around the observed one. */
export function isOff({ share, observed }: Pick<SplitLine, "share" | "observed">): boolean {
  return share !== null && observed !== null && (share < observed.low || share > observed.high);
}

/** What requests meet that are sent to a broken destination (istio.md 2.4). */
export const problemWords: Readonly<Record<NonNullable<Destination["problem"]>, string>> = {
  "missing subset": "missing subset: no DestinationRule defines it, proxies answer 503 NC",
  "no endpoints": "no endpoints: proxies answer 503 UH",
  "unknown host": "unknown host: no service or ServiceEntry of this name is visible here",
};

/** Every rule of every route, in the order the proxies try them. */
export const routeTable: Table<RouteRow> = {
  key: ({ service, route, rule, destination }) =>
    [
      service.key,
      route.ref.kind,
      route.ref.namespace,
      route.ref.name,
      rule.protocol,
      rule.index,
      destination?.index ?? "",
    ].join("/"),
  labels: ({ service }): Labels => service.labels,
  rows: routeRows,
  order: "as the proxies try them",
  columns: [
    { id: "service", title: "SERVICE", width: 20, align: "left", cell: ({ service }) => service.name },
    {
      id: "namespace",
      title: "NAMESPACE",
      width: 14,
      align: "left",
      cell: ({ service }) => service.namespace,
    },
    {
      id: "route",
      title: "ROUTE",
      width: 30,
      align: "left",
      cell: ({ rule }) => `${rule.ref.kind} ${rule.ref.namespace ?? ""}/${rule.ref.name}`,
    },
    { id: "scope", title: "SCOPE", width: 12, align: "left", cell: ({ route }) => scopeWord(route.scope) },
    {
      id: "rule",
      title: "RULE",
      width: 6,
      align: "right",
      cell: ({ rule }) => `${rule.protocol} ${rule.index + 1}`,
    },
    { id: "match", title: "MATCH", width: 24, align: "left", cell: ({ rule }) => matchWord(rule) },
    {
      id: "destination",
      title: "DESTINATION",
      width: "fill",
      align: "left",
      cell: ({ service, rule, destination }) =>
        destination === null ? (rule.instead ?? nothing) : destinationName(destination, service),
    },
    ...splitColumns.map(({ id, title, width, align, cell, tone }): Column<RouteRow> => ({
      id,
      title,
      width,
      align,
      cell: (row) => cell(splitOf(row)),
      tone: (row) => tone?.(splitOf(row)),
    })),
    {
      id: "flags",
      title: "FLAGS",
      width: 12,
      align: "left",
      cell: ({ destination }) => (destination === null ? "" : flagCell(destination.traffic)) || nothing,
    },
    {
      id: "problem",
      title: "PROBLEM",
      width: 16,
      align: "left",
      cell: ({ rule, destination }) => destination?.problem ?? (rule.unreachable ? "unreachable" : nothing),
      tone: () => "bad",
    },
    {
      id: "note",
      title: "NOTE",
      width: 48,
      align: "left",
      drop: 4,
      cell: ({ rule }) => rule.note ?? nothing,
      tone: () => "muted",
    },
  ],
};

export function routeRows(mesh: Mesh, scope: Scope): readonly RouteRow[] {
  return mesh.services
    .filter((service) => scope.namespace === null || service.namespace === scope.namespace)
    .flatMap((service) =>
      service.detail.routes.flatMap((route) =>
        route.rules.flatMap((rule): readonly RouteRow[] =>
          rule.destinations.length === 0
            ? [{ service, route, rule, destination: null }]
            : rule.destinations.map((destination) => ({ service, route, rule, destination })),
        ),
      ),
    );
}

function splitOf({ service, destination }: RouteRow): SplitLine {
  if (destination === null)
    return {
      name: "",
      weight: null,
      share: null,
      observed: null,
      traffic: { requests: null, connections: null },
    };
  return { ...destination, name: destinationName(destination, service) };
}

/** `mesh`, `gw istioinaction/coolstore-gateway`, or both. */
export function scopeWord({ mesh, gateways }: RouteScope): string {
  return [...(mesh ? ["mesh"] : []), ...gateways.map((gateway) => `gw ${gateway}`)].join(", ") || nothing;
}

/** The entries of a rule, OR-ed; without any it takes everything that no rule before it took. */
export function matchWord(rule: Rule): string {
  return rule.matches.length === 0 ? "everything else" : rule.matches.join(" or ");
}

/** The subset where it is one of this service, else the service or host that requests are sent to. */
export function destinationName(destination: Destination, service: Service): string {
  const { subset, port } = destination;
  const suffix = port === null ? "" : `:${port}`;
  if (destination.service === service.key) return (subset ?? service.name) + suffix;
  const host = destination.service ?? destination.host;
  const near = host.startsWith(`${service.namespace}/`) ? host.slice(service.namespace.length + 1) : host;
  return `${near}${suffix}${subset === null ? "" : ` ${subset}`}`;
}
