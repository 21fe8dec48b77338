import { describe, expect, test } from "vitest";
import { ratio } from "../../../src/data/mesh/units.ts";
import { dashboardOf } from "../../support/dashboard.ts";
import { coolstore, refOf } from "../../support/meshFixture.ts";

const size = { columns: 120, rows: 60 };

function describedVersion(): string {
  const app = dashboardOf(size);
  app.press(":traffic catalog", "enter", "g", "j", "d");
  return app.screen();
}

describe("d on a version of the traffic view", () => {
  test("describes the workload: its pods, proxy, services and labels", () => {
    const workload = coolstore().workloads.find(({ key }) => key === "istioinaction/catalog")!;
    const screen = describedVersion();
    expect(screen).toContain("describe Deployment istioinaction/catalog");
    expect(screen).toMatch(new RegExp(`ready +${workload.ready} of ${workload.desired}`));
    expect(screen).toMatch(new RegExp(`version +${workload.version!}`));
    expect(screen).toMatch(new RegExp(`proxy +sidecar, revision ${workload.revision!}`));
    expect(screen).toMatch(/services +istioinaction\/catalog/);
  });

  test("says who decides about its mTLS and about its calls to the outside", () => {
    expect(describedVersion()).toMatch(
      /mode +STRICT\s+decided by +PeerAuthentication istioinaction\/default/,
    );
    expect(describedVersion()).toMatch(/Outbound policy\s+mode +ALLOW_ANY\s+decided by/);
  });

  test("leads to the object of the workload for its YAML", () => {
    const app = dashboardOf(size);
    app.press(":traffic catalog", "enter", "g", "j", "y");
    expect(app.calls).toContain("read Deployment istioinaction/catalog");
  });
});

test("the services that a workload calls stand with its outgoing traffic, the busiest first", () => {
  const app = dashboardOf(size);
  app.press(":mtls", "enter", "/webapp", "enter", "d");
  // webapp calls catalog 12 and forum 2 times a second in the fixture.
  expect(app.screen()).toMatch(
    /Outgoing[^]*calls +istioinaction\/catalog +12\.0\/s\s+istioinaction\/forum +2\.0\/s/,
  );
});

test("a finding about a workload leads to all that is known of that workload", () => {
  const finding = {
    ...coolstore().findings[0]!,
    object: refOf("Deployment", "istioinaction", "catalog"),
  };
  const app = dashboardOf(size, { mesh: coolstore({ findings: [finding] }) });
  app.press(":checks", "enter", "d");
  expect(app.screen()).toMatch(/proxy +sidecar/);
});

test("a lock that contradicts the configuration names the policy that decides", () => {
  const { services } = coolstore();
  const open = services.map((service) =>
    service.name === "catalog"
      ? { ...service, lock: { state: "none", mtls: ratio(0), predicted: "mtls" } as const }
      : service,
  );
  const app = dashboardOf(size, { mesh: coolstore({ services: open }) });
  app.press(":services", "enter", "/catalog", "enter", "d");
  expect(app.screen()).toMatch(
    /observed +none\s+predicted +mtls\s+contradicted +STRICT by PeerAuthentication istioinaction\/default/,
  );
});

test("a host is named by itself, not by the caller on whose row it was asked for", () => {
  const app = dashboardOf(size);
  app.press(":egress", "enter", "d");
  expect(app.screen()).toMatch(/describe host telemetry\.example\.net ─/);
});

test("what two versions of a service call is told apart by the version that calls it", () => {
  const { graph } = coolstore();
  const call = graph.edges.find(({ from }) => from === "workload:istioinaction/catalog")!;
  const edges = [...graph.edges, { ...call, from: "workload:istioinaction/catalog-v2" }];
  const app = dashboardOf(size, { mesh: coolstore({ graph: { ...graph, edges } }) });
  app.press("/catalog", "enter", "d");
  expect(app.screen()).toMatch(/calls +\S+ +\S+ \S+ by istioinaction\/catalog\n/);
  expect(app.screen()).toMatch(/ by istioinaction\/catalog-v2\n/);
});
