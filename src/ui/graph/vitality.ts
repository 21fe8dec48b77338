/** Whether anything is there to answer. Not known is not dead: without the right to read pods and endpoints nothing is. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { onceFor } from "../../data/mesh/resolve/once.ts";

/** A Service whose selector finds no pod, where endpoints are known of others. One without a selector may be no more than a name. */
export function isDeadService(service: Service, { services }: Mesh): boolean {
  const { kind, ref, endpoints, ports, selectsPods } = service;
  if (kind === "external" || ref === null || !selectsPods) return false;
  if (ports.length === 0 || endpoints.total > 0) return false;
  return knowsEndpoints(services);
}

/** Endpoints are known of some service. */
export const knowsEndpoints = onceFor((services: Mesh["services"]): boolean =>
  services.some(({ kind, endpoints }) => kind === "service" && endpoints.total > 0),
);

/** No pod, or no such workload any more, where Kubernetes told of others. */
export function isDeadWorkload(workload: Workload | undefined, { workloads }: Mesh): boolean {
  if (workload !== undefined && workload.kind !== null && workload.pods > 0) return false;
  return knowsPods(workloads);
}

/** Pods are known of some workload. */
export const knowsPods = onceFor((workloads: Mesh["workloads"]): boolean =>
  workloads.some(({ kind, pods }) => kind !== null && pods > 0),
);
