/** Pods and EndpointSlices as kube-controller-manager, kubelet and Istio's injector would write them. */
import type { Json } from "../../mesh/json.ts";
import type { Labels } from "../../mesh/declared/meta.ts";
import { fieldsAt, labelsAt, listAt, numberAt, textAt } from "../kube/fields.ts";
import type { JsonObject, KubeObject } from "../kube/objects.ts";
import { nodeNames, nodeOf, podAddress, suffixOf } from "./names.ts";

/** The sidecar is injected where the namespace asks for it and the pod does not refuse. */
function isInjected(namespace: KubeObject | undefined, template: JsonObject): boolean {
  const refused = [
    textAt(template, "metadata", "labels", "sidecar.istio.io/inject"),
    textAt(template, "metadata", "annotations", "sidecar.istio.io/inject"),
  ].includes("false");
  const labels = labelsAt(namespace, "metadata", "labels");
  return !refused && (labels["istio-injection"] === "enabled" || labels["istio.io/rev"] !== undefined);
}

/** What istio-cni writes on a pod whose traffic it leads through the node's ztunnel. */
const redirection: Labels = { "ambient.istio.io/redirection": "enabled" };

/** The pod's own word comes before its namespace's. */
function isTakenIn(namespace: KubeObject | undefined, template: JsonObject): boolean {
  const mode = "istio.io/dataplane-mode";
  const own = textAt(template, "metadata", "labels", mode);
  return (own ?? labelsAt(namespace, "metadata", "labels")[mode]) === "ambient";
}

/** Pods of one workload that the nodes of this cluster have room for; more would be pending. */
const roomFor = 100;

/** How many of a workload's pods run. */
export function runningOf(workload: KubeObject): number {
  if (workload.kind === "DaemonSet") return nodeNames.length;
  return Math.max(0, Math.min(roomFor, Math.floor(numberAt(workload, "spec", "replicas") ?? 1)));
}

interface Naming {
  readonly pods: readonly { readonly name: string; readonly labels: Labels }[];
  readonly owner: JsonObject;
}

/** Names, labels and owner of a workload's pods: a Deployment's belong to a ReplicaSet named after the template's hash. */
function namingOf(workload: KubeObject, template: JsonObject): Naming {
  const { name, uid = "" } = workload.metadata;
  const ordinals = Array.from({ length: runningOf(workload) }, (_, index) => index);
  if (workload.kind === "ReplicaSet" || workload.kind === "DaemonSet") {
    const pods = ordinals.map((index) => ({ name: `${name}-${suffixOf(`${name}${index}`, 5)}`, labels: {} }));
    return { pods, owner: { apiVersion: "apps/v1", kind: workload.kind, name, uid, controller: true } };
  }
  if (workload.kind !== "Deployment") {
    return {
      pods: ordinals.map((index) => ({
        name: `${name}-${index}`,
        labels: { "statefulset.kubernetes.io/pod-name": `${name}-${index}` },
      })),
      owner: { apiVersion: "apps/v1", kind: workload.kind, name, uid, controller: true },
    };
  }
  const hash = suffixOf(`${name}${JSON.stringify(template)}`, 10);
  const set = `${name}-${hash}`;
  return {
    pods: ordinals.map((index) => ({
      name: `${set}-${suffixOf(`${set}${index}`, 5)}`,
      labels: { "pod-template-hash": hash },
    })),
    owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: set, uid: `${uid}-${hash}`, controller: true },
  };
}

/** The pods that a workload wants, running and ready. */
export function podsOf(
  workload: KubeObject,
  namespace: KubeObject | undefined,
  tags: ReadonlyMap<string, string> = noTags,
): readonly KubeObject[] {
  const template = fieldsAt(workload, "spec", "template");
  const { pods, owner } = namingOf(workload, template);
  const injected = isInjected(namespace, template);
  const redirected = !injected && isTakenIn(namespace, template) ? redirection : {};
  const asked = askedRevision(namespace, template);
  const note = injected ? sidecarNote(tags.get(asked) ?? asked) : {};
  return pods.map(({ name, labels: own }, index) => {
    const labels = { ...labelsAt(template, "metadata", "labels"), ...own, ...placeOf(template) };
    const metadata = {
      name,
      namespace: workload.metadata.namespace ?? "default",
      labels: injected ? { ...labels, ...sidecarLabels(labels, workload.metadata.name) } : labels,
      annotations: { ...labelsAt(template, "metadata", "annotations"), ...note, ...redirected },
      ownerReferences: [{ ...owner, blockOwnerDeletion: true }],
    };
    const node = workload.kind === "DaemonSet" ? nodeNames[index] : nodeOf(name);
    const body = { spec: podSpec(template, node ?? "", injected), status: podStatus(name) };
    return { apiVersion: "v1", kind: "Pod", metadata, ...body };
  });
}

