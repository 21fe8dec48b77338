import { noFlows, type FlowIndex } from "../join/flowIndex.ts";
import { hasSameItems } from "../kept.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { effectiveMtls } from "../resolve/mtls.ts";
import { onceFor } from "../resolve/once.ts";
import { outboundPolicyFor } from "../resolve/outbound.ts";
import { surroundingsOf } from "../resolve/surroundings.ts";
import { each, type Steps } from "../steps.ts";
import { heardWorkloads, type HeardWorkload } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import type { BuiltWorkload } from "./keeping.ts";
import type { BuildMemory } from "./memory.ts";
import { turnedAwayAt, unansweredAt } from "./turnedAway.ts";

/** Declared workloads, and those that only telemetry knows; sorted by key. */
export function* buildWorkloads(
  known: KnownMesh,
  flows: FlowIndex,
  services: readonly Service[],
  { workloads: kept, servicesOf: keptServices }: BuildMemory,
): Steps<readonly Workload[]> {
  const lists = services.flatMap(({ key, workloads }) => [key, workloads]);
  const servicesOf = keptServices.of(lists, (before) => servicesByWorkload(services, before));
  const partsOf = (key: WorkloadKey): readonly unknown[] => [
    known.workloads.get(key),
    flows.sight,
    flows.byDestination.get(key),
    flows.bySource.get(key),
    servicesOf.get(key),
  ];
  const built: BuiltWorkload[] = [];
  yield* each(workloadsByKey(known.workloads), 128, (workload) => {
    const make = (): BuiltWorkload => ({
      known: workload,
      workload: declaredWorkload(known, workload, flows, servicesOf),
    });
    const away = unansweredAt(known, flows, workload);
    const parts = away.length === 0 ? partsOf(workload.key) : [...partsOf(workload.key), ...partsIn(away)];
    built.push(kept.of(workload.key, parts, make));
  });
  const heard = heardWorkloads(known, flows);
  yield* each(heard, 128, (one) => {
    const make = (): BuiltWorkload => ({
      known: null,
      workload: heardWorkload(known, flows, one, servicesOf),
    });
    // Names of a workload are those of its flows.
    const around = surroundingsOf(known.registry, one.namespace);
    built.push(kept.of(one.key, [...partsOf(one.key), one.version, ...around], make));
  });
  const workloads = built.map(({ workload }) => workload);
  return heard.length === 0 ? workloads : workloads.sort(byKey);
}

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

const workloadsByKey = onceFor((workloads: KnownMesh["workloads"]) => [...workloads.values()].sort(byKey));

const partsIn = (away: ReturnType<typeof unansweredAt>): readonly unknown[] =>
  away.flatMap(({ service, flows }) => [service, ...flows]);

type ServicesOf = ReadonlyMap<WorkloadKey, readonly ServiceKey[]>;

function servicesByWorkload(services: readonly Service[], before: ServicesOf | null): ServicesOf {
  const lists = new Map<WorkloadKey, ServiceKey[]>();
  for (const { key, workloads } of services) {
    for (const workload of workloads) {
      const list = lists.get(workload);
      if (list === undefined) lists.set(workload, [key]);
      else list.push(key);
    }
  }
  if (before === null) return lists;
  return new Map(
    Array.from(lists, ([key, list]) => {
      const earlier = before.get(key);
      return [key, earlier !== undefined && hasSameItems(earlier, list) ? earlier : list];
    }),
  );
}

const none: readonly ServiceKey[] = [];

function declaredWorkload(
  known: KnownMesh,
  workload: KnownWorkload,
  flows: FlowIndex,
  servicesOf: ServicesOf,
): Workload {
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
    accessLog: workload.accessLog,
    tracing: workload.tracing,
    authorization: workload.authorization,
    tokens: workload.tokens,
    imports: workload.imports,
    turnedAway: turnedAwayAt(known, flows, workload),
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
    accessLog: null,
    tracing: null,
    authorization: [],
    turnedAway: [],
    tokens: null,
    imports: null,
  };
}
