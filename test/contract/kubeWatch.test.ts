import { expect, test } from "vitest";
import { collection, inBothWorlds, sending, splitRoute, type WatchEvent } from "../support/kubeWorlds.ts";

const routes = collection("networking.istio.io/v1", "virtualservices");
const maps = collection("v1", "configmaps");
const merge = "application/merge-patch+json";
const metadataOnly = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };

const said = ({ type, object }: WatchEvent) => `${type} ${object.metadata.name ?? ""}`;
const versions = (events: readonly WatchEvent[]) =>
  events.map(({ object }) => Number(object.metadata.resourceVersion));
const never = () => false;

inBothWorlds("Watches", (world) => {
  const now = async (path: string) => {
    const list = (await world().fetch(`${path}?limit=1`)).json<{ metadata: { resourceVersion: string } }>();
    return list.metadata.resourceVersion;
  };
  const create = (name: string, labels: Readonly<Record<string, string>> = {}, path = routes) =>
    world().fetch(path, sending("POST", splitRoute(name, labels)));
  const remove = (name: string, path = routes) => world().fetch(`${path}/${name}`, { method: "DELETE" });
  const label = (name: string, labels: Readonly<Record<string, string | null>>) =>
    world().fetch(`${routes}/${name}`, sending("PATCH", { metadata: { labels } }, merge));

  /** An object that comes after all that a test does: what was seen before it is all that there was to see. */
  const ending = { name: "zz-end", labels: { track: "canary" } };
  const end = async () => {
    await create(ending.name, ending.labels);
  };

  /** What a watch sees of what `act` does. */
  const during = async (query: string, act: () => Promise<unknown>, headers: Record<string, string> = {}) => {
    const isEnd = (event: WatchEvent) => event.object.metadata.name === ending.name;
    const watching = world().watch(`${routes}?watch=true&${query}`, isEnd, { headers });
    await act();
    await end();
    const events = await watching;
    await remove(ending.name);
    expect(events.at(-1)?.object.metadata.name).toBe(ending.name);
    return events.slice(0, -1);
  };

  const life = async (name: string) => {
    await create(name);
    await label(name, { track: "canary" });
    await label(name, { owner: "me" });
    await label(name, { track: null });
    await label(name, { track: "canary" });
    await remove(name);
  };

  test("changes arrive in order, each at its own version, from the version asked for", async () => {
    const since = await now(routes);
    const events = await during(`resourceVersion=${since}`, () => life("seen"));
    expect(events.map(said)).toEqual([
      "ADDED seen",
      "MODIFIED seen",
      "MODIFIED seen",
      "MODIFIED seen",
      "MODIFIED seen",
      "DELETED seen",
    ]);
    expect(versions(events)).toEqual([...versions(events)].sort((a, b) => a - b));
    expect(new Set(versions(events)).size).toBe(6);
    expect(versions(events)[0]).toBeGreaterThan(Number(since));
    expect(events[1]?.object).toMatchObject({
      kind: "VirtualService",
      apiVersion: "networking.istio.io/v1",
      metadata: { labels: { track: "canary" } },
      spec: { hosts: ["reviews"] },
    });
  });

  test("changes made before the watch began are told too", async () => {
    const since = await now(routes);
    await life("missed");
    const events = await during(`resourceVersion=${since}`, () => Promise.resolve());
    expect(events.map(({ type }) => type)).toEqual([
      "ADDED",
      ...Array<string>(4).fill("MODIFIED"),
      "DELETED",
    ]);
  });

  test("to a watch with a selector, an object that stops fitting is deleted and one that starts is added", async () => {
    const since = await now(routes);
    const events = await during(`resourceVersion=${since}&labelSelector=track%3Dcanary`, () => life("fits"));
    expect(events.map(({ type }) => type)).toEqual(["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"]);
    expect(events[2]?.object.metadata.labels).toEqual({ track: "canary", owner: "me" });
    expect(versions(events)).toEqual([...versions(events)].sort((a, b) => a - b));
    expect(new Set(versions(events)).size).toBe(5);
  });

  test("one object is watched by its name", async () => {
    const since = await now(routes);
    const selector = encodeURIComponent("metadata.name=mine");
    const path = `${routes}?watch=true&resourceVersion=${since}&fieldSelector=${selector}`;
    const watching = world().watch(path, ({ type }) => type === "DELETED");
    await life("other");
    await create("mine");
    await remove("mine");
    expect((await watching).map(said)).toEqual(["ADDED mine", "DELETED mine"]);
  });

  test.each(["", "resourceVersion=0"])("a watch with '%s' begins with what is there", async (version) => {
    await create("present");
    const events = await during(version, () => Promise.resolve());
    expect(events.map(said)).toEqual(["ADDED present"]);
    await remove("present");
  });

  test("a watch can be of metadata alone", async () => {
    const since = await now(routes);
    const events = await during(`resourceVersion=${since}`, () => life("bare"), metadataOnly);
    expect(events).toHaveLength(6);
    for (const { object } of events) {
      expect(object).toMatchObject({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" });
      expect(object).not.toHaveProperty("spec");
    }
  });

  test("a watch of one namespace hears nothing of another, a watch of the cluster hears of both", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };
    await world().fetch("/api/v1/namespaces", sending("POST", namespace));
    const since = await now(routes);
    const shop = collection("networking.istio.io/v1", "virtualservices", "shop");
    const cluster = `/apis/networking.istio.io/v1/virtualservices?watch=1&resourceVersion=${since}`;
    const all = world().watch(cluster, ({ object }) => object.metadata.name === ending.name);
    const own = await during(`resourceVersion=${since}`, async () => {
      await create("cart", {}, shop);
      await remove("cart", shop);
    });
    expect(own).toEqual([]);
    expect((await all).map(said)).toEqual(["ADDED cart", "DELETED cart", `ADDED ${ending.name}`]);
  });

  test("a watch at another version shows the objects at that version", async () => {
    const since = await now(routes);
    const old = collection("networking.istio.io/v1alpha3", "virtualservices");
    const watching = world().watch(`${old}?watch=1&resourceVersion=${since}`, () => true);
    await create("old");
    expect((await watching)[0]?.object.apiVersion).toBe("networking.istio.io/v1alpha3");
    await remove("old");
  });

  test("bookmarks say how far a watch is, without an object, shortly before it ends", async () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio" } };
    const watched = async (path: string, object: unknown) => {
      const since = await now(path);
      const query = `watch=true&timeoutSeconds=8&allowWatchBookmarks=true&resourceVersion=${since}`;
      const watching = world().watch(`${path}?${query}`, ({ type }) => type === "BOOKMARK");
      const created = await world().fetch(path, sending("POST", object));
      const written = created.json<{ metadata: { resourceVersion: string } }>().metadata.resourceVersion;
      return { written: Number(written), bookmark: (await watching).at(-1) };
    };
    const both = await Promise.all([watched(routes, splitRoute("marked")), watched(maps, map)]);
    for (const { written, bookmark } of both) {
      expect(bookmark?.type).toBe("BOOKMARK");
      expect(bookmark?.object.metadata).not.toHaveProperty("name");
      expect(Number(bookmark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(written);
    }
    expect(both.map(({ bookmark }) => bookmark?.object.kind)).toEqual(["VirtualService", "ConfigMap"]);
    await remove("marked");
  });

  test("a watch ends when its time is over, and nobody gets a bookmark unasked", async () => {
    const since = await now(routes);
    const path = `${routes}?watch=true&timeoutSeconds=3&resourceVersion=${since}`;
    expect(await world().watch(path, never)).toEqual([]);
  });

  test("a version that is forgotten is one ERROR event with a 410 in it, inside a 200", async () => {
    await create("newest");
    await world().compact();
    const answer = await world().fetch(`${routes}?watch=true&resourceVersion=1&timeoutSeconds=3`);
    expect(answer.status).toBe(200);
    const [event, ...others] = answer.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as WatchEvent);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: "ERROR",
      object: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Expired", code: 410 },
    });
    expect(event?.object["message"]).toMatch(/^too old resource version: 1 \(\d+\)$/);
    await remove("newest");
  });

  test("a watch that can't be understood is refused at once", async () => {
    const bad = await world().fetch(`${routes}?watch=true&labelSelector=a(b`);
    expect([bad.status, bad.json()["reason"]]).toEqual([400, "BadRequest"]);
    const version = await world().fetch(`${routes}?watch=true&resourceVersion=abc`);
    expect(version.status).toBe(500);
    const time = await world().fetch(`${routes}?watch=true&timeoutSeconds=soon`);
    expect(time.status).toBe(400);
  });
});
