/** Who keeps an object as it is elsewhere and will write over a change of ours (terminal-tools.md 6.3). */
import { clean } from "../../data/mesh/clean.ts";
import type { Labels } from "../../data/mesh/declared/meta.ts";
import { listAt, stringsAt, type Held } from "./held.ts";
import { valueAt } from "./pointer.ts";

interface Marks {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Kinds of the owners. */
  readonly owners: readonly string[];
}

/** `null`: this one has no hand in the object. */
type Reverter = (marks: Marks) => string | null;

const reverters: readonly Reverter[] = [
  argoCd,
  ({ labels, annotations }) => {
    const name = labels["kustomize.toolkit.fluxcd.io/name"];
    if (name === undefined || annotations["kustomize.toolkit.fluxcd.io/reconcile"] === "disabled")
      return null;
    return `Flux Kustomization ${name} applies it again at its next interval`;
  },
  ({ labels, annotations }) => {
    const name = labels["helm.toolkit.fluxcd.io/name"];
    if (name === undefined || annotations["helm.toolkit.fluxcd.io/driftDetection"] === "disabled")
      return null;
    return `Flux HelmRelease ${name} writes over it at its next upgrade, or sooner where drift detection is on`;
  },
  ({ labels, annotations }) => {
    if (labels["app.kubernetes.io/managed-by"] !== "Helm") return null;
    const release = annotations["meta.helm.sh/release-name"];
    return `the next helm upgrade${release === undefined ? "" : ` of release ${release}`} writes over it`;
  },
  ({ labels, annotations }) =>
    annotations["configmanagement.gke.io/managed"] === "enabled" ||
    labels["app.kubernetes.io/managed-by"] === "configmanagement.gke.io"
      ? "Config Sync reverts it within seconds"
      : null,
  ({ owners, annotations }) => {
    if (!owners.includes("IstioRevision")) return null;
    return annotations["sailoperator.io/ignore"] === "true"
      ? "the Sail operator reverts it at its next full reconcile; the lasting place is Istio spec.values.meshConfig"
      : "the Sail operator reverts it at once; the place to change it is Istio spec.values.meshConfig";
  },
  ({ labels }) =>
    labels["install.operator.istio.io/owning-resource"] === undefined
      ? null
      : "the next istioctl install or upgrade writes over it",
  ({ annotations }) =>
    annotations["kubectl.kubernetes.io/last-applied-configuration"] === undefined
      ? null
      : "the next kubectl apply of its manifest writes over it",
  ({ labels }) =>
    labels["kiali_wizard"] === undefined ? null : "Kiali's wizard made it and may write it again",
];

/** The tracking annotation names the application; the label alone may also be Argo CD's older way. */
function argoCd({ labels, annotations }: Marks): string | null {
  const tracked = annotations["argocd.argoproj.io/tracking-id"]?.split(":")[0];
  const app = tracked ?? labels["argocd.argoproj.io/instance"];
  return app === undefined ? null : `Argo CD app ${app} manages it; self-heal reverts this at its next sync`;
}

/** One sentence for each, without a full stop; empty for an object that is kept nowhere else. */
export function revertersOf(held: Held): readonly string[] {
  const marks: Marks = {
    labels: stringsAt(held, "/metadata/labels"),
    annotations: stringsAt(held, "/metadata/annotations"),
    owners: listAt(held, "/metadata/ownerReferences").flatMap((owner) => {
      const kind = valueAt(owner, "/kind");
      return typeof kind === "string" ? [kind] : [];
    }),
  };
  return reverters.flatMap((reverter) => {
    const found = reverter(marks);
    return found === null ? [] : [clean(found)];
  });
}
