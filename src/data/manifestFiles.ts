/** Manifests in files and folders, as `kubectl apply -f` takes them. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { clean } from "./mesh/clean.ts";
import { declaredFromManifests } from "./kubernetes/parse/manifests.ts";
import { buildMesh } from "./mesh/buildMesh.ts";
import type { Mesh } from "./mesh/model/mesh.ts";
import { fail, ok, type DataError, type Result } from "./mesh/result.ts";
import { millis, type Instant } from "./mesh/units.ts";

const STDIN = "-";
const isManifest = (name: string): boolean => /\.(ya?ml|json)$/u.test(name);

/**
 * Every document in these files, in their order.
 *
 * @param paths a file, a folder (its *.yaml, *.yml and *.json, and those of folders in it, by name), or `-` for stdin.
 * Errors: `config`, for what cannot be read and for what is no YAML, with the line.
 */
export function readManifestFiles(paths: readonly string[]): Result<readonly unknown[], DataError> {
  const documents: unknown[] = [];
  for (const path of paths) {
    try {
      for (const file of filesIn(path)) {
        const found = documentsIn(file);
        if (!found.ok) return found;
        documents.push(...found.value);
      }
    } catch (error) {
      return fail(unreadable(path, error));
    }
  }
  return ok(documents);
}

function filesIn(path: string): readonly string[] {
  if (path === STDIN || !statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { recursive: true, encoding: "utf8" });
  return entries
    .filter(isManifest)
    .toSorted()
    .map((name) => join(path, name));
}

function documentsIn(file: string): Result<readonly unknown[], DataError> {
  const text = readFileSync(file === STDIN ? process.stdin.fd : file, "utf8");
  const documents: unknown[] = [];
  for (const document of parseAllDocuments(text, { logLevel: "silent", prettyErrors: false })) {
    const error = document.errors[0];
    if (error !== undefined) {
      const line = text.slice(0, error.pos[0]).split("\n").length;
      return fail(mistake(`${file}, line ${line}: this is no YAML (${error.message}).`, "Correct the file."));
    }
    documents.push(document.toJS({ maxAliasCount: 100 }));
  }
  return ok(documents);
}

/**
 * The mesh that these files describe, as if they were applied to an empty cluster; nothing is known of its traffic.
 *
 * @param namespace of objects that name none. Errors: as of `readManifestFiles`.
 */
export function meshInFiles(
  paths: readonly string[],
  namespace: string,
  at: Instant,
): Result<{ readonly mesh: Mesh; readonly missing: readonly string[] }, DataError> {
  const documents = readManifestFiles(paths);
  if (!documents.ok) return documents;
  const declared = declaredFromManifests(documents.value, namespace);
  const sources = { kubernetes: { is: "live", at }, prometheus: { is: "waiting" } } as const;
  const mesh = buildMesh({ declared, telemetry: null, sources, window: millis(60_000) });
  const isEmpty = declared.kinds.length === 0;
  return ok({ mesh, missing: isEmpty ? ["These files hold no object that a mesh is made of."] : [] });
}

/** Names of files in a folder are whatever somebody made them. */
const mistake = (message: string, advice: string): DataError => ({
  kind: "config",
  message: clean(message),
  advice,
});

function unreadable(path: string, error: unknown): DataError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
  const why = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
  return mistake(`${path}: ${why}.`, "Name a file or a folder of manifests, or - for stdin.");
}
