import { findingsByService } from "../../data/mesh/checks/findingsOf.ts";
import { clean } from "../../data/mesh/clean.ts";
import type { Graph } from "../../data/mesh/model/graph.ts";
import type { ServiceKey, WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Lock } from "../../data/mesh/model/security.ts";
import type { Service } from "../../data/mesh/model/service.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import { atOnce, each, type Steps } from "../../data/mesh/steps.ts";
import { noTraffic, type Traffic } from "../../data/mesh/traffic.ts";
import { keptWhile, type Kept } from "../../data/mesh/resolve/once.ts";
import { badgesOf, canaryOf, hasBreakers } from "./badges.ts";
import type { Box, Call, Picture } from "./boxes.ts";
import { callsOf } from "./callsOf.ts";
import { eachGrouping, hopsOf, type Grouping } from "./grouping.ts";
import { headsOf, type Head } from "./heads.ts";
import { keyOf, membershipOf, type Membership } from "./membership.ts";
import { isIdle } from "./numbers.ts";
import type { PictureKey } from "./picture.ts";
import { byKey } from "./shape.ts";
import { sumLocks, sumTraffic } from "./sums.ts";
import { isDeadService, isDeadWorkload, knowsEndpoints, knowsPods } from "./vitality.ts";
import { sideOf, versionRows } from "./versions.ts";

export interface GroupOptions {
  readonly grouping: Grouping;
  /** Boxes of other namespaces are outside; `null`: only what is no part of the mesh. */
  readonly namespace: string | null;
}

const plainly: GroupOptions = { grouping: "service", namespace: null };

/** Boxes and calls for all nodes and edges of a graph; what answers for a box of several workloads become its versions. */
export const groupGraph = (graph: Graph, mesh: Mesh, options: GroupOptions = plainly): Picture =>
  atOnce(groupingGraph(graph, mesh, options));

/** As `groupGraph`, in steps. */
export function* groupingGraph(graph: Graph, mesh: Mesh, options: GroupOptions): Steps<Picture> {
  const { grouping } = options;
  const members = membershipOf(graph, mesh, grouping);
  yield;
  const calls = yield* callsOf(hopsOf(graph, grouping), members, grouping);
  yield;
  const heads = headsOf({ graph, mesh, members, grouping, calls });
  const home = homeOf([...heads.values()]);
  const sources: Sources = {
    graph,
    mesh,
    members,
    home,
    options,
    callsTo: Map.groupBy(calls, ({ to }) => to),
    callsFrom: Map.groupBy(calls, ({ from }) => from),
    services: new Map(mesh.services.map((service) => [service.key, service])),
    workloads: new Map(mesh.workloads.map((workload) => [workload.key, workload])),
  };
  yield;
  const boxes: Box[] = [];
  yield* each([...heads], 64, ([key, head]) => boxes.push(keptBox(key, head, sources)));
  return { boxes: boxes.sort(byKey), calls, home };
}

// Most of a refresh is what was there before: the same services, workloads and calls make the same boxes.
const keptBoxes = eachGrouping<Kept<Box>>(() => new WeakMap());

interface Sources {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly members: Membership;
  readonly options: GroupOptions;
  readonly callsTo: ReadonlyMap<PictureKey, readonly Call[]>;
  readonly callsFrom: ReadonlyMap<PictureKey, readonly Call[]>;
  readonly home: string | null;
  readonly services: ReadonlyMap<string, Service>;
  readonly workloads: ReadonlyMap<string, Workload>;
}

/** Mirrored copies are not requests of anybody, so they count for nobody's rate. */
const sumOf = (calls: readonly Call[] = []): Traffic =>
  sumTraffic(calls.filter(({ isMirrored }) => !isMirrored).map(({ traffic }) => traffic));

const protocolsOf = (calls: readonly Call[]): readonly string[] =>
  [...new Set(calls.flatMap(({ protocols }) => protocols))].sort();

/** A namespace that more than half of the boxes are in. */
function homeOf(heads: readonly Head[]): string | null {
  const counts = new Map<string, number>();
  const inside = heads.filter((head) => head.namespace !== "");
  for (const { namespace } of inside) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  for (const [namespace, count] of counts) if (count * 2 > inside.length) return namespace;
  return null;
}

/** The box of an earlier picture, if it would be made of the same. */
function keptBox(key: PictureKey, head: Head, sources: Sources): Box {
  const { options, services, workloads, callsTo, callsFrom } = sources;
  const own = (sources.members.servicesOf.get(key) ?? []).map((one) => services.get(one));
  const behind = workloadsIn(key, head, sources).map((one) => workloads.get(one));
  const calls = [...(callsTo.get(key) ?? []), null, ...(callsFrom.get(key) ?? [])];
  const isOfWorkloads = head.kind === "workload" || head.kind === "app";
  const ground = (isOfWorkloads ? behind[0] : own[0]) ?? calls.find((call) => call !== null);
  if (ground === undefined) return boxOf(key, head, sources);
  const parts = [...groundsOf(key, head, sources), ...own, null, ...behind, null, ...calls];
  return keptWhile(keptBoxes[options.grouping], ground, parts, () => boxOf(key, head, sources));
}

