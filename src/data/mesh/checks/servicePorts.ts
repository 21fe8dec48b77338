/** Ports of Services: what proxies read there, and whether anybody listens. */
import type { KnownService } from "../build/knownServices.ts";
import type { KubeService, ServicePort } from "../declared/core.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import { appProtocolOf, isWellKnown, protocolOfName } from "./protocols.ts";

interface PortInMesh {
  readonly service: KubeService;
  readonly port: ServicePort;
  readonly path: string;
}

/** TCP ports of Services in front of pods with a proxy, whose telemetry and routes depend on the protocol. The control plane's are its own business. */
function portsInMesh({ known, registry }: CheckContext): readonly PortInMesh[] {
  const inMesh = ({ workloads }: KnownService): boolean =>
    workloads.some((key) => known.workloads.get(key)?.proxy === "sidecar");
  return known.services.filter(inMesh).flatMap(({ declaredBy, namespace }) => {
    if ("hosts" in declaredBy || namespace === registry.settings.rootNamespace) return [];
    return declaredBy.ports.flatMap((port, index) =>
      port.transport === "TCP" ? [{ service: declaredBy, port, path: `spec.ports[${index}]` }] : [],
    );
  });
}

const needs = ["services", "workloads"] as const;
const reads = ["pods", "namespaces", "endpointSlices", "gateways", "gatewayApiGateways"] as const;

export const portWithoutProtocol: Check = {
  code: "MT0901",
  severity: "info",
  title: "port whose name says no protocol",
  meaning:
    "A port is named protocol or protocol-suffix (http, grpc-api, tcp-db), or has an appProtocol. Without, proxies look at the first bytes: HTTP is found, and a server that speaks first waits for the time-out; where detection is off the port is TCP, without requests in the telemetry and without HTTP routes.",
  advice: "Name the port after its protocol, or set appProtocol.",
  sources: { kiali: "KIA0601", istioctl: "IST0118" },
  needs,
  reads,
  find: (context) =>
    portsInMesh(context).flatMap(({ service, port, path }): readonly Found[] => {
      if (port.appProtocol !== null || protocolOfName(port.name) !== null || isWellKnown(port.port))
        return [];
      const name = port.name === "" ? "has no name" : `is named ${port.name}`;
      const message = `Port ${port.port} ${name}, which says no protocol; proxies guess it.`;
      return [{ object: service.meta.ref, path: `${path}.name`, message }];
    }),
};

export const unknownAppProtocol: Check = {
  code: "MT0902",
  severity: "info",
  title: "appProtocol that Istio does not know",
  meaning:
    "An appProtocol comes before the port's name, also one that Istio does not know: proxies then look at the first bytes.",
  advice: "Write http, http2, grpc, https, tls, tcp or one of Kubernetes' own (kubernetes.io/h2c, ws, wss).",
  sources: { kiali: "KIA0602", istioctl: "IST0118" },
  needs,
  reads,
  find: (context) =>
    portsInMesh(context).flatMap(({ service, port, path }): readonly Found[] => {
      if (port.appProtocol === null || appProtocolOf(port.appProtocol) !== null || isWellKnown(port.port))
        return [];
      const message = `Istio knows no appProtocol ${port.appProtocol}; proxies guess the protocol of port ${port.port}.`;
      return [{ object: service.meta.ref, path: `${path}.appProtocol`, message }];
    }),
};

export const noSuchTargetPort: Check = {
  code: "MT0903",
  severity: "error",
  title: "targetPort by a name that no container has",
  meaning:
    "Kubernetes finds a named targetPort in the pod; where no container has the name, the Service has no endpoint on this port. (A number needs no declaration, whatever Kiali says.)",
  advice: "Use the name of a container port, or its number.",
  sources: { kiali: "KIA0701" },
  needs,
  reads: [],
  find: ({ registry, covers }) =>
    registry.lists.services.flatMap(({ meta, selector, ports }) => {
      const namespace = meta.ref.namespace ?? "";
      if (selector === null || covers("workloads", namespace) !== "yes") return [];
      const behind = workloadsWith(registry.workloads, namespace, selector);
      // A Rollout with a workloadRef shows no template here.
      if (behind.length === 0 || behind.some(({ containerPorts }) => containerPorts.length === 0)) return [];
      return ports.flatMap(({ targetPort, port }, index): readonly Found[] => {
        if (typeof targetPort !== "string") return [];
        const named = behind.some(({ containerPorts }) =>
          containerPorts.some(({ name }) => name === targetPort),
        );
        if (named) return [];
        const message = `No container behind it has a port named ${targetPort}; port ${port} has no endpoint.`;
        return [{ object: meta.ref, path: `spec.ports[${index}].targetPort`, message }];
      });
    }),
};
