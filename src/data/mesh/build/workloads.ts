import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { effectiveMtls } from "../resolve/mtls.ts";
import { outboundPolicyFor } from "../resolve/outbound.ts";
import { heardWorkloads, type HeardWorkload } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";

/** Declared workloads, and those that only telemetry knows; sorted by key. */
export function buildWorkloads(
  known: KnownMesh,
  flows: FlowIndex,
  services: readonly Service[],
): readonly Workload[] {
  const servicesOf = servicesByWorkload(services);
  const workloads = Array.from(known.workloads.values(), (workload) =>
    declaredWorkload(workload, flows, servicesOf),
  );
  for (const heard of heardWorkloads(known, flows))
    workloads.push(heardWorkload(known, flows, heard, servicesOf));
  return workloads.sort((a, b) => (a.key < b.key ? -1 : 1));
}

type ServicesOf = ReadonlyMap<WorkloadKey, readonly ServiceKey[]>;

function servicesByWorkload(services: readonly Service[]): ServicesOf {
  const lists = new Map<WorkloadKey, ServiceKey[]>();
  for (const { key, workloads } of services) {
    for (const workload of workloads) {
      const list = lists.get(workload);
      if (list === undefined) lists.set(workload, [key]);
      else list.push(key);
    }
  }
  return lists;
}

const none: readonly ServiceKey[] = [];

function declaredWorkload(workload: KnownWorkload, flows: FlowIndex, servicesOf: ServicesOf): Workload {
  const { key, kube } = workload;
  return {
    key,
    namespace: workload.namespace,
    name: workload.name,
    kind: kube.kind,
    ref: workload.ref,
    version: workload.version,
    app: workload.app,
    labels: workload.labels,
    selector: kube.selector,
    ready: kube.ready,
    desired: kube.desired,
    pods: workload.pods,
    proxy: workload.proxy,
    revision: workload.revision,
    services: servicesOf.get(key) ?? none,
    inbound: flows.measure(flows.byDestination.get(key) ?? noFlows).traffic,
    outbound: flows.measure(flows.bySource.get(key) ?? noFlows).traffic,
    mtls: workload.mtls,
    outboundPolicy: workload.outboundPolicy,
  };
}

function heardWorkload(
  known: KnownMesh,
  flows: FlowIndex,
  heard: HeardWorkload,
  servicesOf: ServicesOf,
): Workload {
  const { key, namespace, name, version } = heard;
  return {
    ...{ key, namespace, name, version },
    kind: null,
    ref: null,
    app: null,
    labels: {},
    selector: {},
    ready: 0,
    desired: 0,
    pods: 0,
    proxy: "unknown",
    revision: null,
    services: servicesOf.get(key) ?? none,
    inbound: flows.measure(flows.byDestination.get(key) ?? noFlows).traffic,
    outbound: flows.measure(flows.bySource.get(key) ?? noFlows).traffic,
    mtls: effectiveMtls(known.registry, namespace, null),
    outboundPolicy: outboundPolicyFor(known.registry, namespace, null),
  };
}
