import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { leastOver, type StrictPreview } from "../../../src/data/mesh/strictPreview.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";

const preview: StrictPreview = {
  namespace: "istioinaction",
  isMesh: false,
  over: leastOver,
  callers: [
    {
      from: null,
      to: "istioinaction/forum",
      what: "requests",
      count: 41.2,
      after: { mode: "STRICT", from: "default", ports: {} },
      verdict: "cut off",
    },
    {
      from: "istioinaction/forum",
      to: "istioinaction/legacy-db",
      what: "connections",
      count: 3,
      after: { mode: "PERMISSIVE", from: "default", ports: {} },
      verdict: "stays",
    },
  ],
  unseen: ["istioinaction/reports"],
  withoutProxy: [],
  unnamed: 0,
};

const size = { columns: 100, rows: 30 };

/** `:mtls`, with the cursor on the row that has the name. */
function onMtls(app: Dashboard, name: string): void {
  app.press(":", "mtls", "enter");
  for (let rows = 0; rows < 30 && !app.screen().includes(`▸ ${name}`); rows += 1) app.press("j");
  expect(app.screen()).toContain(`▸ ${name}`);
}

test("S on a namespace of :mtls asks for an hour of its callers, and says whom STRICT would cut off", async () => {
  const app = dashboardOf(size, { preview: ok(preview) });
  onMtls(app, "istioinaction");
  app.press("S");
  expect(app.calls).toContain("previewStrict istioinaction");
  await setImmediate();
  const screen = app.screen();
  expect(screen).toContain("1 of those who came in plaintext in the last 60m would be cut off by STRICT");
  expect(screen).toMatch(/▸ cut off +unknown: no proxy, or it.* istioinaction\/forum +42 requests/);
  expect(screen).toContain("Nothing is known of callers of istioinaction/reports");
  app.press("esc");
  expect(app.screen()).toContain("DECIDED BY");
});

test("on a workload it is about its namespace, on the mesh about the root namespace", () => {
  const app = dashboardOf(size);
  onMtls(app, "mesh");
  app.press("S");
  expect(app.calls.at(-1)).toBe("previewStrict istio-system");
  expect(app.screen()).toContain("Asking Prometheus");
  app.press("esc");
  onMtls(app, "  forum");
  app.press("S");
  expect(app.calls.at(-1)).toBe("previewStrict istioinaction");
});

test("nobody in plaintext is said in a sentence, and so is a Prometheus that does not answer", async () => {
  const none = dashboardOf(size, { preview: ok({ ...preview, callers: [], unseen: [] }) });
  onMtls(none, "istioinaction");
  none.press("S");
  await setImmediate();
  expect(none.screen()).toContain("Nobody who was seen in the last 60m would be cut off by STRICT");
  const error = { kind: "unreachable" as const, message: "Prometheus does not answer.", advice: null };
  const silent = dashboardOf(size, { preview: fail(error) });
  onMtls(silent, "istioinaction");
  silent.press("S");
  await setImmediate();
  expect(silent.screen()).toContain("Prometheus does not answer. ctrl-r asks again.");
  silent.press("ctrl-r");
  expect(silent.calls.filter((call) => call.startsWith("previewStrict"))).toHaveLength(2);
});
