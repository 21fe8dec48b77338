/**
 * What the user wants (`Change`), what it takes (`Plan`), and each field of it with both sides (`Edit`): reviewable as a diff,
 * guarded against races, and its own undo.
 */
import type { Json } from "../data/mesh/json.ts";
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { ServiceKey } from "../data/mesh/model/keys.ts";
import type { OutboundMode } from "../data/mesh/declared/routing.ts";
import type { Instant, Percent } from "../data/mesh/units.ts";

/** A JSON Pointer (RFC 6901) into one object. */
export type Pointer = string;

export type Change =
  | {
      readonly kind: "shift";
      readonly service: ServiceKey;
      readonly route: ResourceRef;
      readonly rule: number;
      readonly weights: readonly number[];
    }
  | {
      readonly kind: "mirror";
      readonly service: ServiceKey;
      readonly route: ResourceRef;
      readonly rule: number;
      readonly percent: Percent;
    }
  | { readonly kind: "outbound"; readonly target: ResourceRef; readonly mode: OutboundMode }
  | {
      readonly kind: "canary";
      readonly canary: ResourceRef;
      readonly verb: "pause" | "resume" | "promote" | "abort";
    };

export type Edit =
  | { readonly op: "set"; readonly path: Pointer; readonly was: Json; readonly now: Json }
  | { readonly op: "add"; readonly path: Pointer; readonly now: Json }
  | { readonly op: "remove"; readonly path: Pointer; readonly was: Json };

export interface Patch {
  readonly ref: ResourceRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly edits: readonly Edit[];
}

export interface Plan {
  readonly change: Change;
  readonly summary: string;
  readonly patches: readonly Patch[];
  readonly warnings: readonly string[];
  /** Reasons to refuse; a plan with one is never sent. */
  readonly blockers: readonly string[];
}

export interface UndoEntry {
  readonly id: string;
  readonly at: Instant;
  readonly plan: Plan;
  readonly undone: boolean;
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
export function toJsonPatch(edit: Edit): readonly Operation[] {
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
