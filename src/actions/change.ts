/**
 * What the user wants (`Change`), what it takes (`Plan`), and each field of it with both sides (`Edit`): reviewable as a diff,
 * guarded against races, and its own undo.
 */
import type { Json } from "../data/mesh/json.ts";
import type { Labels, ResourceRef } from "../data/mesh/declared/meta.ts";
import type { ServiceKey, WorkloadKey } from "../data/mesh/model/keys.ts";
import type { Rule } from "../data/mesh/model/route.ts";
import type { OutboundMode } from "../data/mesh/declared/routing.ts";
import type { Percent, Ratio } from "../data/mesh/units.ts";
import { overlaps, type Pointer } from "./changes/pointer.ts";

/** New weights of one rule, one for each destination in the object's order. */
export interface ShiftChange {
  readonly kind: "shift";
  readonly service: ServiceKey;
  /** The object that holds the weights: a delegate where the rule lives there. */
  readonly route: ResourceRef;
  readonly protocol: Rule["protocol"];
  /** Index in its list, from 0. */
  readonly rule: number;
  /** The rule as it was shown when it was chosen (`meantBy`); absent: whichever stands there. */
  readonly meant?: string;
  readonly weights: readonly number[];
}

/** Where mirrored copies go: a subset of an Istio host, or a Service of Gateway API (`subset` null). */
export interface MirrorTo {
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
}

export interface MirrorChange {
  readonly kind: "mirror";
  readonly service: ServiceKey;
  readonly route: ResourceRef;
  readonly protocol: Rule["protocol"];
  readonly rule: number;
  /** As in a `ShiftChange`, by its mirrors. */
  readonly meant?: string;
  /** Which of several mirrors, from 0; `null`: the only one. */
  readonly at: number | null;
  /** 0 switches it off and keeps the target. */
  readonly percent: Percent;
  /** `null` keeps the target that is there. */
  readonly to: MirrorTo | null;
}

export interface OutboundChange {
  readonly kind: "outbound";
  readonly target:
    | { readonly is: "mesh"; readonly configMap: ResourceRef }
    /** `labels` null: the whole namespace; else the workload whose pods carry exactly them. */
    | { readonly is: "sidecar"; readonly namespace: string; readonly labels: Labels | null };
  readonly mode: OutboundMode;
}

/** Makes a host of the outside known to one namespace, so that REGISTRY_ONLY lets it pass. */
export interface DeclareHostChange {
  readonly kind: "declareHost";
  readonly namespace: string;
  /** As metrics name it: a DNS name, with its port where it is an unusual one. */
  readonly host: string;
}

export type CanaryVerb = "pause" | "resume" | "next" | "promote" | "abort" | "retry";

export interface CanaryChange {
  readonly kind: "canary";
  /** A Flagger Canary or an Argo Rollout. */
  readonly canary: ResourceRef;
  readonly verb: CanaryVerb;
}

/** Takes an entry of the journal back, or (`redo`) does again what was taken back. */
interface UndoChange {
  readonly kind: "undo";
  readonly redo: boolean;
  readonly entry: string;
}

export type WantedChange = ShiftChange | MirrorChange | OutboundChange | DeclareHostChange | CanaryChange;
export type Change = WantedChange | UndoChange;

export type Edit =
  | { readonly op: "set"; readonly path: Pointer; readonly was: Json; readonly now: Json }
  | { readonly op: "add"; readonly path: Pointer; readonly now: Json }
  | { readonly op: "remove"; readonly path: Pointer; readonly was: Json };

/** A value that is not changed and must be what the plan saw: indices move, so a weight is known by its destination. */
export interface Guard {
  readonly path: Pointer;
  /** `null`: absent. */
  readonly value: Json;
  /** Of the moment that the question is about, and nothing that an undo needs: the phase of a canary. */
  readonly once?: true;
}

/** Fields of one object. */
export interface EditPatch {
  readonly do: "edit";
  readonly ref: ResourceRef;
  readonly subresource: "status" | null;
  readonly uid: string;
  /** Of the object that the plan saw. */
  readonly resourceVersion: string;
  /** `false`: values guard it and the version does not, because a controller writes on the object all the time. */
  readonly pinned: boolean;
  readonly guards: readonly Guard[];
  readonly edits: readonly Edit[];
}

interface CreatePatch {
  readonly do: "create";
  readonly ref: ResourceRef;
  readonly manifest: Json;
}

export interface DeletePatch {
  readonly do: "delete";
  readonly ref: ResourceRef;
  /** Both are "" before the object is made. */
  readonly uid: string;
  readonly resourceVersion: string;
  /** What was created: an object that has another content by now is not deleted. */
  readonly manifest: Json;
}

export type Patch = EditPatch | CreatePatch | DeletePatch;

