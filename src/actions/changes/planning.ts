/** Parts that every planner uses. */
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Json } from "../../data/mesh/json.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Change, Edit, EditPatch, Guard, Plan, WantedChange } from "../change.ts";
import type { Held, Needs, Seen } from "./held.ts";
import { sameJson, valueAt, type Pointer } from "./pointer.ts";

/** One kind of change: what it has to see, and what it takes. Pure. */
export interface Action<C extends WantedChange> {
  readonly kind: C["kind"];
  readonly title: string;
  readonly needs: (mesh: Mesh, change: C) => Needs;
  readonly plan: (mesh: Mesh, change: C, seen: Seen) => Plan;
}

/** A plan that only says why not. */
export function refuse(change: Change, summary: string, ...blockers: readonly string[]): Plan {
  return {
    change,
    summary,
    patches: [],
    weights: [],
    warnings: [],
    cuts: [],
    afterwards: null,
    blockers,
    grave: false,
  };
}

/** Nothing is to be done. @param what is so already, as a sentence's beginning: `the mode`. */
export function doneAlready(change: Change, summary: string, what: string): Plan {
  return { ...refuse(change, summary, `${what} is so already`), isDone: true };
}

/** An object that was there when the user chose. */
export function refuseGone(change: Change, ref: ResourceRef): Plan {
  return refuse(change, `change ${nameOf(ref)}`, `${nameOf(ref)} is not there any more`);
}

export function editPatch(held: Held, edits: readonly Edit[], guards: readonly Guard[] = []): EditPatch {
  const { ref, uid, resourceVersion } = held;
  return { do: "edit", ref, subresource: null, uid, resourceVersion, pinned: true, guards, edits };
}

/** The edit that makes a field this value: none where it is so already. The parent has to be there. */
export function setTo(held: Held, path: Pointer, now: Json): readonly Edit[] {
  const was = valueAt(held.json, path);
  if (was === undefined) return [{ op: "add", path, now }];
  return sameJson(was, now) ? [] : [{ op: "set", path, was, now }];
}

/** The edit that takes a field away: none where it is absent. */
export function removeAt(held: Held, path: Pointer): readonly Edit[] {
  const was = valueAt(held.json, path);
  return was === undefined ? [] : [{ op: "remove", path, was }];
}

/** What the mesh says is old where its watch is down. */
export function staleness({ sources }: Mesh): readonly string[] {
  return sources.kubernetes.is === "live"
    ? []
    : ["what is known of the cluster may be old: its watch is not live"];
}

/** The short name of a host: `catalog` for a Service of this namespace, `catalog.other` for another, else the host. */
export function shortHost(host: string, namespace: string): string {
  const match = /^([^.]+)\.([^.]+)\.svc\.cluster\.local$/.exec(host);
  if (match === null) return host;
  const [, name = host, owner = ""] = match;
  return owner === namespace ? name : `${name}.${owner}`;
}

/** The version at which this server serves networking.istio.io, by an object that was read; v1 (Istio 1.22) where none was. */
export function istioVersion({ services }: Mesh): string {
  const refs = services.flatMap(({ routedBy, subsets }) => [
    ...routedBy,
    ...subsets.map(({ definedBy }) => definedBy),
  ]);
  return refs.find(({ group }) => group === "networking.istio.io")?.version ?? "v1";
}
