import { describe, expect, test } from "vitest";
import { proxiesIn, silentIn } from "../../../../src/data/mesh/proxies/proxyReading.ts";
import { parseSyncz, worstOf } from "../../../../src/data/mesh/proxies/syncStatus.ts";
import { fail, ok, type DataErrorKind } from "../../../../src/data/mesh/result.ts";
import { instant } from "../../../../src/data/mesh/units.ts";

const istiod = { namespace: "istio-system", name: "istiod-1", revision: "default" };
const url = (name: string): string => `type.googleapis.com/${name}`;
const rds = url("envoy.config.route.v3.RouteConfiguration");
const lds = url("envoy.config.listener.v3.Listener");
const cds = url("envoy.config.cluster.v3.Cluster");
const ecds = url("envoy.config.core.v3.TypedExtensionConfig");

const proxyWith = (resources: Readonly<Record<string, object>>) => {
  const [proxy] = parseSyncz(
    [{ proxy: "web-1.shop", cluster_id: "c1", istio_version: "1.27.1", resources }],
    istiod,
  );
  if (proxy === undefined) throw new Error("No proxy was read.");
  return proxy;
};

describe("what istiod says of a proxy", () => {
  test("a type is synced where the nonce that was acknowledged is the one that was sent", () => {
    const { xds } = proxyWith({ [rds]: { sent: "a", acked: "a", sentTime: "2026-11-21T18:00:00.5Z" } });
    const sentAt = instant(Date.UTC(2026, 10, 21, 18, 0, 0, 500));
    expect(xds).toEqual([{ type: "RDS", state: "synced", sentAt, error: null }]);
  });

  test("a type is stale where an older nonce was acknowledged, or none at all", () => {
    expect(proxyWith({ [rds]: { sent: "b", acked: "a" } }).xds).toMatchObject([{ state: "stale" }]);
    expect(proxyWith({ [rds]: { sent: "b" } }).xds).toMatchObject([{ state: "stale" }]);
  });

  test("a type that was subscribed to and never sent is no problem, and Go's zero time is no time", () => {
    const proxy = proxyWith({
      [ecds]: { sentTime: "0001-01-01T00:00:00Z" },
      [cds]: { sent: "a", acked: "a" },
    });
    expect(proxy.xds).toMatchObject([
      { type: "CDS", state: "synced" },
      { type: "ECDS", state: "not sent", sentAt: null },
    ]);
    expect(worstOf(proxy)).toBe("synced");
  });

  test("a refusal is the worst, and stands in the proxy's words without what could hurt a terminal", () => {
    const proxy = proxyWith({
      [lds]: { sent: "b", acked: "a", lastError: "bad \u001b[31mlistener" },
      [rds]: { sent: "b", acked: "a" },
    });
    expect(worstOf(proxy)).toBe("rejected");
    expect(proxy.xds[0]).toMatchObject({ type: "LDS", error: "bad \ufffd[31mlistener" });
  });

  test("the types stand in the order in which Envoy needs them, and an unknown one under the end of its URL", () => {
    const done = { sent: "a", acked: "a" };
    const proxy = proxyWith({ [url("acme.x.Thing")]: done, [rds]: done, [lds]: done, [cds]: done });
    expect(proxy.xds.map(({ type }) => type)).toEqual(["CDS", "LDS", "RDS", "Thing"]);
  });

  test("an older istiod names five types by fields of their own", () => {
    const entry = {
      proxy: "web-1.shop",
      cluster_sent: "a",
      cluster_acked: "a",
      route_sent: "b",
      route_acked: "a",
    };
    const [proxy] = parseSyncz([entry], istiod);
    const states = Object.fromEntries(proxy!.xds.map(({ type, state }) => [type, state]));
    expect(states).toEqual({
      CDS: "synced",
      LDS: "not sent",
      EDS: "not sent",
      RDS: "stale",
      ECDS: "not sent",
    });
  });

  test("the name of a pod may have dots, that of its namespace may not", () => {
    const [proxy] = parseSyncz([{ proxy: "web.v1.shop" }], istiod);
    expect(proxy).toMatchObject({ pod: "web.v1", namespace: "shop", key: "shop/web.v1" });
  });

  test("what is no list, and entries without a pod, are nothing", () => {
    expect(parseSyncz({ error: "no" }, istiod)).toEqual([]);
    expect(parseSyncz([null, 1, {}, { proxy: "nodot" }, { proxy: 7 }], istiod)).toEqual([]);
  });
});

describe("a look at several istiods", () => {
  const refusal = (kind: DataErrorKind, message: string) => fail({ kind, message, advice: null });
  const named = (name: string) => ({ ...istiod, name });
  const proxies = (name: string, state: object) =>
    parseSyncz([{ proxy: `${name}.shop`, resources: { [rds]: state } }], istiod);

  test("proxies that have not what was sent come first, whichever istiod serves them", () => {
    const reading = {
      at: instant(0),
      istiods: [
        { istiod: named("istiod-1"), result: ok(proxies("a", { sent: "a", acked: "a" })) },
        { istiod: named("istiod-2"), result: ok(proxies("z", { sent: "b", acked: "a" })) },
      ],
    };
    expect(proxiesIn(reading).map(({ pod }) => pod)).toEqual(["z", "a"]);
  });

  test("who may reach none of them is told once, and other reasons each for itself", () => {
    const reading = {
      at: instant(0),
      istiods: [
        { istiod: named("istiod-1"), result: refusal("forbidden", "istiod-1 is forbidden.") },
        { istiod: named("istiod-2"), result: refusal("forbidden", "istiod-2 is forbidden.") },
        { istiod: named("istiod-3"), result: refusal("unreachable", "istiod-3 does not answer.") },
      ],
    };
    expect(silentIn(reading).map(({ message }) => message)).toEqual([
      "istiod-1 is forbidden.",
      "istiod-3 does not answer.",
    ]);
  });
});
