/** Bundles src/main.tsx into the one file that runs: loading hundreds of modules costs more than everything else at the start. */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/** Ink asks for React's developer tools only when DEV is set; left external, the bundle fails to start without them. */
const noDevtools = {
  name: "no-devtools",
  setup(bundler) {
    bundler.onResolve({ filter: /^react-devtools-core$/ }, () => ({
      path: "react-devtools-core",
      namespace: "empty",
    }));
    bundler.onLoad({ filter: /.*/, namespace: "empty" }, () => ({
      contents: "export default {}",
      loader: "js",
    }));
  },
};

export async function bundle() {
  await build({
    entryPoints: [new URL("../src/main.tsx", import.meta.url).pathname],
    outfile: new URL("../dist/meshtop.js", import.meta.url).pathname,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    jsx: "automatic",
    minify: true,
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"', MESHTOP_VERSION: JSON.stringify(version) },
    banner: {
      js: 'import { createRequire as meshtopRequire } from "node:module"; const require = meshtopRequire(import.meta.url);',
    },
    plugins: [noDevtools],
    logLevel: "warning",
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bundle();
