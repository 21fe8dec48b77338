import type { FlowChanges } from "../join/flowChanges.ts";
import { isNextAfter, type FlowIndex } from "../join/flowIndex.ts";
import { Joiner } from "../join/joinTelemetry.ts";
import { Kept, keepingJson, KeptOne } from "../kept.ts";
import type { Graph } from "../model/graph.ts";
import type { NodeId, ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Mesh } from "../model/mesh.ts";
import type { Leaving } from "./graphEdges.ts";
import type { GraphNodes } from "./graphNodes.ts";
import type { Pairs } from "./graphPairs.ts";
import { keepService, keepWorkload, type BuiltService, type BuiltWorkload } from "./keeping.ts";
import { KnownMemory, type KnownMesh } from "./knownMesh.ts";
import type { HeardWorkload, ServiceName } from "./heard.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import type { Listed } from "./listed.ts";
import { PlanMemory, type ServicePlan } from "./servicePlans.ts";

/** The hosts of one node that are called: two hosts may be one, for a host that nobody declares goes by the name that it says. */
export interface Arriving {
  readonly node: NodeId;
  readonly hosts: readonly string[];
  /** That mirrored copies go to. */
  readonly copiedHosts: readonly string[];
}

/** A picture with what it was put together from. */
export interface Picture {
  readonly known: KnownMesh;
  readonly graph: Graph;
  /** By the node that they leave, in the order of these: so are edges and nodes. */
  readonly parts: Map<NodeId, Leaving>;
  readonly pairs: Pairs;
  /** By node. */
  readonly arriving: ReadonlyMap<string, Arriving>;
}

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
  /** By who sends; `null`: whoever calls without a proxy. */
  readonly sent = new Kept<WorkloadKey | null, Leaving>(keepingJson(2));
  /** By kind and key of the service that is called. */
  readonly answered = new Kept<string, Leaving>(keepingJson(2));
  nodes: GraphNodes | null = null;
  /** Of the nodes, by where the parts of the picture leave and arrive. */
  readonly nodeIds = new KeptOne<readonly NodeId[]>();
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
    for (const kept of [this.services, this.workloads, this.sent, this.answered]) kept.turn();
  }
}
