import { buildCanaries } from "./build/canaries.ts";
import { buildClusters } from "./build/clusters.ts";
import { buildControlPlanes } from "./build/controlPlanes.ts";
import { buildEgress } from "./build/egress.ts";
import { buildGateways } from "./build/gateways.ts";
import { knowMesh, knownMesh, type KnownMesh } from "./build/knownMesh.ts";
import { BuildMemory } from "./build/memory.ts";
import { buildMtls, buildNamespaces } from "./build/namespaces.ts";
import { notesOf } from "./build/notes.ts";
import { buildServices } from "./build/services.ts";
import { askedOf, shownAfter, shownFirst, type Built, type Rest } from "./build/shown.ts";
import { workloadsIn } from "./build/workloads.ts";
import { findingsIn } from "./checks/runChecks.ts";
import type { Declared } from "./declared/declared.ts";
import type { Joined } from "./join/flow.ts";
import { flowIndexOf, type FlowIndex } from "./join/flowIndex.ts";
import type { Mesh, SourceState } from "./model/mesh.ts";
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
    const before = memory.shown;
    const built = yield* build(input, memory);
    const shown = before === null ? shownFirst(built) : shownAfter(before, built);
    memory.shown = shown;
    return shown.mesh;
  };
}

function* build(input: MeshInput, memory: BuildMemory): Steps<Built> {
  const { declared, telemetry, sources, window, remarks = [], checked = declared } = input;
  const known = yield* knowMesh(declared, memory.known);
  const flows = yield* flowsOf(known, telemetry, window, memory);
  const { services, breakers } = yield* buildServices(known, flows, memory);
  const changes = memory.changesSince(known, flows);
  // Where only figures change, the same workloads are there, and in the same namespaces.
  const last = changes === null ? null : memory.shown;
  const subjects = last?.subjects ?? workloadsIn(known, flows);
  const namespaces = last?.rest.namespaces ?? buildNamespaces(known, services, subjects);
  yield;
  const names = namespaces.map(({ name }) => name);
  const rest: Rest = {
    at: telemetry?.at ?? null,
    window: flows.window,
    namespaces,
    services,
    gateways: buildGateways(known),
    controlPlanes: buildControlPlanes(known),
    clusters: buildClusters(telemetry),
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
  yield;
  // Last, to have also what somebody asks for while all else is built.
  return { rest, subjects, ...(yield* askedOf({ known, flows, subjects, services, changes }, memory.shown)) };
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
