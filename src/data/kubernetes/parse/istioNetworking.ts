/** Gateway, ServiceEntry, Sidecar of networking.istio.io. */
import type { Gateway, GatewayServer, ServiceEntry, Sidecar } from "../../mesh/declared/routing.ts";
import type { Field } from "./field.ts";
import type { RawObject } from "./raw.ts";

export function readGateway({ meta, spec }: RawObject): Gateway {
  return {
    meta,
    selector: spec.at("selector").labels(),
    servers: spec.at("servers").items().map(readServer),
  };
}

function readServer(server: Field): GatewayServer {
  const port = server.at("port");
  return {
    port: {
      number: port.at("number").number(),
      name: port.at("name").textOrNull() ?? "",
      protocol: port.at("protocol").text(),
    },
    hosts: server.at("hosts").texts(),
    tlsMode: server.at("tls").at("mode").nameOrNull(),
    credentialName: server.at("tls").at("credentialName").nameOrNull(),
  };
}

const locations = ["MESH_EXTERNAL", "MESH_INTERNAL"] as const;

/** Absent enums mean their zero: MESH_EXTERNAL and NONE. */
export function readServiceEntry({ meta, spec }: RawObject): ServiceEntry {
  return {
    meta,
    hosts: spec.at("hosts").texts(),
    addresses: spec.at("addresses").texts(),
    ports: spec
      .at("ports")
      .items()
      .map((port) => ({
        number: port.at("number").number(),
        name: port.at("name").textOrNull() ?? "",
        protocol: port.at("protocol").textOrNull() ?? "",
        targetPort: port.at("targetPort").numberOrNull(),
      })),
    location: spec.at("location").oneOfOr(locations, "MESH_EXTERNAL"),
    resolution: spec.at("resolution").nameOrNull() ?? "NONE",
    exportTo: spec.at("exportTo").textsOrNull(),
    workloadSelector: spec.at("workloadSelector").at("labels").labelsOrNull(),
    endpoints: spec
      .at("endpoints")
      .items()
      .map((endpoint) => ({
        address: endpoint.at("address").textOrNull() ?? "",
        labels: endpoint.at("labels").labels(),
      })),
  };
}

export function readSidecar({ meta, spec }: RawObject): Sidecar {
  const outbound = spec.at("outboundTrafficPolicy");
  const egress = spec.at("egress").items();
  return {
    meta,
    workloadSelector: spec.at("workloadSelector").at("labels").labelsOrNull(),
    // `{}` is kept apart from absence: protobuf reads it as REGISTRY_ONLY, absence as the mesh's mode (istio.md 6).
    outboundTrafficPolicy: outbound.absent ? null : { mode: outbound.at("mode").nameOrNull() },
    egressHosts: egress.length === 0 ? null : egress.flatMap((listener) => listener.at("hosts").texts()),
  };
}
