import { findingsByService } from "../../data/mesh/checks/findingsOf.ts";
import type { Finding } from "../../data/mesh/finding.ts";
import { isSame } from "../../data/mesh/share.ts";
import type { Canary } from "../../data/mesh/model/canary.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import { findingMark } from "./findingMark.ts";
import { formatMillis, formatRatio, nothing } from "./format.ts";
import type { Scope, Table } from "./table.ts";
import {
  breakerTones,
  breakerWords,
  canaryTone,
  canaryWord,
  contradicts,
  errorsOf,
  errorTone,
  lockTone,
  lockWord,
  p95Of,
  rateOrder,
  rateTone,
  rateWord,
} from "./words.ts";

export interface ServiceRow {
  readonly service: Service;
  readonly canary: Canary | null;
  /** About it and about what decides over its traffic, the worst first. */
  readonly findings: readonly Finding[];
}

/** One row for each service of the mesh and each external host, worst first. */
export const serviceTable: Table<ServiceRow> = {
  key: ({ service }) => service.key,
  labels: ({ service }) => service.labels,
  rows: serviceRows,
  order: "worst first",
  columns: [
    {
      id: "service",
      title: "SERVICE",
      width: "fill",
      align: "left",
      letter: "N",
      cell: ({ service }) => service.name,
      tone: ({ service }) => (service.kind === "external" ? "external" : undefined),
      sort: ({ service }) => service.name,
    },
    {
      id: "namespace",
      title: "NAMESPACE",
      width: 13,
      least: 10,
      align: "left",
      letter: "P",
      drop: 0,
      cell: ({ service }) => service.namespace,
      tone: () => "muted",
      sort: ({ service }) => service.namespace,
    },
    {
      id: "rate",
      title: "RATE",
      width: 9,
      align: "right",
      letter: "R",
      cell: ({ service }) => rateWord(service.traffic),
      tone: ({ service }) => rateTone(service.traffic),
      sort: ({ service }) => rateOrder(service.traffic),
    },
    {
      id: "errors",
      title: "ERR",
      width: 6,
      align: "right",
      letter: "E",
      cell: ({ service }) => formatRatio(errorsOf(service.traffic)),
      tone: ({ service }) => errorTone(errorsOf(service.traffic)),
      sort: ({ service }) => errorsOf(service.traffic),
    },
    {
      id: "p50",
      title: "P50",
      width: 6,
      align: "right",
      letter: "M",
      drop: 6,
      cell: ({ service }) => formatMillis(service.traffic.requests?.p50 ?? null),
      sort: ({ service }) => service.traffic.requests?.p50 ?? null,
    },
    {
      id: "p95",
      title: "P95",
      width: 6,
      align: "right",
      letter: "L",
      drop: 0,
      cell: ({ service }) => formatMillis(p95Of(service.traffic)),
      sort: ({ service }) => p95Of(service.traffic),
    },
    {
      id: "p99",
      title: "P99",
      width: 6,
      align: "right",
      letter: "T",
      drop: 5,
      cell: ({ service }) => formatMillis(service.traffic.requests?.p99 ?? null),
      sort: ({ service }) => service.traffic.requests?.p99 ?? null,
    },
    {
      id: "versions",
      title: "VERSIONS",
      width: 13,
      align: "left",
      drop: 2,
      cell: ({ service }) => versionsWord(service),
    },
    {
      id: "mtls",
      title: "MTLS",
      width: 6,
      align: "left",
      letter: "K",
      drop: 0,
      cell: ({ service }) => lockWord(service.lock),
      tone: ({ service }) => lockTone(service.lock),
      sort: ({ service }) => (service.lock.mtls === null ? null : 1 - service.lock.mtls),
    },
    {
      id: "breaker",
      title: "BREAKER",
      width: 8,
      align: "left",
      letter: "B",
      drop: 0,
      cell: ({ service }) => breakerWords[service.breaker.verdict],
      tone: ({ service }) => breakerTones[service.breaker.verdict],
      sort: ({ service }) =>
        service.breaker.verdict === "none"
          ? null
          : (service.breaker.overflow ?? 0) + (service.breaker.noHealthyUpstream ?? 0),
    },
    {
      id: "checks",
      title: "CHK",
      width: 3,
      align: "left",
      letter: "F",
      drop: 0,
      cell: ({ findings }) => findingMark(findings)?.text ?? nothing,
      tone: ({ findings }) => findingMark(findings)?.tone ?? "muted",
      sort: ({ findings }) => findingMark(findings)?.count ?? null,
    },
    {
      id: "canary",
      title: "CANARY",
      width: 9,
      align: "left",
      letter: "C",
      drop: 3,
      cell: ({ canary }) => (canary === null ? nothing : canaryWord(canary)),
      tone: ({ canary }) => (canary === null ? "muted" : canaryTone(canary)),
      sort: ({ canary }) => canary?.phase ?? null,
    },
    {
      id: "endpoints",
      title: "READY",
      width: 5,
      align: "right",
      letter: "Y",
      drop: 4,
      cell: ({ service }) => endpointsWord(service),
      tone: ({ service }) => (service.endpoints.ready < service.endpoints.total ? "bad" : undefined),
      sort: ({ service }) =>
        service.endpoints.total === 0 ? null : -service.endpoints.ready / service.endpoints.total,
    },
  ],
};

