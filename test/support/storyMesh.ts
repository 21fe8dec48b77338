/** The mesh of a story as the program itself reads it: embedded API server and Prometheus, watched and queried. */
import { expect } from "vitest";
import { startDemo } from "../../src/data/demo/startDemo.ts";
import { connect } from "../../src/data/kubernetes/connect.ts";
import { watchMesh } from "../../src/data/kubernetes/watchMesh.ts";
import { buildMesh } from "../../src/data/mesh/buildMesh.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { prometheusApi } from "../../src/data/prometheus/api.ts";
import { fetchTelemetry, newMemory } from "../../src/data/prometheus/fetchTelemetry.ts";
import { istioNames } from "../../src/data/prometheus/metrics.ts";
import { probe } from "../../src/data/prometheus/probe.ts";
import { directTransport } from "../../src/data/prometheus/transport.ts";

/** Everything that a cluster declares, once all kinds are listed. */
export async function declaredIn(kubeconfig: string): Promise<Declared> {
  const connection = await connect({ kubeconfig: { text: kubeconfig }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  const end = new AbortController();
  const declared = await new Promise<Declared>((resolve) => {
    watchMesh(connection.value, {
      namespace: null,
      signal: end.signal,
      now: () => instant(Date.now()),
      onChange: (next, state) => {
        if (state.is === "live") resolve(next);
      },
    });
  });
  end.abort();
  return declared;
}

export interface World {
  readonly kubeconfig: string;
  readonly prometheusUrl: string;
}

/** One world read by the program's own code, its telemetry evaluated at `at` (epoch ms) over `window` (ms). */
export async function meshIn(
  { kubeconfig, prometheusUrl }: World,
  at: number,
  window = 60_000,
): Promise<{ readonly mesh: Mesh; readonly lacks: object }> {
  const transport = directTransport({ url: prometheusUrl });
  if (!transport.ok) throw new Error(transport.error.message);
  const api = prometheusApi(transport.value, 10_000);
  const scope = { window: millis(window), names: istioNames, matchers: "" };
  const { capabilities } = await probe(api, scope, instant(at));
  const asked = { scope, at: instant(at), capabilities, memory: newMemory(), latencyHosts: () => null };
  const fetched = await fetchTelemetry(api, asked);
  if (!fetched.ok) throw new Error(fetched.error.message);
  const telemetry = fetched.value;
  expect(telemetry.failed).toEqual([]);
  const live = { is: "live", at: instant(at) } as const;
  const mesh = buildMesh({
    declared: await declaredIn(kubeconfig),
    telemetry,
    sources: { kubernetes: live, prometheus: live },
    window: millis(window),
  });
  const { missingMetrics, missingLabels } = telemetry.capabilities;
  return { mesh, lacks: { ...missingMetrics, ...missingLabels } };
}

/** A story after ten minutes, over a window of five: enough requests for shares to mean something. */
export async function meshOfStory(scenario: string, variant: string | null = null): Promise<Mesh> {
  const at = Math.floor(Date.now() / 5_000) * 5_000;
  const started = await startDemo({ scenario, variant, seed: 1, clock: () => at });
  if (!started.ok) throw new Error(started.error.message);
  try {
    return (await meshIn(started.value, at, 300_000)).mesh;
  } finally {
    await started.value.stop();
  }
}

/** A story as it goes on after its first ten minutes: the mesh every `everyMs`, `times` times. */
export async function followStory(
  scenario: string,
  variant: string | null,
  { everyMs, times }: { readonly everyMs: number; readonly times: number },
): Promise<readonly Mesh[]> {
  let now = Math.floor(Date.now() / 5_000) * 5_000;
  const started = await startDemo({ scenario, variant, seed: 1, clock: () => now });
  if (!started.ok) throw new Error(started.error.message);
  const meshes: Mesh[] = [];
  try {
    for (let time = 0; time < times; time += 1) {
      meshes.push((await meshIn(started.value, now)).mesh);
      now += everyMs;
      await started.value.advance(now);
    }
    return meshes;
  } finally {
    await started.value.stop();
  }
}
