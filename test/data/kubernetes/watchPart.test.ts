import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Connection } from "../../../src/data/kubernetes/connect.ts";
import type { Part } from "../../../src/data/kubernetes/part.ts";
import { startKubeServer } from "../../../src/data/demo/kube/server.ts";
import type { Declared } from "../../../src/data/mesh/declared/declared.ts";
import { clusterOf, manifestsOf, servicesOf } from "../../support/largeCluster.ts";
import { follow } from "./support/following.ts";

let server: Awaited<ReturnType<typeof startKubeServer>>;
let connection: Connection;
const services = servicesOf(clusterOf(40));
const here = services[0]!.namespace;

beforeAll(async () => {
  server = await startKubeServer({ clock: () => Date.now() });
  for (const manifest of manifestsOf(services)) server.store.apply(manifest);
  const found = await connect({ kubeconfig: { text: server.kubeconfig }, context: null });
  if (!found.ok) throw new Error(found.error.message);
  connection = found.value;
});
afterAll(() => server.stop());

/** What is read where memory is short until so many parts were given up. */
async function readWith(shortages: number): Promise<{ declared: Declared; parts: readonly string[] }> {
  const parts: string[] = [];
  const room = {
    isShort: () => parts.length < shortages,
    onPart: (part: Part, namespace: string) => void parts.push(`${part} ${namespace}`),
  };
  const following = follow(connection, { namespace: here, room });
  const declared = await following.until(
    "A live cluster",
    (_, state) => state.is === "live" && parts.length >= Math.min(shortages, 2),
  );
  following.stop();
  return { declared, parts };
}

const all = services.map(({ name }) => name);
const namesIn = (declared: Declared) => declared.services.map(({ meta }) => meta.ref.name);
const kindOf = ({ kinds }: Declared, name: string) => kinds.find(({ kind }) => kind === name);

test("a cluster that fits is read whole", async () => {
  const { declared, parts } = await readWith(0);
  expect(parts).toEqual([]);
  expect(namesIn(declared)).toEqual(expect.arrayContaining(all));
  expect(declared.pods.length).toBeGreaterThan(services.length);
});

test("where memory runs short, pods are not read, which is not the same as that there are none", async () => {
  const { declared, parts } = await readWith(1);
  expect(parts).toEqual([`withoutPods ${here}`]);
  expect(namesIn(declared)).toEqual(expect.arrayContaining(all));
  expect(declared.pods).toEqual([]);
  expect(kindOf(declared, "pods")?.state).toMatchObject({
    is: "forbidden",
    error: { message: "There is no room for them in the memory that meshtop may use." },
  });
});

test("where that is not enough, one namespace is read, with its pods, and every kind says so; then it stays, however short memory is", async () => {
  const { declared, parts } = await readWith(9);
  expect(parts).toEqual([`withoutPods ${here}`, `oneNamespace ${here}`]);
  const own = services.filter(({ namespace }) => namespace === here);
  expect(own.length).toBeLessThan(services.length);
  expect(declared.services.map(({ meta }) => meta.ref.name).sort()).toEqual(
    own.map(({ name }) => name).sort(),
  );
  expect(declared.pods.every(({ meta }) => meta.ref.namespace === here)).toBe(true);
  expect(declared.pods.length).toBeGreaterThan(0);
  expect(kindOf(declared, "services")).toMatchObject({ namespace: here, state: { is: "live" } });
});
