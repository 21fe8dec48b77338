import { expect, test } from "vitest";
import type { Service } from "../../../src/data/mesh/model/service.ts";
import { noTraffic } from "../../../src/data/mesh/traffic.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { coolstore } from "../../support/meshFixture.ts";

/** webapp without traffic of its own; its one rule sends 12 requests a second to `destination`. */
function summaryWith(destination: string): string {
  const services = coolstore().services.map((service): Service => {
    if (service.name !== "webapp") return service;
    const routes = service.detail.routes.map((route) => ({
      ...route,
      rules: route.rules.map((rule) => ({
        ...rule,
        destinations: rule.destinations.map((one) => ({ ...one, service: destination })),
      })),
    }));
    return { ...service, traffic: noTraffic, detail: { ...service.detail, routes } };
  });
  const app = dashboardOf({ columns: 120, rows: 40 }, { mesh: coolstore({ services }) });
  app.press(":traffic webapp", "enter");
  return app.screen();
}

test("a service whose rules send its requests to another is not said to have none", () => {
  expect(summaryWith("istioinaction/webapp-primary")).toContain("its rules send it to others");
  expect(summaryWith("istioinaction/webapp")).toContain("No traffic to this service in the window.");
});
