/** Which rights a change takes, known before anything is read or planned, so that a key that can do nothing says so. */
import type { ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { CanaryVerb, Patch, WantedChange } from "../change.ts";
import { pluralOf } from "../paths.ts";

/** One question to the API server: may this user do this? (authorization.k8s.io/v1, ResourceAttributes) */
export interface Ask {
  readonly verb: "patch" | "create" | "delete" | "list";
  readonly group: string;
  /** `virtualservices` */
  readonly resource: string;
  readonly subresource: "status" | null;
  /** `null`: outside namespaces. */
  readonly namespace: string | null;
  /** `null`: any of them. */
  readonly name: string | null;
}

/** What a key stands for: a kind of change, or what is done to a canary. */
export type Deed = WantedChange["kind"] | CanaryVerb;

const verbs = { edit: "patch", create: "create", delete: "delete" } as const;

/** What sending this patch takes. RBAC can't know the name of what is not there yet. */
export function askOf(patch: Patch): Ask {
  const { ref } = patch;
  return {
    verb: verbs[patch.do],
    group: ref.group,
    resource: pluralOf(ref),
    subresource: patch.do === "edit" ? patch.subresource : null,
    namespace: ref.namespace,
    name: patch.do === "create" ? null : ref.name,
  };
}

/** Of each group one is enough, and each group is needed. */
export type Rights = readonly (readonly Ask[])[];

type RightsOf = (ref: ResourceRef) => Rights;

const patching = (ref: ResourceRef, subresource: "status" | null = null): Ask => ({
  verb: "patch",
  group: ref.group,
  resource: pluralOf(ref),
  subresource,
  namespace: ref.namespace,
  name: ref.name,
});

const spec: RightsOf = (ref) => [[patching(ref)]];
/** Argo keeps pauses and steps in the status; Flagger has no field there for people (istio.md 7). */
const status: RightsOf = (ref) => [[patching(ref, ref.kind === "Rollout" ? "status" : null)]];
const either: RightsOf = (ref) => [
  ref.kind === "Rollout" ? [patching(ref), patching(ref, "status")] : [patching(ref)],
];

/** A namespace is outside of namespaces, and what is asked about lies in it. */
const inside = (ref: ResourceRef): string => ref.namespace ?? ref.name;

const any = (ref: ResourceRef, group: string, resource: string, verb: Ask["verb"]): Ask => ({
  verb,
  group,
  resource,
  subresource: null,
  namespace: inside(ref),
  name: null,
});

const ISTIO = "networking.istio.io";

/** Flagger's routes are of one kind in a cluster; which one is not known by the Canary's name. */
const flaggerAbort: RightsOf = (ref) => [
  [patching(ref)],
  [any(ref, ISTIO, "virtualservices", "patch"), any(ref, "gateway.networking.k8s.io", "httproutes", "patch")],
];

const table: Readonly<Record<Deed, RightsOf>> = {
  shift: spec,
  mirror: spec,
  outbound: (ref) =>
    ref.kind === "ConfigMap" || ref.kind === "Sidecar"
      ? spec(ref)
      : [
          [any(ref, ISTIO, "sidecars", "list")],
          [any(ref, ISTIO, "sidecars", "patch"), any(ref, ISTIO, "sidecars", "create")],
        ],
  declareHost: (ref) => [[any(ref, ISTIO, "serviceentries", "create")]],
  canary: either,
  pause: spec,
  resume: either,
  next: status,
  promote: status,
  abort: (ref) => (ref.kind === "Rollout" ? status(ref) : flaggerAbort(ref)),
  retry: status,
};

/**
 * What doing this to an object takes at least. The plan may take more (a route that Flagger moves is suspended first), which is asked then.
 *
 * @param ref the route for `shift` and `mirror`; for `outbound` the mesh's ConfigMap, a Sidecar, or the namespace or workload that may have none; for
 *   `declareHost` the namespace or something in it; else the Canary or Rollout.
 */
export function rightsFor(deed: Deed, ref: ResourceRef): Rights {
  return table[deed](ref);
}

/** "you may not patch virtualservices in shop" */
export function denialOf({ verb, resource, subresource, namespace }: Ask): string {
  const what = subresource === null ? resource : `${resource}/${subresource}`;
  return `you may not ${verb} ${what}${namespace === null ? "" : ` in ${namespace}`}`;
}
