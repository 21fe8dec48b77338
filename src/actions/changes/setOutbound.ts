import { clean } from "../../data/mesh/clean.ts";
import { nameOf, type Labels, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { OutboundChange, Patch, Plan } from "../change.ts";
import { objectAt, stringsAt, textAt, type Held, type KindIn, type Seen } from "./held.ts";
import { outboundModeIn, withOutboundMode } from "./meshYaml.ts";
import { cutHosts } from "./outboundHosts.ts";
import { editPatch, istioVersion, refuse, refuseGone, setTo, staleness, type Action } from "./planning.ts";
import { pointer, sameJson, valueAt, type JsonObject } from "./pointer.ts";
import { revertersOf } from "./reverters.ts";

const meshModes: ReadonlySet<string> = new Set(["ALLOW_ANY", "REGISTRY_ONLY", "ALLOW_ANY_DYNAMIC_DNS"]);
const sidecarModes: ReadonlySet<string> = new Set(["ALLOW_ANY", "REGISTRY_ONLY"]);
const TEXT = "/data/mesh";

/**
 * What happens to hosts that the mesh does not know: for everybody (the mesh ConfigMap), or for a namespace or a workload (a Sidecar, made where
 * there is none). Nothing on the server checks the ConfigMap, and istiod ignores it whole where it is wrong, so the values are checked here (istio.md 6).
 */
export const setOutbound: Action<OutboundChange> = {
  kind: "outbound",
  title: "Outbound traffic policy",

  needs: (mesh, { target }) =>
    target.is === "mesh"
      ? { objects: [target.configMap], lists: [] }
      : { objects: [], lists: [sidecarsIn(mesh, target.namespace)] },

  plan(mesh, change, seen) {
    const { target, mode } = change;
    const known = target.is === "mesh" ? meshModes : sidecarModes;
    if (!known.has(mode)) {
      return refuse(change, summaryOf(change), `${mode} is no mode here: ${[...known].join(", ")}`);
    }
    const plan =
      target.is === "mesh"
        ? planMesh(change, target.configMap, seen)
        : planSidecar(mesh, change, target, seen);
    const namespace = target.is === "mesh" ? null : target.namespace;
    const cut = mode === "REGISTRY_ONLY" ? cutHosts(mesh, namespace) : [];
    return { ...plan, warnings: [...staleness(mesh), ...cut, ...plan.warnings] };
  },
};

const sidecarsIn = (mesh: Mesh, namespace: string): KindIn => ({
  group: "networking.istio.io",
  version: istioVersion(mesh),
  kind: "Sidecar",
  namespace,
});

function summaryOf({ target, mode }: OutboundChange): string {
  if (target.is === "mesh")
    return `outbound traffic policy of the mesh (${nameOf(target.configMap)}): ${mode}`;
  const whose = target.labels === null ? "" : `, pods with ${labelText(target.labels)}`;
  return clean(`outbound traffic policy of namespace ${target.namespace}${whose}: ${mode}`);
}

const labelText = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

function planMesh(change: OutboundChange, configMap: ResourceRef, seen: Seen): Plan {
  const held = seen.object(configMap);
  if (held === null) return refuseGone(change, configMap);
  const summary = summaryOf(change);
  const text = textAt(held, TEXT);
  if (text === null) {
    return refuse(change, summary, `${nameOf(configMap)} has no key mesh, so it configures no mesh`);
  }
  if (outboundModeIn(text) === change.mode) return refuse(change, summary, "the mode is so already");
  const next = withOutboundMode(text, change.mode);
  if (!next.ok) return refuse(change, summary, next.error);
  const patches = [editPatch(held, setTo(held, TEXT, next.value))];
  const warnings = [
    "every sidecar of the mesh gets it; connections that are open stay",
    ...revertersOf(held),
  ];
  return { ...refuse(change, summary), patches, warnings, grave: true };
}

type SidecarTarget = Extract<OutboundChange["target"], { readonly is: "sidecar" }>;

function planSidecar(mesh: Mesh, change: OutboundChange, target: SidecarTarget, seen: Seen): Plan {
  const kind = sidecarsIn(mesh, target.namespace);
  const sidecars = seen.list(kind);
  const held = chosen(sidecars, target.labels);
  const summary = summaryOf(change);
  if (held === null) return planNew(change, target, kind, sidecars);
  const path = "/spec/outboundTrafficPolicy";
  if (change.mode === "REGISTRY_ONLY" && valueAt(held.json, `${path}/egressProxy`) !== undefined) {
    return refuse(
      change,
      summary,
      `${nameOf(held.ref)} has an egressProxy, which Istio allows only with ALLOW_ANY`,
    );
  }
  const edits =
    valueAt(held.json, path) === undefined
      ? setTo(held, path, { mode: change.mode })
      : setTo(held, pointer(path, "mode"), change.mode);
  if (edits.length === 0) return refuse(change, summary, "the mode is so already");
  const selector = selectorOf(held);
  const others =
    selector === null || sameJson(selector, target.labels)
      ? []
      : [`${nameOf(held.ref)} is for all pods with ${labelText(selector)}`];
  const guards =
    selector === null
      ? []
      : [{ path: "/spec/workloadSelector", value: objectAt(held, "/spec/workloadSelector") }];
  const warnings = [...others.map(clean), ...revertersOf(held)];
  return { ...refuse(change, summary), patches: [editPatch(held, edits, guards)], warnings };
}

/** An empty selector is none. */
function selectorOf(held: Held): Labels | null {
  const labels = stringsAt(held, "/spec/workloadSelector/labels");
  return Object.keys(labels).length === 0 ? null : labels;
}

const createdAt = (held: Held): string => textAt(held, "/metadata/creationTimestamp") ?? "";

/** The Sidecar that Istio would choose among those of the namespace: the oldest of its rank (istio.md 6). `null`: there is none of this rank. */
function chosen(sidecars: readonly Held[], labels: Labels | null): Held | null {
  const fits = (held: Held): boolean => {
    const selector = selectorOf(held);
    if (labels === null || selector === null) return labels === null && selector === null;
    return Object.entries(selector).every(([key, value]) => labels[key] === value);
  };
  const byAge = (a: Held, b: Held): number =>
    createdAt(a) === createdAt(b) ? (a.ref.name < b.ref.name ? -1 : 1) : createdAt(a) < createdAt(b) ? -1 : 1;
  return sidecars.filter(fits).toSorted(byAge)[0] ?? null;
}

function planNew(
  change: OutboundChange,
  target: SidecarTarget,
  kind: KindIn,
  sidecars: readonly Held[],
): Plan {
  const { namespace, labels } = target;
  const around = labels === null ? null : chosen(sidecars, null);
  const name = freeName(sidecars, labels === null ? "default" : nameFrom(labels));
  const spec: JsonObject = {
    ...(around === null ? {} : objectAt(around, "/spec")),
    ...(labels === null ? {} : { workloadSelector: { labels } }),
    outboundTrafficPolicy: { mode: change.mode },
  };
  const ref: ResourceRef = { ...kind, name };
  const manifest = {
    apiVersion: `${ref.group}/${ref.version}`,
    kind: ref.kind,
    metadata: { name, namespace },
    spec,
  };
  const patch: Patch = { do: "create", ref, manifest };
  return {
    ...refuse(change, summaryOf(change)),
    patches: [patch],
    warnings: [`creates ${nameOf(ref)}`, ...implied(around, labels)].map(clean),
  };
}

function implied(around: Held | null, labels: Labels | null): readonly string[] {
  if (labels === null) {
    return [
      "a Sidecar without selector in the root namespace no longer counts for this namespace: hosts that it kept out are imported again",
      "workloads with a Sidecar of their own keep theirs",
    ];
  }
  return around === null
    ? ["a Sidecar without selector in the root namespace no longer counts for these pods"]
    : [`it is a copy of ${nameOf(around.ref)} for these pods: later changes of that one do not reach them`];
}

const nameFrom = (labels: Labels): string =>
  (labels["app"] ?? Object.values(labels)[0] ?? "workload").toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-") ||
  "workload";

function freeName(sidecars: readonly Held[], wish: string): string {
  const taken = new Set(sidecars.map(({ ref }) => ref.name));
  if (!taken.has(wish)) return wish;
  for (let n = 1; ; n += 1) if (!taken.has(`${wish}-outbound-${n}`)) return `${wish}-outbound-${n}`;
}
