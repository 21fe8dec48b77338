/** The outbound mode of a namespace or a workload: in the Sidecar that Istio would choose for it, or in a new one (istio.md 6). */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf, type Labels, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Workload } from "../../data/mesh/model/workload.ts";
import type { OutboundChange, Patch, Plan } from "../change.ts";
import { objectAt, stringsAt, textAt, type Held, type KindIn } from "./held.ts";
import type { Reach } from "./outboundHosts.ts";
import { doneAlready, editPatch, istioVersion, refuse, setTo } from "./planning.ts";
import { pointer, sameJson, valueAt, type JsonObject } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";

export type SidecarTarget = Extract<OutboundChange["target"], { readonly is: "sidecar" }>;

export interface SidecarChange {
  readonly mesh: Mesh;
  readonly change: OutboundChange;
  readonly target: SidecarTarget;
  readonly summary: string;
  /** Those of the namespace, read fresh. */
  readonly sidecars: readonly Held[];
}

export const sidecarsIn = (mesh: Mesh, namespace: string): KindIn => ({
  group: "networking.istio.io",
  version: istioVersion(mesh),
  kind: "Sidecar",
  namespace,
});

/** The plan, and the calls under the policy that it changes. */
export function planSidecar(wanted: SidecarChange): { readonly plan: Plan; readonly reach: Reach } {
  const { mesh, change, target, summary, sidecars } = wanted;
  const gateway = targeted(mesh, target).find(({ proxy }) => proxy === "gateway");
  if (gateway !== undefined) {
    const why = `${gateway.key} is a gateway, and gateways use no Sidecar`;
    return { plan: refuse(change, summary, why), reach: () => false };
  }
  const held = chosen(sidecars, target.labels);
  const selector = held === null ? lastingLabels(wanted) : selectorOf(held);
  const plan = held === null ? planNew(wanted, selector) : planEdit(wanted, held);
  const root = selector === null && target.namespace === mesh.egress.rootNamespace;
  const everywhere = root
    ? ["it is the root namespace: this is for every namespace without a Sidecar of its own"]
    : [];
  const warnings = [...everywhere, ...plan.warnings, ...reachWarnings(wanted, selector)].map(clean);
  return { plan: { ...plan, warnings, grave: root }, reach: reachOf(wanted, selector, root) };
}

export const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