/** One destination of a shift, before and after. */
export interface WeightRow {
  /** Subset, or Service where those are the destinations. */
  readonly name: string;
  readonly before: { readonly weight: number | null; readonly share: Ratio | null };
  readonly after: { readonly weight: number; readonly share: Ratio | null };
}

/** A call that a plan would cut off, and that a ServiceEntry of its host would save (`DeclareHostChange`). */
export interface Cut {
  readonly host: string;
  readonly from: WorkloadKey;
}

export interface Plan {
  readonly change: Change;
  /** One sentence without a full stop: "shift shop/catalog, rule 1: v1 90 -> 50, v2 10 -> 50". */
  readonly summary: string;
  /** Sent in this order. */
  readonly patches: readonly Patch[];
  /** Patches of nothing: what has to hold still, right before the first is sent, on objects that are not written. */
  readonly relies?: readonly EditPatch[];
  /** Empty for everything but a shift. */
  readonly weights: readonly WeightRow[];
  readonly warnings: readonly string[];
  /** By host, then by caller; callers of hosts that metrics can't name are counted in `warnings`. Empty for everything but REGISTRY_ONLY. */
  readonly cuts: readonly Cut[];
  /** What is left to do once it is applied, as a sentence: who waits for a resume, what has to be unset. `null`: nothing. */
  readonly afterwards: string | null;
  /** Reasons to refuse; a plan with one is never sent. */
  readonly blockers: readonly string[];
  /** All that is wished for is so already: its one blocker says what. Absent: it is not. */
  readonly isDone?: true;
  /** All or nothing for somebody, or the whole mesh: asks for more than a `y` at every level. */
  readonly grave: boolean;
}

/** One operation of RFC 6902. */
export type Operation =
  | { readonly op: "test" | "replace" | "add"; readonly path: Pointer; readonly value: Json }
  | { readonly op: "remove"; readonly path: Pointer };

/** The edit that takes this one back. Total: `undoOf(undoOf(e))` equals `e`. */
export function undoOf(edit: Edit): Edit {
  switch (edit.op) {
    case "set":
      return { ...edit, was: edit.now, now: edit.was };
    case "add":
      return { op: "remove", path: edit.path, was: edit.now };
    case "remove":
      return { op: "add", path: edit.path, now: edit.was };
  }
}

/**
 * An edit as guarded JSON Patch: what is replaced or removed is tested first, so that a stale plan fails instead of
 * overwriting. Absence cannot be tested by RFC 6902: an `add` is guarded by the patch's resourceVersion.
 */
function toJsonPatch(edit: Edit): readonly Operation[] {
  switch (edit.op) {
    case "set":
      return [
        { op: "test", path: edit.path, value: edit.was },
        { op: "replace", path: edit.path, value: edit.now },
      ];
    case "add":
      return [{ op: "add", path: edit.path, value: edit.now }];
    case "remove":
      return [
        { op: "test", path: edit.path, value: edit.was },
        { op: "remove", path: edit.path },
      ];
  }
}

/**
 * What is sent for an `edit` patch. Where the version is a guard, it is that of absence, too. Where the version is no guard, absence is tested as null: the API server's library (evanphx/json-patch)
 * lets that pass for a member that is not there, and only for that.
 */
export function operationsOf(patch: EditPatch): readonly Operation[] {
  const { resourceVersion, pinned, uid, guards, edits } = patch;
  const version = pinned ? [{ path: "/metadata/resourceVersion", value: resourceVersion }] : [];
  const present = guards.filter(({ value }) => !pinned || value !== null);
  const tests: readonly Guard[] = [{ path: "/metadata/uid", value: uid }, ...version, ...present];
  return [
    ...tests.map(({ path, value }): Operation => ({ op: "test", path, value })),
    ...edits.flatMap((edit) => [
      ...(!pinned && edit.op === "add" ? [{ op: "test", path: edit.path, value: null } as const] : []),
      ...toJsonPatch(edit),
    ]),
  ];
}

/**
 * The patch that takes this one back, as far as it is known before it is sent: the identity of a created object, and versions, are those
 * of the moment (`rebase` brings them up to date).
 */
export function inverseOf(patch: Patch): Patch {
  switch (patch.do) {
    case "create":
      return {
        do: "delete",
        ref: patch.ref,
        uid: "",
        resourceVersion: "",
        manifest: patch.manifest,
      };
    case "delete":
      return { do: "create", ref: patch.ref, manifest: patch.manifest };
    case "edit":
      return {
        ...patch,
        guards: patch.guards.filter(
          ({ path, once }) => once !== true && !patch.edits.some((edit) => overlaps(edit.path, path)),
        ),
        edits: patch.edits.map(undoOf).reverse(),
      };
  }
}
