import type { FlowChanges } from "../join/flowChanges.ts";
import { isNextAfter, type FlowIndex } from "../join/flowIndex.ts";
import { Joiner } from "../join/joinTelemetry.ts";
import { Kept, KeptOne } from "../kept.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Mesh } from "../model/mesh.ts";
import { keepService, keepWorkload, type BuiltService, type BuiltWorkload } from "./keeping.ts";
import { KnownMemory, type KnownMesh } from "./knownMesh.ts";
import type { HeardWorkload, ServiceName } from "./heard.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import type { Listed } from "./listed.ts";
import type { Picture } from "./picture.ts";
import { PlanMemory, type ServicePlan } from "./servicePlans.ts";

export type ServicesOf = ReadonlyMap<WorkloadKey, readonly ServiceKey[]>;

interface WorkloadList {
  readonly all: Listed<KnownWorkload | HeardWorkload, BuiltWorkload>;
  readonly servicesOf: ServicesOf;
}

/** What one build leaves to the next: nothing in it is seen, it only saves work. */
export class BuildMemory {
  readonly joiner = new Joiner();
  flows: FlowIndex | null = null;
  readonly known = new KnownMemory();
  mesh: Mesh | null = null;
  readonly services = new Kept<ServiceKey, BuiltService>(keepService);
  readonly plans = new PlanMemory();
  /** What the services before were told by. */
  served: KnownMesh["workloads"] | null = null;
  readonly workloads = new Kept<WorkloadKey, BuiltWorkload>(keepWorkload);
  readonly servicesOf = new KeptOne<ServicesOf>();
  picture: Picture | null = null;
  serviceList: Listed<ServicePlan | ServiceName, BuiltService> | null = null;
  workloadList: WorkloadList | null = null;
  #built: { readonly known: KnownMesh; readonly turn: number } | null = null;

  /** What differs from the build before, where it was of the same state of the cluster and other figures of the same flows; else `null`. */
  changesSince(known: KnownMesh, flows: FlowIndex): FlowChanges | null {
    return this.#built?.known === known && isNextAfter(this.#built.turn, flows) ? flows.changes : null;
  }

  /** Ends a build. */
  turn(known: KnownMesh, flows: FlowIndex): void {
    this.#built = { known, turn: flows.turn };
    for (const kept of [this.services, this.workloads]) kept.turn();
  }
}
