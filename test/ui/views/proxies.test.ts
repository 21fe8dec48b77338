import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { parseSyncz } from "../../../src/data/mesh/proxies/syncStatus.ts";
import type { ProxyReading } from "../../../src/data/mesh/proxies/proxyReading.ts";
import { fail, ok, type DataError, type Result } from "../../../src/data/mesh/result.ts";
import { instant } from "../../../src/data/mesh/units.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { fakeSteering } from "../../support/fakeSteering.ts";

const istiod = { namespace: "istio-system", name: "istiod-1", revision: "default" };
const rds = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
const at = Date.UTC(2026, 10, 21, 18, 0, 0);

const entry = (name: string, acked: string) => ({
  proxy: `${name}.shop`,
  proxy_type: "sidecar",
  cluster_id: "Kubernetes",
  istio_version: "1.27.1",
  resources: { [rds]: { sent: "b", acked, sentTime: new Date(at - 90_000).toISOString() } },
});

const reading = (result: ProxyReading["istiods"][number]["result"]): Result<ProxyReading, DataError> =>
  ok({ at: instant(at), istiods: [{ istiod, result }] });

const told = reading(ok(parseSyncz([entry("web-1", "b"), entry("cart-1", "a")], istiod)));

async function opened(proxies: Result<ProxyReading, DataError>) {
  const { steering } = fakeSteering();
  const dashboard = dashboardOf({ columns: 120, rows: 30 }, { proxies, steering });
  dashboard.press(":", "proxies", "enter");
  await setImmediate();
  return dashboard;
}

const asked = (calls: readonly string[]): number => calls.filter((call) => call === "readProxies").length;

describe("the view of one proxy", () => {
  const shares = (one: number, two: number) => {
    const host = "catalog.istioinaction.svc.cluster.local";
    const target = (subset: string, weight: number) => ({ host, subset, port: 80, weight });
    const targets = [target("version-v1", one), target("version-v2", two)];
    return { name: `${host}:80`, domains: [host], routes: [{ name: "", match: "", targets, timeout: null }] };
  };
  const cluster = {
    ...{ host: "catalog.istioinaction.svc.cluster.local", subset: "version-v2", port: 80 },
    ...{
      hosts: 2,
      ejected: [{ address: "10.0.0.1:3000", pod: "catalog-v2-1" }],
      connections: 0,
      requests: 0,
      maxConnections: null,
      maxPending: null,
      maxRequests: null,
    },
  };

  test("its weights stand beside the configured ones where those have not arrived, with the time and the hosts it ejected", async () => {
    const routes = ok([shares(50, 50)]);
    const look = ok({ at: instant(at), routes, clusters: ok([cluster]) });
    const dashboard = dashboardOf({ columns: 120, rows: 40 }, { proxies: told, look });
    dashboard.press(":", "proxies", "enter");
    await setImmediate();
    dashboard.press("enter");
    await setImmediate();
    const screen = dashboard.screen();
    expect(dashboard.calls).toContain("lookIntoProxy shop/cart-1");
    expect(screen).toContain("By the proxy of shop/cart-1 itself at 18:00:00Z");
    expect(screen).toContain("istiod says that it has not acknowledged RDS.");
    expect(screen).toMatch(/not arrived: rule 2 is configured version-v1 90 %, version-v2 10 %/);
    expect(screen).toContain("version-v1 50 %, version-v2 50 %");
    expect(screen).toContain(
      "catalog.istioinaction version-v2:80: 1 of 2 hosts ejected (catalog-v2-1 10.0.0.1:3000).",
    );
  });

  test("a part that may not be asked for is one sentence, and the other part is there", async () => {
    const error = { kind: "forbidden", message: "No port-forward here.", advice: "Ask for it." } as const;
    const look = ok({ at: instant(at), routes: ok([shares(90, 10)]), clusters: fail(error) });
    const dashboard = dashboardOf({ columns: 120, rows: 40 }, { proxies: told, look });
    dashboard.press(":", "proxies", "enter");
    await setImmediate();
    dashboard.press("enter");
    await setImmediate();
    expect(dashboard.screen()).toContain("No port-forward here. Ask for it.");
    expect(dashboard.screen()).toContain("version-v1 90 %, version-v2 10 %");
  });
});

describe("the view of proxies", () => {
  test("a stale proxy comes first, with the types it lacks and since when", async () => {
    const screen = (await opened(told)).screen();
    expect(screen).toContain("1 of 1 istiods answered; 1 of their proxies has not what was sent.");
    expect(screen).toMatch(/cart-1.*stale[\s\S]*web-1.*synced/);
    expect(screen).toMatch(/RDS was sent 1m30s ago and not acknowledged/);
  });

  test("istiods are asked only while somebody looks", async () => {
    const dashboard = await opened(told);
    expect(asked(dashboard.calls)).toBe(1);
    dashboard.pass(10_000);
    await setImmediate();
    expect(asked(dashboard.calls)).toBe(2);
    dashboard.press(":", "services", "enter");
    for (let time = 0; time < 5; time += 1) {
      dashboard.pass(10_000);
      await setImmediate();
    }
    expect(asked(dashboard.calls)).toBe(2);
    dashboard.press("-");
    await setImmediate();
    expect(asked(dashboard.calls)).toBe(3);
  });

  test("asking again by hand begins the time anew: there are never two that ask", async () => {
    const dashboard = await opened(told);
    dashboard.press("ctrl-r");
    await setImmediate();
    expect(asked(dashboard.calls)).toBe(2);
    dashboard.pass(10_000);
    await setImmediate();
    expect(asked(dashboard.calls)).toBe(3);
  });

  test("who may not port-forward reads one line with what to do, and nothing else", async () => {
    const error = {
      kind: "forbidden",
      message: 'pods "istiod-1" is forbidden.',
      advice: "Ask for it.",
    } as const;
    const screen = (await opened(reading(fail(error)))).screen();
    expect(screen).toContain('pods "istiod-1" is forbidden. Ask for it.');
    expect(screen).toContain("No istiod has told of a proxy.");
  });

  test("a mesh without an istiod in sight says so", async () => {
    const screen = (
      await opened(fail({ kind: "absent", message: "No istiod can be seen.", advice: null }))
    ).screen();
    expect(screen).toContain("No istiod can be seen.");
  });

  test("the sources say what istiods answered, and that nobody asked before", async () => {
    const before = dashboardOf({ columns: 120, rows: 60 });
    before.press(":", "sources", "enter", "G");
    expect(before.screen()).toContain("asked while :proxies is open");
    const error = { kind: "forbidden", message: 'pods "istiod-1" is forbidden.', advice: null } as const;
    const dashboard = await opened(reading(fail(error)));
    dashboard.press(":", "sources", "enter", "G");
    expect(dashboard.screen()).toContain('pods "istiod-1" is forbidden.');
  });
});
