/** Builds meshtop if a source is newer than the bundle, then runs it in this process with the arguments given. */
import { existsSync, readdirSync, statSync } from "node:fs";

const root = new URL("../", import.meta.url);
const bundled = new URL("dist/meshtop.js", root);
const inputs = [
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/bundlePlugins.mjs",
  "scripts/fewFiles.mjs",
].map((path) => new URL(path, root));

function newest(folder) {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true }).map(
      (entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs,
    ),
  );
}

function isStale() {
  if (!existsSync(bundled)) return true;
  const built = statSync(bundled).mtimeMs;
  return (
    newest(new URL("src", root).pathname) > built || inputs.some((input) => statSync(input).mtimeMs > built)
  );
}

if (isStale()) {
  const { bundle } = await import("./build.mjs");
  await bundle();
}
await import(bundled.href);
