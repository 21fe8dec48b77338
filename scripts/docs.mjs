/** Writes the pages that come from tables in the code; with --check it fails where a page is stale. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { checksPage } from "../src/data/mesh/checks/checksPage.ts";
import { stories } from "../src/data/demo/scenarios/known.ts";
import { arrivalMetrics } from "../src/data/prometheus/arrivalQueries.ts";
import { arrivedMetrics } from "../src/data/prometheus/arrivedQueries.ts";
import { metrics, istioNames } from "../src/data/prometheus/metrics.ts";
import { keysPage } from "../src/ui/keysPage.ts";

const scope = { window: 60_000, names: istioNames, matchers: "", latencyHosts: null };

/** A shift of catalog, followed for a minute. */
const shift = {
  ...scope,
  counts: "requests",
  hosts: ["catalog.shop.svc.cluster.local"],
  patched: 1_700_000_000_000,
  settled: 1_700_000_002_000,
  baseline: 1_700_000_015_000,
  at: 1_700_000_060_000,
};

/** Label lists are long and the same everywhere: the page names them once. */
const pair = /reporter, source_workload[\w, ]*?destination_cluster/g;

function metricsPage() {
  const rowsOf = (table, asked) =>
    Object.entries(table).map(
      ([name, { unit, help, promql }]) =>
        `### ${name} (${unit})\n\n${help}\n\n\`\`\`promql\n${promql(asked).replace(pair, "PAIR")}\n\`\`\`\n`,
    );
  const labels = /sum by \((reporter, [\w, ]*?destination_cluster)/.exec(metrics.requests.promql(scope))[1];
  return [
    "# Metrics",
    "",
    "Every refresh asks these queries at one instant; their number does not depend on the mesh. This page is made by `npm run docs`",
    "from `src/data/prometheus/metrics.ts`. `PAIR` stands for:",
    "",
    "```",
    ...labels.split(", ").map((label) => label),
    "```",
    "",
    ...rowsOf(metrics, scope),
    "## While a shift arrives",
    "",
    "After a shift two of these are asked at each look, from `src/data/prometheus/arrivalQueries.ts`: here for a shift of `catalog.shop` at",
    `${shift.patched / 1000} (seconds since the epoch), counted from 15 s after it, one minute after it. The rules are in that file.`,
    "",
    ...rowsOf(arrivalMetrics, shift),
    "## Before STRICT",
    "",
    "`meshtop preview-strict` asks these once, for an hour unless told: here for namespace `shop`.",
    "",
    ...rowsOf(arrivedMetrics, { names: istioNames, matchers: "", namespace: "shop", over: 3_600_000 }),
  ].join("\n");
}

/** Rows of the seeds' scenarios; the tests say which of them are proved. */
const rows = 59;

function proofsIn(file, text) {
  const calls = text.matchAll(/\brow\(\s*(\d+),\s*"((?:[^"\\]|\\.)*)"/g);
  return [...calls].map(([, number, says]) => ({ number: Number(number), says, file }));
}

function scenariosPage() {
  const folder = new URL("../test/scenarios/", import.meta.url);
  const proofs = readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => proofsIn(file, readFileSync(new URL(file, folder), "utf8")))
    .sort((a, b) => a.number - b.number);
  const proved = new Set(proofs.map(({ number }) => number));
  const open = Array.from({ length: rows }, (_, i) => i + 1).filter((number) => !proved.has(number));
  return [
    "# Scenarios",
    "",
    "What is seen, or can be done, in each situation that the documents at the beginning of meshtop tell of, and the test that proves it. This",
    "page is made by `npm run docs` from `test/scenarios`. Rows after 59 are of what those documents leave out.",
    "",
    "| row | what is seen, or can be done | test |",
    "| --- | --- | --- |",
    ...proofs.map(({ number, says, file }) => `| ${number} | ${says} | \`test/scenarios/${file}\` |`),
    "",
    ...(open.length === 0 ? [] : [`Without a test so far: ${open.join(", ")}.`, ""]),
  ].join("\n");
}

function demoPage() {
  return [
    "# The simulated mesh",
    "",
    "`meshtop demo NAME --variant VARIANT` simulates a mesh of the documents that meshtop started from; every command takes `--demo NAME --variant VARIANT`. This",
    "page is made by `npm run docs` from `src/data/demo/scenarios`.",
    "",
    "`meshtop demo -f FILE...` simulates manifests of your own, in files, folders or from `kubectl get -o yaml`: pods follow from workloads; a route's Service, its subsets and",
    "their pods are made up where no file has them, and a Gateway where no file has any; traffic visits the gateways with a request for each rule, follows addresses in the environment",
    "of containers, and calls every other Service. `:sources` lists what was made up and what was left out. `meshtop demo NAME -f FILE...` puts objects in the place of a",
    "scenario's own, and `meshtop get VIEW -f FILE...` prints what the dashboard would show.",
    "",
    ...[...stories].flatMap(([name, { variants }]) => [
      `## ${name}`,
      "",
      "| variant | what there is to see |",
      "| --- | --- |",
      ...variants.map((variant) => `| ${variant.name} | ${variant.says} |`),
      "",
    ]),
  ].join("\n");
}

const pages = {
  "docs/metrics.md": metricsPage(),
  "docs/keys.md": keysPage(),
  "docs/checks.md": checksPage(),
  "docs/scenarios.md": scenariosPage(),
  "docs/demo.md": demoPage(),
};
const check = process.argv.includes("--check");
for (const [path, text] of Object.entries(pages)) {
  const file = new URL(`../${path}`, import.meta.url);
  if (!check) {
    writeFileSync(file, text);
    continue;
  }
  let old = "";
  try {
    old = readFileSync(file, "utf8");
  } catch {
    // A page that is not there is stale like any other.
  }
  if (old !== text) {
    console.error(`${path} is stale: run npm run docs`);
    process.exitCode = 1;
  }
}
