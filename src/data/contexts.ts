import type { KnownContext } from "./kubernetes/contexts.ts";
import type { DataError, Result } from "./mesh/result.ts";

/** The contexts that a run could be about, without a connection. Errors: `config`. */
export async function knownContexts(
  kubeconfig: string | null,
): Promise<Result<readonly KnownContext[], DataError>> {
  const [{ listContexts }, { thisMachine }] = await Promise.all([
    import("./kubernetes/contexts.ts"),
    import("./kubernetes/machine.ts"),
  ]);
  return listContexts(thisMachine, kubeconfig === null ? { env: true } : { paths: [kubeconfig] });
}
