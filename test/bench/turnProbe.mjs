/**
 * Loaded into a program by NODE_OPTIONS (`--import`): at each SIGUSR2 it appends to the file named by PROBE_FILE what the main thread has
 * computed between two turns of its loop since the last time, in milliseconds of CPU, the longest first: so long a key may have waited.
 */
import { appendFileSync } from "node:fs";

const most = 100;
const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let before = cpuMs();
let stretches = [];

setInterval(() => {
  const now = cpuMs();
  stretches.push(now - before);
  before = now;
}, 1).unref();

process.on("SIGUSR2", () => {
  const longest = stretches.toSorted((a, b) => b - a).slice(0, most);
  appendFileSync(process.env["PROBE_FILE"], `${JSON.stringify(longest)}\n`);
  stretches = [];
});
