/** The files that meshtop reads for itself; each failure names the file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { emptyConfig, parseConfig } from "./config.ts";
import type { DataError, Result } from "./mesh/result.ts";
import { fail, ok } from "./mesh/result.ts";

/** Errors: `absent` where there is no such file, `config` where it cannot be read. */
export function readText(path: string): Result<string, DataError> {
  try {
    return ok(readFileSync(path, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
    const advice = "Check the path and its permissions.";
    return code === "ENOENT"
      ? fail({ kind: "absent", message: `The file ${path} does not exist.`, advice })
      : fail({ kind: "config", message: `The file ${path} cannot be read (${code}).`, advice });
  }
}

/** `$XDG_CONFIG_HOME/meshtop/config.yaml`; a file that is not there sets nothing. */
export function loadConfig(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): Result<Config, DataError> {
  const folder = environment["XDG_CONFIG_HOME"] ?? join(home, ".config");
  const file = join(folder, "meshtop", "config.yaml");
  const text = readText(file);
  if (text.ok) return parseConfig(text.value, file);
  return text.error.kind === "absent" ? ok(emptyConfig) : text;
}
