import type { Traffic } from "../traffic.ts";
import type { NodeId } from "./keys.ts";
import type { Lock } from "./security.ts";

export type NodeKind = "workload" | "service" | "external" | "unknown" | "passthrough" | "blackhole";

export interface GraphNode {
  readonly id: NodeId;
  readonly kind: NodeKind;
  /** "" for hosts outside and for `unknown`. */
  readonly namespace: string;
  readonly name: string;
  readonly version: string | null;
  /** Workload or service behind it; `null` for the others. */
  readonly key: string | null;
}

/**
 * Caller workload -> service, service -> the workload that answered (its version split), caller -> outside.
 * One edge for each pair and protocol.
 */
export interface GraphEdge {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly protocol: "http" | "grpc" | "tcp";
  readonly traffic: Traffic;
  readonly lock: Lock;
  /** Carries only mirrored copies. */
  readonly mirrored: boolean;
  /** Of an edge to a service: the workload that answered all of it. Absent: several did (`pairs` says how much each), or none. */
  readonly reached?: NodeId;
}

/** What one caller sent through a service to one of the workloads that answered it. */
export interface GraphPair extends Omit<GraphEdge, "reached"> {
  /** The service; `to` is the workload, or the service again for what reached none. */
  readonly through: NodeId;
}

/** Drawn when it is asked for first (docs/adr/0014). */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Only for edges that say less: those to a service whose requests reached several workloads. */
  readonly pairs: readonly GraphPair[];
}
