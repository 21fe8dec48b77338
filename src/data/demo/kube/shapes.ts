/**
 * What objects must look like, per kind. Source: the CustomResourceDefinitions of Istio, Flagger and the Gateway API, and the
 * Kubernetes API reference for the built-in kinds.
 *
 * Not checked, unlike on a real server: fields that are not named here (a real one drops unknown fields of custom resources,
 * this one keeps them), patterns, lengths, formats, defaults (nothing is filled in: no clusterIP, no protocol), and the
 * rules between fields beyond "at most one of these".
 */
import { routingShapes } from "./routingShapes.ts";
import { boolean, intOrText, integer, list, map, object, oneOf, text, type Shape } from "./shape.ts";

const labels = map(text);
const texts = list(text);
const selector = object({ matchLabels: labels });
const targetRef = object({ group: text, "kind!": text, "name!": text });

const mtls = object({ mode: oneOf("UNSET", "DISABLE", "PERMISSIVE", "STRICT") });
const peerAuthentication = object({ selector, mtls, portLevelMtls: map(mtls) });

const authorizationPolicy = object({
  selector,
  targetRef,
  action: oneOf("ALLOW", "DENY", "AUDIT", "CUSTOM"),
  rules: list(
    object({
      from: list(object({ source: object({ principals: texts, namespaces: texts, ipBlocks: texts }) })),
      to: list(object({ operation: object({ hosts: texts, ports: texts, methods: texts, paths: texts }) })),
      when: list(object({ "key!": text, values: texts, notValues: texts })),
    }),
  ),
});

const requestAuthentication = object({ selector, targetRef, jwtRules: list(object({ issuer: text })) });

const canary = object({
  "targetRef!": object({ "apiVersion!": text, "kind!": text, "name!": text }),
  service: object({ "port!": integer(), hosts: texts, gateways: texts, portDiscovery: boolean }),
  "analysis!": object({ stepWeights: list(integer()), mirror: boolean, metrics: list(object({})) }),
  suspend: boolean,
  skipAnalysis: boolean,
});

/** Argo's own definition is looser than this in places; the fields are those that its controller reads. */
const rollout = object({
  replicas: integer(0),
  paused: boolean,
  strategy: object({ canary: object({ steps: list(object({})) }), blueGreen: object({}) }),
});

const networkPort = integer(1, 65535);
const backend = object({ "name!": text, port: networkPort, weight: integer(0, 1_000_000) });
const parentRefs = list(object({ "name!": text, namespace: text, sectionName: text, port: networkPort }));
const rules = list(object({ name: text, matches: list(object({})), backendRefs: list(backend) }));
const streamRules = list(object({ name: text, "backendRefs!": list(backend) }));

const listener = object({ "name!": text, "port!": networkPort, "protocol!": text, hostname: text });

const gatewayApiShapes: Readonly<Record<string, Shape>> = {
  HTTPRoute: object({ "spec!": object({ parentRefs, hostnames: texts, rules }) }),
  GRPCRoute: object({ "spec!": object({ parentRefs, hostnames: texts, rules }) }),
  TCPRoute: object({ "spec!": object({ parentRefs, "rules!": streamRules }) }),
  TLSRoute: object({ "spec!": object({ parentRefs, "hostnames!": texts, "rules!": streamRules }) }),
  Gateway: object({ "spec!": object({ "gatewayClassName!": text, "listeners!": list(listener) }) }),
  GatewayClass: object({ "spec!": object({ "controllerName!": text }) }),
};

const servicePort = object({
  name: text,
  port: integer(),
  protocol: text,
  targetPort: intOrText,
  appProtocol: text,
});
const workload = object({
  spec: object({
    replicas: integer(),
    template: object({ metadata: object({ labels, annotations: labels }) }),
  }),
});

const coreShapes: Readonly<Record<string, Shape>> = {
  ConfigMap: object({ data: labels }),
  Service: object({ spec: object({ selector: labels, ports: list(servicePort), type: text }) }),
  Pod: object({ spec: object({ nodeName: text }) }),
};

const byGroup: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  "": coreShapes,
  apps: { Deployment: workload, StatefulSet: workload, DaemonSet: workload },
  "networking.istio.io": routingShapes,
  "security.istio.io": {
    PeerAuthentication: object({ spec: peerAuthentication }),
    AuthorizationPolicy: object({ spec: authorizationPolicy }),
    RequestAuthentication: object({ spec: requestAuthentication }),
  },
  "telemetry.istio.io": { Telemetry: object({ spec: object({ selector, targetRef }) }) },
  "flagger.app": { Canary: object({ spec: canary }) },
  "argoproj.io": { Rollout: object({ spec: rollout }) },
  "gateway.networking.k8s.io": gatewayApiShapes,
};

/** The shape of a kind's objects without their metadata; `null` where any content will do. */
export function shapeOf(group: string, kind: string): Shape | null {
  return byGroup[group]?.[kind] ?? null;
}
