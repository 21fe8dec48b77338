import type {
  Endpoint,
  EndpointSlice,
  KubeService,
  KubeWorkload,
  Namespace,
  Pod,
  ServicePort,
  WorkloadKind,
} from "../../../mesh/declared/core.ts";
import type { Json } from "../../../mesh/json.ts";
import type { KubeObject } from "../../kube/objects.ts";
import { at, labelsAt, listAt, metaOf, numberAt, objectAt, textAt } from "./fields.ts";

export const readNamespace = (object: KubeObject): Namespace => ({ meta: metaOf(object) });

export const readPod = (object: KubeObject): Pod => ({ meta: metaOf(object) });

const serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;
const transports = ["TCP", "UDP", "SCTP"] as const;

export function readService(object: KubeObject): KubeService {
  const spec = objectAt(object, "spec") ?? {};
  return {
    meta: metaOf(object),
    type: serviceTypes.find((type) => type === spec["type"]) ?? "ClusterIP",
    headless: spec["clusterIP"] === "None",
    externalName: textAt(spec, "externalName"),
    selector: objectAt(spec, "selector") === null ? null : labelsAt(spec, "selector"),
    ports: listAt(spec, "ports").map(readPort),
  };
}

function readPort(port: Json): ServicePort {
  const target = at(port, "targetPort");
  return {
    name: textAt(port, "name") ?? "",
    port: numberAt(port, "port") ?? 0,
    targetPort: typeof target === "number" || typeof target === "string" ? target : null,
    nodePort: numberAt(port, "nodePort"),
    appProtocol: textAt(port, "appProtocol"),
    transport: transports.find((transport) => transport === at(port, "protocol")) ?? "TCP",
  };
}

export function readSlice(object: KubeObject): EndpointSlice {
  return {
    meta: metaOf(object),
    service: textAt(object, "metadata", "labels", "kubernetes.io/service-name") ?? "",
    endpoints: listAt(object, "endpoints").flatMap(readEndpoints),
  };
}

function readEndpoints(endpoint: Json): readonly Endpoint[] {
  return listAt(endpoint, "addresses").flatMap((address) =>
    typeof address !== "string"
      ? []
      : [
          {
            address,
            ready: at(endpoint, "conditions", "ready") !== false,
            pod: textAt(endpoint, "targetRef", "name"),
            node: textAt(endpoint, "nodeName"),
            zone: textAt(endpoint, "zone"),
          },
        ],
  );
}

const workloadKinds: readonly WorkloadKind[] = ["Deployment", "StatefulSet", "DaemonSet", "Rollout"];

export function readWorkload(object: KubeObject): KubeWorkload {
  const template = objectAt(object, "spec", "template") ?? {};
  const ports = listAt(template, "spec", "containers").flatMap((container) => listAt(container, "ports"));
  return {
    meta: metaOf(object),
    kind: workloadKinds.find((kind) => kind === object.kind) ?? "Deployment",
    selector: labelsAt(object, "spec", "selector", "matchLabels"),
    template: {
      labels: labelsAt(template, "metadata", "labels"),
      annotations: labelsAt(template, "metadata", "annotations"),
    },
    containerPorts: ports.map((port) => ({
      name: textAt(port, "name") ?? "",
      port: numberAt(port, "containerPort") ?? 0,
    })),
    desired: numberAt(object, "spec", "replicas") ?? 1,
    ready: numberAt(object, "status", "readyReplicas") ?? 0,
  };
}
