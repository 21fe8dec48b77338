import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

test("a process ends by itself once the server is stopped, whatever watches were open", () => {
  const server = resolve(import.meta.dirname, "../../../../src/data/demo/kube/server.ts");
  const program = `
    const { startKubeServer } = await import(${JSON.stringify(server)});
    const server = await startKubeServer({ clock: () => 0 });
    const path = "/api/v1/pods?watch=1&allowWatchBookmarks=true";
    const { get } = await import("node:http");
    await new Promise((open) => get(server.url + path, open).on("error", () => undefined));
    await server.stop();
    process.stdout.write("stopped");
  `;
  const ended = spawnSync(process.execPath, ["--input-type=module", "-e", program], { timeout: 10_000 });
  expect(ended.error).toBeUndefined();
  expect(ended.stdout.toString()).toBe("stopped");
});
