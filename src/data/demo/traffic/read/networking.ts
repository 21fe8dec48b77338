import type { Json } from "../../../mesh/json.ts";
import type { Labels } from "../../../mesh/declared/meta.ts";
import type {
  ConnectionPool,
  DestinationRule,
  Gateway,
  L4Rule,
  LoadBalancer,
  OutlierDetection,
  ServiceEntry,
  Sidecar,
  TrafficPolicy,
  TrafficPolicyBlocks,
  VirtualService,
} from "../../../mesh/declared/routing.ts";
import type { JsonObject, KubeObject } from "../../kube/objects.ts";
import {
  at,
  boolAt,
  durationAt,
  labelsAt,
  listAt,
  metaOf,
  numberAt,
  objectAt,
  textAt,
  textsAt,
  textsOrNull,
} from "./fields.ts";
import { readHttpRule, readRoute } from "./http.ts";

export function readVirtualService(object: KubeObject): VirtualService {
  const spec = at(object, "spec");
  return {
    meta: metaOf(object),
    hosts: textsAt(spec, "hosts"),
    gateways: textsOrNull(spec, "gateways"),
    exportTo: textsOrNull(spec, "exportTo"),
    http: listAt(spec, "http").map(readHttpRule),
    tcp: listAt(spec, "tcp").map(readL4Rule),
    tls: listAt(spec, "tls").map(readL4Rule),
  };
}

function readL4Rule(rule: Json): L4Rule {
  return {
    matches: listAt(rule, "match").map((match) => ({
      port: numberAt(match, "port"),
      destinationSubnets: textsAt(match, "destinationSubnets"),
      sniHosts: textsAt(match, "sniHosts"),
      sourceLabels: labelsAt(match, "sourceLabels"),
      sourceNamespace: textAt(match, "sourceNamespace"),
      gateways: textsOrNull(match, "gateways"),
    })),
    destinations: readRoute(rule),
  };
}

export function readDestinationRule(object: KubeObject): DestinationRule {
  const spec = at(object, "spec");
  return {
    meta: metaOf(object),
    host: textAt(spec, "host") ?? "",
    exportTo: textsOrNull(spec, "exportTo"),
    workloadSelector: selectorAt(spec, "workloadSelector", "matchLabels"),
    trafficPolicy: readTrafficPolicy(at(spec, "trafficPolicy")),
    subsets: listAt(spec, "subsets").map((subset) => ({
      name: textAt(subset, "name") ?? "",
      labels: labelsAt(subset, "labels"),
      trafficPolicy: readTrafficPolicy(at(subset, "trafficPolicy")),
    })),
  };
}

function selectorAt(from: Json | undefined, ...path: readonly string[]): Labels | null {
  const labels = labelsAt(from, ...path);
  return Object.keys(labels).length === 0 ? null : labels;
}

function readTrafficPolicy(from: Json | undefined): TrafficPolicy | null {
  if (objectAt(from) === null) return null;
  const portLevelSettings = listAt(from, "portLevelSettings").map((entry) => ({
    ...readPolicyBlocks(entry),
    port: numberAt(entry, "port", "number") ?? 0,
  }));
  return { ...readPolicyBlocks(from), portLevelSettings };
}

const tlsModes = ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"] as const;

export function readPolicyBlocks(from: Json | undefined): TrafficPolicyBlocks {
  const tlsMode = tlsModes.find((mode) => mode === at(from, "tls", "mode"));
  return {
    connectionPool: readPool(objectAt(from, "connectionPool")),
    outlierDetection: readOutlier(objectAt(from, "outlierDetection")),
    loadBalancer: readBalancer(objectAt(from, "loadBalancer")),
    tls:
      tlsMode === undefined ? null : { mode: tlsMode, credentialName: textAt(from, "tls", "credentialName") },
  };
}

