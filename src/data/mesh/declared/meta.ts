import type { Instant } from "../units.ts";

/** Labels or annotations. */
export type Labels = Readonly<Record<string, string>>;

/** Points at one object of one cluster. */
export interface ResourceRef {
  /** API group; "" is the core group. */
  readonly group: string;
  /** The version it was read at, as the server serves it. */
  readonly version: string;
  readonly kind: string;
  /** `null` for kinds that live outside namespaces. */
  readonly namespace: string | null;
  readonly name: string;
}

interface OwnerRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
}

/** What every object carries. What tells one write from the next is not kept: whoever writes reads the object anew. */
export interface Meta {
  readonly ref: ResourceRef;
  readonly created: Instant;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly owners: readonly OwnerRef[];
}

/** `kind namespace/name`, as messages name an object. */
export function nameOf(ref: ResourceRef): string {
  return ref.namespace === null ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}
