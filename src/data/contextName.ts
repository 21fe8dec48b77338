/** The name of the context that a run would be about, without a connection. */
import type { DataError, Result } from "./mesh/result.ts";
import { ok } from "./mesh/result.ts";

interface ContextWish {
  readonly context: string | null;
  readonly kubeconfig: string | null;
}

/** A context that was named needs no kubeconfig. Errors: `config`, there is no kubeconfig or no current context in it. */
export async function contextName({ context, kubeconfig }: ContextWish): Promise<Result<string, DataError>> {
  if (context !== null) return ok(context);
  const [{ loadTarget }, { thisMachine }] = await Promise.all([
    import("./kubernetes/loadKubeconfig.ts"),
    import("./kubernetes/machine.ts"),
  ]);
  const source = kubeconfig === null ? ({ env: true } as const) : { paths: [kubeconfig] };
  const target = await loadTarget(thisMachine, source, null);
  return target.ok ? ok(target.value.contextName) : target;
}
