/**
 * A process that shifts a route of Flagger by hand and is killed at its Nth step: `applyAndDie.ts KUBECONFIG FOLDER N`. Steps are the moments before and after
 * each record of the journal and each request that writes for real. Exits with 0 where it has fewer.
 */
import { readFileSync } from "node:fs";
import type { Ports } from "../../src/actions/run.ts";
import { apply } from "../../src/actions/run.ts";
import { propose } from "../../src/actions/propose.ts";
import { payments, shopMesh } from "./shopObjects.ts";
import { portsOn, requestTo } from "./writePath.ts";

const [file = "", folder = "", at = "0"] = process.argv.slice(2);
let steps = 0;
const step = (): void => {
  steps += 1;
  if (steps === Number(at)) process.kill(process.pid, "SIGKILL");
};

const request = await requestTo(readFileSync(file, "utf8"), async (path, method, send) => {
  if (method !== "PATCH" || path.includes("dryRun")) return send();
  step();
  const answer = await send();
  step();
  return answer;
});
const plain = portsOn(request, folder);
const ports: Ports = {
  ...plain,
  newId: () => "killed",
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
const proposal = await propose(
  { kind: "shift", service: "shop/payments", route: payments, protocol: "http", rule: 0, weights: [70, 30] },
  shopMesh(),
  ports.cluster,
);
if (!proposal.ok) throw new Error(proposal.error.message);
await apply(proposal.value, ports);
process.exit(0);
