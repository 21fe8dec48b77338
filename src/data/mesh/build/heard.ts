import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { GraphNode } from "../model/graph.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { serviceNode } from "./nodes.ts";

/** How a host is called in the model. */
export type ServiceName = Pick<Service, "key" | "namespace" | "name" | "host" | "kind">;

const kubernetesHost = /^([^.]+)\.([^.]+)\.svc(\.|$)/;

/**
 * The service of a host: a declared one, else what the host itself says: `name.namespace.svc...` is a Kubernetes Service that cannot be read (or is gone),
 * anything else is outside, in no namespace.
 */
export function serviceNamed(known: KnownMesh, host: string): ServiceName {
  const declared = known.serviceByHost.get(host);
  if (declared !== undefined) return declared;
  const [, name, namespace] = kubernetesHost.exec(host) ?? [];
  if (name !== undefined && namespace !== undefined)
    return { key: `${namespace}/${name}`, namespace, name, host, kind: "service" };
  return { key: `/${host}`, namespace: "", name: host, host, kind: "external" };
}

/** What the graph calls the service of a host. */
export const nodeNamed = (known: KnownMesh, host: string): GraphNode =>
  known.serviceByHost.get(host)?.node ?? serviceNode(serviceNamed(known, host));

/** Hosts that only telemetry knows. */
export function heardServices(known: KnownMesh, flows: FlowIndex): readonly ServiceName[] {
  const heard = new Map<ServiceKey, ServiceName>();
  for (const hosts of [flows.byHost, flows.copiesByHost]) {
    for (const host of hosts.keys()) {
      if (known.serviceByHost.has(host)) continue;
      const named = serviceNamed(known, host);
      if (!known.serviceByKey.has(named.key)) heard.set(named.key, named);
    }
  }
  return [...heard.values()];
}

export interface HeardWorkload {
  readonly key: WorkloadKey;
  readonly namespace: string;
  readonly name: string;
  readonly version: string | null;
}

/** Workloads that only telemetry knows: gone, or not to be read. */
export function heardWorkloads(
  known: KnownMesh,
  { sources, byDestination, copiesByHost }: FlowIndex,
): readonly HeardWorkload[] {
  const ends = new Set<NonNullable<Flow["source"]>>();
  const add = (end: Flow["source"]): void => {
    if (end !== null && known.workloadAt(end) === null) ends.add(end);
  };
  for (const { end } of sources) add(end);
  for (const group of byDestination.values()) add(group[0]?.destination ?? null);
  for (const group of copiesByHost.values()) for (const { destination } of group) add(destination);
  return Array.from(ends, ({ key, namespace, name, version, revision }) => {
    return { key, namespace, name, version: version ?? revision };
  });
}
