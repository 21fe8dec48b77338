/** Istio's sample manifests stand beside the repository and are not part of it. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The folder of the manifests. */
export const manifestFolder = resolve(import.meta.dirname, "../../../shared/data/manifests");

/** Why tests on them can't run here, or `null` where they can; throws the reason where everything is required. */
export function samplesAbsent(): string | null {
  if (existsSync(manifestFolder)) return null;
  const reason = "Istio's sample manifests are not in ../shared/data/manifests";
  if (process.env["MESHTOP_REQUIRE_REAL_SERVERS"] === "1") throw new Error(`${reason}.`);
  return reason;
}
