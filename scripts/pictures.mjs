/**
 * One picture of each view on the simulated coolstore, for the README: `npm run pictures [-- COLUMNSxROWS FOLDER]`.
 * The pictures are of the built program in a pty, not drawn by hand.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { bundle } from "./build.mjs";
import { terminalSvg } from "./terminalSvg.mjs";
import { keys, startMeshtop } from "../test/support/terminal.ts";

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
];

const [size = "120x40", folder = "docs/pictures"] = process.argv.slice(2);
const [columns, rows] = size.split("x").map(Number);
const target = new URL(`../${folder}/`, import.meta.url);
mkdirSync(target, { recursive: true });
await bundle();

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const session = startMeshtop(["demo", "coolstore"], { columns, rows });
await session.sees("webapp");
for (const { name, go, press = [] } of shots) {
  if (go !== null) session.press(go, keys.enter);
  for (const key of press) session.press(key);
  await pause(700);
  writeFileSync(new URL(`${name}.svg`, target), terminalSvg(session.terminal));
  process.stdout.write(`${name}\n`);
}
session.kill();
