/**
 * Bundles src/main.tsx: loading hundreds of modules costs more than everything else at the start. What `import()` asks for goes into files of its own,
 * so that no run loads what it does not need.
 */
import { build } from "esbuild";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import {
  builtinsAsAsked,
  lazySegmenter,
  lazyStringWidth,
  noDevtools,
  yamlAsAsked,
  yogaWithoutFetch,
} from "./bundlePlugins.mjs";
import { inOneFile, sharedByStart } from "./fewFiles.mjs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

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
const source = (path) => new URL(`../src/${path}`, import.meta.url).pathname;

function optionsFor(entryPoints, more) {
  return {
    entryPoints,
    absWorkingDir: new URL("../", import.meta.url).pathname,
    outdir: new URL("program", dist).pathname,
    chunkNames: "[name]-[hash]",
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    jsx: "automatic",
    minify: true,
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"', MESHTOP_VERSION: JSON.stringify(version) },
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
    ...more,
  };
}

export async function bundle() {
  rmSync(dist, { recursive: true, force: true });
  const plugins = [
    noDevtools,
    yogaWithoutFetch,
    lazySegmenter,
    lazyStringWidth,
    yamlAsAsked,
    builtinsAsAsked,
  ];
  const program = optionsFor({ main: source("main.tsx") }, { splitting: true });
  const first = await sharedByStart(
    { ...program, plugins },
    { main: "src/main.tsx", screen: "src/ui/showDashboard.tsx" },
  );
  await build({ ...program, plugins: [inOneFile(first), ...plugins] });
  await build(optionsFor({ shortAnswer: source("ui/commands/shortAnswer.ts") }, { plugins }));
  // Last: where it is, everything is.
  writeFileSync(new URL("meshtop.js", dist), starter.replace("MESHTOP_VERSION", JSON.stringify(version)));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await bundle();
