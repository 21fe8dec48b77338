/** Whether anything is there to answer. Not known is not dead: without the right to read pods and endpoints nothing is. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";

/** A Service whose selector finds no pod, where endpoints are known of others. One without a selector may be no more than a name. */
export function isDeadService(service: Service, { services }: Mesh): boolean {
  const { kind, ref, endpoints, ports, selectsPods } = service;
  if (kind === "external" || ref === null || !selectsPods) return false;
  if (ports.length === 0 || endpoints.total > 0) return false;
  return services.some((other) => other.kind === "service" && other.endpoints.total > 0);
}

/** No pod, or no such workload any more, where Kubernetes told of others. */
export function isDeadWorkload(workload: Workload | undefined, { workloads }: Mesh): boolean {
  if (workload !== undefined && workload.kind !== null && workload.pods > 0) return false;
  return workloads.some((other) => other.kind !== null && other.pods > 0);
}
