/**
 * The cluster that is looked at, in a process of its own: what it costs is nobody's figure. Speaks with its parent by messages.
 * `clusterProcess.ts SERVICES embedded|real`.
 */
import type { ClusterOrder, ClusterTold } from "./cluster.ts";
import { startEmbeddedWorld } from "./embeddedWorld.ts";
import { startRealWorld } from "./realWorld.ts";
import { clusterOf } from "../support/largeCluster.ts";

const [services = "100", kind = "embedded"] = process.argv.slice(2);
const tell = (told: ClusterTold): void => void process.send?.(told);
const size = clusterOf(Number(services));
const say = (text: string): void => tell({ is: "progress", text });
const world = kind === "embedded" ? await startEmbeddedWorld(size) : await startRealWorld(size, say);

process.on("disconnect", () => void world.stop().finally(() => process.exit()));
process.on("message", (order: ClusterOrder) => {
  if (order.is === "stop") void world.stop().finally(() => process.exit());
  if (order.is === "change") world.change(order.part);
  if (order.is === "delay") world.delay(order.ms);
  if (order.is === "churn") void world.churn(order.services).then(() => tell({ is: "churned" }));
  if (order.is === "record") void world.record().then(() => tell({ is: "recorded" }));
  if (order.is === "count") void world.counts().then((counts) => tell({ is: "counts", counts }));
});
tell({ is: "ready", ...world.ready });
