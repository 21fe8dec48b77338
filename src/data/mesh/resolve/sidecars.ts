import type { Labels } from "../declared/meta.ts";
import type { Sidecar } from "../declared/routing.ts";
import { hasLabels } from "./labels.ts";
import type { Registry } from "./registry.ts";

/**
 * The Sidecar object that configures a workload; `null`: none, the mesh's defaults.
 *
 * A matching workloadSelector, else the namespace's own without selector, else that of the root namespace; the oldest on
 * each level (istio.md 6; `getSidecarScope` in pilot/pkg/model/push_context.go). Gateways never use one.
 * @param labels of the pods; `null` asks for the namespace itself.
 */
export function sidecarFor(registry: Registry, namespace: string, labels: Labels | null): Sidecar | null {
  if (registry.lists.sidecars.length === 0) return null;
  const own = registry.sidecars.get(namespace) ?? [];
  const selected =
    labels === null
      ? undefined
      : own.find(({ workloadSelector }) => workloadSelector !== null && hasLabels(labels, workloadSelector));
  const wide = (list: readonly Sidecar[]): Sidecar | undefined =>
    list.find(({ workloadSelector }) => workloadSelector === null);
  return selected ?? wide(own) ?? wide(registry.sidecars.get(registry.settings.rootNamespace) ?? []) ?? null;
}
