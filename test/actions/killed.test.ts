import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { undoable, type Entry } from "../../src/actions/journalEntry.ts";
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
const serviceEntry = "a ServiceEntry that is made";
const config = "the outbound policy of the mesh";

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

/** What was found out of each object is so, as far as it could be found out. */
function expectTruth({ intent, ended }: Entry, kinds: readonly string[], isTaken: readonly boolean[]): void {
  const states = new Map(intent.patches.map(({ patch }, i) => [patch.ref.kind, ended?.steps[i]]));
  for (const [i, kind] of kinds.entries())
    if (states.get(kind) !== "unknown")
      expect([kind, states.get(kind) === "applied"]).toEqual([kind, isTaken[i]]);
}

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
    if (entry !== undefined) expectTruth(entry, kindsOf(scene), isTaken);
    else expect(isTaken).not.toContain(true);
    const isOpen = entry?.ended?.is === "unknown";
    if (!isOpen && undoable(await entriesIn(ports)) !== null)
      expect((await turned(ports, "undo")).is).toBe("applied");
    expect(await all()).toEqual(untouched);
    expect(undoable(await entriesIn(ports)) !== null).toBe(isOpen);
    if (!isKilled) return null;
    return `${isTaken.filter(Boolean).length} taken: ${entry?.ended?.is ?? "nothing noted"}`;
  });
}

const kinds: Readonly<Record<string, string>> = {
  canaries: "Canary",
  sidecars: "Sidecar",
  virtualservices: "VirtualService",
  serviceentries: "ServiceEntry",
  configmaps: "ConfigMap",
};
const kindsOf = ({ paths }: Scene): readonly string[] =>
  paths.map((path) => kinds[path.split("/").at(-2) ?? ""] ?? path);

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
interface Death {
  readonly name: string;
  readonly what: What;
  readonly expected: readonly string[];
}
const both = (name: string, expected: readonly string[]): readonly Death[] =>
  (["change", "undo"] as const).map((what) => ({ name, what, expected }));
const deaths: readonly Death[] = [
  // A real server forgets who removed a field, as the undo of this does: that the field is gone is told by the object.
  ...both(shift, two),
  ...[sidecar, serviceEntry, config].flatMap((name) => both(name, one)),
];

inBothWorlds("Killed", (world) => {
  describe("at any step, it leaves an entry that the next start explains truly, and undo puts everything back:", () => {
    test.each(deaths)(
      "$name ($what)",
      async ({ name, what, expected }) => {
        const told: (string | null)[] = [];
        for (const step of expected.keys()) told.push(await deathAt(step + 1, name, what, world()));
        expect(told).toEqual(expected);
        expect(await deathAt(expected.length + 1, name, what, world())).toBeNull();
      },
      240_000,
    );
  });
});
