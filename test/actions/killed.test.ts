import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetch } from "undici";
import { expect, test } from "vitest";
import { undoable } from "../../src/actions/journalEntry.ts";
import { explainPending, pendingEntries } from "../../src/actions/explain.ts";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import type { KubeWorld } from "../support/kubeWorlds.ts";
import { canary, contentOf, fillShop, pathOf, payments } from "../support/shopObjects.ts";
import { entriesIn, inFolder, portsOn, requestTo, turned } from "../support/writePath.ts";

type World = Pick<KubeWorld, "fetch">;

async function killedAt(step: number, kubeconfig: string, directory: string): Promise<NodeJS.Signals | null> {
  const file = join(directory, "kubeconfig");
  writeFileSync(file, kubeconfig);
  const script = fileURLToPath(new URL("../support/applyAndDie.ts", import.meta.url));
  const child = spawn(process.execPath, [script, file, directory, String(step)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      if (signal === null && code !== 0) reject(new Error(`exit code ${code ?? "none"}`));
      else resolve(signal);
    });
  });
}

test("killed at any step, a change leaves an entry that the next start explains truly, and undo puts everything back", async () => {
  const server = await startKubeServer({ clock: () => Date.now() });
  const world: World = {
    fetch: async (path, init) => {
      const answer = await fetch(server.url + path, init);
      const text = await answer.text();
      return {
        status: answer.status,
        contentType: "",
        text,
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in kubeWorlds
        json: <T>() => JSON.parse(text) as T,
      };
    },
  };
  const both = () => Promise.all([pathOf(canary), pathOf(payments)].map((path) => contentOf(world, path)));
  const told: string[] = [];
  try {
    for (let step = 1, killed = true; killed; step += 1) {
      await fillShop(world);
      const before = await both();
      killed = await inFolder(async (directory) => {
        const signal = await killedAt(step, server.kubeconfig, directory);
        const ports = portsOn(await requestTo(server.kubeconfig), directory);
        const after = await both();
        // Whether a step was taken is seen by the objects themselves.
        const taken = after.map((object, i) => JSON.stringify(object) !== JSON.stringify(before[i]));
        const pending = pendingEntries(await entriesIn(ports), ports, () => false);
        const [explanation] = await explainPending(pending, ports);
        const state = explanation?.ended ?? (await entriesIn(ports))[0]?.ended ?? null;
        told.push(`${taken.filter(Boolean).length} taken: ${state?.is ?? "nothing noted"}`);
        expect(state?.steps.map((one) => one === "applied") ?? [false, false]).toEqual(taken);
        if (undoable(await entriesIn(ports)) !== null)
          expect((await turned(ports, "undo")).is).toBe("applied");
        expect(await both()).toEqual(before);
        return signal === "SIGKILL";
      });
    }
  } finally {
    await server.stop();
  }
  // Intent (2 steps), patch (2), sent (2), patch (2), sent (2), outcome (2), and once to the end.
  expect(told).toEqual([
    "0 taken: nothing noted",
    "0 taken: refused",
    "0 taken: refused",
    "1 taken: conflict",
    "1 taken: conflict",
    "1 taken: conflict",
    "1 taken: conflict",
    "2 taken: applied",
    "2 taken: applied",
    "2 taken: applied",
    "2 taken: applied",
    "2 taken: applied",
    "2 taken: applied",
  ]);
}, 120_000);
