import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { playScenario } from "../../src/data/demo/controllers/playScenario.ts";
import { allKinds, groupOf, versionOf } from "../../src/data/demo/kube/kinds.ts";
import type { KubeObject } from "../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../src/data/demo/kube/store.ts";
import { scenarioOf, stories } from "../../src/data/demo/scenarios/known.ts";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";

const absent = realServersAbsent();

/** Everything in the store after ten minutes: what the scenario wrote, and what the controllers made of it. */
function playedObjects(name: string): readonly KubeObject[] {
  const scenario = scenarioOf(name, null)!;
  const begin = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => begin });
  const played = playScenario(scenario, store, 1);
  for (let at = begin; at < begin + 600_000; at += 5000) played.tick(at, at + 5000);
  return allKinds.flatMap(({ group, kind }) => store.list({ group, kind }));
}

function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = groupOf(apiVersion);
  const { plural, namespaced } = allKinds.find((known) => known.group === group && known.kind === kind)!;
  const version = versionOf(apiVersion);
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced ? `${root}/namespaces/${metadata.namespace ?? "default"}/${plural}` : `${root}/${plural}`;
}

/** Kubernetes 1.20 serves slices at v1beta1 alone; what we write is the same in both. */
function served(object: KubeObject): KubeObject {
  return object.kind === "EndpointSlice" ? { ...object, apiVersion: "discovery.k8s.io/v1beta1" } : object;
}

const bookkeeping = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"];

/** What a client would send: nothing that the server fills in. */
function asWritten(object: KubeObject): object {
  const metadata = Object.entries(object.metadata).filter(([field]) => !bookkeeping.includes(field));
  return { ...object, metadata: Object.fromEntries(metadata) };
}

describe.skipIf(absent !== null)(
  `on a real kube-apiserver${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    let server: ControlPlane;
    beforeAll(async () => {
      server = await startControlPlane();
    });
    afterAll(() => server.stop());

    test.each([...stories.keys()])(
      "every object of scenario %s is valid, those of its controllers too",
      async (name) => {
        const refused: string[] = [];
        for (const object of playedObjects(name).map(served)) {
          const answer = await server.fetch(pathOf(object), {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(asWritten(object)),
          });
          const text = await answer.text();
          const isThere = answer.status === 409 && object.kind === "Namespace";
          if (answer.status !== 201 && !isThere)
            refused.push(`${object.kind} ${object.metadata.name}: ${text}`);
        }
        expect(refused).toEqual([]);
      },
    );
  },
);
