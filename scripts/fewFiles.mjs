/**
 * Where code is split, esbuild makes a file of its own for whatever the same entries share: fifty files for the first frame, each of which Node has to
 * find, read, check and link. Here what the start needs is in two: what every command needs, with what the screen shares, and the screen.
 */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** All that is loaded with a module: what it imports, and what that does. */
function loadedWith(inputs, entry, met = new Set()) {
  if (met.has(entry)) return met;
  if (!(entry in inputs)) throw new Error(`${entry} is no part of the bundle: see scripts/fewFiles.mjs`);
  met.add(entry);
  for (const { path, kind, external } of inputs[entry].imports)
    if (kind !== "dynamic-import" && !external) loadedWith(inputs, path, met);
  return met;
}

/**
 * The files that `main` needs, and those that the screen shares with anything else.
 * @returns their paths, and those of the files that are loaded when they are asked for
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
  // What a plugin made up has a colon in its name.
  const files = (paths) =>
    [...paths].filter((path) => !path.includes(":")).map((path) => resolve(options.absWorkingDir, path));
  return { early: files(early), late: files(late) };
}

/** Lets each module that is loaded late import the early ones, which are there by then: what all entries share is one file. */
export function inOneFile({ early, late }) {
  const within = "in-one-file";
  const lateFiles = new Set(late);
  return {
    name: within,
    setup(bundler) {
      bundler.onResolve({ filter: /^in-one-file$/ }, ({ path }) => ({ path, namespace: within }));
      bundler.onLoad({ filter: /.*/, namespace: within }, () => ({
        contents: early.map((path) => `import ${JSON.stringify(path)};\n`).join(""),
        resolveDir: bundler.initialOptions.absWorkingDir,
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
