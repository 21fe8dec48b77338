import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { fetch } from "undici";
import { parse } from "yaml";
import { deniedBy } from "../../../../src/data/demo/kube/admission.ts";
import { allKinds } from "../../../../src/data/demo/kube/kinds.ts";
import {
  startKubeServer,
  type KubeServer,
  type KubeServerOptions,
} from "../../../../src/data/demo/kube/server.ts";
import { splitRoute } from "../../../support/kubeWorlds.ts";

const routes = "/apis/networking.istio.io/v1/namespaces/default/virtualservices";
const running: KubeServer[] = [];
const clock = () => Date.UTC(2026, 0, 1);

async function started(options: Partial<KubeServerOptions> = {}) {
  const server = await startKubeServer({ clock, ...options });
  running.push(server);
  const ask = async (path: string, init?: Parameters<typeof fetch>[1]) => {
    const answer = await fetch(server.url + path, init);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { server, ask };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

function post(object: unknown) {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(object) };
}

describe("the embedded API server", () => {
  test("its kubeconfig leads to it, past client-node's refusal of plain http", async () => {
    const { server, ask } = await started();
    const config = parse(server.kubeconfig) as {
      "current-context": string;
      clusters: [{ name: string; cluster: { server: string; "insecure-skip-tls-verify": boolean } }];
      users: [{ user: { token: string } }];
      contexts: [{ name: string; context: { cluster: string } }];
    };
    expect(config.clusters[0].cluster).toEqual({ server: server.url, "insecure-skip-tls-verify": true });
    expect(config.contexts[0].context.cluster).toBe(config.clusters[0].name);
    expect(config.contexts[0].name).toBe(config["current-context"]);
    const authorization = `Bearer ${config.users[0].user.token}`;
    expect((await ask(routes, { headers: { authorization } })).status).toBe(200);
    expect((await ask(routes, { headers: { authorization: "Bearer old" } })).status).toBe(401);
  });

  test("it listens on loopback only", async () => {
    const { server } = await started();
    expect(new URL(server.url).hostname).toBe("127.0.0.1");
  });

  test("a write in process is a change to a watch over the wire", async () => {
    const { server, ask } = await started();
    const watching = ask(`${routes}?watch=1&timeoutSeconds=1`);
    await sleep(100);
    server.store.apply(splitRoute("reviews"));
    const [line = ""] = (await watching).text.split("\n");
    expect(JSON.parse(line)).toMatchObject({ type: "ADDED", object: { metadata: { name: "reviews" } } });
  });

  test("stopping ends watches at once", async () => {
    const { server } = await started();
    const watch = await fetch(`${server.url}${routes}?watch=1`);
    const reading = watch.text().catch(() => "cut");
    const before = performance.now();
    await server.stop();
    expect(await reading).toBe("cut");
    expect(performance.now() - before).toBeLessThan(1000);
    await expect(fetch(server.url)).rejects.toThrow();
    running.length = 0;
  });

  test("connections can be cut while the server goes on", async () => {
    const { server, ask } = await started();
    const watch = await fetch(`${server.url}${routes}?watch=1`);
    const reading = watch.text().catch(() => "cut");
    server.dropConnections();
    expect(await reading).toBe("cut");
    expect((await ask(routes)).status).toBe(200);
  });

  test("a kind that is left out is served nowhere", async () => {
    const { ask } = await started({ kinds: allKinds.filter(({ group }) => group !== "flagger.app") });
    expect((await ask("/apis/flagger.app/v1beta1/canaries")).status).toBe(404);
    expect((await ask("/apis")).text).not.toContain("flagger.app");
  });

  test("what the user may not do is 403 in RBAC's words, and an access review says so before", async () => {
    const { ask } = await started({
      access: ({ verb, resource, namespace }) =>
        verb !== "patch" && (resource !== "virtualservices" || namespace === "default"),
    });
    expect((await ask(routes)).status).toBe(200);
    const list = await ask("/apis/networking.istio.io/v1/virtualservices");
    expect(list.status).toBe(403);
    expect(JSON.parse(list.text)).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message:
        'virtualservices.networking.istio.io is forbidden: User "demo" cannot list resource "virtualservices" in API group "networking.istio.io" at the cluster scope',
      reason: "Forbidden",
      details: { group: "networking.istio.io", kind: "virtualservices" },
      code: 403,
    });
    const one = await ask("/apis/networking.istio.io/v1/namespaces/shop/virtualservices/cart");
    expect(JSON.parse(one.text)).toMatchObject({
      message:
        'virtualservices.networking.istio.io "cart" is forbidden: User "demo" cannot get resource "virtualservices" in API group "networking.istio.io" in the namespace "shop"',
      details: { name: "cart" },
    });
    const review = await ask(
      "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      post({
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb: "patch", group: "networking.istio.io", resource: "sidecars" } },
      }),
    );
    expect(JSON.parse(review.text)).toMatchObject({ status: { allowed: false } });
  });

  test("admission sees every write, in a dry run too; it can refuse and it can warn", async () => {
    const seen: string[] = [];
    const { ask } = await started({
      admission: ({ operation, object, dryRun }) => {
        seen.push(`${operation} ${object?.metadata.name ?? ""} ${dryRun ? "dry" : "wet"}`);
        const bad = object?.metadata.name === "bad";
        const why = "configuration is invalid: total destination weight = 0";
        return {
          denied: bad ? deniedBy("validation.istio.io", why) : null,
          warnings: ["virtualService rule #1 not used"],
        };
      },
    });
    const denied = await ask(`${routes}?dryRun=All`, post(splitRoute("bad")));
    expect(denied.status).toBe(400);
    expect(JSON.parse(denied.text)).toMatchObject({
      reason: "BadRequest",
      message:
        'admission webhook "validation.istio.io" denied the request: configuration is invalid: total destination weight = 0',
    });
    const warned = await ask(routes, post(splitRoute("good")));
    expect(warned.status).toBe(201);
    expect(warned.headers.get("warning")).toBe('299 - "virtualService rule #1 not used"');
    expect(seen).toEqual(["CREATE bad dry", "CREATE good wet"]);
  });

  test("a body that is too large is refused", async () => {
    const { ask } = await started();
    const huge = { ...splitRoute("huge"), padding: "x".repeat(3 * 1024 * 1024) };
    expect((await ask(routes, post(huge))).status).toBe(413);
  });

  test("a path that can't be decoded does not bring the server down", async () => {
    const { ask } = await started();
    expect((await ask("/apis/%E0%A4%A/v1/x")).status).toBe(400);
    expect((await ask("/readyz")).text).toBe("ok");
  });
});

