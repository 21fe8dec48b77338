import { describe, expect } from "vitest";
import { proxiesIn } from "../../src/data/mesh/proxies/proxyReading.ts";
import { arrivedServices, type ArrivedService } from "../../src/data/mesh/proxies/arrivedRoutes.ts";
import { worstOf } from "../../src/data/mesh/proxies/syncStatus.ts";
import { row } from "../support/row.ts";
import { withProxiesOf, type StoryProxies } from "../support/storyProxies.ts";

async function proxiesOf({ reader }: StoryProxies) {
  const reading = await reader.read();
  if (!reading.ok) throw new Error(reading.error.message);
  return proxiesIn(reading.value);
}

async function lookAt({ reader, mesh }: StoryProxies, workload: string, isStale: boolean) {
  const reading = await reader.read();
  if (!reading.ok) throw new Error(reading.error.message);
  const own = proxiesIn(reading.value).filter(({ pod }) => pod.startsWith(`${workload}-`));
  const proxy = own.find((one) => (worstOf(one) === "stale") === isStale)!;
  const look = await reader.look({ namespace: proxy.namespace, name: proxy.pod });
  if (!look.ok || !look.value.routes.ok || !look.value.clusters.ok) throw new Error("It did not answer.");
  const { routes, clusters } = look.value;
  const services = arrivedServices(mesh.services, routes.value, proxy.type === "router");
  return { services, clusters: clusters.value };
}

const weightsIn = (service: ArrivedService | undefined): readonly number[] =>
  service?.virtualHosts.flatMap(({ routes }) => routes.at(-1)?.targets.map(({ weight }) => weight) ?? []) ??
  [];

describe("what proxies have", () => {
  row(
    21,
    "a stale proxy still routes by the weights that it got last, and its neighbour by those that are configured",
    async () => {
      const [stale, fresh] = await withProxiesOf("coolstore", "stale-proxy", async (story) => [
        await lookAt(story, "webapp", true),
        await lookAt(story, "webapp", false),
      ]);
      const catalogOf = ({ services }: typeof stale) =>
        services.find(({ service }) => service.key === "istioinaction/catalog");
      expect(weightsIn(catalogOf(stale))).toEqual([90, 10]);
      expect(catalogOf(stale)?.missing.map(({ index }) => index)).toEqual([1]);
      expect(weightsIn(catalogOf(fresh))).toEqual([50, 50]);
      expect(catalogOf(fresh)?.missing).toEqual([]);
    },
  );

  row(21, "a gateway has the routes of its own hosts, and all of them have arrived", async () => {
    const { services } = await withProxiesOf("coolstore", null, (story) =>
      lookAt(story, "istio-ingressgateway", false),
    );
    expect(services.map(({ service }) => service.key)).toEqual(["istioinaction/webapp"]);
    expect(services.flatMap(({ missing }) => missing)).toEqual([]);
  });

  row(36, "the caller's own proxy says which host it has ejected", async () => {
    const { clusters } = await withProxiesOf("fleetman", "breaker", (story) =>
      lookAt(story, "api-gateway", false),
    );
    const risky = clusters.find(
      ({ host, subset }) => host.startsWith("fleetman-staff") && subset === "risky-group",
    );
    expect(risky).toMatchObject({ hosts: 1 });
    expect(risky?.ejected).toHaveLength(1);
  });

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
