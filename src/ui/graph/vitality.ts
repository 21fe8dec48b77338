/** Whether anything is there to answer. Not known is not dead: without the right to read pods and endpoints nothing is. */
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";

/** A Service of the cluster with no endpoint at all, where endpoints are known of others. */
export function isDeadService({ kind, ref, endpoints, ports }: Service, { services }: Mesh): boolean {
  if (kind === "external" || ref === null || ports.length === 0 || endpoints.total > 0) return false;
  return services.some((other) => other.kind === "service" && other.endpoints.total > 0);
}

/** No pod, or no such workload any more, where Kubernetes told of others. */
export function isDeadWorkload(workload: Workload | undefined, { workloads }: Mesh): boolean {
  if (workload !== undefined && workload.kind !== null && workload.pods > 0) return false;
  return workloads.some((other) => other.kind !== null && other.pods > 0);
}
