/**
 * The kinds that the embedded API server serves: their names, versions and verbs, as discovery gives them.
 *
 * Source: discovery of a kube-apiserver, and Istio's, Flagger's, Argo's and the Gateway API's CustomResourceDefinitions. The
 * contract tests compare this table with a real server.
 */
export interface Kind {
  /** "" is the core group. */
  readonly group: string;
  /** Served versions, the preferred one first. An object is the same at each, but for its `apiVersion`. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Whether status is written at `/status` only. */
  readonly status: boolean;
  readonly shortNames: readonly string[];
  readonly verbs: readonly string[];
  /** Custom resources differ from built-in ones in patch types, generation and some messages. */
  readonly custom: boolean;
}

/** What names a kind; a `ResourceRef` is one too. */
export interface KindName {
  readonly group: string;
  readonly kind: string;
}

const everyVerb = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const oneByOne = everyVerb.filter((verb) => verb !== "deletecollection");

type Row = readonly [plural: string, kind: string, shortNames?: string, flags?: string];

/** Flags: `c` cluster-wide, `s` without a status subresource, `1` without deletecollection. */
function rows(
  group: string,
  versions: readonly string[],
  custom: boolean,
  list: readonly Row[],
): readonly Kind[] {
  return list.map(([plural, kind, shortNames = "", flags = ""]) => ({
    group,
    versions,
    plural,
    singular: custom ? kind.toLowerCase() : "",
    kind,
    namespaced: !flags.includes("c"),
    status: !flags.includes("s"),
    shortNames: shortNames === "" ? [] : shortNames.split(" "),
    verbs: flags.includes("1") ? oneByOne : everyVerb,
    custom,
  }));
}

const istio = ["v1", "v1beta1", "v1alpha3"];

/** Every kind served unless an option leaves it out. */
export const allKinds: readonly Kind[] = [
  ...rows("", ["v1"], false, [
    ["namespaces", "Namespace", "ns", "c1"],
    ["services", "Service", "svc", "1"],
    ["pods", "Pod", "po"],
    ["configmaps", "ConfigMap", "cm", "s"],
    ["endpoints", "Endpoints", "ep", "s"],
    ["events", "Event", "ev", "s"],
    ["serviceaccounts", "ServiceAccount", "sa", "s"],
  ]),
  ...rows("apps", ["v1"], false, [
    ["deployments", "Deployment", "deploy"],
    ["statefulsets", "StatefulSet", "sts"],
    ["daemonsets", "DaemonSet", "ds"],
    ["replicasets", "ReplicaSet", "rs"],
  ]),
  ...rows("discovery.k8s.io", ["v1", "v1beta1"], false, [["endpointslices", "EndpointSlice", "", "s"]]),
  ...rows("networking.istio.io", istio, true, [
    ["virtualservices", "VirtualService", "vs"],
    ["destinationrules", "DestinationRule", "dr"],
    ["gateways", "Gateway", "gw"],
    ["serviceentries", "ServiceEntry", "se"],
    ["sidecars", "Sidecar"],
    ["workloadentries", "WorkloadEntry", "we"],
  ]),
  ...rows("security.istio.io", ["v1", "v1beta1"], true, [
    ["peerauthentications", "PeerAuthentication", "pa"],
    ["authorizationpolicies", "AuthorizationPolicy", "ap"],
    ["requestauthentications", "RequestAuthentication", "ra"],
  ]),
  ...rows("telemetry.istio.io", ["v1", "v1alpha1"], true, [["telemetries", "Telemetry", "telemetry"]]),
  ...rows("flagger.app", ["v1beta1"], true, [["canaries", "Canary"]]),
  ...rows("argoproj.io", ["v1alpha1"], true, [["rollouts", "Rollout", "ro"]]),
  ...rows("gateway.networking.k8s.io", ["v1", "v1beta1"], true, [
    ["gatewayclasses", "GatewayClass", "gc", "c"],
    ["gateways", "Gateway", "gtw"],
    ["httproutes", "HTTPRoute"],
  ]),
  ...rows("gateway.networking.k8s.io", ["v1"], true, [["grpcroutes", "GRPCRoute"]]),
  ...rows("gateway.networking.k8s.io", ["v1", "v1alpha2"], true, [["tcproutes", "TCPRoute"]]),
  ...rows("gateway.networking.k8s.io", ["v1", "v1alpha3", "v1alpha2"], true, [["tlsroutes", "TLSRoute"]]),
];

/** `apiVersion` of a kind's objects at one of its versions. */
export function apiVersionOf(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `virtualservices.networking.istio.io`, or `services` in the core group: how messages name a resource. */
export function resourceName(kind: Kind): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** The group of an `apiVersion`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The version of an `apiVersion`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}
