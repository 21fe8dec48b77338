import { noFlows, type Flow } from "../join/flow.ts";
import type { FlowChanges } from "../join/flowChanges.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { hasSameItems, Kept, keepingItems, KeptOne } from "../kept.ts";
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
import { keepWorkload, type BuiltWorkload } from "./keeping.ts";
import { Listed } from "./listed.ts";
import type { Hand } from "./onDemand.ts";
import { hostsBehind, turnedAwayAt, unansweredAt } from "./turnedAway.ts";

/** A declared workload, or one that only telemetry knows: gone, or not to be read. */
export type Subject = KnownWorkload | HeardWorkload;

/** What workloads are built from. */
export interface WorkloadSight {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
  readonly subjects: readonly Subject[];
  readonly services: readonly Service[];
  /** Since the mesh before; `null`: anything may differ. */
  readonly changes: FlowChanges | null;
}

export interface BuiltWorkloads {
  /** Sorted by key. */
  readonly all: readonly Workload[];
  readonly list: Listed<Subject, BuiltWorkload>;
  readonly servicesOf: ServicesOf;
}

type ServicesOf = ReadonlyMap<WorkloadKey, readonly ServiceKey[]>;

interface Working {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
  readonly kept: Kept<WorkloadKey, BuiltWorkload>;
  readonly servicesOf: ServicesOf;
}

/** Of which workloads there is anything to say; sorted by key. */
export function workloadsIn(known: KnownMesh, flows: FlowIndex): readonly Subject[] {
  const declared = workloadsByKey(known.workloads);
  const heard = heardWorkloads(known, flows);
  return heard.length === 0 ? declared : [...declared, ...heard].sort(byKey);
}

/** What one list leaves to the next. */
interface Kit {
  readonly kept: Kept<WorkloadKey, BuiltWorkload>;
  readonly servicesOf: KeptOne<ServicesOf>;
}

/** Builds them; those that say what they said are the same objects. */
export function workloadsHand(): Hand<WorkloadSight, BuiltWorkloads> {
  const kit: Kit = { kept: new Kept(keepWorkload), servicesOf: new KeptOne() };
  return {
    *draw(sight, before) {
      const { changes } = sight;
      const built =
        before === null || changes === null
          ? yield* allWorkloads(sight, kit)
          : yield* changedWorkloads(sight, changes, before, kit);
      kit.kept.turn();
      return before === null ? built : { ...built, all: keepingItems(before.all, built.all) };
    },
  };
}

function* allWorkloads(sight: WorkloadSight, { kept, servicesOf: lists }: Kit): Steps<BuiltWorkloads> {
  const { known, flows, subjects, services } = sight;
  const named = services.flatMap(({ key, workloads }) => [key, workloads]);
  const servicesOf = lists.of(named, (before) => servicesByWorkload(services, before));
  const working = { known, flows, kept, servicesOf };
  const built: BuiltWorkload[] = [];
  yield* each(subjects, 128, (one) => built.push(worked(working, one)));
  const list = new Listed<Subject, BuiltWorkload>(subjects, built, namesFor(known));
  return { all: built.map(({ workload }) => workload), list, servicesOf };
}

/** A waypoint answers for services: what it turned away is among the flows to their hosts. */
const namesFor =
  (known: KnownMesh) =>
  (one: Subject): readonly string[] =>
    isDeclared(one) ? [one.key, ...hostsBehind(known, one)] : [one.key];

function* changedWorkloads(
  { known, flows }: WorkloadSight,
  { hosts, sources, destinations }: FlowChanges,
  { list, servicesOf }: BuiltWorkloads,
  { kept }: Kit,
): Steps<BuiltWorkloads> {
  kept.stay();
  const working = { known, flows, kept, servicesOf };
  const names = [...sources, ...destinations, ...hosts];
  const built = yield* list.renew(names, (one) => worked(working, one));
  return { all: built.map(({ workload }) => workload), list, servicesOf };
}

function worked(working: Working, one: Subject): BuiltWorkload {
  const { known, flows, kept } = working;
  const own = ownFlows(working, one.key);
  const parts: unknown[] = [
    known.workloads.get(one.key),
    flows.sight,
    own.inbound,
    own.outbound,
    own.services,
  ];
  if (!isDeclared(one)) {
    // Names of a workload are those of its flows.
    parts.push(one.version, ...surroundingsOf(known.registry, one.namespace));
    return kept.of(one.key, parts, () => ({ known: null, workload: heardWorkload(known, flows, one, own) }));
  }
  const away = unansweredAt(known, flows, one);
  if (away.length > 0) parts.push(...partsIn(away));
  return kept.of(one.key, parts, () => ({
    known: one,
    workload: declaredWorkload(known, one, flows, own),
  }));
}

/** What a workload is told by, beside itself. */
interface OwnFlows {
  readonly inbound: readonly Flow[];
  readonly outbound: readonly Flow[];
  readonly services: readonly ServiceKey[];
}

const ownFlows = ({ flows, servicesOf }: Working, key: WorkloadKey): OwnFlows => ({
  inbound: flows.byDestination.get(key) ?? noFlows,
  outbound: flows.bySource.get(key) ?? noFlows,
  services: servicesOf.get(key) ?? none,
});

const isDeclared = (one: Subject): one is KnownWorkload => "kube" in one;

const byKey = (a: { readonly key: string }, b: { readonly key: string }): number => (a.key < b.key ? -1 : 1);

const workloadsByKey = onceFor((workloads: KnownMesh["workloads"]) => [...workloads.values()].sort(byKey));

const partsIn = (away: ReturnType<typeof unansweredAt>): readonly unknown[] =>
  away.flatMap(({ service, flows }) => [service, ...flows]);

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
  { inbound, outbound, services }: OwnFlows,
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
    services,
    inbound: flows.measure(inbound).traffic,
    outbound: flows.measure(outbound).traffic,
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
  { inbound, outbound, services }: OwnFlows,
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
    services,
    inbound: flows.measure(inbound).traffic,
    outbound: flows.measure(outbound).traffic,
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
