import { findingsByService } from "../../../data/mesh/checks/findingsOf.ts";
import type { GraphEdge } from "../../../data/mesh/model/graph.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Service } from "../../../data/mesh/model/service.ts";
import { formatObserved } from "../../columns/format.ts";
import { clientSentences, limitWords } from "../../columns/breakers.ts";
import { scopeWord } from "../../columns/routes.ts";
import {
  breakerTones,
  breakerWords,
  contradicts,
  edgeRateWord,
  errorsOf,
  lockTone,
  lockWord,
  rateOrder,
  rateWord,
  sourceWord,
} from "../../columns/words.ts";
import { formatRatio } from "../../columns/format.ts";
import { nameOf } from "../../../data/mesh/declared/meta.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { findingSection, identity, labelWords, trafficFacts } from "./parts.ts";
import { balancingFacts, clientTlsFacts, gatewayFacts, waypointFacts } from "./endpointFacts.ts";
import { facts, section, type Fact } from "./sheet.ts";

/** A service: what it is, who decides about it, and what is seen of it. */
export function describeService(service: Service, mesh: Mesh, columns: number): readonly Line[] {
  return [
    ...section("Service", [...identity(service.ref, service.key), ...facts(identityFacts(service))]),
    ...section("Traffic", facts([...trafficFacts(service.traffic), ...neighbours(service, mesh)])),
    ...section("Versions", facts(versionFacts(service))),
    ...section("Subsets", facts(subsetFacts(service))),
    ...section(
      "Routing",
      facts([...routingFacts(service), ...gatewayFacts(service, mesh), ...waypointFacts(service)]),
    ),
    ...section("Endpoints", facts(balancingFacts(service))),
    ...section("Security", facts([...lockFacts(service, mesh), ...clientTlsFacts(service)])),
    ...section("Circuit breaker", facts(breakerFacts(service, mesh))),
    ...findingSection(findingsByService(mesh).get(service.key) ?? [], columns),
  ];
}

function identityFacts({ host, kind, ports, endpoints, labels, workloads }: Service): readonly Fact[] {
  return [
    ["host", kind === "external" ? `${host} (outside of the mesh)` : host],
    ["ports", ports.map(({ name, port, targetPort }) => portWord(name, port, targetPort))],
    [
      "endpoints",
      [
        span(
          `${endpoints.ready} of ${endpoints.total} ready`,
          endpoints.ready < endpoints.total ? "bad" : undefined,
        ),
      ],
    ],
    ["workloads", workloads],
    ["labels", labelWords(labels)],
  ];
}

function portWord(name: string, port: number, target: number | string | null): string {
  const to = target === null || target === port ? "" : ` to ${target}`;
  return `${port}${to}${name === "" ? "" : ` (${name})`}`;
}

function versionFacts(service: Service): readonly Fact[] {
  return service.detail.versions.map(({ version, workload, traffic, share }): Fact => [
    version,
    `${formatObserved(share)} of requests, ${rateWord(traffic)}, errors ${formatRatio(errorsOf(traffic))}, by ${workload}`,
  ]);
}

function subsetFacts(service: Service): readonly Fact[] {
  return service.subsets.map(({ name, labels, endpoints, loadBalancer, definedBy }): Fact => {
    const balancer = loadBalancer === null ? "" : `${loadBalancer}, `;
    return [
      name,
      `${labelWords(labels).join(", ")}, ${endpoints.ready} of ${endpoints.total} ready, ${balancer}from ${nameOf(definedBy)}`,
    ];
  });
}

function routingFacts(service: Service): readonly Fact[] {
  if (service.detail.routes.length === 0) return [["routes", "none: requests go to all endpoints"]];
  return service.detail.routes.map(({ ref, scope, hosts, rules }): Fact => [
    ref.kind,
    `${ref.namespace ?? ""}/${ref.name} [${scopeWord(scope)}] for ${hosts.join(", ")}, ${rules.length} rules`,
  ]);
}

/** Where what is seen contradicts what is configured, with the policies that decide. */
function lockFacts({ lock, workloads }: Service, mesh: Mesh): readonly Fact[] {
  const own = mesh.workloads.filter(({ key }) => workloads.includes(key));
  const deciders = new Set(own.map(({ mtls }) => `${mtls.mode} by ${sourceWord(mtls.from)}`));
  return [
    ["observed", [span(lockWord(lock), lockTone(lock))]],
    ["predicted", lock.predicted ?? "not predictable"],
    ...(contradicts(lock) ? [["contradicted", [...deciders]] as const] : []),
  ];
}

/** Proxies export no stats of a cluster but xds-grpc unless told (istio.md 4.6). */
const statsAdvice: readonly string[] = [
  "proxies export breaker stats only if proxyStatsMatcher.inclusionRegexps has",
  '".*outlier_detection.*" and ".*circuit_breakers.*", in defaultConfig or the pod annotation',
  "proxy.istio.io/config; pods must restart",
];

function breakerFacts({ key, breaker }: Service, mesh: Mesh): readonly Fact[] {
  const limits = mesh.breakers.filter(({ service }) => service === key);
  if (limits.length === 0) return [];
  return [
    ["state", [span(breakerWords[breaker.verdict], breakerTones[breaker.verdict])]],
    ...(breaker.verdict === "unknown"
      ? [["to know more", [...statsAdvice, `or ask callers' proxies now: :breaker ${key}`]] as const]
      : []),
    ...limits.map((limit): Fact => {
      const port = limit.port === null ? "" : `:${limit.port}`;
      const words = `${limitWords(limit)}; from ${sourceWord(limit.definedBy)}`;
      return [`${limit.subset ?? "all"}${port}`, [words, ...clientSentences(limit)]];
    }),
  ];
}

/** Callers and callees, the busiest first. */
function neighbours(service: Service, { graph }: Mesh): readonly Fact[] {
  const own = new Set([`service:${service.key}`, ...service.workloads.map((key) => `workload:${key}`)]);
  const nameOf = (id: string): string => id.replace(/^(workload|service):/, "");
  // Several versions may call the same: each of their lines says whose it is.
  const whose = ({ from }: GraphEdge, end: "from" | "to"): string =>
    end === "to" && service.workloads.length > 1 ? ` by ${nameOf(from)}` : "";
  const busiest = (edges: readonly GraphEdge[], end: "from" | "to"): readonly string[] =>
    edges
      .toSorted((a, b) => (rateOrder(b.traffic) ?? -2) - (rateOrder(a.traffic) ?? -2))
      .map((edge) => `${nameOf(edge[end])}  ${edgeRateWord(edge)}${whose(edge, end)}`);
  return [
    [
      "called by",
      busiest(
        graph.edges.filter(({ to }) => to === `service:${service.key}`),
        "from",
      ),
    ],
    [
      "calls",
      busiest(
        graph.edges.filter(({ from, to }) => own.has(from) && !own.has(to)),
        "to",
      ),
    ],
  ];
}
