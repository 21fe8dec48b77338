import type {
  ClientTlsMode,
  ConnectionPool,
  DestinationRule,
  LoadBalancer,
  OutlierDetection,
  TrafficPolicy,
  TrafficPolicyBlocks,
} from "../../mesh/declared/routing.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

const tlsModes: readonly ClientTlsMode[] = ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"];

export function readDestinationRule({ meta, spec }: RawObject): DestinationRule {
  return {
    meta,
    host: spec.at("host").text(),
    exportTo: spec.at("exportTo").textsOrNull(),
    workloadSelector: spec.at("workloadSelector").at("matchLabels").labelsOrNull(),
    trafficPolicy: readTrafficPolicy(spec.at("trafficPolicy")),
    subsets: spec
      .at("subsets")
      .items()
      .map((subset) => ({
        name: subset.at("name").text(),
        labels: subset.at("labels").labels(),
        trafficPolicy: readTrafficPolicy(subset.at("trafficPolicy")),
      })),
  };
}

function readTrafficPolicy(field: Field): TrafficPolicy | null {
  if (field.absent) return null;
  return {
    ...readBlocks(field),
    portLevelSettings: field
      .at("portLevelSettings")
      .items()
      .map((setting) => ({ ...readBlocks(setting), port: setting.at("port").at("number").number() })),
  };
}

/** The blocks of a trafficPolicy, of a port of one, and of the mesh's `defaultTrafficPolicy`. */
export function readBlocks(field: Field): TrafficPolicyBlocks {
  const tls = field.at("tls");
  return {
    connectionPool: readConnectionPool(field.at("connectionPool")),
    outlierDetection: readOutlierDetection(field.at("outlierDetection")),
    loadBalancer: readLoadBalancer(field.at("loadBalancer")),
    tls: tls.absent
      ? null
      : {
          // DISABLE is the zero of the enum: what an absent mode means.
          mode: tls.at("mode").oneOfOr(tlsModes, "DISABLE"),
          credentialName: tls.at("credentialName").nameOrNull(),
        },
  };
}

function readConnectionPool(field: Field): ConnectionPool | null {
  if (field.absent) return null;
  const tcp = field.at("tcp");
  const http = field.at("http");
  return {
    maxConnections: tcp.at("maxConnections").numberOrNull(),
    connectTimeout: tcp.at("connectTimeout").durationOrNull(),
    http1MaxPendingRequests: http.at("http1MaxPendingRequests").numberOrNull(),
    http2MaxRequests: http.at("http2MaxRequests").numberOrNull(),
    maxRequestsPerConnection: http.at("maxRequestsPerConnection").numberOrNull(),
    maxRetries: http.at("maxRetries").numberOrNull(),
  };
}

/** `consecutiveErrors` is not read: Istio ignores it since 1.6 and only warns. */
function readOutlierDetection(field: Field): OutlierDetection | null {
  if (field.absent) return null;
  return {
    consecutive5xxErrors: field.at("consecutive5xxErrors").numberOrNull(),
    consecutiveGatewayErrors: field.at("consecutiveGatewayErrors").numberOrNull(),
    consecutiveLocalOriginFailures: field.at("consecutiveLocalOriginFailures").numberOrNull(),
    interval: field.at("interval").durationOrNull(),
    baseEjectionTime: field.at("baseEjectionTime").durationOrNull(),
    maxEjectionPercent: field.at("maxEjectionPercent").numberOrNull(),
    minHealthPercent: field.at("minHealthPercent").numberOrNull(),
  };
}

function readLoadBalancer(field: Field): LoadBalancer | null {
  if (field.absent) return null;
  return {
    simple: field.at("simple").nameOrNull(),
    consistentHash: readConsistentHash(field.at("consistentHash")),
    locality: readLocality(field.at("localityLbSetting")),
  };
}

function readLocality(field: Field): LoadBalancer["locality"] {
  if (field.absent) return null;
  if (!field.at("enabled").flagOr(true)) return "off";
  return field.at("distribute").items().length > 0 ? "distribute" : "on";
}

function readConsistentHash(field: Field): string | null {
  const header = field.at("httpHeaderName").nameOrNull();
  if (header !== null) return `header ${header}`;
  const cookie = field.at("httpCookie").at("name").nameOrNull();
  if (cookie !== null) return `cookie ${cookie}`;
  const parameter = field.at("httpQueryParameterName").nameOrNull();
  if (parameter !== null) return `query parameter ${parameter}`;
  return field.at("useSourceIp").flag() ? "source IP" : null;
}
