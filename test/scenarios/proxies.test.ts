import { describe, expect } from "vitest";
import { proxiesIn } from "../../src/data/mesh/proxies/proxyReading.ts";
import { worstOf } from "../../src/data/mesh/proxies/syncStatus.ts";
import { row } from "../support/row.ts";
import { withProxiesOf, type StoryProxies } from "../support/storyProxies.ts";

async function proxiesOf({ reader }: StoryProxies) {
  const reading = await reader.read();
  if (!reading.ok) throw new Error(reading.error.message);
  return proxiesIn(reading.value);
}

describe("what proxies have", () => {
  row(
    21,
    "each proxy stands with its cluster, istiod, version and subscriptions, synced in what was sent, and not sent what nobody needs",
    async () => {
      const proxies = await withProxiesOf("coolstore", null, proxiesOf);
      const webapp = proxies.find(({ pod }) => pod.startsWith("webapp-"))!;
      expect(webapp).toMatchObject({ namespace: "istioinaction", cluster: "Kubernetes", version: "1.27.1" });
      expect(webapp.istiod).toMatchObject({ namespace: "istio-system", revision: "default" });
      const states = Object.fromEntries(webapp.xds.map(({ type, state }) => [type, state]));
      expect(states).toEqual({
        CDS: "synced",
        LDS: "synced",
        EDS: "synced",
        RDS: "synced",
        ECDS: "not sent",
      });
      expect(proxies.map(worstOf)).not.toContain("stale");
      // What has no sidecar has no row.
      expect(proxies.filter(({ pod }) => /^(batch-report|prometheus|flagger|istiod)-/.test(pod))).toEqual([]);
    },
  );

  row(21, "a gateway without a Gateway object was sent no routes, which is no problem", async () => {
    const proxies = await withProxiesOf("coolstore", "no-gateway", proxiesOf);
    const gateways = proxies.filter(({ type }) => type === "router");
    expect(gateways.length).toBe(2);
    for (const { xds } of gateways) {
      expect(xds.find(({ type }) => type === "RDS")).toMatchObject({ state: "not sent" });
    }
    expect(gateways.map(worstOf)).toEqual(["synced", "synced"]);
  });

  row(
    21,
    "a proxy that has not acknowledged its routes is stale, one that refused is told with its words, both first",
    async () => {
      const proxies = await withProxiesOf("coolstore", "stale-proxy", proxiesOf);
      const late = proxies.slice(0, 2);
      expect(late.map((proxy) => [proxy.pod.split("-")[0], worstOf(proxy)])).toEqual([
        ["forum", "rejected"],
        ["webapp", "stale"],
      ]);
      expect(late[0]?.xds.find(({ type }) => type === "LDS")?.error).toContain("duplicate address");
      expect(proxies.slice(2).map(worstOf)).not.toContain("stale");
    },
  );

  row(21, "with two revisions each istiod tells of its own proxies", async () => {
    const proxies = await withProxiesOf("helloworld", "revisions", proxiesOf);
    const trial = proxies.filter(({ namespace }) => namespace === "trial");
    expect(trial.map(({ istiod, version }) => [istiod.revision, version])).toEqual([["1-28-0", "1.28.0"]]);
    const rest = proxies.filter(({ namespace }) => namespace === "default");
    expect(new Set(rest.map(({ istiod }) => istiod.revision))).toEqual(new Set(["1-27-1"]));
  });
});
