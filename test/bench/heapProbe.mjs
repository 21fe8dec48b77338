/**
 * Loaded into a program by NODE_OPTIONS (`--import`, with `--expose-gc`): at each SIGUSR2 it collects what can be collected and appends what is
 * left, in bytes, to the file named by PROBE_FILE.
 */
import { appendFileSync } from "node:fs";

process.on("SIGUSR2", () => {
  globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  appendFileSync(process.env["PROBE_FILE"], `${heapUsed + arrayBuffers}\n`);
});
