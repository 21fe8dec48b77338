/**
 * A process that makes a change, or takes the last one back, and is killed at its Nth step: `applyAndDie.ts KUBECONFIG FOLDER N SCENE change|undo`. Steps are the moments
 * before and after each record of the journal and each request that writes for real. Exits with 0 where it has fewer.
 */
import { readFileSync } from "node:fs";
import { apply, type Ports } from "../../src/actions/run.ts";
import { propose } from "../../src/actions/propose.ts";
import { entryFor } from "../../src/actions/turn.ts";
import { proposeUndo } from "../../src/actions/undo.ts";
import { scenes } from "./interleavedScenes.ts";
import { portsOn, requestTo } from "./writePath.ts";

const [file = "", folder = "", at = "0", name = "", what = ""] = process.argv.slice(2);
const scene = scenes[name];
if (scene === undefined) throw new Error(`no scene ${name}`);
let steps = 0;
const step = (): void => {
  steps += 1;
  if (steps === Number(at)) process.kill(process.pid, "SIGKILL");
};

const request = await requestTo(readFileSync(file, "utf8"), async (path, method, send, body) => {
  const isDry = path.includes("dryRun") || body.includes('"dryRun"') || path.includes("selfsubject");
  if (method === "GET" || isDry) return send();
  step();
  const answer = await send();
  step();
  return answer;
});
const plain = portsOn(request, folder);
const ports: Ports = {
  ...plain,
  newId: () => `killed-${what}`,
  journal: {
    ...plain.journal,
    append: async (record) => {
      step();
      const written = await plain.journal.append(record);
      step();
      return written;
    },
  },
};

async function proposal(): ReturnType<typeof propose> {
  if (what === "change") return propose(scene!.change, scene!.mesh, ports.cluster);
  const entry = await entryFor({ is: "undo", id: null }, ports);
  if (!entry.ok) throw new Error(entry.error);
  return proposeUndo(entry.value, ports);
}
const proposed = await proposal();
if (!proposed.ok) throw new Error(proposed.error.message);
await apply(proposed.value, ports);
process.exit(0);
