/** What one build shows, and what of it is the mesh before. */
import { hasSameItems } from "../kept.ts";
import type { Mesh } from "../model/mesh.ts";
import { share } from "../share.ts";
import type { Steps } from "../steps.ts";
import { graphHand, isSameGraph, type DrawnGraph, type GraphSight } from "./graph.ts";
import { OnDemand } from "./onDemand.ts";
import { workloadsHand, type BuiltWorkloads, type Subject, type WorkloadSight } from "./workloads.ts";

/** What of a mesh is built before somebody asks for it. */
export type Rest = Omit<Mesh, "workloads" | "graph">;

/** What is built when somebody asks for it (docs/adr/0014). */
interface Asked {
  readonly workloads: OnDemand<WorkloadSight, BuiltWorkloads>;
  readonly graph: OnDemand<GraphSight, DrawnGraph>;
}

export interface Built extends Asked {
  readonly rest: Rest;
  /** Of which workloads there is anything to say. */
  readonly subjects: readonly Subject[];
}

/** A mesh with what it was put together from. */
export interface Shown extends Built {
  readonly mesh: Mesh;
  /** Where the mesh finds what it is asked for: that of the last build that found nothing else to say. */
  readonly asked: { -readonly [Part in keyof Asked]: Asked[Part] };
}

/** @param before what was shown last; `null`: nothing. Who asked for a part of it gets that of the next mesh with it. */
export function* askedOf(sight: WorkloadSight, before: Shown | null): Steps<Asked> {
  const { known, flows, changes } = sight;
  const drawn = { known, index: flows, changes };
  if (before === null)
    return { workloads: new OnDemand(sight, workloadsHand), graph: new OnDemand(drawn, graphHand) };
  const workloads = yield* before.workloads.next(sight);
  return { workloads, graph: yield* before.graph.next(drawn) };
}

/** A mesh before which there was none, or that is another one. */
export function shownFirst(built: Built): Shown {
  const { rest, workloads, graph } = built;
  const asked = { workloads, graph };
  return { ...built, asked, mesh: meshOf(rest, asked) };
}

/** The mesh before, where this one says nothing else, as far as anybody has seen; else this one with what of it says the same. */
export function shownAfter(before: Shown, built: Built): Shown {
  const rest = shareRest(before.rest, built.rest);
  const isSame =
    (Object.keys(rest) as readonly (keyof Rest)[]).every((name) => rest[name] === before.rest[name]) &&
    before.workloads.says(built.workloads, (some, others) => some.all === others.all) &&
    before.graph.says(built.graph, isSameGraph);
  if (!isSame) return shownFirst({ ...built, rest });
  const { mesh, asked } = before;
  built.workloads.standInFor(before.workloads);
  built.graph.standInFor(before.graph);
  const [old, now] = [before.graph.drawn, built.graph.drawn];
  if (old !== null) now?.pairs.standInFor(old.pairs);
  asked.workloads = built.workloads;
  asked.graph = built.graph;
  return { ...built, rest, mesh, asked };
}

const meshOf = (rest: Rest, asked: Shown["asked"]): Mesh => ({
  ...rest,
  get workloads() {
    return asked.workloads.value.all;
  },
  graph: {
    get nodes() {
      return asked.graph.value.nodes;
    },
    get edges() {
      return asked.graph.value.edges;
    },
    get pairs() {
      return asked.graph.value.pairs.value.all;
    },
  },
});

/** As `share`, for a mesh whose long lists hold elements that were shared one by one: nothing in them needs to be looked at again. */
function shareRest(before: Rest, { at, window, ...next }: Rest): Rest {
  const kept = <T>(old: readonly T[], now: readonly T[]): readonly T[] =>
    hasSameItems(old, now) ? old : now;
  return {
    at,
    window,
    namespaces: share(before.namespaces, next.namespaces),
    services: kept(before.services, next.services),
    gateways: share(before.gateways, next.gateways),
    controlPlanes: share(before.controlPlanes, next.controlPlanes),
    clusters: share(before.clusters, next.clusters),
    canaries: share(before.canaries, next.canaries),
    mtls: share(before.mtls, next.mtls),
    breakers: kept(before.breakers, next.breakers),
    egress: share(before.egress, next.egress),
    findings: share(before.findings, next.findings),
    sources: share(before.sources, next.sources),
  };
}
