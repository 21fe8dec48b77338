/**
 * Where code is split, esbuild makes a file of its own for whatever the same entries share: fifty files for the first frame, each of which Node has to
 * find, read, check and link. Here what the start needs is in two: what every run needs, and the screen.
 */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** All that is loaded with a module: what it imports, and what that does. */
function loadedWith(inputs, entry, met = new Set()) {
  if (met.has(entry) || !(entry in inputs)) return met;
  met.add(entry);
  for (const { path, kind, external } of inputs[entry].imports)
    if (kind !== "dynamic-import" && !external) loadedWith(inputs, path, met);
  return met;
}

/**
 * The modules that `main` needs, and those that the screen shares with anything else.
 * @returns their paths, and those of the modules that are loaded when they are asked for
 */
export async function sharedByStart(options, { main, screen }) {
  const { metafile } = await build({ ...options, write: false, metafile: true });
  const { inputs } = metafile;
  const asked = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter(({ kind, external }) => kind === "dynamic-import" && !external).map(({ path }) => path),
  );
  const late = new Set(asked);
  const always = loadedWith(inputs, main);
  const others = new Set(
    [...late].filter((path) => path !== screen).flatMap((path) => [...loadedWith(inputs, path)]),
  );
  const shared = [...loadedWith(inputs, screen)].filter((path) => always.has(path) || others.has(path));
  const early = new Set([...always, ...shared]);
  early.delete(main);
  return { early: [...early], late: [...late] };
}

/** Lets each module that is loaded late import the early ones, which are there by then: what all entries share is one file. */
export function inOneFile({ early, late }) {
  const within = "in-one-file";
  const lateFiles = new Set(late.map((path) => resolve(path)));
  const paths = early.filter((path) => !path.includes(":")).map((path) => resolve(path));
  return {
    name: within,
    setup(bundler) {
      bundler.onResolve({ filter: /^in-one-file$/ }, ({ path }) => ({ path, namespace: within }));
      bundler.onLoad({ filter: /.*/, namespace: within }, () => ({
        contents: paths.map((path) => `import ${JSON.stringify(path)};\n`).join(""),
        resolveDir: resolve("."),
        loader: "js",
      }));
      bundler.onLoad({ filter: /[.]tsx?$/ }, ({ path }) => {
        if (!lateFiles.has(path)) return undefined;
        const contents = `${readFileSync(path, "utf8")}\nimport "in-one-file";\n`;
        return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
      });
    },
  };
}
