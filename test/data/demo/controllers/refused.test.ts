import { expect, test } from "vitest";
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import { visitEach } from "../../../../src/data/demo/controllers/visitEach.ts";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { Refused } from "../../../../src/data/demo/kube/refused.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { coolstore } from "../../../../src/data/demo/scenarios/coolstore.ts";
import { custom, workload } from "../../../../src/data/demo/scenarios/objects.ts";

const namespace = "istioinaction";
const begin = Date.UTC(2026, 0, 1);

/** Coolstore with these besides, from before its first object, a minute long. */
function playedWith(...manifests: readonly Manifest[]): ObjectStore {
  let now = begin;
  const { store } = createBackend({ clock: () => now });
  const played = playScenario({ ...coolstore, manifests: [...coolstore.manifests, ...manifests] }, store, 3);
  for (; now < begin + 60_000; now += 5000) played.tick(now, now + 5000);
  return store;
}

function phaseOf(store: ObjectStore, name: string): unknown {
  const canary = store.get({ group: "flagger.app", kind: "Canary", namespace, name });
  return (canary?.["status"] as { phase?: string } | undefined)?.phase;
}

test("a Canary whose apex is no name of an object holds up neither Flagger's other Canaries nor the cluster", () => {
  const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "catalog" };
  const spec = { targetRef, service: { name: "(", port: 80 }, analysis: { interval: "5s", threshold: 1 } };
  const store = playedWith(custom("Canary", { namespace, name: "a-first", spec }));
  expect([phaseOf(store, "a-first"), phaseOf(store, "recommendation")]).toEqual([undefined, "Progressing"]);
});

test("a Canary whose name leaves no room for that of an event goes through its run without one", () => {
  const name = "a".repeat(245);
  const targetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "catalog" };
  const analysis = { interval: "5s", threshold: 1, maxWeight: 50, stepWeight: 50 };
  const spec = { targetRef, service: { name: "catalog", port: 80 }, analysis };
  const store = playedWith(custom("Canary", { namespace, name, spec }));
  expect(phaseOf(store, name)).toBe("Succeeded");
});

test("a Deployment whose pods would have too long a name has none, says so, and the others have theirs", () => {
  const name = "a".repeat(253);
  const labels = { app: "long" };
  const store = playedWith(workload({ namespace, name, labels, replicas: 1, image: "long:1", port: 80 }));
  const deployment = store.get({ group: "apps", kind: "Deployment", namespace, name });
  expect(deployment?.["status"]).toBeUndefined();
  const pods = store.list({ group: "", kind: "Pod" }).map(({ metadata }) => metadata.labels?.["app"]);
  expect(pods).not.toContain("long");
  expect(pods).toContain("catalog");
});

test("only what the API server refuses ends a visit without a word", () => {
  const visited: number[] = [];
  visitEach([1, 2, 3], (one) => {
    visited.push(one);
    if (one === 1) throw new Refused("metadata.name: Invalid value");
  });
  expect(visited).toEqual([1, 2, 3]);
  expect(() => visitEach(["{"], (text) => JSON.parse(text) as unknown)).toThrow(SyntaxError);
});
