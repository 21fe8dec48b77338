/**
 * One picture of each view on the simulated coolstore, for the README: `npm run pictures [-- COLUMNSxROWS FOLDER]`.
 * The pictures are of the built program in a pty, not drawn by hand.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { bundle } from "./build.mjs";
import { terminalSvg } from "./terminalSvg.mjs";
import { keys, startMeshtop } from "../test/support/terminal.ts";

/** From the top of catalog's page to version-v2 of its second rule. */
const downToTheSplit = Array.from({ length: 9 }, () => "j");

const shots = [
  { name: "graph", go: ":graph" },
  { name: "services", go: ":services" },
  { name: "traffic", go: ":traffic catalog" },
  { name: "canaries", go: ":canaries" },
  { name: "mtls", go: ":mtls" },
  { name: "breakers", go: ":breakers" },
  { name: "egress", go: ":egress" },
  { name: "checks", go: ":checks" },
  { name: "help", go: null, press: ["?"] },
  { name: "editor", go: ":traffic catalog", press: [...downToTheSplit, "w", "="] },
  { name: "question", go: null, press: [keys.enter] },
  { name: "arrival", go: null, press: ["y"], then: ["\u001b"], until: /agrees after/ },
  { name: "journal", go: ":journal" },
];

const [size = "120x40", folder = "docs/pictures"] = process.argv.slice(2);
const [columns, rows] = size.split("x").map(Number);
const target = new URL(`../${folder}/`, import.meta.url);
mkdirSync(target, { recursive: true });
await bundle();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const session = startMeshtop(["demo", "coolstore"], { columns, rows });
await session.sees("webapp");
for (const { name, go, press = [], then = [], until = null } of shots) {
  if (go !== null) session.press(go, keys.enter);
  await pause(300);
  for (const key of press) session.press(key);
  // Longer than the silence that an answer needs.
  await pause(1500);
  for (const key of then) session.press(key);
  if (until !== null) await session.sees(until, 130_000);
  writeFileSync(new URL(`${name}.svg`, target), terminalSvg(session.terminal));
  process.stdout.write(`${name}\n`);
}
session.kill();