describe("the service proxy", () => {
  let behind: Server | null = null;
  afterEach(() => behind?.close());

  const prometheus = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "prometheus", namespace: "istio-system" },
    spec: { ports: [{ port: 9090 }] },
  };
  const path = "/api/v1/namespaces/istio-system/services/prometheus:9090/proxy";

  test("it hands a request on with its query and body, but not with the credential", async () => {
    const heard: string[] = [];
    behind = createServer((request, response) => {
      heard.push(
        `${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? "no credential"}`,
      );
      request.pipe(response.writeHead(422, { "content-type": "text/plain", "x-behind": "yes" }));
    });
    await new Promise<void>((done) => behind?.listen(0, "127.0.0.1", done));
    const url = `http://127.0.0.1:${(behind.address() as AddressInfo).port}`;
    const { server, ask } = await started({
      upstream: ({ namespace, name, port }) =>
        `${namespace}/${name}:${port}` === "istio-system/prometheus:9090" ? url : null,
    });
    server.store.apply(prometheus);
    const answer = await ask(`${path}/api/v1/query?query=up%7Ba%3D%22b%22%7D`, {
      method: "POST",
      headers: { authorization: "Bearer demo" },
      body: "time=1",
    });
    expect([answer.status, answer.text, answer.headers.get("x-behind")]).toEqual([422, "time=1", "yes"]);
    expect(heard).toEqual(["POST /api/v1/query?query=up%7Ba%3D%22b%22%7D no credential"]);
  });

  test("nothing behind a Service is 503, a server that refuses too", async () => {
    const { server, ask } = await started({
      upstream: ({ port }) => (port === "1" ? "http://127.0.0.1:1" : null),
    });
    server.store.apply(prometheus);
    const empty = await ask(`${path}/`);
    expect([empty.status, JSON.parse(empty.text)]).toMatchObject([
      503,
      { reason: "ServiceUnavailable", message: 'no endpoints available for service "prometheus:9090"' },
    ]);
    const refused = await ask(`${path.replace("9090", "1")}/`);
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([503, { reason: "ServiceUnavailable" }]);
  });
});
