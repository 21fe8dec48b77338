import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { emptyConfig } from "../../src/data/config.ts";
import type { Demo } from "../../src/data/demo/startDemo.ts";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { openSources } from "../../src/data/openSources.ts";
import { missingFrom, settle } from "../../src/data/settle.ts";
import { createStore } from "../../src/data/store.ts";

let demo: Demo;
let folder: string;
const end = new AbortController();
const at = Math.floor(Date.now() / 5_000) * 5_000;

beforeAll(async () => {
  const started = await startDemo({ scenario: "coolstore", seed: 7, clock: () => at });
  if (!started.ok) throw new Error(started.error.message);
  demo = started.value;
  folder = await mkdtemp(join(tmpdir(), "meshtop-found-"));
  await writeFile(join(folder, "config"), demo.kubeconfig);
});

afterAll(async () => {
  end.abort();
  await demo.stop();
  await rm(folder, { recursive: true });
});

/** The mesh as it is read with a kubeconfig, and a Prometheus where one is named. */
async function read(prometheus: string | null): Promise<{ mesh: Mesh; missing: readonly string[] }> {
  const window = millis(60_000);
  const store = createStore({ window, later: (ms, work) => void setTimeout(work, ms) });
  const opened = await openSources({
    store,
    wish: {
      context: null,
      kubeconfig: join(folder, "config"),
      namespace: null,
      allNamespaces: true,
      prometheus,
      prometheusTokenFile: null,
      prometheusCa: null,
      prometheusHeaders: [],
      environmentUrl: null,
      demo: null,
      variant: null,
      files: [],
      seed: 1,
    },
    config: emptyConfig,
    window,
    refresh: millis(5_000),
    now: () => instant(at),
    sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
    signal: end.signal,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  await settle(store, millis(20_000));
  return { mesh: store.snapshot(), missing: missingFrom(store) };
}

test("a kubeconfig alone is enough: Prometheus is found, asked through the API server, and says what it says when it is named", async () => {
  const found = await read(null);
  const named = await read(demo.prometheusUrl);
  expect(found.missing).toEqual([]);
  expect(found.mesh.sources.prometheus).toMatchObject({ is: "live" });
  // Equal because both are empty would prove nothing.
  const rates = (mesh: Mesh) =>
    mesh.services.flatMap(({ key, traffic }) =>
      traffic.requests === null ? [] : [[key, traffic.requests.rate, traffic.requests.p95]],
    );
  expect(rates(found.mesh).length).toBeGreaterThan(3);
  expect(rates(found.mesh)).toEqual(rates(named.mesh));
});
