/** A simulated mesh that is changed as an operator changes it, and read as an operator reads it: propose, apply, ask Prometheus. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import type { WantedChange } from "../../src/actions/change.ts";
import { propose } from "../../src/actions/propose.ts";
import type { Outcome } from "../../src/actions/proposal.ts";
import type { Ports } from "../../src/actions/run.ts";
import type { ObjectStore } from "../../src/data/demo/kube/store.ts";
import type { Scenario } from "../../src/data/demo/scenarios/scenario.ts";
import { startScenario, type Demo } from "../../src/data/demo/startScenario.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Result } from "../../src/data/mesh/result.ts";
import { meshIn } from "./storyMesh.ts";
import { carriedOut, portsOn, requestTo, turned } from "./writePath.ts";

type Labels = Readonly<Record<string, string>>;

export interface SteeredMesh {
  readonly store: ObjectStore;
  /** As the program reads it now, rates over five minutes. */
  mesh(): Promise<Mesh>;
  /** Proposes and applies; nothing may stand against it. Counting begins anew. */
  change(wish: (mesh: Mesh) => Result<WantedChange, string> | WantedChange): Promise<Outcome>;
  /** The reasons for which it is refused. */
  refused(wish: (mesh: Mesh) => Result<WantedChange, string>): Promise<readonly string[]>;
  undo(): Promise<Outcome>;
  pass(seconds: number): Promise<void>;
  /** What Prometheus has counted since the last change, of series with these labels. */
  count(metric: string, labels: Labels): Promise<number>;
  requests(labels: Labels): Promise<number>;
  connections(labels: Labels): Promise<number>;
}

const running: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((stop) => stop()));
});

/** Starts a scenario with ten minutes behind it. Its end is the end of the test. */
export async function steered(scenario: Scenario): Promise<SteeredMesh> {
  let now = Date.UTC(2026, 4, 1, 12);
  let since = now;
  const demo = await startScenario(scenario, { seed: 3, clock: () => now });
  const folder = mkdtempSync(join(tmpdir(), "meshtop-steered-"));
  running.push(async () => {
    await demo.stop();
    rmSync(folder, { recursive: true });
  });
  const ports: Ports = portsOn(await requestTo(demo.kubeconfig), folder);
  const mesh = async (): Promise<Mesh> => (await meshIn(demo, now, 300_000)).mesh;
  const count: SteeredMesh["count"] = async (metric, labels) =>
    (await sumAt(demo, metric, labels, now)) - (await sumAt(demo, metric, labels, since));
  const counted = (outcome: Outcome): Outcome => {
    expect(outcome.message).toMatch(/^Applied/);
    since = now;
    return outcome;
  };
  return {
    store: demo.store,
    mesh,
    count,
    change: async (wish) => counted(await carriedOut(changeOf(wish(await mesh())), await mesh(), ports)),
    refused: async (wish) => refusals(wish(await mesh()), await mesh(), ports),
    undo: async () => counted(await turned(ports, "undo")),
    async pass(seconds) {
      now += seconds * 1000;
      await demo.advance(now);
    },
    requests: (labels) => count("istio_requests_total", labels),
    connections: (labels) => count("istio_tcp_connections_opened_total", labels),
  };
}

function changeOf(wish: Result<WantedChange, string> | WantedChange): WantedChange {
  if (!("ok" in wish)) return wish;
  if (!wish.ok) throw new Error(wish.error);
  return wish.value;
}

async function refusals(
  wish: Result<WantedChange, string>,
  mesh: Mesh,
  { cluster }: Ports,
): Promise<readonly string[]> {
  const proposal = await propose(changeOf(wish), mesh, cluster);
  if (!proposal.ok) throw new Error(proposal.error.message);
  return proposal.value.plan.blockers;
}

interface Answer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function sumAt(demo: Demo, metric: string, labels: Labels, at: number): Promise<number> {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const query = `sum(${metric}{${matchers.join(",")}})`;
  const parameters = new URLSearchParams({ query, time: String(at / 1000) }).toString();
  const answer = (await (await fetch(`${demo.prometheusUrl}/api/v1/query?${parameters}`)).json()) as Answer;
  return Number(answer.data.result[0]?.value[1] ?? 0);
}

/** A count of `n` draws with probability `share`, give or take four standard deviations. */
export function expectPart(part: number, n: number, share: number): void {
  expect(n).toBeGreaterThan(1000);
  expect(Math.abs(part - n * share)).toBeLessThanOrEqual(4 * Math.sqrt(n * share * (1 - share)));
}
