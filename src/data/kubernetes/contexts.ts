import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { loadKubeconfig, type KubeconfigSource } from "./loadKubeconfig.ts";
import type { Machine } from "./machine.ts";

/** One context of the kubeconfig; names as it has them, not yet cleaned. */
export interface KnownContext {
  readonly name: string;
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string | null;
  /** `current-context` of the file. */
  readonly isDefault: boolean;
}

/** Every context, by name. Errors: `config`, there is no kubeconfig, none that can be read, or none with a context. */
export async function listContexts(
  machine: Machine,
  source: KubeconfigSource,
): Promise<Result<readonly KnownContext[], DataError>> {
  const config = await loadKubeconfig(machine, source);
  if (!config.ok) return config;
  const { contexts, currentContext } = config.value;
  if (contexts.size === 0)
    return fail({ kind: "config", message: `${config.value.source} has no context.`, advice: null });
  const all = Array.from(contexts, ([name, { cluster, user, namespace }]) => ({
    ...{ name, cluster, user, namespace },
    isDefault: name === currentContext,
  }));
  return ok(all.sort((a, b) => (a.name < b.name ? -1 : 1)));
}
