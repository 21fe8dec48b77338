/** Services, EndpointSlices, Endpoints. */
import type { Endpoint, EndpointSlice, KubeService, ServicePort } from "../../mesh/declared/core.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

const serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;
const transports = ["TCP", "UDP", "SCTP"] as const;

export function readService({ meta, spec }: RawObject): KubeService {
  return {
    meta,
    type: spec.at("type").oneOfOr(serviceTypes, "ClusterIP"),
    headless: spec.at("clusterIP").textOrNull() === "None",
    externalName: spec.at("externalName").nameOrNull(),
    selector: spec.at("selector").labelsOrNull(),
    ports: spec.at("ports").items().map(readServicePort),
  };
}

function readServicePort(field: Field): ServicePort {
  const port = field.at("port").number();
  const target = readNumberOrName(field.at("targetPort"));
  return {
    name: field.at("name").textOrNull() ?? "",
    port,
    targetPort: target === port ? null : target,
    nodePort: field.at("nodePort").numberOrNull(),
    appProtocol: field.at("appProtocol").nameOrNull(),
    transport: field.at("protocol").oneOfOr(transports, "TCP"),
  };
}

function readNumberOrName(field: Field): number | string | null {
  if (typeof field.value === "number") return field.number();
  return field.nameOrNull();
}

/** discovery.k8s.io v1 and v1beta1. No slice for one that names no Service: nobody routes to it. */
export function readEndpointSlice({ meta, root }: RawObject): readonly EndpointSlice[] {
  const service = meta.labels["kubernetes.io/service-name"];
  if (service === undefined || service === "") return [];
  return [{ meta, service, endpoints: root.at("endpoints").items().map(readEndpoint) }];
}

function readEndpoint(field: Field): Endpoint {
  // v1beta1 keeps node and zone in `topology`; v1 has fields for them.
  const topology = field.at("topology").labels();
  return {
    // The addresses of one endpoint are interchangeable (discovery.k8s.io/v1 Endpoint.addresses).
    address: field.at("addresses").texts()[0] ?? "",
    // Absent means ready (discovery.k8s.io/v1 EndpointConditions.ready).
    ready: field.at("conditions").at("ready").flagOr(true),
    pod: readPodName(field.at("targetRef")),
    node: field.at("nodeName").knownNameOrNull() ?? topology["kubernetes.io/hostname"] ?? null,
    zone: field.at("zone").knownNameOrNull() ?? topology["topology.kubernetes.io/zone"] ?? null,
  };
}

/** Endpoints, for servers that serve no slices: one slice for each subset. */
export function readEndpoints({ meta, root }: RawObject): readonly EndpointSlice[] {
  return root
    .at("subsets")
    .items()
    .map((subset) => ({
      meta,
      service: meta.ref.name,
      endpoints: [
        ...subset
          .at("addresses")
          .items()
          .map((address) => readAddress(address, true)),
        ...subset
          .at("notReadyAddresses")
          .items()
          .map((address) => readAddress(address, false)),
      ],
    }));
}

function readAddress(field: Field, ready: boolean): Endpoint {
  return {
    address: field.at("ip").text(),
    ready,
    pod: readPodName(field.at("targetRef")),
    node: field.at("nodeName").knownNameOrNull(),
    zone: null,
  };
}

function readPodName(target: Field): string | null {
  return target.at("kind").textOrNull() === "Pod" ? target.at("name").textOrNull() : null;
}
