import { buildCanaries, canariesByService } from "./build/canaries.ts";
import { buildEgress } from "./build/egress.ts";
import { buildGraph } from "./build/graph.ts";
import { knownMesh } from "./build/knownMesh.ts";
import { buildMtls, buildNamespaces } from "./build/namespaces.ts";
import { notesOf } from "./build/notes.ts";
import { buildServices } from "./build/services.ts";
import { buildWorkloads } from "./build/workloads.ts";
import { findingsIn } from "./checks/runChecks.ts";
import type { Declared } from "./declared/declared.ts";
import { flowIndexOf } from "./join/flowIndex.ts";
import { joinTelemetry } from "./join/joinTelemetry.ts";
import type { Mesh, SourceState } from "./model/mesh.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Millis } from "./units.ts";

export interface MeshInput {
  readonly declared: Declared;
  /** `null`: Prometheus has not answered yet, or there is none. */
  readonly telemetry: Telemetry | null;
  readonly sources: { readonly kubernetes: SourceState; readonly prometheus: SourceState };
  /** Range that rates are averaged over, asked for; the telemetry's own counts where there is one. */
  readonly window: Millis;
}

/**
 * One frame's mesh from what the API server and Prometheus said: pure, and the same bytes for the same input. What follows from `declared` alone is computed once
 * for each Declared object and kept with it, so a refresh of the telemetry pays for the traffic only.
 */
export function buildMesh({ declared, telemetry, sources, window }: MeshInput): Mesh {
  const known = knownMesh(declared);
  const range = telemetry?.window ?? window;
  const { hostFor, mirrors, waypoints } = known;
  const joined =
    telemetry === null
      ? { flows: [], copies: [] }
      : joinTelemetry({ telemetry, hostFor, mirrors, waypoints });
  const flows = flowIndexOf(joined, telemetry, range);
  const { services, breakers } = buildServices(known, flows, canariesByService(known));
  const workloads = buildWorkloads(known, flows, services);
  const namespaces = buildNamespaces(known, services, workloads);
  const names = namespaces.map(({ name }) => name);
  return {
    at: telemetry?.at ?? null,
    window: range,
    namespaces,
    services,
    workloads,
    graph: buildGraph(known, flows),
    canaries: buildCanaries({
      known,
      flows,
      services: new Map(services.map((service) => [service.key, service])),
    }),
    mtls: buildMtls(known, flows, names),
    breakers,
    egress: buildEgress(known, flows, names),
    findings: findingsIn(known, flows),
    sources: { ...sources, kinds: declared.kinds, notes: notesOf(declared, telemetry) },
  };
}
