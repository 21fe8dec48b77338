import { describe, expect, test } from "vitest";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend } from "../../../../src/data/demo/kube/store.ts";
import type { StoreEvent } from "../../../../src/data/demo/kube/storage.ts";

const noon = Date.UTC(2026, 0, 1, 12);
const routeKind = { group: "networking.istio.io", kind: "VirtualService" };

function route(name: string, weight: number, namespace?: string): Manifest & { readonly spec: unknown } {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { http: [{ route: [{ destination: { host: "a" }, weight }] }] },
  };
}

function freshStore(history?: number) {
  let now = noon;
  const backend = createBackend({ clock: () => now, ...(history === undefined ? {} : { history }) });
  return { ...backend, advance: (ms: number) => (now += ms) };
}

describe("the demo's store", () => {
  test("an applied manifest gets what an API server adds", () => {
    const { store } = freshStore();
    const stored = store.apply(route("reviews", 90));
    expect(stored.metadata).toMatchObject({
      name: "reviews",
      namespace: "default",
      generation: 1,
      creationTimestamp: "2026-01-01T12:00:00Z",
    });
    expect(stored.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(store.get({ ...routeKind, namespace: "default", name: "reviews" })).toEqual(stored);
  });

  test("applied again it keeps its identity and its birthday, and counts a generation", () => {
    const { store, advance } = freshStore();
    const first = store.apply(route("reviews", 90));
    advance(5000);
    const second = store.apply(route("reviews", 80));
    expect(second.metadata).toMatchObject({
      uid: first.metadata.uid,
      creationTimestamp: first.metadata.creationTimestamp,
      generation: 2,
    });
    expect(Number(second.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
  });

  test("applied unchanged it stays at its version, and nobody is told", () => {
    const { store } = freshStore();
    const first = store.apply(route("reviews", 90));
    const told: StoreEvent[] = [];
    store.subscribe((event) => told.push(event));
    expect(store.apply(route("reviews", 90))).toEqual(first);
    expect(told).toEqual([]);
  });

  test("listeners hear of every change with both sides, until they stop", () => {
    const { store } = freshStore();
    const told: StoreEvent[] = [];
    const stop = store.subscribe((event) => told.push(event));
    const first = store.apply(route("reviews", 90));
    const second = store.apply(route("reviews", 80));
    store.delete({ ...routeKind, namespace: "default", name: "reviews" });
    stop();
    store.apply(route("reviews", 70));
    expect(told.map(({ type, previous }) => [type, previous])).toEqual([
      ["ADDED", null],
      ["MODIFIED", first],
      ["DELETED", second],
    ]);
    expect(told.map(({ version }) => version)).toEqual(
      [...told.map(({ version }) => version)].sort((a, b) => a - b),
    );
  });

  test("a list is ordered by namespace and name", () => {
    const { store } = freshStore();
    for (const [name, namespace] of [
      ["b", "shop"],
      ["a", "shop"],
      ["z", "app"],
    ] as const) {
      store.apply(route(name, 1, namespace));
    }
    expect(store.list(routeKind).map(({ metadata }) => metadata.name)).toEqual(["z", "a", "b"]);
  });

  test("a namespace comes into being with its first object and takes what is in it with it", () => {
    const { store } = freshStore();
    store.apply(route("cart", 1, "shop"));
    const shop = { group: "", kind: "Namespace", namespace: null, name: "shop" };
    expect(store.get(shop)).not.toBeNull();
    store.delete(shop);
    expect(store.get(shop)).toBeNull();
    expect(store.list(routeKind)).toEqual([]);
  });

  test("what was applied with a status keeps it: the demo plays the controllers too", () => {
    const { store } = freshStore();
    const canary = {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      metadata: { name: "catalog" },
      spec: { targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "catalog" }, analysis: {} },
      status: { phase: "Progressing", canaryWeight: 20 },
    };
    expect(store.apply(canary)["status"]).toEqual({ phase: "Progressing", canaryWeight: 20 });
  });

  test("a manifest that the server would refuse is an error of the demo's, named", () => {
    const { store } = freshStore();
    expect(() => store.apply({ ...route("x", 1), kind: "Carrot" })).toThrow(/does not serve Carrot/);
    expect(() => store.apply({ ...route("x", 1), apiVersion: "networking.istio.io/v9" })).toThrow(
      /not at .*v9/,
    );
    expect(() => store.apply({ ...route("x", 1), metadata: { name: "X" } })).toThrow(/metadata\.name/);
  });

  test("two stores with the same writes hold the same objects", () => {
    const written = () => {
      const { store } = freshStore();
      store.apply(route("a", 1));
      store.apply(route("b", 2, "shop"));
      store.apply(route("a", 3));
      return store.list(routeKind);
    };
    expect(written()).toEqual(written());
  });

  test("a version is forgotten when more has happened since than is remembered", () => {
    const { store, storage, kinds } = freshStore(10);
    const early = storage.version();
    const kind = kinds.find((candidate) => candidate.kind === "VirtualService")!;
    for (let weight = 1; weight <= 40; weight += 1) store.apply(route("a", weight));
    expect(storage.changesSince(early)).toBeNull();
    expect(storage.snapshot(kind, early)).toBeNull();
    expect(storage.changesSince(storage.version() - 10)).toHaveLength(10);
  });

  test("a remembered moment can be looked at as it was", () => {
    const { store, storage, kinds } = freshStore();
    const kind = kinds.find((candidate) => candidate.kind === "VirtualService")!;
    store.apply(route("a", 1));
    store.apply(route("b", 1));
    const then = storage.snapshot(kind, storage.version());
    const at = storage.version();
    store.apply(route("a", 2));
    store.delete({ ...routeKind, namespace: "default", name: "b" });
    store.apply(route("b", 9));
    store.apply(route("c", 1));
    expect(storage.snapshot(kind, at)).toEqual(then);
  });
});
