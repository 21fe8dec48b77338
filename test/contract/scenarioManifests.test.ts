import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { playScenario } from "../../src/data/demo/controllers/playScenario.ts";
import { allKinds, groupOf, versionOf } from "../../src/data/demo/kube/kinds.ts";
import type { KubeObject } from "../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../src/data/demo/kube/store.ts";
import { scenarioOf, stories } from "../../src/data/demo/scenarios/known.ts";
import type { Json } from "../../src/data/mesh/json.ts";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";
import { sending } from "../support/kubeWorlds.ts";
import { installRollouts } from "../support/rolloutDefinition.ts";

const absent = realServersAbsent();

/** Everything in the store after five minutes: what the scenario wrote, and what the controllers made of it. */
function playedObjects(name: string, variant: string | null): readonly KubeObject[] {
  const scenario = scenarioOf(name, variant)!;
  const begin = Date.UTC(2026, 0, 1);
  const { store } = createBackend({ clock: () => begin });
  const played = playScenario(scenario, store, 1);
  for (let at = begin; at < begin + 300_000; at += 5000) played.tick(at, at + 5000);
  played.stop();
  return allKinds.flatMap(({ group, kind }) => store.list({ group, kind }));
}

function collectionOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = groupOf(apiVersion);
  const { plural, namespaced } = allKinds.find((known) => known.group === group && known.kind === kind)!;
  const version = versionOf(apiVersion);
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespaced ? `${root}/namespaces/${metadata.namespace ?? "default"}/${plural}` : `${root}/${plural}`;
}

/** Kubernetes 1.20 serves slices at v1beta1 alone (what we write is the same in both), and takes an empty group for null. */
function served(object: KubeObject): KubeObject {
  if (object.kind === "EndpointSlice") return { ...object, apiVersion: "discovery.k8s.io/v1beta1" };
  const isParent = (value: Json | undefined): value is Readonly<Record<string, Json>> =>
    typeof value === "object" && value !== null && "group" in value && value["group"] === "";
  const text = JSON.stringify(object, (_key, value: Json | undefined) =>
    isParent(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== "group")) : value,
  );
  return JSON.parse(text) as KubeObject;
}

const pages = [...stories].flatMap(([name, { variants }]) =>
  [null, ...variants.map((variant) => variant.name)].map((variant) => [name, variant] as const),
);

const bookkeeping = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"];

/** What a client would send: nothing that the server fills in. */
function asWritten(object: KubeObject): KubeObject {
  const metadata = Object.entries(object.metadata).filter(([field]) => !bookkeeping.includes(field));
  return { ...object, metadata: Object.fromEntries(metadata) as KubeObject["metadata"] };
}

/** The first field of what was sent that did not come back; `null`: all of them did. */
function lostFrom(kept: Json | undefined, sent: Json | undefined, path: string): string | null {
  if (sent === undefined) return null;
  if (typeof sent !== "object" || sent === null) return kept === undefined ? path : null;
  for (const [name, value] of Object.entries(sent)) {
    const there = typeof kept === "object" && kept !== null ? Object.entries(kept) : [];
    const found = there.find(([other]) => other === name)?.[1];
    const lost = lostFrom(found, value, `${path}.${name}`);
    if (lost !== null) return lost;
  }
  return null;
}

describe.skipIf(absent !== null)(
  `on a real kube-apiserver${absent === null ? "" : ` (skipped: ${absent})`}`,
  () => {
    let server: ControlPlane;
    const ask: Parameters<typeof installRollouts>[0] = async (path, init) => {
      const answer = await server.fetch(path, init);
      await answer.text();
      return answer;
    };
    beforeAll(async () => {
      server = await startControlPlane();
      await installRollouts(ask);
    });
    afterAll(() => server.stop());

    /** A namespace must be there; of everything else the server only says whether it would take it. */
    async function refusalOf(object: KubeObject): Promise<string | null> {
      const isNamespace = object.kind === "Namespace";
      const query = isNamespace ? "" : "?dryRun=All";
      const answer = await server.fetch(`${collectionOf(object)}${query}`, sending("POST", object));
      const text = await answer.text();
      if (answer.status === 409 && isNamespace) return null;
      if (answer.status !== 201) return `${object.kind} ${object.metadata.name}: ${text}`;
      // A field that the definition does not know is dropped without a word.
      const lost = lostFrom((JSON.parse(text) as KubeObject)["spec"], object["spec"], "spec");
      return lost === null ? null : `${object.kind} ${object.metadata.name}: ${lost} is no field`;
    }

    /** Of all pages: most of what a variant has, others have too. */
    const asked = new Set<string>();

    test.each(pages)(
      "every object of %s %s is valid, those of its controllers too",
      async (name, variant) => {
        const refused: string[] = [];
        const objects = playedObjects(name, variant).map(served).map(asWritten);
        for (const object of objects) {
          const text = JSON.stringify(object);
          // Events differ in their names and times alone.
          if (asked.has(text) || (variant !== null && object.kind === "Event")) continue;
          asked.add(text);
          const refusal = await refusalOf(object);
          if (refusal !== null) refused.push(refusal);
        }
        expect(refused).toEqual([]);
        expect(objects.length).toBeGreaterThan(20);
      },
    );
  },
);
