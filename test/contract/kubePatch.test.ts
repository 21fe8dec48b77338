import { beforeEach, describe, expect, test } from "vitest";
import { collection, inBothWorlds, sending, splitRoute } from "../support/kubeWorlds.ts";

interface Route {
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec: {
    readonly hosts: readonly string[];
    readonly http: readonly { readonly route: readonly { readonly weight?: number }[] }[];
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

const routes = collection("networking.istio.io/v1", "virtualservices");
const path = `${routes}/reviews`;
const jsonPatch = "application/json-patch+json";
const mergePatch = "application/merge-patch+json";
const weight = (index: number) => `/spec/http/0/route/${index}/weight`;

inBothWorlds("Patches", (world) => {
  const stored = async () => (await world().fetch(path)).json<Route>();
  const weights = async () => (await stored()).spec.http[0]?.route.map((split) => split.weight);
  const patch = (operations: unknown, query = "") =>
    world().fetch(path + query, sending("PATCH", operations, jsonPatch));
  const merge = (document: unknown, query = "") =>
    world().fetch(path + query, sending("PATCH", document, mergePatch));

  beforeEach(async () => {
    await world().fetch(path, { method: "DELETE" });
    const created = await world().fetch(routes, sending("POST", splitRoute("reviews", { app: "reviews" })));
    expect(created.status).toBe(201);
  });

  describe("JSON Patch", () => {
    test("a weight moves where the tests hold, and the object counts one more generation", async () => {
      const before = await stored();
      const answer = await patch([
        { op: "test", path: "/metadata/resourceVersion", value: before.metadata.resourceVersion },
        { op: "test", path: "/spec/http/0/route/1/destination/subset", value: "v2" },
        { op: "test", path: weight(1), value: 10 },
        { op: "replace", path: weight(0), value: 75 },
        { op: "add", path: weight(1), value: 25 },
      ]);
      expect(answer.status).toBe(200);
      const after = answer.json<Route>();
      expect(after.spec.http[0]?.route.map((split) => split.weight)).toEqual([75, 25]);
      expect(after.metadata.generation).toBe(before.metadata.generation + 1);
      expect(after.metadata.uid).toBe(before.metadata.uid);
      expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
      expect(await weights()).toEqual([75, 25]);
    });

    test.each([
      ["a field has another value", [{ op: "test", path: weight(1), value: 11 }]],
      [
        "the version is stale",
        [
          { op: "test", path: "/metadata/resourceVersion", value: "1" },
          { op: "replace", path: weight(1), value: 50 },
        ],
      ],
      ["a list is shorter", [{ op: "test", path: "/spec/http/3/route/0/weight", value: 1 }]],
      ["there is nothing to remove", [{ op: "remove", path: "/spec/http/0/timeout" }]],
      ["there is nothing to replace so deep", [{ op: "replace", path: "/spec/tcp/0/route", value: [] }]],
      ["an index is out of range", [{ op: "add", path: "/spec/http/7", value: {} }]],
      ["an operation is unknown", [{ op: "increase", path: weight(1), value: 1 }]],
    ])("nothing is written where %s: 422 Invalid, in words that say no more", async (_why, operations) => {
      const before = await stored();
      const answer = await patch([{ op: "replace", path: weight(0), value: 1 }, ...operations]);
      expect(answer.status).toBe(422);
      expect(answer.json()).toEqual({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: "the server rejected our request due to an error in our request",
        reason: "Invalid",
        details: {},
        code: 422,
      });
      expect(await stored()).toEqual(before);
    });

    test("a member that is not there can be tested for with null", async () => {
      const guarded = [
        { op: "test", path: "/spec/http/0/timeout", value: null },
        { op: "add", path: "/spec/http/0/timeout", value: "1s" },
      ];
      expect((await patch(guarded)).status).toBe(200);
      expect((await patch(guarded)).status).toBe(422);
    });

    test("a resourceVersion that the patch itself writes is a precondition: 409 where it is stale", async () => {
      const answer = await patch([
        { op: "replace", path: "/metadata/resourceVersion", value: "1" },
        { op: "replace", path: weight(1), value: 50 },
      ]);
      expect(answer.status).toBe(409);
      expect(answer.json()).toMatchObject({
        reason: "Conflict",
        message:
          'Operation cannot be fulfilled on virtualservices.networking.istio.io "reviews": the object has been modified; please apply your changes to the latest version and try again',
        details: { name: "reviews", group: "networking.istio.io", kind: "virtualservices" },
      });
    });

    test.each([
      ["an object", { op: "add" }],
      ["a word", "weights"],
    ])("%s is no patch: 400", async (_what, body) => {
      const answer = await patch(body);
      expect([answer.status, answer.json()["reason"]]).toEqual([400, "BadRequest"]);
    });

    test("lists grow, move and copy by their indices", async () => {
      const answer = await patch([
        { op: "add", path: "/spec/hosts/-", value: "b" },
        { op: "add", path: "/spec/hosts/0", value: "a" },
        { op: "move", from: "/spec/hosts/2", path: "/spec/hosts/0" },
        { op: "copy", from: "/spec/hosts/0", path: "/spec/hosts/-" },
      ]);
      expect(answer.json<Route>().spec.hosts).toEqual(["b", "a", "reviews", "b"]);
    });

    test("a patch of an older version is a patch of the same object", async () => {
      const old = collection("networking.istio.io/v1beta1", "virtualservices");
      const answer = await world().fetch(
        `${old}/reviews`,
        sending("PATCH", [{ op: "replace", path: weight(1), value: 30 }], jsonPatch),
      );
      expect(answer.json<Route>().apiVersion).toBe("networking.istio.io/v1beta1");
      expect(await weights()).toEqual([90, 30]);
    });

    test("a test on a built-in kind guards in the same way", async () => {
      const maps = collection("v1", "configmaps");
      await world().fetch(
        maps,
        sending("POST", {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "istio" },
          data: { mesh: "a" },
        }),
      );
      const mesh = (from: string, to: string) => [
        { op: "test", path: "/data/mesh", value: from },
        { op: "replace", path: "/data/mesh", value: to },
      ];
      const send = (operations: unknown) =>
        world().fetch(`${maps}/istio`, sending("PATCH", operations, jsonPatch));
      expect((await send(mesh("a", "b"))).status).toBe(200);
      expect((await send(mesh("a", "c"))).status).toBe(422);
      const found = (await world().fetch(`${maps}/istio`)).json<{ data: { mesh: string } }>();
      expect(found.data.mesh).toBe("b");
      await world().fetch(`${maps}/istio`, { method: "DELETE" });
    });
  });

  describe("merge patch", () => {
    test("objects merge, null removes, lists are replaced whole", async () => {
      const answer = await merge({
        metadata: { labels: { app: null, track: "canary" } },
        spec: { http: [{ route: [{ destination: { host: "reviews" } }] }] },
      });
      expect(answer.status).toBe(200);
      const after = await stored();
      expect(after.metadata.labels).toEqual({ track: "canary" });
      expect(after.spec).toEqual({
        hosts: ["reviews"],
        http: [{ route: [{ destination: { host: "reviews" } }] }],
      });
    });

    test("it has no precondition unless it carries a resourceVersion", async () => {
      const stale = await merge({ metadata: { resourceVersion: "1", labels: { a: "b" } } });
      expect([stale.status, stale.json()["reason"]]).toEqual([409, "Conflict"]);
      const { resourceVersion } = (await stored()).metadata;
      const fresh = await merge({ metadata: { resourceVersion, labels: { a: "b" } } });
      expect(fresh.status).toBe(200);
    });

    test("a patch that changes nothing makes no new version", async () => {
      const before = await stored();
      expect((await merge({ metadata: { labels: { app: "reviews" } } })).status).toBe(200);
      expect((await merge({})).status).toBe(200);
      expect((await stored()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });

    test("labels are no new generation, the specification is", async () => {
      const { generation } = (await stored()).metadata;
      await merge({ metadata: { labels: { a: "b" } } });
      expect((await stored()).metadata.generation).toBe(generation);
      await merge({ spec: { hosts: ["other"] } });
      expect((await stored()).metadata.generation).toBe(generation + 1);
    });
  });

  describe("a dry run", () => {
    test("answers with what would be, and leaves what is", async () => {
      const before = await stored();
      const answer = await patch([{ op: "replace", path: weight(1), value: 60 }], "?dryRun=All");
      expect(answer.status).toBe(200);
      expect(answer.json<Route>().spec.http[0]?.route[1]?.weight).toBe(60);
      expect(answer.json<Route>().metadata.resourceVersion).toBe(before.metadata.resourceVersion);
      expect(await stored()).toEqual(before);
    });

    test("refuses what the write would be refused for", async () => {
      const wrong = [{ op: "replace", path: weight(1), value: "many" }];
      expect((await patch(wrong, "?dryRun=All")).status).toBe(422);
      expect((await patch([{ op: "test", path: weight(1), value: 0 }], "?dryRun=All")).status).toBe(422);
    });

    test("creates and deletes nothing either", async () => {
      const made = await world().fetch(`${routes}?dryRun=All`, sending("POST", splitRoute("ghost")));
      expect(made.status).toBe(201);
      expect(made.json<Route>().metadata).not.toHaveProperty("resourceVersion");
      expect((await world().fetch(`${routes}/ghost`)).status).toBe(404);
      const gone = await world().fetch(`${path}?dryRun=All`, { method: "DELETE" });
      expect(gone.status).toBe(200);
      expect((await world().fetch(path)).status).toBe(200);
    });

    test("of some kind other than All is refused", async () => {
      const answer = await merge({}, "?dryRun=Some");
      expect(answer.status).toBe(422);
      expect(answer.json()).toMatchObject({ reason: "Invalid", details: { causes: [{ field: "dryRun" }] } });
    });
  });

  test("the field manager is written down beside what it changed", async () => {
    await patch([{ op: "replace", path: weight(1), value: 20 }], "?fieldManager=meshtop");
    const { managedFields } = (await stored()).metadata;
    expect(managedFields.find((entry) => entry.manager === "meshtop")).toMatchObject({
      operation: "Update",
      apiVersion: "networking.istio.io/v1",
      fieldsType: "FieldsV1",
    });
  });

  test("status is written at its own path, and nothing else is there", async () => {
    const answer = await world().fetch(
      `${path}/status`,
      sending("PATCH", { status: { observedGeneration: "7" }, spec: { hosts: ["other"] } }, mergePatch),
    );
    expect(answer.status).toBe(200);
    expect((await stored()).status).toEqual({ observedGeneration: "7" });
    expect((await stored()).spec.hosts).toEqual(["reviews"]);
    await merge({ status: { observedGeneration: "8" } });
    expect((await stored()).status).toEqual({ observedGeneration: "7" });
  });

  test.each([
    ["application/strategic-merge-patch+json", path],
    ["text/plain", path],
    ["text/plain", "/api/v1/namespaces/default"],
  ])("%s is no type that %s can be patched with: 415", async (type, target) => {
    const answer = await world().fetch(target, sending("PATCH", {}, type));
    expect(answer.status).toBe(415);
    expect(answer.json()).toMatchObject({ kind: "Status", reason: "UnsupportedMediaType", code: 415 });
  });

  test("a patch of what is not there is 404, and of another name 400", async () => {
    const missing = await world().fetch(`${routes}/nobody`, sending("PATCH", {}, mergePatch));
    expect([missing.status, missing.json()["reason"]]).toEqual([404, "NotFound"]);
    const renamed = await merge({ metadata: { name: "other" } });
    expect([renamed.status, renamed.json()["message"]]).toEqual([
      400,
      "the name of the object (other) does not match the name on the URL (reviews)",
    ]);
    const swapped = await merge({ metadata: { uid: "0000" } });
    expect([swapped.status, swapped.json()["reason"]]).toEqual([422, "Invalid"]);
  });
});
