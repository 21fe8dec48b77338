import type { MeshConfig } from "../declared/meshConfig.ts";
import type { Labels, ResourceRef } from "../declared/meta.ts";
import type { OutboundMode } from "../declared/routing.ts";
import type { OutboundPolicy } from "../model/egress.ts";
import { gatewaysServedBy } from "./client.ts";
import { meshConfigFor } from "./meshSettings.ts";
import type { Registry } from "./registry.ts";
import { sidecarFor } from "./sidecars.ts";

export { importsHost } from "./imports.ts";

/** What `outboundTrafficPolicy.mode` of the mesh may say; istiod ignores a whole file with another word in it. */
export const meshModes: readonly OutboundMode[] = ["ALLOW_ANY", "REGISTRY_ONLY", "ALLOW_ANY_DYNAMIC_DNS"];
/** ALLOW_ANY_DYNAMIC_DNS is the mesh's alone (istio.md 1.1). */
const sidecarModes: readonly OutboundMode[] = ["ALLOW_ANY", "REGISTRY_ONLY"];

/** What happens to hosts that the mesh does not know, as the main ConfigMap says it. */
export function meshOutboundPolicy(registry: Registry): OutboundPolicy {
  return ofConfig(registry.settings.main);
}

/**
 * The outbound policy of one workload: its Sidecar's block, else the mode of its revision's ConfigMap.
 *
 * `mode` is `null` where nobody can tell: a block without a mode (proto reads REGISTRY_ONLY, serialisers may have dropped
 * either; KIA1007), a value that istiod does not know (it then ignores the whole file), or a revision whose ConfigMap is
 * not to be found.
 * @param labels of the pods; `null` asks for the namespace itself.
 */
export function outboundPolicyFor(
  registry: Registry,
  namespace: string,
  labels: Labels | null,
): OutboundPolicy {
  const isGateway = labels !== null && gatewaysServedBy(registry, namespace, labels).length > 0;
  const sidecar = isGateway ? null : sidecarFor(registry, namespace, labels);
  if (sidecar?.outboundTrafficPolicy != null) {
    return read(sidecar.outboundTrafficPolicy.mode, sidecarModes, sidecar.meta.ref);
  }
  const { settings } = registry;
  const config = meshConfigFor(settings, labels, registry.namespaces.get(namespace)?.meta.labels);
  if (config === null && settings.main !== null) return { mode: null, written: null, from: "default" };
  return ofConfig(config);
}

function ofConfig(config: MeshConfig | null): OutboundPolicy {
  if (config?.outboundMode == null) return { mode: "ALLOW_ANY", written: null, from: "default" };
  return read(config.outboundMode, meshModes, config.meta.ref);
}

function read(written: string | null, known: readonly OutboundMode[], from: ResourceRef): OutboundPolicy {
  return { mode: known.find((mode) => mode === written) ?? null, written, from };
}
