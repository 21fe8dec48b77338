/** `meshtop preview-strict`: a look at a cluster and at more than an hour of its traffic. */
import type { Mesh } from "./mesh/model/mesh.ts";
import { ok, type DataError, type Result } from "./mesh/result.ts";
import { leastOver, type StrictPreview } from "./mesh/strictPreview.ts";
import { answeredRun, connectedRun, type RunWish } from "./run.ts";

/** Errors: no cluster, or no answer of Prometheus. */
export async function previewedStrict(
  namespace: string,
  wish: RunWish,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<
  Result<
    { readonly mesh: Mesh; readonly preview: StrictPreview; readonly missing: readonly string[] },
    DataError
  >
> {
  // The window is the time that is asked about; rates are not looked at.
  const run = await connectedRun({ ...wish, namespace, window: null }, env, home);
  if (!run.ok) return run;
  const missing = await answeredRun(run.value);
  const { store, end, sources } = run.value;
  const preview = missing.ok
    ? await sources.live.previewStrict(namespace, wish.window ?? leastOver)
    : missing;
  end.abort();
  if (!missing.ok) return missing;
  if (!preview.ok) return preview;
  return ok({ mesh: store.snapshot(), preview: preview.value, missing: missing.value });
}
