import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { undoable } from "../../src/actions/journalEntry.ts";
import { explainAtStart } from "../../src/actions/openWritePath.ts";
import type { Scene } from "../support/interleaved.ts";
import { scenes } from "../support/interleavedScenes.ts";
import { inBothWorlds, type KubeWorld } from "../support/kubeWorlds.ts";
import { contentOf } from "../support/shopObjects.ts";
import { carriedOut, entriesIn, inFolder, portsOn, requestTo, turned } from "../support/writePath.ts";

type World = Pick<KubeWorld, "fetch" | "kubeconfig">;
type What = "change" | "undo";

const shift = "a shift by hand of a route that Flagger moves";
const sidecar = "a Sidecar that is made";

async function killedAt(
  step: number,
  name: string,
  what: What,
  world: World,
  directory: string,
): Promise<boolean> {
  const file = join(directory, "kubeconfig");
  writeFileSync(file, world.kubeconfig);
  const script = fileURLToPath(new URL("../support/applyAndDie.ts", import.meta.url));
  const child = spawn(process.execPath, [script, file, directory, String(step), name, what], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      if (signal === null && code !== 0) reject(new Error(`exit code ${code ?? "none"}`));
      else resolve(signal === "SIGKILL");
    });
  });
}

/** A created object has another identity each time. */
const anonymous = (object: unknown): unknown => {
  if (typeof object !== "object" || object === null) return object;
  const { metadata, ...rest } = object as { metadata: Record<string, unknown> };
  return { ...rest, metadata: { ...metadata, uid: null, creationTimestamp: null } };
};

/** Kills at this step, explains, puts everything back. Gives what was told, or `null` where there is no such step. */
async function deathAt(step: number, name: string, what: What, world: World): Promise<string | null> {
  const scene = scenes[name]!;
  const all = async (): Promise<readonly unknown[]> =>
    (await Promise.all(scene.paths.map((path) => contentOf(world, path)))).map(anonymous);
  await scene.fill(world);
  const untouched = await all();
  return inFolder(async (directory) => {
    const ports = portsOn(await requestTo(world.kubeconfig), directory);
    if (what === "undo") await carriedOut(scene.change, scene.mesh, ports);
    const before = await all();
    const isKilled = await killedAt(step, name, what, world, directory);
    const after = await all();
    // Whether a step was taken is seen by the objects themselves.
    const isTaken = after.map((object, i) => JSON.stringify(object) !== JSON.stringify(before[i]));
    await explainAtStart(ports, () => false);
    const entry = (await entriesIn(ports)).find(({ intent }) => intent.id === `killed-${what}`);
    const steps = Object.fromEntries(
      (entry?.intent.patches ?? []).map(({ patch }, i) => [
        patch.ref.kind,
        entry?.ended?.steps[i] === "applied",
      ]),
    );
    expect(kindsOf(scene).map((kind) => steps[kind] ?? false)).toEqual(isTaken);
    if (undoable(await entriesIn(ports)) !== null) expect((await turned(ports, "undo")).is).toBe("applied");
    expect(await all()).toEqual(untouched);
    expect(undoable(await entriesIn(ports))).toBeNull();
    if (!isKilled) return null;
    return `${isTaken.filter(Boolean).length} taken: ${entry?.ended?.is ?? "nothing noted"}`;
  });
}

const kindsOf = ({ paths }: Scene): readonly string[] =>
  paths.map((path) =>
    path.includes("/canaries/") ? "Canary" : path.includes("/sidecars/") ? "Sidecar" : "VirtualService",
  );

// Intent (2 steps), then for each patch the request (2) and its record (2), then the outcome (2).
const one = [
  "0 taken: nothing noted",
  ...Array<string>(2).fill("0 taken: refused"),
  ...Array<string>(5).fill("1 taken: applied"),
];
const two = [
  "0 taken: nothing noted",
  ...Array<string>(2).fill("0 taken: refused"),
  ...Array<string>(4).fill("1 taken: conflict"),
  ...Array<string>(5).fill("2 taken: applied"),
];
const deaths: readonly (readonly [string, What, readonly string[]])[] = [
  [shift, "change", two],
  [shift, "undo", two],
  [sidecar, "change", one],
  [sidecar, "undo", one],
];

inBothWorlds("Killed", (world) => {
  const isReal = (): boolean => world().url.startsWith("https:");
  describe("at any step, it leaves an entry that the next start explains truly, and undo puts everything back:", () => {
    test.each(deaths)(
      "%s (%s)",
      async (name, what, expected) => {
        // On a real server the moments around its requests, where alone it matters which server it is.
        const steps = expected.map((_, i) => i + 1).filter((step) => !isReal() || (step >= 3 && step <= 5));
        const told: (string | null)[] = [];
        for (const step of steps) told.push(await deathAt(step, name, what, world()));
        expect(told).toEqual(steps.map((step) => expected[step - 1]));
        if (!isReal()) expect(await deathAt(expected.length + 1, name, what, world())).toBeNull();
      },
      240_000,
    );
  });
});
