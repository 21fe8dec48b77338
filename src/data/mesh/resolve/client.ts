import type { KubeWorkload } from "../declared/core.ts";
import type { Labels } from "../declared/meta.ts";
import { hasLabels } from "./labels.ts";
import type { Registry } from "./registry.ts";

/** Whose proxy asks: what Istio does depends on it. */
export type Client =
  | { readonly is: "sidecar"; readonly namespace: string; readonly labels: Labels }
  | {
      readonly is: "gateway";
      /** `ns/name` of the Gateways (Istio's or Gateway API's) that this workload serves. */
      readonly gateways: readonly string[];
      readonly namespace: string;
      readonly labels: Labels;
    };

/** Pods that a Gateway API Gateway deploys carry its name in this label. */
export const GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

/** `ns/name` of the Gateway API Gateway that deployed a workload: its pods say so, else it has that name itself. */
export const deployedBy = ({
  namespace,
  name,
  labels,
}: {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
}): string => `${namespace}/${labels[GATEWAY_NAME] ?? name}`;

/** `ns/name` of the Gateways that pods with these labels serve; an Istio Gateway selects in every namespace. */
export function gatewaysServedBy(registry: Registry, namespace: string, labels: Labels): readonly string[] {
  const names: string[] = [];
  for (const key in labels) {
    for (const gateway of registry.gatewaysBySelector.get(`${key}=${labels[key] ?? ""}`) ?? []) {
      if (hasLabels(labels, gateway.selector)) {
        names.push(`${gateway.meta.ref.namespace ?? ""}/${gateway.meta.ref.name}`);
      }
    }
  }
  const name = labels[GATEWAY_NAME];
  if (name !== undefined && registry.gatewayApiGateways.has(`${namespace}/${name}`)) {
    names.push(`${namespace}/${name}`);
  }
  return names.sort();
}

/** The client that a workload is: a gateway when a Gateway's selector is on its pod template, else a sidecar. */
export function clientOf(registry: Registry, workload: KubeWorkload): Client {
  const namespace = workload.meta.ref.namespace ?? "";
  const { labels } = workload.template;
  const gateways = gatewaysServedBy(registry, namespace, labels);
  if (gateways.length === 0) return { is: "sidecar", namespace, labels };
  return { is: "gateway", gateways, namespace, labels };
}
