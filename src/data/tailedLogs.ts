/** `meshtop logs`: a cluster that is known well enough to say whose pods are meant, and their proxies' logs. */
import type { Mesh } from "./mesh/model/mesh.ts";
import type { TailNews, TailWish } from "./mesh/proxyLog/tailWish.ts";
import { ok, type DataError, type Result } from "./mesh/result.ts";
import { answeredRun, connectedRun, sleep, type RunWish } from "./run.ts";

interface LoggedMesh {
  readonly mesh: Mesh;
  /** Of names that were typed without one. */
  readonly namespace: string;
  /** Resolves when every log was read to its end, else when the signal is aborted; never rejects. */
  readonly tail: (wish: TailWish, signal: AbortSignal, onNews: (news: TailNews) => void) => Promise<void>;
  readonly end: () => void;
}

/** Errors: no cluster was reached, or none has answered in time. What telemetry lacks does not matter here. */
export async function loggedMesh(
  wish: RunWish,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<Result<LoggedMesh, DataError>> {
  const run = await connectedRun(wish, env, home);
  if (!run.ok) return run;
  const answered = await answeredRun(run.value);
  const { store, end, connection } = run.value;
  if (!answered.ok) {
    end.abort();
    return answered;
  }
  const { tailProxies } = await import("./kubernetes/podLog/tailProxies.ts");
  return ok({
    mesh: store.snapshot(),
    namespace: wish.namespace ?? connection.namespace ?? "default",
    tail: (wanted, signal, onNews) => tailProxies({ connection, wish: wanted, signal, sleep, onNews }),
    end: () => end.abort(),
  });
}
