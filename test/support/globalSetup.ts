import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/**
 * The session tests run the bundle, as users do: it is built once, before any of them. Where the build fails there is no
 * bundle, so that those tests fail and no others.
 */
export function setup(): void {
  rmSync(new URL("dist/meshtop.js", root), { force: true });
  try {
    execFileSync(process.execPath, [new URL("scripts/build.mjs", root).pathname], { stdio: "inherit" });
  } catch {
    process.stderr.write("The bundle could not be built: tests that run the program will fail.\n");
  }
}
