/** What networking.istio.io objects must look like. Source: Istio's CustomResourceDefinitions, `crd-all.gen.yaml`. */
import { boolean, extend, integer, list, map, number, object, oneOf, text, type Shape } from "./shape.ts";

const count = integer(0);
const port = object({ number: count });
const destination = object({ "host!": text, subset: text, port });
const split = object({ "destination!": destination, weight: integer() });
const texts = list(text);
const labels = map(text);
const words = object({ exact: text, prefix: text, regex: text }, ["exact", "prefix", "regex"]);
const percentage = object({ value: number() });

const l4Match = object({ destinationSubnets: texts, gateways: texts, port: count, sourceLabels: labels });

const httpMatch = object({
  name: text,
  uri: words,
  scheme: words,
  method: words,
  authority: words,
  headers: map(words),
  withoutHeaders: map(words),
  queryParams: map(words),
  port: count,
  sourceLabels: labels,
  sourceNamespace: text,
  gateways: texts,
  ignoreUriCase: boolean,
});

const fault = object({
  abort: object({ httpStatus: integer(), grpcStatus: text, http2Error: text, percentage }, [
    "httpStatus",
    "grpcStatus",
    "http2Error",
  ]),
  delay: object({ fixedDelay: text, exponentialDelay: text, percentage }, ["fixedDelay", "exponentialDelay"]),
});

const httpRule = object({
  name: text,
  match: list(httpMatch),
  route: list(split),
  redirect: object({ uri: text, authority: text, port: count, redirectCode: count }),
  directResponse: object({ "status!": count }),
  delegate: object({ name: text, namespace: text }),
  rewrite: object({ uri: text, authority: text }),
  timeout: text,
  retries: object({ attempts: integer(), perTryTimeout: text, retryOn: text }),
  fault,
  mirror: destination,
  mirrorPercent: count,
  mirrorPercentage: percentage,
  mirrors: list(object({ "destination!": destination, percentage })),
});

const virtualService = object({
  hosts: texts,
  gateways: texts,
  exportTo: texts,
  http: list(httpRule),
  tcp: list(object({ match: list(l4Match), route: list(split) })),
  tls: list(object({ "match!": list(extend(l4Match, { "sniHosts!": texts })), route: list(split) })),
});

const connectionPool = object({
  tcp: object({ maxConnections: integer(), connectTimeout: text }),
  http: object({
    http1MaxPendingRequests: integer(),
    http2MaxRequests: integer(),
    maxRequestsPerConnection: integer(),
    maxRetries: integer(),
    h2UpgradePolicy: oneOf("DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"),
  }),
});

const loadBalancer = object(
  {
    simple: oneOf("UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"),
    consistentHash: object({}),
    localityLbSetting: object({}),
  },
  ["simple", "consistentHash"],
);

const portPolicy = object({
  connectionPool,
  loadBalancer,
  outlierDetection: object({
    consecutive5xxErrors: count,
    consecutiveErrors: integer(),
    consecutiveGatewayErrors: count,
    interval: text,
    baseEjectionTime: text,
    maxEjectionPercent: integer(),
    minHealthPercent: integer(),
  }),
  tls: object({ mode: oneOf("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL") }),
});

const trafficPolicy = extend(portPolicy, { portLevelSettings: list(extend(portPolicy, { port })) });

const destinationRule = object({
  "host!": text,
  exportTo: texts,
  trafficPolicy,
  subsets: list(object({ "name!": text, labels, trafficPolicy })),
});

const gateway = object({
  selector: labels,
  servers: list(
    object({
      "port!": object({ "number!": count, "protocol!": text, "name!": text }),
      "hosts!": texts,
      tls: object({
        mode: oneOf("PASSTHROUGH", "SIMPLE", "MUTUAL", "AUTO_PASSTHROUGH", "ISTIO_MUTUAL", "OPTIONAL_MUTUAL"),
      }),
    }),
  ),
});

const endpoint = object({ address: text, labels, ports: map(count), weight: count });

const serviceEntry = object({
  "hosts!": texts,
  addresses: texts,
  ports: list(object({ "number!": count, "name!": text, protocol: text, targetPort: count })),
  location: oneOf("MESH_EXTERNAL", "MESH_INTERNAL"),
  resolution: oneOf("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"),
  endpoints: list(endpoint),
  exportTo: texts,
});

const sidecar = object({
  egress: list(object({ "hosts!": texts, port })),
  ingress: list(object({ "port!": port })),
  outboundTrafficPolicy: object({ mode: oneOf("REGISTRY_ONLY", "ALLOW_ANY") }),
  workloadSelector: object({ labels }),
});

export const routingShapes: Readonly<Record<string, Shape>> = {
  VirtualService: object({ spec: virtualService }),
  DestinationRule: object({ spec: destinationRule }),
  Gateway: object({ spec: gateway }),
  ServiceEntry: object({ "spec!": serviceEntry }),
  Sidecar: object({ spec: sidecar }),
  WorkloadEntry: object({ "spec!": endpoint }),
};
