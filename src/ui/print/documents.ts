/** What `meshtop get` answers, as data: one document per view. The schema is in docs/json.md and is kept stable. */
import { alikeOf } from "../../data/mesh/checks/table.ts";
import type { Finding } from "../../data/mesh/finding.ts";
import type { Json } from "../../data/mesh/json.ts";
import type { Breaker, SeenByClients } from "../../data/mesh/model/breaker.ts";
import type { EgressHost, OutboundPolicy } from "../../data/mesh/model/egress.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, MirrorTarget, Route, Rule } from "../../data/mesh/model/route.ts";
import type { EffectiveMtls } from "../../data/mesh/model/security.ts";
import type { Service, VersionTraffic } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { checkTable } from "../columns/checks.ts";
import { canaryDocument } from "./canaries.ts";
import type { Fields } from "./figures.ts";
import {
  answerFields,
  lockFields,
  observedFields,
  present,
  refFields,
  rounded,
  trafficFields,
} from "./figures.ts";
import { graphIn } from "../graph/inNamespace.ts";
import type { MeshView } from "./getViews.ts";
import { graphDocument } from "./graph.ts";
import { policiesDocument } from "./policies.ts";

function versionDocument(version: VersionTraffic): Fields {
  return {
    workload: version.workload,
    version: version.version,
    ...trafficFields(version.traffic),
    ...observedFields(version.share),
    ...present({ mirroredRps: version.mirrored }),
  };
}

function serviceDocument(service: Service): Fields {
  return {
    namespace: service.namespace,
    name: service.name,
    host: service.host,
    kind: service.kind,
    ...trafficFields(service.traffic),
    ...answerFields(service.traffic),
    endpointsReady: service.endpoints.ready,
    endpointsTotal: service.endpoints.total,
    lock: lockFields(service.lock),
    breaker: service.breaker.verdict,
    canary: service.canary,
    waypoint: service.waypoint === null ? null : { ...service.waypoint },
    versions: service.detail.versions.map(versionDocument),
  };
}

function destinationDocument(destination: Destination): Fields {
  return {
    host: destination.host,
    subset: destination.subset,
    port: destination.port,
    weight: destination.weight,
    share: destination.share === null ? null : rounded(destination.share),
    ...observedFields(destination.observed),
    ...trafficFields(destination.traffic),
    endpointsReady: destination.endpoints.ready,
    problem: destination.problem,
  };
}

function mirrorDocument(mirror: MirrorTarget): Fields {
  return {
    host: mirror.host,
    subset: mirror.subset,
    ratio: rounded(mirror.percent),
    ...present({ rps: mirror.observed }),
  };
}

function ruleDocument(rule: Rule): Fields {
  return {
    // Rules count from 1, as on the screen and in `meshtop shift --rule`.
    rule: rule.index + 1,
    protocol: rule.protocol,
    name: rule.name,
    object: refFields(rule.ref),
    matches: rule.matches,
    unreachable: rule.unreachable,
    instead: rule.instead,
    fault: rule.fault,
    timeoutMs: rule.timeout,
    retries: rule.retries,
    note: rule.note,
    destinations: rule.destinations.map(destinationDocument),
    mirrors: rule.mirrors.map(mirrorDocument),
  };
}

function routeDocument(service: Service, route: Route): Fields {
  return {
    service: service.key,
    object: refFields(route.ref),
    mesh: route.scope.mesh,
    gateways: route.scope.gateways,
    hosts: route.hosts,
    rules: route.rules.map(ruleDocument),
  };
}

function mtlsFields({ mode, from, ports }: EffectiveMtls): Fields {
  return { mode, from: refFields(from), ports };
}

function workloadMtls(workload: Workload): Fields {
  return { workload: workload.key, proxy: workload.proxy, ...mtlsFields(workload.mtls) };
}

function mtlsDocument(mesh: Mesh, isShown: (namespace: string) => boolean): Json {
  return {
    mesh: mtlsFields(mesh.mtls.mesh),
    autoMtls: mesh.mtls.autoMtls,
    namespaces: mesh.mtls.namespaces
      .filter(({ namespace }) => isShown(namespace))
      .map(({ namespace, effective, lock, plaintext }) => ({
        namespace,
        ...mtlsFields(effective),
        lock: lockFields(lock),
        ...present({ plaintextRps: plaintext }),
      })),
    workloads: mesh.workloads.filter(({ namespace }) => isShown(namespace)).map(workloadMtls),
  };
}

function breakerDocument(breaker: Breaker): Fields {
  return {
    service: breaker.service,
    subset: breaker.subset,
    port: breaker.port,
    definedBy: refFields(breaker.definedBy),
    connectionPool: breaker.connectionPool as Json,
    outlierDetection: breaker.outlierDetection as Json,
    hosts: breaker.hosts,
    ejectableHosts: breaker.ejectable,
    state: breaker.state.verdict,
    ...present({
      overflowRps: breaker.state.overflow,
      noHealthyUpstreamRps: breaker.state.noHealthyUpstream,
    }),
    ...seenFields(breaker.seen),
  };
}

function seenFields({ ejections = null, pools = null }: Partial<SeenByClients> = {}): Fields {
  return {
    ...(ejections === null ? {} : { ejections: { ...ejections } }),
    ...(pools === null ? {} : { openPools: { ...pools } }),
  };
}

function policyFields({ mode, written, from }: OutboundPolicy): Fields {
  return { mode, written, from: refFields(from) };
}

function egressHostDocument(host: EgressHost): Fields {
  return {
    workload: host.from,
    kind: host.kind,
    host: host.host,
    ...trafficFields(host.traffic),
    policy: policyFields(host.policy),
  };
}

function findingDocument({ code, severity, object, path, message, advice }: Finding): Fields {
  return {
    code,
    severity,
    object: refFields(object),
    path,
    message,
    advice: advice ?? null,
    alike: alikeOf(code),
  };
}

function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

/** The document of one view; `namespace` narrows it, `null` is the whole mesh. */
export function documentOf(mesh: Mesh, view: MeshView, namespace: string | null): Json {
  const isShown = (name: string): boolean => namespace === null || name === namespace;
  const services = mesh.services.filter((service) => isShown(service.namespace));
  const documents: Readonly<Record<MeshView, () => Json>> = {
    graph: () => graphDocument(graphIn(mesh.graph, namespace, "service")),
    services: () => services.map(serviceDocument),
    routes: () =>
      services.flatMap((service) => service.detail.routes.map((route) => routeDocument(service, route))),
    canaries: () => mesh.canaries.filter(({ key }) => isShown(namespaceOf(key))).map(canaryDocument),
    mtls: () => mtlsDocument(mesh, isShown),
    policies: () => policiesDocument(mesh, namespace),
    breakers: () => mesh.breakers.filter(({ service }) => isShown(namespaceOf(service))).map(breakerDocument),
    egress: () => ({
      mesh: policyFields(mesh.egress.mesh),
      namespaces: mesh.egress.namespaces
        .filter((entry) => isShown(entry.namespace))
        .map((entry) => ({ namespace: entry.namespace, ...policyFields(entry.policy) })),
      hosts: mesh.egress.hosts.filter(({ from }) => isShown(namespaceOf(from))).map(egressHostDocument),
    }),
    checks: () => checkTable.rows(mesh, { namespace }).map(findingDocument),
  };
  return documents[view]();
}
