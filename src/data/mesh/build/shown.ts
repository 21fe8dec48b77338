/** What one build shows, and what of it is the mesh before. */
import { hasSameItems } from "../kept.ts";
import type { Mesh } from "../model/mesh.ts";
import { share } from "../share.ts";
import type { Steps } from "../steps.ts";
import { OnDemand } from "./onDemand.ts";
import { Picture } from "./picture.ts";
import {
  workloadsHand,
  workloadsIn,
  type BuiltWorkloads,
  type Subject,
  type WorkloadSight,
} from "./workloads.ts";

/** What of a mesh is built before somebody asks for it. */
export type Rest = Omit<Mesh, "workloads" | "graph">;

/** What is built when somebody asks for it (docs/adr/0014). */
export interface Asked {
  /** Of which workloads there is anything to say. */
  readonly subjects: readonly Subject[];
  readonly workloads: OnDemand<WorkloadSight, BuiltWorkloads>;
  readonly picture: Picture;
}

export interface Built extends Asked {
  readonly rest: Rest;
}

/** A mesh with what it was put together from. */
export interface Shown extends Built {
  readonly mesh: Mesh;
}

/** @param before what was shown last; `null`: nothing. Who asked for a part of it gets that of the next mesh with it. */
export function* askedOf(sight: Omit<WorkloadSight, "subjects">, before: Shown | null): Steps<Asked> {
  const { known, flows, changes } = sight;
  const last = changes === null ? null : before;
  const subjects = last?.subjects ?? workloadsIn(known, flows);
  const [listed, drawn] = [
    { ...sight, subjects },
    { known, index: flows, changes },
  ];
  if (before === null)
    return { subjects, workloads: new OnDemand(listed, workloadsHand), picture: Picture.of(drawn) };
  const workloads = yield* before.workloads.next(listed);
  return { subjects, workloads, picture: yield* before.picture.next(drawn) };
}

/** A mesh before which there was none. */
export const shownFirst = (built: Built): Shown => ({ ...built, mesh: meshOf(built) });

/** The mesh before, where this one says nothing else, as far as anybody has seen; else this one with what of it says the same. */
export function shownAfter(before: Shown, built: Built): Shown {
  const rest = shareRest(before.rest, built.rest);
  const { workloads, picture } = before;
  const isSame =
    (Object.keys(rest) as readonly (keyof Rest)[]).every((name) => rest[name] === before.rest[name]) &&
    workloads.says(built.workloads, (one, other) => one.all === other.all) &&
    picture.says(built.picture);
  if (!isSame) return shownFirst({ ...built, rest });
  workloads.become(built.workloads);
  picture.become(built.picture);
  return { ...before, subjects: built.subjects };
}

const meshOf = ({ rest, workloads, picture }: Built): Mesh => ({
  ...rest,
  get workloads() {
    return workloads.value.all;
  },
  graph: picture.graph,
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
