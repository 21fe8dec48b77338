/** The mesh as boxes and edges between them: what the picture says, before it has a place. */
import type { NodeKind } from "../../data/mesh/model/graph.ts";
import type { NodeId, ServiceKey, WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { Lock } from "../../data/mesh/model/security.ts";
import type { Traffic } from "../../data/mesh/traffic.ts";
import type { PerSecond, Ratio } from "../../data/mesh/units.ts";
import type { Tone } from "../paint/span.ts";
import type { PictureKey } from "./picture.ts";

/** What a box stands for: a node of the graph, or all workloads with one `app` label (and one version). */
export type BoxKind = NodeKind | "app";

export interface Box {
  readonly key: PictureKey;
  readonly kind: BoxKind;
  readonly namespace: string;
  /** Clean; with `namespace/` where names alone would not tell. */
  readonly title: string;
  /** Names of what it stands for, clean, without namespaces: services and workloads. */
  readonly names: readonly string[];
  readonly service: ServiceKey | null;
  readonly workload: WorkloadKey | null;
  /** Services that it stands for or answers for. */
  readonly services: readonly ServiceKey[];
  readonly workloads: readonly WorkloadKey[];
  /** `dead`: nothing is there to answer, no pod and no endpoint. */
  readonly state: "live" | "dead";
  /** It calls, and nobody calls it. */
  readonly isRoot: boolean;
  /** Not in the namespace that is looked at, or outside of the mesh. */
  readonly isOutside: boolean;
  /** `null`: nothing in the mesh is behind it, or nobody calls it. */
  readonly lock: Lock | null;
  /** What arrives; what leaves for those that nobody in the mesh calls (gateways, `unknown`). */
  readonly traffic: Traffic;
  /** What it is called by, as the edges to it say; what it calls by where none does. Sorted. */
  readonly protocols: readonly string[];
  /** All that it sends, mirrored copies apart: the whole that `share` labels are parts of. */
  readonly outbound: Traffic;
  /** Empty for a single version: its row would repeat the box. */
  readonly versions: readonly VersionRow[];
  /** The most urgent first. */
  readonly badges: readonly Badge[];
}

/** A workload that answers for the service of its box. */
export interface VersionRow {
  readonly workload: WorkloadKey;
  readonly name: string;
  readonly traffic: Traffic;
  /** Part of the service's requests that reached it; `null` without traffic. */
  readonly share: Ratio | null;
  /** As configured in the rule that takes everything else; `null`: no rule sets one. */
  readonly weight: number | null;
  /** Copies a second that mirroring sends it. */
  readonly mirrored: PerSecond;
}

export interface Badge {
  readonly text: string;
  readonly tone: Tone;
  /** Cells kept for it, so that a breaker that trips does not move the boxes. */
  readonly width: number;
}

/** All calls from one box to another, whatever their protocol; mirrored copies apart. */
export interface Call {
  readonly key: string;
  readonly from: PictureKey;
  readonly to: PictureKey;
  readonly isMirrored: boolean;
  /** Sorted. */
  readonly protocols: readonly string[];
  /** What each of several protocols carries, in their order; empty where there is one. */
  readonly parts: readonly { readonly protocol: string; readonly traffic: Traffic }[];
  /** Nodes of the graph that were called by name: services, and hosts outside. */
  readonly through: readonly NodeId[];
  readonly traffic: Traffic;
  readonly lock: Lock;
}

export interface Picture {
  /** Sorted by key; likewise the calls. */
  readonly boxes: readonly Box[];
  readonly calls: readonly Call[];
  /** Namespace whose names stand alone in titles, because most boxes are in it; `null`: every title says its own. */
  readonly home: string | null;
}
