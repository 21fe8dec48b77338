/** What `meshtop check` looks at: a cluster, or manifests without one. */
import type { Mesh } from "./mesh/model/mesh.ts";
import { ok, type DataError, type Result } from "./mesh/result.ts";
import { answeredRun, connectedRun, now, type RunWish } from "./run.ts";
import { isPartlyRead } from "./settle.ts";

interface Configuration {
  readonly mesh: Mesh;
  /** Sentences about what could not be read. */
  readonly missing: readonly string[];
  /** Some of what is declared is not known. */
  readonly isPartial: boolean;
  /** The one that was asked for; `null`: all. */
  readonly namespace: string | null;
}

/**
 * The configuration in `wish.files`, or that of the mesh where none are named. Of files `wish.namespace` is the namespace of objects that name none, and all are shown.
 *
 * Errors: a file that cannot be read; no cluster.
 */
export async function checkedConfiguration(
  wish: RunWish,
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<Result<Configuration, DataError>> {
  const { files } = wish;
  if (files.length > 0) {
    const { meshInFiles } = await import("./manifestFiles.ts");
    const read = meshInFiles(files, wish.namespace ?? "default", now());
    return read.ok ? ok({ ...read.value, isPartial: false, namespace: null }) : read;
  }
  const run = await connectedRun(wish, env, home);
  if (!run.ok) return run;
  const missing = await answeredRun(run.value);
  const { store, end } = run.value;
  end.abort();
  if (!missing.ok) return missing;
  const namespace = wish.allNamespaces ? null : wish.namespace;
  return ok({ mesh: store.snapshot(), missing: missing.value, isPartial: isPartlyRead(store), namespace });
}