/** What a box is made of beside its services, workloads and calls. */
function groundsOf(
  key: PictureKey,
  { kind, namespace, name, key: stands }: Head,
  sources: Sources,
): unknown[] {
  const { members, mesh, options, home, services } = sources;
  const grounds: unknown[] = [key, kind, namespace, name, stands, home, options.namespace];
  grounds.push(knowsEndpoints(mesh.services), knowsPods(mesh.workloads));
  grounds.push(services.get(stands ?? ""), services.get(key.slice("service:".length)));
  for (const node of members.workloadsOf.get(key) ?? []) grounds.push(node, sideOf(keyOf(node), mesh));
  const own = members.servicesOf.get(key) ?? [];
  grounds.push(canaryOf(own, mesh)?.text);
  for (const one of own) grounds.push(findingsByService(mesh).get(one), hasBreakers(mesh, one));
  return grounds;
}

function boxOf(key: PictureKey, head: Head, sources: Sources): Box {
  const { members, mesh, options, home } = sources;
  const isAlone = head.namespace === "" || head.namespace === home;
  const services = members.servicesOf.get(key) ?? [];
  const workloads = workloadsIn(key, head, sources);
  const incoming = (sources.callsTo.get(key) ?? []).filter(({ from }) => from !== key);
  const lock = lockOf(head, services, incoming, sources);
  const dead = isDead(head, { services, workloads }, sources);
  const traffic = trafficOf(key, { head, services, workloads }, sources);
  return {
    key,
    kind: head.kind,
    namespace: head.namespace,
    title: clean(isAlone ? head.name : `${head.namespace}/${head.name}`),
    names: [...new Set([head.name, ...[...services, ...workloads].map(nameIn)])].map(clean),
    ...subjectOf(head, services, sources),
    services,
    workloads,
    state: dead ? "dead" : "live",
    isRoot: incoming.length === 0 && sources.callsFrom.has(key),
    isOutside: isOutside(head, options.namespace),
    lock,
    traffic,
    protocols: protocolsOf(incoming.length > 0 ? incoming : (sources.callsFrom.get(key) ?? [])),
    outbound: sumOf(sources.callsFrom.get(key)),
    versions: versionRows(key, { ...sources, grouping: options.grouping }),
    badges: badgesOf(
      { kind: head.kind, services, lock, isDead: dead, isSilent: isIdle(traffic) },
      mesh,
      sources.services,
    ),
  };
}

/** A workload that no service selects answers for nothing but itself. */
function workloadsIn(key: PictureKey, head: Head, { members }: Sources): readonly WorkloadKey[] {
  const answering = (members.workloadsOf.get(key) ?? []).map(keyOf);
  return answering.length === 0 && head.kind === "workload" && head.key !== null ? [head.key] : answering;
}

const nameIn = (key: string): string => key.slice(key.indexOf("/") + 1);

/** What enter opens and steering steers: an app's service, where it has just one. */
function subjectOf(
  head: Head,
  services: readonly ServiceKey[],
  { services: known }: Sources,
): Pick<Box, "service" | "workload"> {
  if (head.kind === "workload") return { service: null, workload: head.key };
  const [only] = services;
  if (head.kind === "app")
    return { service: services.length === 1 ? (only ?? null) : null, workload: head.key };
  const isKnown = head.key !== null && (head.kind === "service" || known.has(head.key));
  return { service: isKnown ? head.key : null, workload: null };
}

function isOutside({ kind, namespace }: Head, scope: string | null): boolean {
  if (kind !== "service" && kind !== "workload" && kind !== "app") return true;
  return scope !== null && namespace !== scope;
}

interface Behind {
  readonly services: readonly ServiceKey[];
  readonly workloads: readonly WorkloadKey[];
}

function isDead(
  { kind, key }: Head,
  { workloads }: Behind,
  { mesh, services, workloads: known }: Sources,
): boolean {
  const service = kind === "service" ? services.get(key ?? "") : undefined;
  if (service !== undefined) return isDeadService(service, mesh);
  if (kind !== "workload" && kind !== "app") return false;
  return workloads.length > 0 && workloads.every((one) => isDeadWorkload(known.get(one), mesh));
}

/** A service's own; of what is behind several, what arrives. */
function lockOf(
  { kind }: Head,
  own: readonly ServiceKey[],
  incoming: readonly Call[],
  { services }: Sources,
): Lock | null {
  const [first] = own.flatMap((key) => services.get(key) ?? []);
  if (kind === "service") return first?.lock ?? null;
  return incoming.length === 0 || (kind !== "workload" && kind !== "app") ? null : sumLocks(incoming);
}

function trafficOf(
  key: PictureKey,
  { head, services: own, workloads: behind }: Behind & { readonly head: Head },
  { services, workloads, callsTo, callsFrom }: Sources,
): Traffic {
  const isOfWorkloads = head.kind === "workload" || head.kind === "app";
  const measured = isOfWorkloads ? behind.flatMap((one) => workloads.get(one) ?? []) : [];
  const candidates: readonly (() => Traffic)[] = [
    () => sumTraffic(isOfWorkloads ? [] : own.flatMap((one) => services.get(one)?.traffic ?? [])),
    () => sumTraffic(measured.map(({ inbound }) => inbound)),
    () => sumOf(callsTo.get(key)),
    () => sumTraffic(measured.map(({ outbound }) => outbound)),
    () => sumOf(callsFrom.get(key)),
  ];
  for (const sum of candidates) {
    const traffic = sum();
    if (traffic.requests !== null || traffic.connections !== null) return traffic;
  }
  return noTraffic;
}
