import { execFileSync } from "node:child_process";

/** The session tests run the bundle, as users do: it is built once, before any of them. */
export function setup(): void {
  execFileSync(process.execPath, [new URL("../../scripts/build.mjs", import.meta.url).pathname], {
    stdio: "inherit",
  });
}
