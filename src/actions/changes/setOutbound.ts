import { clean } from "../../data/mesh/clean.ts";
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { OutboundChange, Plan } from "../change.ts";
import { sameRef, textAt, type Seen } from "./held.ts";
import { outboundModeIn, withOutboundMode } from "./meshYaml.ts";
import { cutBy, type Reach } from "./outboundHosts.ts";
import { labelText, planSidecar, sidecarsIn, targeted } from "./outboundSidecar.ts";
import { doneAlready, editPatch, refuse, refuseGone, setTo, staleness, type Action } from "./planning.ts";
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
      return refuse(change, summaryOf(mesh, change), `${mode} is no mode here: ${[...known].join(", ")}`);
    }
    const { plan, reach } = reaching(mesh, change, seen);
    if (plan.patches.length === 0) return plan;
    const { cuts, warnings } = mode === "REGISTRY_ONLY" ? cutBy(mesh, reach) : { cuts: [], warnings: [] };
    return { ...plan, cuts, warnings: [...staleness(mesh), ...warnings, ...plan.warnings] };
  },
};

function reaching(
  mesh: Mesh,
  change: OutboundChange,
  seen: Seen,
): { readonly plan: Plan; readonly reach: Reach } {
  const { target } = change;
  if (target.is === "sidecar") {
    const sidecars = seen.list(sidecarsIn(mesh, target.namespace));
    return planSidecar({ mesh, change, target, summary: summaryOf(mesh, change), sidecars });
  }
  const reach: Reach = ({ policy: { from } }) => from === "default" || sameRef(from, target.configMap);
  return { plan: planMesh(mesh, change, target.configMap, seen), reach };
}

function summaryOf(mesh: Mesh, { target, mode }: OutboundChange): string {
  return clean(`outbound traffic policy of ${whoseOf(mesh, target)}: ${mode}`);
}

function whoseOf(mesh: Mesh, target: OutboundChange["target"]): string {
  if (target.is === "mesh") return `the mesh (${nameOf(target.configMap)})`;
  if (target.labels === null) return `namespace ${target.namespace}`;
  const [workload] = targeted(mesh, target);
  return workload?.key ?? `pods with ${labelText(target.labels)} in ${target.namespace}`;
}

function planMesh(mesh: Mesh, change: OutboundChange, configMap: ResourceRef, seen: Seen): Plan {
  const held = seen.object(configMap);
  if (held === null) return refuseGone(change, configMap);
  const summary = summaryOf(mesh, change);
  const text = textAt(held, TEXT);
  if (text === null) {
    return refuse(change, summary, `${nameOf(configMap)} has no key mesh, so it configures no mesh`);
  }
  if (outboundModeIn(text) === change.mode) return doneAlready(change, summary, "the mode");
  const next = withOutboundMode(text, change.mode);
  if (!next.ok) return refuse(change, summary, next.error);
  const patches = [editPatch(held, setTo(held, TEXT, next.value))];
  const warnings = [
    "every sidecar of the mesh gets it; connections that are open stay",
    ...revertersOf(held),
  ];
  return { ...refuse(change, summary), patches, warnings, grave: true };
}