const carries = (labels: Labels, selector: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

/** The workloads whose pods have just these labels; none for a whole namespace. */
export const targeted = (mesh: Mesh, { namespace, labels }: SidecarTarget): readonly Workload[] =>
  labels === null
    ? []
    : mesh.workloads.filter((one) => one.namespace === namespace && sameJson(one.labels, labels));

/** What tells its pods from others for good: a Sidecar that selects by the version of a chart loses its pods at the next upgrade. */
function lastingLabels({ mesh, target }: SidecarChange): Labels | null {
  const selector = targeted(mesh, target)[0]?.selector ?? {};
  return Object.keys(selector).length === 0 ? target.labels : selector;
}

function reachWarnings({ mesh, target }: SidecarChange, selector: Labels | null): readonly string[] {
  const idle = targeted(mesh, target).filter(({ proxy }) => proxy === "none" || proxy === "ambient");
  const bare = idle.map(({ key }) => `${key} has no sidecar: the policy does nothing there`);
  if (selector === null || target.labels === null) return bare;
  const others = mesh.workloads.filter(
    ({ namespace, labels }) =>
      namespace === target.namespace && carries(labels, selector) && !sameJson(labels, target.labels),
  );
  if (others.length === 0) return bare;
  const names = others.map(({ key }) => key).join(", ");
  return [...bare, `it is for all pods with ${labelText(selector)}: those of ${names}, too`];
}

/** A Sidecar with a selector comes before one without, and that one before the one of the root namespace. */
function reachOf({ mesh, target, sidecars }: SidecarChange, selector: Labels | null, root: boolean): Reach {
  const { namespace } = target;
  if (selector !== null) {
    const pods = mesh.workloads.filter((one) => one.namespace === namespace && carries(one.labels, selector));
    const keys = new Set(pods.map(({ key }) => key));
    return ({ from }) => keys.has(from);
  }
  const selecting = new Set(sidecars.filter((one) => selectorOf(one) !== null).map(({ ref }) => ref.name));
  return ({ from, policy }) => {
    const by = policy.from === "default" || policy.from.kind !== "Sidecar" ? null : policy.from;
    const [space] = from.split("/");
    if (space === namespace) return by?.namespace !== namespace || !selecting.has(by.name);
    return root && by?.namespace !== space;
  };
}

function planEdit({ change, target, summary }: SidecarChange, held: Held): Plan {
  const path = "/spec/outboundTrafficPolicy";
  if (change.mode === "REGISTRY_ONLY" && valueAt(held.json, `${path}/egressProxy`) !== undefined) {
    const why = `${nameOf(held.ref)} has an egressProxy, which Istio allows only with ALLOW_ANY`;
    return refuse(change, summary, why);
  }
  const edits =
    valueAt(held.json, path) === undefined
      ? setTo(held, path, { mode: change.mode })
      : setTo(held, pointer(path, "mode"), change.mode);
  if (edits.length === 0) return doneAlready(change, summary, "the mode");
  const guards =
    selectorOf(held) === null
      ? []
      : [{ path: "/spec/workloadSelector", value: objectAt(held, "/spec/workloadSelector") }];
  const warnings = [...(target.labels === null ? [] : [`changes ${nameOf(held.ref)}`]), ...revertersOf(held)];
  return { ...refuse(change, summary), patches: [editPatch(held, edits, guards)], warnings };
}

/** An empty selector is none. */
function selectorOf(held: Held): Labels | null {
  const labels = stringsAt(held, "/spec/workloadSelector/labels");
  return Object.keys(labels).length === 0 ? null : labels;
}

const createdAt = (held: Held): string => textAt(held, "/metadata/creationTimestamp") ?? "";

/** The Sidecar that Istio would choose among those of the namespace: the oldest of its rank. `null`: there is none of this rank. */
function chosen(sidecars: readonly Held[], labels: Labels | null): Held | null {
  const fits = (held: Held): boolean => {
    const selector = selectorOf(held);
    if (labels === null || selector === null) return labels === null && selector === null;
    return carries(labels, selector);
  };
  const byAge = (a: Held, b: Held): number =>
    createdAt(a) === createdAt(b) ? (a.ref.name < b.ref.name ? -1 : 1) : createdAt(a) < createdAt(b) ? -1 : 1;
  return sidecars.filter(fits).toSorted(byAge)[0] ?? null;
}

function planNew(wanted: SidecarChange, selector: Labels | null): Plan {
  const { mesh, change, target, summary, sidecars } = wanted;
  const { namespace } = target;
  const around = selector === null ? null : chosen(sidecars, null);
  const name = freeName(sidecars, selector === null ? "default" : nameFor(wanted, selector));
  const spec: JsonObject = {
    ...(around === null ? {} : objectAt(around, "/spec")),
    ...(selector === null ? {} : { workloadSelector: { labels: selector } }),
    outboundTrafficPolicy: { mode: change.mode },
  };
  const ref: ResourceRef = { ...sidecarsIn(mesh, namespace), name };
  const manifest = {
    apiVersion: `${ref.group}/${ref.version}`,
    kind: ref.kind,
    metadata: { name, namespace },
    spec,
  };
  const patch: Patch = { do: "create", ref, manifest };
  const warnings = [`creates ${nameOf(ref)}`, ...implied(around, selector)];
  return { ...refuse(change, summary), patches: [patch], warnings };
}

function implied(around: Held | null, selector: Labels | null): readonly string[] {
  if (selector === null) {
    return [
      "a Sidecar without selector in the root namespace no longer counts for this namespace: hosts that it kept out are imported again",
      "workloads with a Sidecar of their own keep theirs",
    ];
  }
  return around === null
    ? ["a Sidecar without selector in the root namespace no longer counts for these pods"]
    : [`it is a copy of ${nameOf(around.ref)} for these pods: later changes of that one do not reach them`];
}

/** That of the workload; else of its app. */
function nameFor({ mesh, target }: SidecarChange, selector: Labels): string {
  const name = targeted(mesh, target)[0]?.name ?? selector["app"] ?? Object.values(selector)[0] ?? "";
  return name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-") || "workload";
}

function freeName(sidecars: readonly Held[], wish: string): string {
  const taken = new Set(sidecars.map(({ ref }) => ref.name));
  if (!taken.has(wish)) return wish;
  for (let n = 1; ; n += 1) if (!taken.has(`${wish}-outbound-${n}`)) return `${wish}-outbound-${n}`;
}
