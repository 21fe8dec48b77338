import { beforeAll, expect, test } from "vitest";
import { collection, inBothWorlds, sending, splitRoute } from "../support/kubeWorlds.ts";

const routes = collection("networking.istio.io/v1", "virtualservices");
const services = collection("v1", "services");
const json = "application/json-patch+json";

interface Status {
  readonly kind: string;
  readonly status: string;
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly reason: string; readonly field: string }[];
  };
}

/** 1.20 names fields without the indices that newer servers give. */
const withoutIndices = (field: string) => field.replaceAll(/\[\d+\]/g, "");

const route = (spec: unknown, metadata: object = { name: "wrong" }) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata,
  spec,
});
const to = (destination: unknown, weight: unknown = 1) => ({ http: [{ route: [{ destination, weight }] }] });

inBothWorlds("Refusals", (world) => {
  const post = (path: string, object: unknown) => world().fetch(path, sending("POST", object));

  beforeAll(async () => {
    expect((await post(routes, splitRoute("reviews"))).status).toBe(201);
  });

  test("what is not there is 404, named as the plural and its group", async () => {
    const answer = await world().fetch(`${routes}/nobody`);
    expect(answer.status).toBe(404);
    expect(answer.json()).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'virtualservices.networking.istio.io "nobody" not found',
      reason: "NotFound",
      details: { name: "nobody", group: "networking.istio.io", kind: "virtualservices" },
      code: 404,
    });
    const core = await world().fetch(`${services}/nobody`);
    expect(core.json<Status>().details).toEqual({ name: "nobody", kind: "services" });
    const namespace = await world().fetch("/api/v1/namespaces/nowhere");
    expect(namespace.json<Status>().message).toBe('namespaces "nowhere" not found');
  });

  test("nothing can be made in a namespace that is not there", async () => {
    const nowhere = collection("networking.istio.io/v1", "virtualservices", "nowhere");
    const answer = await post(nowhere, splitRoute("reviews"));
    expect([answer.status, answer.json()["message"]]).toEqual([404, 'namespaces "nowhere" not found']);
  });

  test("what is there already is 409 AlreadyExists", async () => {
    const answer = await post(routes, splitRoute("reviews"));
    expect(answer.status).toBe(409);
    expect(answer.json()).toMatchObject({
      reason: "AlreadyExists",
      message: 'virtualservices.networking.istio.io "reviews" already exists',
      details: { name: "reviews", group: "networking.istio.io", kind: "virtualservices" },
    });
  });

  test("an update says what it updates: without a version 422, from a stale one 409, from the present one 200", async () => {
    const put = (object: unknown, name = "reviews") =>
      world().fetch(`${routes}/${name}`, sending("PUT", object));
    const blind = await put(splitRoute("reviews"));
    expect(blind.status).toBe(422);
    expect(blind.json()).toMatchObject({
      reason: "Invalid",
      message:
        'virtualservices.networking.istio.io "reviews" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
    });
    const versioned = (resourceVersion: string) => {
      const object = splitRoute("reviews");
      return { ...object, metadata: { ...object.metadata, resourceVersion } };
    };
    const stale = await put(versioned("1"));
    expect([stale.status, stale.json()["reason"]]).toEqual([409, "Conflict"]);
    const present = (await world().fetch(`${routes}/reviews`)).json<{
      metadata: { resourceVersion: string };
    }>();
    expect((await put(versioned(present.metadata.resourceVersion))).status).toBe(200);
    expect((await put(splitRoute("nobody"), "nobody")).status).toBe(404);
    expect((await put(splitRoute("other"))).status).toBe(400);
  });

  test("a built-in kind may be updated blindly", async () => {
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "blind" }, data: { a: "1" } };
    const maps = collection("v1", "configmaps");
    expect((await post(maps, map)).status).toBe(201);
    const answer = await world().fetch(`${maps}/blind`, sending("PUT", { ...map, data: { a: "2" } }));
    expect(answer.status).toBe(200);
  });

  test("a delete may depend on a version or an identity: 409 where they differ", async () => {
    const remove = (preconditions: object) =>
      world().fetch(`${routes}/reviews`, sending("DELETE", { preconditions }));
    for (const precondition of [{ resourceVersion: "1" }, { uid: "zz" }]) {
      const answer = await remove(precondition);
      expect(answer.status).toBe(409);
      expect(answer.json<Status>().reason).toBe("Conflict");
      expect(answer.json<Status>().message).toMatch(
        /^Operation cannot be fulfilled on VirtualService\.networking\.istio\.io "reviews": the .* in the precondition \((1|zz)\) does not match/,
      );
    }
    expect((await world().fetch(`${routes}/reviews`)).status).toBe(200);
  });

  test("a delete answers with what is gone", async () => {
    await post(routes, splitRoute("brief"));
    const { uid } = (await world().fetch(`${routes}/brief`)).json<{ metadata: { uid: string } }>().metadata;
    const answer = await world().fetch(`${routes}/brief`, { method: "DELETE" });
    expect(answer.json()).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "brief", group: "networking.istio.io", kind: "virtualservices", uid },
    });
  });

  test("a collection can be emptied by label", async () => {
    await post(routes, splitRoute("old-1", { age: "old" }));
    await post(routes, splitRoute("old-2", { age: "old" }));
    const answer = await world().fetch(`${routes}?labelSelector=age%3Dold`, { method: "DELETE" });
    expect(answer.json()).toMatchObject({ kind: "VirtualServiceList" });
    expect((await world().fetch(`${routes}/old-1`)).status).toBe(404);
    expect((await world().fetch(`${routes}/reviews`)).status).toBe(200);
  });

  test.each([
    ["POST", `${services}/reviews`],
    ["PUT", services],
    ["DELETE", services],
    ["POST", "/api/v1/services"],
    ["DELETE", "/api/v1/namespaces"],
    ["DELETE", "/version"],
    ["GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"],
  ])("%s %s is a method not allowed there: 405", async (method, path) => {
    const answer = await world().fetch(path, method === "GET" ? {} : sending(method, {}));
    expect(answer.status).toBe(405);
    expect(answer.json()).toMatchObject({
      reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource",
    });
  });

  test("a custom resource without its namespace or name is nowhere", async () => {
    const everywhere = "/apis/networking.istio.io/v1/virtualservices";
    for (const [method, path] of [
      ["POST", everywhere],
      ["DELETE", everywhere],
      ["DELETE", `${everywhere}/reviews`],
    ] as const) {
      const answer = await world().fetch(path, sending(method, {}));
      expect([answer.status, answer.text], `${method} ${path}`).toEqual([404, "404 page not found\n"]);
    }
    const nameless = await world().fetch(routes, sending("PUT", splitRoute("x")));
    expect([nameless.status, nameless.json()["message"]]).toEqual([400, "name must be provided"]);
  });

  test("a subresource that is not served is not found", async () => {
    expect((await world().fetch(`${routes}/reviews/wheels`)).status).toBe(404);
    expect((await world().fetch("/api/v1/namespaces/default/services/a/b/c")).status).toBe(404);
  });

  test.each([
    ["a weight in words", to({ host: "a" }, "abc"), ["FieldValueInvalid", "spec.http.route.weight"]],
    ["half a weight", to({ host: "a" }, 1.5), ["FieldValueInvalid", "spec.http.route.weight"]],
    ["a destination without a host", to({}), ["FieldValueRequired", "spec.http.route.destination.host"]],
    [
      "no destination",
      { http: [{ route: [{ weight: 1 }] }] },
      ["FieldValueRequired", "spec.http.route.destination"],
    ],
    ["rules that are no list", { http: { route: [] } }, ["FieldValueInvalid", "spec.http"]],
    ["hosts that are no words", { hosts: [1] }, ["FieldValueInvalid", "spec.hosts"]],
    [
      "a negative port",
      to({ host: "a", port: { number: -1 } }),
      ["FieldValueInvalid", "spec.http.route.destination.port.number"],
    ],
    ["a list of weights that is nothing", { tcp: 3 }, ["FieldValueInvalid", "spec.tcp"]],
  ])("%s is refused with 422, and the field is named", async (_what, spec, [reason, field]) => {
    const answer = await post(routes, route(spec));
    expect(answer.status, answer.text).toBe(422);
    const status = answer.json<Status>();
    expect(status.reason).toBe("Invalid");
    expect(status.message).toMatch(/^VirtualService\.networking\.istio\.io "wrong" is invalid: /);
    expect(status.details).toMatchObject({
      name: "wrong",
      group: "networking.istio.io",
      kind: "VirtualService",
    });
    expect(status.details.causes?.map((cause) => [cause.reason, withoutIndices(cause.field)])).toContainEqual(
      [reason, field],
    );
  });

  test.each([
    [
      "security.istio.io/v1",
      "peerauthentications",
      "PeerAuthentication",
      { mtls: { mode: "MAYBE" } },
      "spec.mtls.mode",
    ],
    ["networking.istio.io/v1", "destinationrules", "DestinationRule", { subsets: [] }, "spec.host"],
    [
      "networking.istio.io/v1",
      "destinationrules",
      "DestinationRule",
      { host: "a", subsets: [{}] },
      "spec.subsets.name",
    ],
    [
      "networking.istio.io/v1",
      "destinationrules",
      "DestinationRule",
      { host: "a", trafficPolicy: { outlierDetection: { consecutive5xxErrors: "5" } } },
      "spec.trafficPolicy.outlierDetection.consecutive5xxErrors",
    ],
    [
      "networking.istio.io/v1",
      "sidecars",
      "Sidecar",
      { outboundTrafficPolicy: { mode: "SOME" } },
      "spec.outboundTrafficPolicy.mode",
    ],
    [
      "networking.istio.io/v1",
      "serviceentries",
      "ServiceEntry",
      { hosts: ["a"], resolution: "GUESS" },
      "spec.resolution",
    ],
    ["networking.istio.io/v1", "gateways", "Gateway", { servers: [{ hosts: ["*"] }] }, "spec.servers.port"],
    [
      "security.istio.io/v1",
      "authorizationpolicies",
      "AuthorizationPolicy",
      { action: "PERHAPS" },
      "spec.action",
    ],
    ["flagger.app/v1beta1", "canaries", "Canary", { analysis: {} }, "spec.targetRef"],
    [
      "gateway.networking.k8s.io/v1",
      "httproutes",
      "HTTPRoute",
      { rules: [{ backendRefs: [{ name: "a", weight: -1 }] }] },
      "spec.rules.backendRefs.weight",
    ],
  ])("%s %s: a wrong %s is refused: %j", async (groupVersion, plural, kind, spec, field) => {
    const object = { apiVersion: groupVersion, kind, metadata: { name: "wrong" }, spec };
    const answer = await post(collection(groupVersion, plural), object);
    expect([answer.status, answer.json<Status>().reason]).toEqual([422, "Invalid"]);
    expect(answer.json<Status>().details.causes?.map((cause) => withoutIndices(cause.field))).toContain(
      field,
    );
  });

  test("a patch is refused for what it would make", async () => {
    const operations = [{ op: "replace", path: "/spec/http/0/route/0/weight", value: "abc" }];
    const answer = await world().fetch(`${routes}/reviews`, sending("PATCH", operations, json));
    expect([answer.status, answer.json()["reason"]]).toEqual([422, "Invalid"]);
  });

  test.each([
    ["no name", {}, "metadata.name", "FieldValueRequired"],
    ["a name in capitals", { name: "X_y" }, "metadata.name", "FieldValueInvalid"],
  ])("%s is refused with 422", async (_what, metadata, field, reason) => {
    const answer = await post(routes, route({}, metadata));
    expect(answer.status).toBe(422);
    expect(answer.json<Status>().details.causes).toMatchObject([{ field, reason }]);
  });

  test("a name can be left to the server", async () => {
    const answer = await post(routes, route({}, { generateName: "canary-" }));
    expect(answer.status).toBe(201);
    expect(answer.json<{ metadata: { name: string } }>().metadata.name).toMatch(/^canary-[a-z0-9]+$/);
  });

  test.each([
    [
      "of another version than its path",
      { ...splitRoute("x"), apiVersion: "networking.istio.io/v1beta1" },
      400,
    ],
    ["of another kind than its path", { ...splitRoute("x"), kind: "DestinationRule" }, 422],
    ["of no kind", { metadata: { name: "x" } }, 400],
    ["in another namespace than its path", route({}, { name: "x", namespace: "kube-system" }), 400],
    ["that is a list", [], 400],
  ])("an object %s is refused", async (_what, object, code) => {
    const answer = await post(routes, object);
    expect(answer.status, answer.text).toBe(code);
    expect(answer.json()).toMatchObject({ kind: "Status", status: "Failure", code });
  });

  test("what is no JSON is a bad request, and what does not say it is JSON an unsupported type", async () => {
    const headers = { "content-type": "application/json" };
    const garbage = await world().fetch(routes, { method: "POST", headers, body: "weights!" });
    expect([garbage.status, garbage.json()["reason"]]).toEqual([400, "BadRequest"]);
    const plain = await world().fetch(routes, sending("POST", splitRoute("x"), "text/plain"));
    expect([plain.status, plain.json()["reason"]]).toEqual([415, "UnsupportedMediaType"]);
  });

  test("a built-in kind that can't be decoded is a bad request, not an invalid object", async () => {
    const answer = await post(collection("v1", "configmaps"), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "numbers" },
      data: { mesh: 3 },
    });
    expect([answer.status, answer.json()["reason"]]).toEqual([400, "BadRequest"]);
  });

  test("an object that carries a version can't be created, one that carries an identity gets its own", async () => {
    const versioned = await post(routes, route({}, { name: "versioned", resourceVersion: "5" }));
    expect([versioned.status, versioned.json()["message"]]).toEqual([
      500,
      "resourceVersion should not be set on objects to be created",
    ]);
    const born = await post(routes, route({}, { name: "born", uid: "mine", generation: 7 }));
    expect(born.status).toBe(201);
    const { metadata } = born.json<{ metadata: { uid: string; generation: number } }>();
    expect(metadata.uid).not.toBe("mine");
    expect(metadata.generation).toBe(1);
  });

  test("a Service that is not there has nothing behind it", async () => {
    const answer = await world().fetch(`${services}/nobody:9090/proxy/api/v1/query?query=up`);
    expect([answer.status, answer.json()["message"]]).toEqual([404, 'services "nobody" not found']);
  });

  test("an access review answers, and without a question it is invalid", async () => {
    const review = (spec: object) =>
      post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec,
      });
    const asked = {
      verb: "patch",
      group: "networking.istio.io",
      resource: "virtualservices",
      namespace: "shop",
    };
    const answer = await review({ resourceAttributes: asked });
    expect(answer.status).toBe(201);
    expect(answer.json()).toMatchObject({
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: asked },
      status: { allowed: true },
    });
    const empty = await review({});
    expect([empty.status, empty.json()["reason"]]).toEqual([422, "Invalid"]);
  });
});
