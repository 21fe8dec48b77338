/**
 * Bundles src/main.tsx: loading hundreds of modules costs more than everything else at the start. What `import()` asks for goes into files of its own,
 * so that no run loads what it does not need.
 */
import { build } from "esbuild";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
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

/**
 * Yoga asks `fetch` for a data: URL, which loads Node's whole HTTP client before the first frame. Without one it decodes the same bytes itself.
 */
const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(bundler) {
    bundler.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replaceAll('"function"!=typeof fetch', "!0");
      if (contents === source)
        throw new Error("Yoga no longer looks for fetch as it did: see scripts/build.mjs");
      return { contents, loader: "js" };
    });
  },
};

/** string-width compiles the table of all emoji when it is loaded: some 40 ms for texts that most runs never see. */
const lazyStringWidth = {
  name: "lazy-string-width",
  setup(bundler) {
    const within = "lazy-string-width";
    bundler.onResolve({ filter: /^string-width$/ }, ({ resolveDir, kind }) =>
      kind === "require-call" ? undefined : { path: resolveDir, namespace: within },
    );
    bundler.onLoad({ filter: /.*/, namespace: within }, ({ path }) => ({
      contents: `let measure; export default (...text) => (measure ??= require("string-width").default)(...text);`,
      resolveDir: path,
      loader: "js",
    }));
  },
};

/**
 * The file that is run. V8 keeps what it compiled in the user's own cache: Node's default is a folder in /tmp, where on a shared machine another user
 * may have put something first.
 */
const starter = `import { enableCompileCache } from "node:module";
const { XDG_CACHE_HOME: cache = "", HOME: home = "" } = process.env;
const folder = cache.startsWith("/") ? cache : home === "" ? "" : home + "/.cache";
if (folder !== "") enableCompileCache?.(folder + "/meshtop");
const { shortAnswer } = await import("./program/shortAnswer.js");
const answer = shortAnswer(process.argv.slice(2), MESHTOP_VERSION);
if (answer === null) await import("./program/main.js");
else process.stdout.write(answer);
`;

const dist = new URL("../dist/", import.meta.url);

export async function bundle() {
  rmSync(dist, { recursive: true, force: true });
  await build({
    entryPoints: {
      main: new URL("../src/main.tsx", import.meta.url).pathname,
      shortAnswer: new URL("../src/ui/commands/shortAnswer.ts", import.meta.url).pathname,
    },
    outdir: new URL("program", dist).pathname,
    chunkNames: "[name]-[hash]",
    splitting: true,
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
    plugins: [noDevtools, yogaWithoutFetch, lazyStringWidth],
    logLevel: "warning",
  });
  // Last: where it is, everything is.
  writeFileSync(new URL("meshtop.js", dist), starter.replace("MESHTOP_VERSION", JSON.stringify(version)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bundle();
