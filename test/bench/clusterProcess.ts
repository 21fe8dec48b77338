/**
 * The cluster that is looked at, in a process of its own: what it costs is nobody's figure. Speaks with its parent by messages.
 */
import type { ClusterOrder, ClusterTold } from "./cluster.ts";
import { startEmbeddedWorld } from "./embeddedWorld.ts";
import { clusterOf } from "../support/largeCluster.ts";

const [services = "100"] = process.argv.slice(2);
const tell = (told: ClusterTold): void => void process.send?.(told);
const world = await startEmbeddedWorld(clusterOf(Number(services)));

process.on("disconnect", () => void world.stop().finally(() => process.exit()));
process.on("message", (order: ClusterOrder) => {
  if (order.is === "stop") void world.stop().finally(() => process.exit());
  if (order.is === "change") world.change(order.part);
  if (order.is === "delay") world.delay(order.ms);
  if (order.is === "churn") void world.churn(order.services).then(() => tell({ is: "churned" }));
  if (order.is === "count") void world.counts().then((counts) => tell({ is: "counts", counts }));
});
tell({ is: "ready", ...world.ready });
