import { beforeAll, expect, test } from "vitest";
import { collection, inBothWorlds, sending, splitRoute } from "../support/kubeWorlds.ts";

interface List {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
    readonly spec?: unknown;
  }[];
}

const everywhere = "/apis/networking.istio.io/v1/virtualservices";
const inDefault = collection("networking.istio.io/v1", "virtualservices");
const metadataList = { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" };
const metadataOne = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
const names = (list: List) => list.items.map(({ metadata }) => metadata.name);

inBothWorlds("Lists", (world) => {
  const list = async (path: string) => (await world().fetch(path)).json<List>();

  beforeAll(async () => {
    const created = async (path: string, object: unknown) => {
      const answer = await world().fetch(path, sending("POST", object));
      expect(answer.status, answer.text).toBe(201);
    };
    await created("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    const tracks = ["stable", "canary", "stable", "canary", "none"];
    for (const [index, track] of tracks.entries()) {
      await created(inDefault, splitRoute(`route-${index}`, track === "none" ? {} : { track, app: "r" }));
    }
    await created(collection("networking.istio.io/v1", "virtualservices", "shop"), splitRoute("cart"));
    await created(collection("v1", "configmaps"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio" },
      data: { mesh: "{}" },
    });
  });

  test("a namespace lists its own, the cluster lists all, by namespace and name", async () => {
    const own = ["route-0", "route-1", "route-2", "route-3", "route-4"];
    expect(names(await list(inDefault))).toEqual(own);
    expect(names(await list(everywhere))).toEqual([...own, "cart"]);
    expect(names(await list(collection("networking.istio.io/v1", "virtualservices", "nowhere")))).toEqual([]);
  });

  test("a list names its kind, and items of custom kinds name theirs", async () => {
    const routes = await list(inDefault);
    expect(routes).toMatchObject({ kind: "VirtualServiceList", apiVersion: "networking.istio.io/v1" });
    expect(routes.items[0]).toMatchObject({ kind: "VirtualService", apiVersion: "networking.istio.io/v1" });
    const maps = await list(`${collection("v1", "configmaps")}?fieldSelector=metadata.name%3Distio`);
    expect(maps).toMatchObject({ kind: "ConfigMapList", apiVersion: "v1" });
    expect(maps.items[0]).not.toHaveProperty("kind");
  });

  test("the same objects are served at every version, under that version's name", async () => {
    const old = await list(collection("networking.istio.io/v1beta1", "virtualservices"));
    expect(old.apiVersion).toBe("networking.istio.io/v1beta1");
    expect(old.items.map(({ apiVersion }) => apiVersion)).toEqual(
      Array<string>(5).fill("networking.istio.io/v1beta1"),
    );
    const now = await list(inDefault);
    expect(old.items.map(({ metadata }) => metadata.uid)).toEqual(
      now.items.map(({ metadata }) => metadata.uid),
    );
  });

  test.each([
    ["track=canary", ["route-1", "route-3"]],
    ["track==canary,app=r", ["route-1", "route-3"]],
    ["track!=canary", ["route-0", "route-2", "route-4"]],
    ["track", ["route-0", "route-1", "route-2", "route-3"]],
    ["!track", ["route-4"]],
    ["track in (stable, canary),app", ["route-0", "route-1", "route-2", "route-3"]],
    ["track notin (stable)", ["route-1", "route-3", "route-4"]],
    ["track=nothing", []],
  ])("the label selector %s selects %j", async (selector, expected) => {
    expect(names(await list(`${inDefault}?labelSelector=${encodeURIComponent(selector)}`))).toEqual(expected);
  });

  test("a field selector picks one object by name", async () => {
    const selector = encodeURIComponent("metadata.name=route-2");
    expect(names(await list(`${everywhere}?fieldSelector=${selector}`))).toEqual(["route-2"]);
    const both = encodeURIComponent("metadata.namespace=shop,metadata.name!=route-2");
    expect(names(await list(`${everywhere}?fieldSelector=${both}`))).toEqual(["cart"]);
  });

  test.each([
    ["labelSelector", "a(b"],
    ["fieldSelector", "spec.hosts=x"],
    ["fieldSelector", "metadata"],
    ["limit", "many"],
    ["continue", "!!!!"],
  ])("a %s of %s is a bad request", async (option, value) => {
    const answer = await world().fetch(`${inDefault}?${option}=${encodeURIComponent(value)}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      kind: "Status",
      status: "Failure",
      reason: "BadRequest",
      code: 400,
    });
  });

  test("pages are cut from one moment, whatever is written meanwhile", async () => {
    const first = await list(`${inDefault}?limit=2`);
    expect(names(first)).toEqual(["route-0", "route-1"]);
    expect(first.metadata.remainingItemCount).toBe(3);
    await world().fetch(inDefault, sending("POST", splitRoute("route-9")));
    await world().fetch(`${inDefault}/route-4`, { method: "DELETE" });
    const next = encodeURIComponent(first.metadata.continue ?? "");
    const second = await list(`${inDefault}?limit=2&continue=${next}`);
    expect(names(second)).toEqual(["route-2", "route-3"]);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    expect(second.metadata.remainingItemCount).toBe(1);
    const last = await list(
      `${inDefault}?limit=2&continue=${encodeURIComponent(second.metadata.continue ?? "")}`,
    );
    expect(names(last)).toEqual(["route-4"]);
    expect(last.metadata.continue ?? "").toBe("");
    expect(last.metadata).not.toHaveProperty("remainingItemCount");
    await world().fetch(inDefault, sending("POST", splitRoute("route-4")));
    await world().fetch(`${inDefault}/route-9`, { method: "DELETE" });
  });

  test("nobody counts what remains of a selection", async () => {
    const page = await list(`${inDefault}?limit=1&labelSelector=track`);
    expect(page.metadata.continue ?? "").not.toBe("");
    expect(page.metadata).not.toHaveProperty("remainingItemCount");
  });

  test("a list at resourceVersion 0 comes whole, whatever limit is asked for", async () => {
    const whole = await list(`${inDefault}?limit=1&resourceVersion=0`);
    expect(whole.items.length).toBe(5);
    expect(whole.metadata.continue ?? "").toBe("");
  });

  test("a page of a moment that is forgotten has expired, and says how to go on", async () => {
    const first = await list(`${inDefault}?limit=2`);
    await world().fetch(
      `${inDefault}/route-0`,
      sending("PATCH", { metadata: { labels: { x: "1" } } }, merge),
    );
    await world().compact();
    const path = `${inDefault}?limit=2&continue=`;
    const answer = await world().fetch(path + encodeURIComponent(first.metadata.continue ?? ""));
    expect(answer.status).toBe(410);
    const status = answer.json<{ metadata: { continue: string } }>();
    expect(status).toMatchObject({ kind: "Status", status: "Failure", reason: "Expired", code: 410 });
    expect((status as unknown as { message: string }).message).toMatch(
      /^The provided continue parameter is too old to display a consistent list result\./,
    );
    const rest = await list(path + encodeURIComponent(status.metadata.continue));
    expect(names(rest)).toEqual(["route-2", "route-3"]);
  });

  test("metadata alone can be asked for, of a list and of one object", async () => {
    const listed = (await world().fetch(inDefault, { headers: metadataList })).json<List>();
    expect(listed).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    expect(names(listed)).toHaveLength(5);
    expect(Object.keys(listed.items[0] ?? {}).sort()).toEqual(["apiVersion", "kind", "metadata"]);
    expect(listed.items[0]).toMatchObject({
      kind: "PartialObjectMetadata",
      metadata: { labels: { app: "r" } },
    });
    const one = (await world().fetch(`${inDefault}/route-1`, { headers: metadataOne })).json();
    expect(one).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "route-1" } });
    expect(one).not.toHaveProperty("spec");
  });

  test("metadata of a list by the name of one object's is not acceptable", async () => {
    const answer = await world().fetch(inDefault, { headers: metadataOne });
    expect(answer.status).toBe(406);
    expect(answer.json()).toMatchObject({ reason: "NotAcceptable" });
  });

  test("who accepts a table or JSON gets JSON, who accepts HTML alone gets nothing", async () => {
    const html = await world().fetch(inDefault, { headers: { accept: "text/html" } });
    expect([html.status, html.json()["reason"]]).toEqual([406, "NotAcceptable"]);
    const loose = await world().fetch(inDefault, {
      headers: { accept: "application/json;as=Nothing;g=meta.k8s.io;v=v1, application/json" },
    });
    expect(loose.json()).toMatchObject({ kind: "VirtualServiceList" });
  });

  test("a resourceVersion that is no number is the server's failure", async () => {
    const answer = await world().fetch(`${inDefault}?resourceVersion=abc`);
    expect(answer.status).toBe(500);
  });

  test("a resourceVersion from the future is too large", async () => {
    const answer = await world().fetch(`${inDefault}?resourceVersion=99999999`);
    expect(answer.status).toBe(504);
    expect(answer.json()).toMatchObject({
      reason: "Timeout",
      details: { causes: [{ reason: "ResourceVersionTooLarge" }] },
    });
  });
});

const merge = "application/merge-patch+json";