function readPool(pool: JsonObject | null): ConnectionPool | null {
  if (pool === null) return null;
  return {
    maxConnections: numberAt(pool, "tcp", "maxConnections"),
    connectTimeout: durationAt(pool, "tcp", "connectTimeout"),
    http1MaxPendingRequests: numberAt(pool, "http", "http1MaxPendingRequests"),
    http2MaxRequests: numberAt(pool, "http", "http2MaxRequests"),
    maxRequestsPerConnection: numberAt(pool, "http", "maxRequestsPerConnection"),
    maxRetries: numberAt(pool, "http", "maxRetries"),
  };
}

function readOutlier(outlier: JsonObject | null): OutlierDetection | null {
  if (outlier === null) return null;
  return {
    consecutive5xxErrors: numberAt(outlier, "consecutive5xxErrors"),
    consecutiveGatewayErrors: numberAt(outlier, "consecutiveGatewayErrors"),
    consecutiveLocalOriginFailures: numberAt(outlier, "consecutiveLocalOriginFailures"),
    interval: durationAt(outlier, "interval"),
    baseEjectionTime: durationAt(outlier, "baseEjectionTime"),
    maxEjectionPercent: numberAt(outlier, "maxEjectionPercent"),
    minHealthPercent: numberAt(outlier, "minHealthPercent"),
  };
}

function readBalancer(balancer: JsonObject | null): LoadBalancer | null {
  if (balancer === null) return null;
  return {
    simple: textAt(balancer, "simple"),
    consistentHash: objectAt(balancer, "consistentHash") === null ? null : "hash",
    locality: objectAt(balancer, "localityLbSetting") !== null,
  };
}

export function readGateway(object: KubeObject): Gateway {
  return {
    meta: metaOf(object),
    selector: labelsAt(object, "spec", "selector"),
    servers: listAt(object, "spec", "servers").map((server) => ({
      port: {
        number: numberAt(server, "port", "number") ?? 0,
        name: textAt(server, "port", "name") ?? "",
        protocol: textAt(server, "port", "protocol") ?? "",
      },
      hosts: textsAt(server, "hosts"),
      tlsMode: textAt(server, "tls", "mode"),
    })),
  };
}

export function readServiceEntry(object: KubeObject): ServiceEntry {
  const spec = at(object, "spec");
  return {
    meta: metaOf(object),
    hosts: textsAt(spec, "hosts"),
    addresses: textsAt(spec, "addresses"),
    ports: listAt(spec, "ports").map((port) => ({
      number: numberAt(port, "number") ?? 0,
      name: textAt(port, "name") ?? "",
      protocol: textAt(port, "protocol") ?? "",
      targetPort: numberAt(port, "targetPort"),
    })),
    location: at(spec, "location") === "MESH_INTERNAL" ? "MESH_INTERNAL" : "MESH_EXTERNAL",
    resolution: textAt(spec, "resolution") ?? "NONE",
    exportTo: textsOrNull(spec, "exportTo"),
    workloadSelector: selectorAt(spec, "workloadSelector", "labels"),
    endpoints: listAt(spec, "endpoints").map((endpoint) => ({
      address: textAt(endpoint, "address") ?? "",
      labels: labelsAt(endpoint, "labels"),
    })),
  };
}

export function readSidecar(object: KubeObject): Sidecar {
  const spec = at(object, "spec");
  const policy = objectAt(spec, "outboundTrafficPolicy");
  const egress = listAt(spec, "egress");
  return {
    meta: metaOf(object),
    workloadSelector: selectorAt(spec, "workloadSelector", "labels"),
    outboundTrafficPolicy: policy === null ? null : { mode: textAt(policy, "mode") },
    egressHosts: egress.length === 0 ? null : egress.flatMap((listener) => textsAt(listener, "hosts")),
  };
}

/** Whether an object says `true` at a path; absent is the default. */
export function flagAt(from: Json | undefined, fallback: boolean, ...path: readonly string[]): boolean {
  return at(from, ...path) === undefined ? fallback : boolAt(from, ...path);
}
