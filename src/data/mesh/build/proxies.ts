import type { KubeWorkload, Pod } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import type { Workload } from "../model/workload.ts";
import { GATEWAY_NAME, type Client } from "../resolve/client.ts";
import type { Registry } from "../resolve/registry.ts";

/** What decides which proxy, if any, stands beside a workload. */
export interface ProxyEvidence {
  readonly registry: Registry;
  readonly kube: KubeWorkload;
  /** Empty: scaled to zero, or pods cannot be read. */
  readonly pods: readonly Pod[];
  readonly client: Client;
}

const TLS_MODE = "security.istio.io/tlsMode";
const INJECT = "sidecar.istio.io/inject";
const REVISION = "istio.io/rev";
const DATAPLANE = "istio.io/dataplane-mode";
/** Set by istio-cni on the pods that ztunnel takes in. */
const REDIRECTION = "ambient.istio.io/redirection";
/** Which of istiod's controllers deployed a Gateway API gateway. */
const MANAGED = "gateway.istio.io/managed";

/**
 * The proxy of a workload: what its pods show (the injector labels them `security.istio.io/tlsMode`), else what the injector would do with its template and
 * namespace (pkg/kube/inject/inject.go, `injectRequired`). `unknown` where neither pods nor the namespace can be read.
 */
export function proxyOf(evidence: ProxyEvidence): Workload["proxy"] {
  if (isWaypoint(evidence)) return "waypoint";
  if (evidence.client.is === "gateway") return "gateway";
  return evidence.pods.length > 0 ? shown(evidence) : intended(evidence);
}

function isWaypoint({ registry, kube }: ProxyEvidence): boolean {
  const { labels } = kube.template;
  if (labels[MANAGED] === "istio.io-mesh-controller") return true;
  const name = labels[GATEWAY_NAME];
  if (name === undefined) return false;
  return (
    registry.gatewayApiGateways.get(`${kube.meta.ref.namespace ?? ""}/${name}`)?.className ===
    "istio-waypoint"
  );
}

function shown(evidence: ProxyEvidence): Workload["proxy"] {
  const { pods } = evidence;
  if (pods.some(({ meta }) => meta.labels[TLS_MODE] === "istio")) return "sidecar";
  if (pods.some(({ meta }) => meta.annotations[REDIRECTION] === "enabled")) return "ambient";
  return isAmbient(evidence) ? "ambient" : "none";
}

function intended(evidence: ProxyEvidence): Workload["proxy"] {
  const inject = injectOf(evidence);
  if (inject !== null) return inject ? "sidecar" : isAmbient(evidence) ? "ambient" : "none";
  if (isAmbient(evidence)) return "ambient";
  return namespaceOf(evidence) === null ? "unknown" : "none";
}

/** The pod's word (label over annotation), else the namespace's; `null`: neither speaks. */
function injectOf(evidence: ProxyEvidence): boolean | null {
  const { labels, annotations } = evidence.kube.template;
  const own = labels[INJECT] ?? annotations[INJECT];
  const namespace = namespaceOf(evidence);
  if (own === "false" || namespace?.["istio-injection"] === "disabled") return false;
  if (own === "true" || labels[REVISION] !== undefined) return true;
  return namespace?.["istio-injection"] === "enabled" || namespace?.[REVISION] !== undefined ? true : null;
}

function isAmbient(evidence: ProxyEvidence): boolean {
  const own = evidence.kube.template.labels[DATAPLANE];
  return (own ?? namespaceOf(evidence)?.[DATAPLANE]) === "ambient";
}

function namespaceOf({ registry, kube }: ProxyEvidence): Labels | null {
  return registry.namespaces.get(kube.meta.ref.namespace ?? "")?.meta.labels ?? null;
}

/** The control plane revision of the workload's proxy; `null` without one of its own, or where it is not written anywhere. */
export function revisionOf(evidence: ProxyEvidence, proxy: Workload["proxy"]): string | null {
  if (proxy === "none" || proxy === "ambient" || proxy === "unknown") return null;
  for (const { meta } of evidence.pods) {
    const revision = meta.labels[REVISION] ?? revisionIn(meta.annotations["sidecar.istio.io/status"]);
    if (revision !== undefined) return revision;
  }
  const own = evidence.kube.template.labels[REVISION];
  return own ?? revisionOfNamespace(namespaceOf(evidence));
}

/** The injector's record of what it did is JSON with a `revision`. */
function revisionIn(status: string | undefined): string | undefined {
  return status === undefined ? undefined : /"revision":\s*"([^"]+)"/.exec(status)?.[1];
}

/** Label `istio.io/rev`, or "default" for `istio-injection=enabled`; `null`: not injected. */
export function revisionOfNamespace(labels: Labels | null): string | null {
  if (labels === null || labels["istio-injection"] === "disabled") return null;
  return labels["istio-injection"] === "enabled" ? "default" : (labels[REVISION] ?? null);
}

/** Label `istio.io/dataplane-mode=ambient`. */
export const isAmbientNamespace = (labels: Labels | null): boolean => labels?.[DATAPLANE] === "ambient";
