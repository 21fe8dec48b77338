/** What is changed in dependencies while they are bundled, so that a start does not pay for what it does not need. */
import { readFileSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";

/** Ink asks for React's developer tools only when DEV is set; left external, the bundle fails to start without them. */
export const noDevtools = {
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

/** ICU loads its tables for the first segmenter, some 20 ms; these are made where a module is loaded, and asked for texts that most runs never see. */
export const lazySegmenter = {
  name: "lazy-segmenter",
  setup(bundler) {
    const filter =
      /(ansi-tokenize\/build\/tokenize|ink\/build\/line-update|slice-ansi\/tokenize-ansi|wrap-ansi\/index)\.js$/;
    bundler.onLoad({ filter }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replace(
        /^const (\w+) = new Intl\.Segmenter\((.*)\);$/m,
        "let made; const $1 = { segment: (text) => (made ??= new Intl.Segmenter($2)).segment(text) };",
      );
      if (contents === source)
        throw new Error(`${path} makes no segmenter any more: see scripts/bundlePlugins.mjs`);
      return { contents, loader: "js" };
    });
  },
};

/**
 * Yoga asks `fetch` for a data: URL, which loads Node's whole HTTP client before the first frame. Without one it decodes the same bytes itself.
 */
export const yogaWithoutFetch = {
  name: "yoga-without-fetch",
  setup(bundler) {
    bundler.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = source.replaceAll('"function"!=typeof fetch', "!0");
      if (contents === source)
        throw new Error("Yoga no longer looks for fetch as it did: see scripts/bundlePlugins.mjs");
      return { contents, loader: "js" };
    });
  },
};

/** string-width compiles the table of all emoji when it is loaded: some 40 ms for texts that most runs never see. */
export const lazyStringWidth = {
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

const isName = (name) => /^[a-zA-Z_$][\w$]*$/.test(name) && name !== "default";

/** Whether calling it is all that can be done with it: a class can be extended, and `promisify` looks for what a function carries. */
function isOnlyCalled(name, value) {
  const carried = typeof value === "function" ? Reflect.ownKeys(value) : [];
  const plain = ["length", "name", "prototype", "arguments", "caller"];
  return typeof value === "function" && /^[a-z]/.test(name) && carried.every((key) => plain.includes(key));
}

/**
 * A module that loads another one when something of it is used: a function when it is called, anything else where it is imported.
 * @param whole how to get the other one; @param exported what it exports at this time
 */
function asAsked(whole, exported) {
  const parts = Object.keys(exported)
    .filter(isName)
    .map((name, at) => {
      const found = isOnlyCalled(name, exported[name])
        ? `(...given) => whole().${name}(...given)`
        : `/* @__PURE__ */ part("${name}")`;
      return `const part${at} = ${found}; export { part${at} as ${name} };`;
    });
  return [
    `const whole = () => ${whole};`,
    "const part = (name) => whole()[name];",
    "export default /* @__PURE__ */ whole();",
    ...parts,
  ].join("\n");
}

/**
 * An `import` of one of Node's modules reads all that it exports, and what Node would load when it is asked for is loaded: of node:util the whole of
 * node:assert, of node:http all of fetch. One for each importer: what one of them wants is not loaded for the others.
 */
export const builtinsAsAsked = {
  name: "builtins-as-asked",
  setup(bundler) {
    const names = builtinModules.map((name) => name.replace(/^node:/, ""));
    const filter = new RegExp(`^(node:)?(${names.join("|")})$`);
    const [within, required] = ["builtins-as-asked", "builtins-required"];
    const found = (builtin) => `process.getBuiltinModule(${JSON.stringify(builtin)})`;
    bundler.onResolve({ filter }, ({ path, kind, importer }) => {
      if (kind === "dynamic-import") return { path, external: true };
      const pluginData = path.replace(/^(node:)?/, "node:");
      if (kind.startsWith("require")) return { path: pluginData, namespace: required, pluginData };
      return { path: `${pluginData} for ${importer}`, namespace: within, pluginData };
    });
    bundler.onLoad({ filter: /.*/, namespace: within }, ({ pluginData: builtin }) => ({
      contents: asAsked(found(builtin), process.getBuiltinModule(builtin)),
    }));
    bundler.onLoad({ filter: /.*/, namespace: required }, ({ pluginData: builtin }) => ({
      // Who requires one that this Node lacks may count on an error.
      contents: `const found = ${found(builtin)};
if (found === undefined)
  throw Object.assign(new Error("No such built-in module: ${builtin}"), { code: "ERR_UNKNOWN_BUILTIN_MODULE" });
module.exports = found;`,
    }));
  },
};

/** A screen can be drawn without YAML, whose modules take 10 ms. */
export const yamlAsAsked = {
  name: "yaml-as-asked",
  setup(bundler) {
    const within = "yaml-as-asked";
    bundler.onResolve({ filter: /^yaml$/ }, ({ resolveDir, kind }) =>
      kind === "require-call" ? undefined : { path: resolveDir, namespace: within },
    );
    bundler.onLoad({ filter: /.*/, namespace: within }, ({ path }) => ({
      contents: asAsked('require("yaml")', createRequire(import.meta.url)("yaml")),
      resolveDir: path,
    }));
  },
};
