import type { FlowChanges } from "../join/flowChanges.ts";
import { isNextAfter, type FlowIndex } from "../join/flowIndex.ts";
import { Joiner } from "../join/joinTelemetry.ts";
import { Kept } from "../kept.ts";
import type { ServiceKey } from "../model/keys.ts";
import { keepService, type BuiltService } from "./keeping.ts";
import { KnownMemory, type KnownMesh } from "./knownMesh.ts";
import type { ServiceName } from "./heard.ts";
import type { Listed } from "./listed.ts";
import { PlanMemory, type ServicePlan } from "./servicePlans.ts";
import type { Shown } from "./shown.ts";

/** What one build leaves to the next: nothing in it is seen, it only saves work. */
export class BuildMemory {
  readonly joiner = new Joiner();
  flows: FlowIndex | null = null;
  readonly known = new KnownMemory();
  shown: Shown | null = null;
  readonly services = new Kept<ServiceKey, BuiltService>(keepService);
  readonly plans = new PlanMemory();
  /** What the services before were told by. */
  served: KnownMesh["workloads"] | null = null;
  serviceList: Listed<ServicePlan | ServiceName, BuiltService> | null = null;
  #built: { readonly known: KnownMesh; readonly turn: number } | null = null;

  /** What differs from the build before, where it was of the same state of the cluster and other figures of the same flows; else `null`. */
  changesSince(known: KnownMesh, flows: FlowIndex): FlowChanges | null {
    return this.#built?.known === known && isNextAfter(this.#built.turn, flows) ? flows.changes : null;
  }

  /** Ends a build. */
  turn(known: KnownMesh, flows: FlowIndex): void {
    this.#built = { known, turn: flows.turn };
    this.services.turn();
  }
}
