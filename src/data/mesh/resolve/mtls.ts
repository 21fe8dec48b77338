import type { Labels } from "../declared/meta.ts";
import type { MtlsMode, PeerAuthentication } from "../declared/security.ts";
import type { EffectiveMtls } from "../model/security.ts";
import { hasLabels } from "./labels.ts";
import type { Registry } from "./registry.ts";

export { predictLock } from "./lock.ts";

const byDefault: EffectiveMtls = { mode: "PERMISSIVE", from: "default", ports: {} };

/** The PeerAuthentication of the mesh: the oldest without a selector in the root namespace, else PERMISSIVE. */
export function meshMtls(registry: Registry): EffectiveMtls {
  return withPolicy(byDefault, widePolicy(registry, registry.settings.rootNamespace));
}

/**
 * What servers of `namespace` ask of their callers: workload > namespace > mesh > PERMISSIVE.
 *
 * On each level the oldest wins and the others are ignored, also when the oldest leaves the mode unset. Policies with a
 * selector in the root namespace speak for nobody (istio.md 5; ComposePeerAuthentication in
 * pilot/pkg/security/authn/policy_applier.go).
 * @param labels of the pods; `null` asks for the namespace itself.
 */
export function effectiveMtls(registry: Registry, namespace: string, labels: Labels | null): EffectiveMtls {
  const mesh = meshMtls(registry);
  if (namespace === registry.settings.rootNamespace) return mesh;
  const wide = withPolicy(mesh, widePolicy(registry, namespace));
  if (labels === null) return wide;
  return withPolicy(wide, workloadPolicy(registry, namespace, labels));
}

/** The mode on one container port (not service port). */
export function modeOnPort(effective: EffectiveMtls, port: number): MtlsMode {
  return effective.ports[String(port)] ?? effective.mode;
}

function widePolicy(registry: Registry, namespace: string): PeerAuthentication | undefined {
  return registry.peerAuthentications.get(namespace)?.find(({ selector }) => selector === null);
}

function workloadPolicy(
  registry: Registry,
  namespace: string,
  labels: Labels,
): PeerAuthentication | undefined {
  return registry.peerAuthentications
    .get(namespace)
    ?.find(({ selector }) => selector !== null && hasLabels(labels, selector));
}

function withPolicy(inherited: EffectiveMtls, policy: PeerAuthentication | undefined): EffectiveMtls {
  if (policy === undefined) return inherited;
  const { mode, from } = policy.mode === null ? inherited : { mode: policy.mode, from: policy.meta.ref };
  return { mode, from, ports: policy.selector === null ? {} : otherPorts(policy, mode) };
}

function otherPorts(policy: PeerAuthentication, mode: MtlsMode): EffectiveMtls["ports"] {
  const ports: Record<string, MtlsMode> = {};
  for (const [port, own] of Object.entries(policy.portLevelMtls)) {
    if (own !== null && own !== mode) ports[port] = own;
  }
  return ports;
}