const zone = "topology.kubernetes.io/zone";

/** Kubernetes copies a node's zone and region to its pods (PodTopologyLabels, on by default since 1.35); a pod that asks for a zone gets it. */
function placeOf(template: JsonObject): Labels {
  const asked = Object.entries(labelsAt(template, "spec", "nodeSelector"));
  return Object.fromEntries(asked.filter(([label]) => label.startsWith("topology.kubernetes.io/")));
}

/** What the injector adds (istio pkg/kube/inject, canonical service labels). */
function sidecarLabels(labels: Labels, workload: string): Labels {
  return {
    "security.istio.io/tlsMode": "istio",
    "service.istio.io/canonical-name":
      labels["service.istio.io/canonical-name"] ??
      labels["app.kubernetes.io/name"] ??
      labels["app"] ??
      workload,
    "service.istio.io/canonical-revision":
      labels["service.istio.io/canonical-revision"] ??
      labels["app.kubernetes.io/version"] ??
      labels["version"] ??
      "latest",
  };
}

const noTags: ReadonlyMap<string, string> = new Map();

/** A revision, or a tag of one. */
function askedRevision(namespace: KubeObject | undefined, template: JsonObject): string {
  const labels = labelsAt(namespace, "metadata", "labels");
  const own = textAt(template, "metadata", "labels", "istio.io/rev");
  // `istio-injection` comes before the namespace's revision, and means the default one.
  return own ?? (labels["istio-injection"] === "enabled" ? "default" : (labels["istio.io/rev"] ?? "default"));
}

const sidecarNote = (revision: string): Labels => ({
  "sidecar.istio.io/status": JSON.stringify({
    initContainers: ["istio-init"],
    containers: ["istio-proxy"],
    volumes: [
      "workload-socket",
      "istio-envoy",
      "istio-data",
      "istio-podinfo",
      "istio-token",
      "istiod-ca-cert",
    ],
    imagePullSecrets: null,
    revision,
  }),
});

const proxyContainer: Json = {
  name: "istio-proxy",
  image: "docker.io/istio/proxyv2:1.27.1",
  ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }],
};

function podSpec(template: JsonObject, nodeName: string, injected: boolean): JsonObject {
  const spec = fieldsAt(template, "spec");
  const containers = listAt(spec, "containers");
  return {
    ...spec,
    nodeName,
    containers: injected ? [...containers, proxyContainer] : containers,
  };
}

function podStatus(pod: string): JsonObject {
  const podIP = podAddress(pod);
  const conditions = [{ type: "Ready", status: "True" }];
  return { phase: "Running", conditions, podIP, podIPs: [{ ip: podIP }] };
}

/** The one slice of a Service, with those of the pods that its selector matches; `null` for a Service without a selector. */
export function sliceOf(service: KubeObject, pods: readonly KubeObject[]): KubeObject | null {
  const selector = Object.entries(labelsAt(service, "spec", "selector"));
  if (selector.length === 0) return null;
  const { name, namespace = "default", uid = "" } = service.metadata;
  const selected = pods.filter(
    (pod) =>
      pod.metadata.namespace === namespace &&
      selector.every(([key, value]) => pod.metadata.labels?.[key] === value),
  );
  const owner = { apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true };
  const metadata = {
    name: `${name}-${suffixOf(`${namespace}/${name}`, 5)}`,
    namespace,
    labels: { "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": managedBy },
    ownerReferences: [owner],
  };
  const body = {
    addressType: "IPv4",
    endpoints: selected.map(endpointOf),
    ports: listAt(service, "spec", "ports").map((port) => slicePort(port, selected[0])),
  };
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, ...body };
}

const managedBy = "endpointslice-controller.k8s.io";

function endpointOf(pod: KubeObject): Json {
  const { name, namespace = "default", uid = "", labels = {} } = pod.metadata;
  return {
    ...(labels[zone] === undefined ? {} : { zone: labels[zone] }),
    addresses: [textAt(pod, "status", "podIP") ?? ""],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: textAt(pod, "spec", "nodeName") ?? "",
    targetRef: { kind: "Pod", namespace, name, uid },
  };
}

/** A slice names container ports by number: a named targetPort is looked up in the pod. */
function slicePort(port: Json, pod: KubeObject | undefined): Json {
  const target = numberAt(port, "targetPort") ?? namedPort(textAt(port, "targetPort"), pod);
  return {
    name: textAt(port, "name") ?? "",
    port: target ?? numberAt(port, "port") ?? 0,
    protocol: "TCP",
  };
}

function namedPort(name: string | null, pod: KubeObject | undefined): number | null {
  if (name === null) return null;
  const ports = listAt(pod, "spec", "containers").flatMap((container) => listAt(container, "ports"));
  const found = ports.find((port) => textAt(port, "name") === name);
  return numberAt(found, "containerPort");
}
