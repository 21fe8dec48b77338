import { buildCanaries } from "./build/canaries.ts";
import { buildClusters } from "./build/clusters.ts";
import { buildControlPlanes } from "./build/controlPlanes.ts";
import { buildEgress } from "./build/egress.ts";
import { buildGateways } from "./build/gateways.ts";
import { knowMesh, knownMesh, type KnownMesh } from "./build/knownMesh.ts";
import { BuildMemory } from "./build/memory.ts";
import { buildMtls, buildNamespaces } from "./build/namespaces.ts";
import { notesOf } from "./build/notes.ts";
import { Picture } from "./build/picture.ts";
import { buildServices } from "./build/services.ts";
import { buildWorkloads } from "./build/workloads.ts";
import { findingsIn } from "./checks/runChecks.ts";
import type { Declared } from "./declared/declared.ts";
import type { Joined } from "./join/flow.ts";
import { flowIndexOf, type FlowIndex } from "./join/flowIndex.ts";
import { hasSameItems } from "./kept.ts";
import type { Mesh, SourceState } from "./model/mesh.ts";
import { share } from "./share.ts";
import { atOnce, type Steps } from "./steps.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Millis } from "./units.ts";

export interface MeshInput {
  readonly declared: Declared;
  /** `null`: Prometheus has not answered yet, or there is none. */
  readonly telemetry: Telemetry | null;
  readonly sources: { readonly kubernetes: SourceState; readonly prometheus: SourceState };
  /** Range that rates are averaged over, asked for; the telemetry's own counts where there is one. */
  readonly window: Millis;
  /** The state of the cluster that findings are told of, where it is another one: checks take longer than all the rest, and may come later. */
  readonly checked?: Declared;
  /** Sentences that stand before the other notes. */
  readonly remarks?: readonly string[];
}

/** One frame's mesh from what the API server and Prometheus said: pure, and the same bytes for the same input. */
export const buildMesh = (input: MeshInput): Mesh => meshBuilder()(input);

/**
 * Builds one mesh after the other, each the same as `buildMesh` builds it. What says the same as in the mesh before it is the same object, and what follows from
 * the same parts is not computed again: a refresh pays for what it changed.
 */
export function meshBuilder(): (input: MeshInput) => Mesh {
  const build = meshSteps();
  return (input) => atOnce(build(input));
}

/** As `meshBuilder`, in steps: one mesh has to be done before the next one is begun. */
export function meshSteps(): (input: MeshInput) => Steps<Mesh> {
  const memory = new BuildMemory();
  return function* (input) {
    const before = memory.picture;
    const built = yield* build(input, memory);
    yield;
    const mesh = memory.mesh === null ? built : shareRest(memory.mesh, built);
    memory.mesh = isAllOf(memory.mesh, mesh) && keepsPicture(before, memory) ? memory.mesh : mesh;
    return memory.mesh;
  };
}

/** As `share`, for a mesh whose long lists hold elements that were shared one by one: nothing in them needs to be looked at again. */
function shareRest(before: Mesh, { at, window, ...next }: Mesh): Mesh {
  const kept = <T>(old: readonly T[], now: readonly T[]): readonly T[] =>
    hasSameItems(old, now) ? old : now;
  return {
    at,
    window,
    namespaces: share(before.namespaces, next.namespaces),
    services: kept(before.services, next.services),
    workloads: kept(before.workloads, next.workloads),
    gateways: share(before.gateways, next.gateways),
    controlPlanes: share(before.controlPlanes, next.controlPlanes),
    clusters: share(before.clusters, next.clusters),
    graph: next.graph,
    canaries: share(before.canaries, next.canaries),
    mtls: share(before.mtls, next.mtls),
    breakers: kept(before.breakers, next.breakers),
    egress: share(before.egress, next.egress),
    findings: share(before.findings, next.findings),
    sources: share(before.sources, next.sources),
  };
}

/** Does the one before say all that this mesh says beside its graph? */
const isAllOf = (before: Mesh | null, mesh: Mesh): before is Mesh =>
  before !== null &&
  (Object.keys(mesh) as readonly (keyof Mesh)[]).every(
    (name) => name === "graph" || mesh[name] === before[name],
  );

/** A graph that nobody has looked at does not make another mesh. */
function keepsPicture(before: Picture | null, memory: BuildMemory): boolean {
  const next = memory.picture;
  if (before === null || next === null || !before.became(next)) return false;
  memory.picture = before;
  return true;
}

function* build(input: MeshInput, memory: BuildMemory): Steps<Mesh> {
  const { declared, telemetry, sources, window, remarks = [], checked = declared } = input;
  const known = yield* knowMesh(declared, memory.known);
  const flows = yield* flowsOf(known, telemetry, window, memory);
  const { services, breakers } = yield* buildServices(known, flows, memory);
  const workloads = yield* buildWorkloads(known, flows, services, memory);
  memory.picture = yield* pictureOf(known, flows, memory);
  yield;
  const namespaces = namespacesOf(known, { services, workloads }, flows, memory);
  const names = namespaces.map(({ name }) => name);
  const mesh: Mesh = {
    at: telemetry?.at ?? null,
    window: flows.window,
    namespaces,
    services,
    workloads,
    gateways: buildGateways(known),
    controlPlanes: buildControlPlanes(known),
    clusters: buildClusters(telemetry),
    graph: memory.picture.graph,
    canaries: buildCanaries({
      known,
      flows,
      services: new Map(services.map((service) => [service.key, service])),
    }),
    mtls: buildMtls(known, flows, names),
    breakers,
    egress: buildEgress(known, flows, names),
    findings: yield* findingsIn(checked === declared ? known : knownMesh(checked), flows),
    sources: { ...sources, kinds: declared.kinds, notes: [...remarks, ...notesOf(declared, telemetry)] },
  };
  memory.turn(known, flows);
  return mesh;
}

function* pictureOf(known: KnownMesh, index: FlowIndex, memory: BuildMemory): Steps<Picture> {
  const sight = { known, index, changes: memory.changesSince(known, index) };
  return memory.picture === null ? Picture.of(sight) : yield* memory.picture.next(sight);
}

/** Where only figures change, the namespaces are those of the mesh before. */
function namespacesOf(
  known: KnownMesh,
  { services, workloads }: Pick<Mesh, "services" | "workloads">,
  flows: FlowIndex,
  memory: BuildMemory,
): Mesh["namespaces"] {
  const before = memory.changesSince(known, flows) === null ? null : memory.mesh;
  return before?.namespaces ?? buildNamespaces(known, services, workloads);
}

/** @param window asked for; the telemetry's own counts where there is one. */
function* flowsOf(
  { hostFor, keyFor, mirrors, waypoints }: KnownMesh,
  telemetry: Telemetry | null,
  window: Millis,
  memory: BuildMemory,
): Steps<FlowIndex> {
  const joined =
    telemetry === null
      ? noTelemetry
      : yield* memory.joiner.join({ telemetry, hostFor, keyFor, mirrors, waypoints });
  yield;
  memory.flows = flowIndexOf(joined, telemetry, telemetry?.window ?? window, memory.flows);
  return memory.flows;
}

const noTelemetry: Joined = { flows: [], copies: [], sources: [] };