/** Same service, canary and findings, same row: a row keeps its identity through refreshes that do not change it. */
const rowsByService = new WeakMap<Service, ServiceRow>();

export function serviceRows(mesh: Mesh, scope: Scope): readonly ServiceRow[] {
  const canaries = new Map(mesh.canaries.map((canary) => [canary.key, canary]));
  const findings = findingsByService(mesh);
  return mesh.services
    .filter((service) => scope.namespace === null || service.namespace === scope.namespace)
    .map((service) =>
      rowOf({
        service,
        canary: service.canary === null ? null : (canaries.get(service.canary) ?? null),
        findings: findings.get(service.key) ?? noFindings,
      }),
    )
    .map((row) => ({ row, badness: badness(row), failing: failing(row.service) }))
    .sort((a, b) => b.badness - a.badness || b.failing - a.failing || busier(a.row, b.row))
    .map(({ row }) => row);
}

const noFindings: readonly Finding[] = [];

function rowOf(row: ServiceRow): ServiceRow {
  const known = rowsByService.get(row.service);
  if (known?.canary === row.canary && isSame(known.findings, row.findings)) return known;
  rowsByService.set(row.service, row);
  return row;
}

/** 2: somebody is being refused now. 1: something is not as it should be. 0: nothing known. */
function badness({ service, findings }: ServiceRow): number {
  const { verdict } = service.breaker;
  const tone = errorTone(errorsOf(service.traffic));
  if (verdict === "tripping" || verdict === "ejected" || tone === "bad") return 2;
  const isDown = service.endpoints.total > 0 && service.endpoints.ready === 0;
  const isWrong = findings.some(({ severity }) => severity === "error");
  return tone === "warn" || isDown || isWrong || contradicts(service.lock) ? 1 : 0;
}

const failing = ({ traffic }: Service): number =>
  (traffic.requests?.rate ?? 0) * (traffic.requests?.errors ?? 0);

const busier = (a: ServiceRow, b: ServiceRow): number =>
  (rateOrder(b.service.traffic) ?? -2) - (rateOrder(a.service.traffic) ?? -2);

/** `v1 89% v2 11%`: the part of the requests that reached each version, the largest first. */
function versionsWord(service: Service): string {
  return [...service.detail.versions]
    .sort((a, b) => (b.share?.share ?? 0) - (a.share?.share ?? 0))
    .map(({ version, share }) => {
      const name = versionName(version, service.name, service.detail.versions.length);
      return share === null ? name : `${name} ${(share.share * 100).toFixed(0)}%`.trim();
    })
    .join(" ");
}

/** What a version adds to the name of its service: workloads without a version label carry the service's name in theirs. */
function versionName(version: string, service: string, versions: number): string {
  if (version === service) return versions === 1 ? "" : version;
  return version.startsWith(`${service}-`) ? version.slice(service.length + 1) : version;
}

function endpointsWord({ kind, endpoints }: Service): string {
  if (kind === "external" && endpoints.total === 0) return nothing;
  return `${endpoints.ready}/${endpoints.total}`;
}
