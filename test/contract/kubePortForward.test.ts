/** A port of a pod through the API server: what a real kube-apiserver makes of it, with a kubelet that the test plays. */
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetch } from "undici";
import { answerForward } from "../../src/data/demo/kube/portForward.ts";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { askCaller } from "../../src/data/kubernetes/askCaller.ts";
import { askPod, type PodQuestion } from "../../src/data/kubernetes/askPod.ts";
import { connect, type Connection } from "../../src/data/kubernetes/connect.ts";
import type { DataError, Result } from "../../src/data/mesh/result.ts";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";

const pod = (name: string) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { nodeName: "node-1", containers: [{ name: "discovery", image: "pilot" }] },
});

/** Listens on 15014 of istiod-1, and on no other port of any pod. */
function program(request: IncomingMessage, response: ServerResponse): void {
  const large = request.url === "/large";
  response.writeHead(request.url?.startsWith("/debug/off") === true ? 404 : 200, {
    "content-type": "application/json",
  });
  response.end(
    large ? JSON.stringify("x".repeat(200_000)) : JSON.stringify({ asked: request.url, from: "localhost" }),
  );
}

const host = "catalog.shop.svc.cluster.local";

/** Listens on 15000 of caller-1: the admin interface of its Envoy. */
function envoy(request: IncomingMessage, response: ServerResponse): void {
  const names = [`outbound|80|v1|${host}`, "outbound|80||other.shop.svc.cluster.local", "xds-grpc"];
  const answer = { cluster_statuses: names.map((name) => ({ name })) };
  response.writeHead(request.url === "/clusters?format=json" ? 200 : 404, {
    "content-type": "application/json",
  });
  response.end(JSON.stringify(answer));
}

/** Pods of one workload; the newest may not be ready yet. */
const callers = [
  { name: "caller-1", ready: "True" },
  { name: "caller-2", ready: "False" },
];

const caller = (name: string) => ({
  ...pod(name),
  metadata: { name, namespace: "default", labels: { app: "caller" } },
  spec: { nodeName: "node-1", containers: [{ name: "istio-proxy", image: "proxyv2" }] },
});

const programs: Readonly<Record<string, typeof program>> = {
  "istiod-1:15014": program,
  "caller-1:15000": envoy,
};

const programFor = (name: string, port: number) => programs[`${name}:${port}`] ?? null;

interface World {
  readonly admin: string;
  readonly limited: string;
  fetch(
    path: string,
    init?: { method: string; headers: Record<string, string>; body: string },
  ): Promise<void>;
  stop(): Promise<void>;
}

async function startEmbedded(): Promise<World> {
  const options = { clock: () => Date.now() };
  const server = await startKubeServer({
    ...options,
    programs: ({ name, port }) => programFor(name, port),
  });
  const closed = await startKubeServer({ ...options, access: () => false });
  return {
    admin: server.kubeconfig,
    limited: closed.kubeconfig,
    fetch: async (path, init) => {
      await (await fetch(`${server.url}${path}`, init)).text();
    },
    stop: async () => {
      await Promise.all([server.stop(), closed.stop()]);
    },
  };
}

/** The kubelet's half of a port-forward; it has the API server's own certificate, which nobody looks at. */
async function startKubelet(plane: ControlPlane): Promise<{ port: number; stop(): void }> {
  const sockets = new Set<Duplex>();
  const kubelet = createTlsServer({ cert: plane.ca, key: plane.key });
  kubelet.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket);
    const url = new URL(request.url ?? "/", "https://kubelet");
    const port = Number(url.searchParams.get("port"));
    const name = url.pathname.split("/").at(-1) ?? "";
    answerForward(request, { socket, head }, { port, program: programFor(name, port) });
  });
  await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    kubelet.close();
  };
  return { port: (kubelet.address() as AddressInfo).port, stop };
}

async function startReal(): Promise<World> {
  const plane = await startControlPlane();
  const kubelet = await startKubelet(plane);
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const headers = { "content-type": type };
    const answer = await plane.fetch(path, { method, headers, body: JSON.stringify(body) });
    if (answer.status >= 300) throw new Error(await answer.text());
    await answer.text();
  };
  await send("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } });
  await send("PATCH", "/api/v1/nodes/node-1/status", {
    status: {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
    },
  });
  return {
    admin: plane.admin.kubeconfig,
    limited: plane.limited.kubeconfig,
    fetch: async (path, init) => {
      await (await plane.fetch(path, init)).text();
    },
    stop: async () => {
      kubelet.stop();
      await plane.stop();
    },
  };
}

const worlds = [
  { name: "the embedded API server", absent: null, start: startEmbedded },
  { name: "a real kube-apiserver", absent: realServersAbsent(), start: startReal },
];

async function connected(text: string): Promise<Connection> {
  const connection = await connect({ kubeconfig: { text }, context: null });
  if (!connection.ok) throw new Error(connection.error.message);
  return connection.value;
}

const question: PodQuestion = {
  namespace: "default",
  pod: "istiod-1",
  port: 15014,
  path: "/debug/syncz?namespace=shop",
  what: "istiod default/istiod-1",
  most: 100_000,
};

const errorOf = (result: Result<unknown, DataError>): DataError => {
  if (result.ok) throw new Error("It was answered.");
  return result.error;
};

describe.each(worlds)("a port of a pod, $name", ({ absent, start }) => {
  describe.skipIf(absent !== null)(absent ?? "at hand", () => {
    let world: World;
    let admin: Connection;

    beforeAll(async () => {
      world = await start();
      admin = await connected(world.admin);
      const headers = { "content-type": "application/json" };
      for (const name of ["istiod-1", "web-1"]) {
        const body = JSON.stringify(pod(name));
        await world.fetch("/api/v1/namespaces/default/pods", { method: "POST", headers, body });
      }
    });
    afterAll(() => world.stop());

    test("a pod of a caller that is ready is found by its labels, and its Envoy tells of the service alone", async () => {
      const path = "/api/v1/namespaces/default/pods";
      for (const { name, ready } of callers) {
        const post = { "content-type": "application/json" };
        await world.fetch(path, { method: "POST", headers: post, body: JSON.stringify(caller(name)) });
        const status = { status: { conditions: [{ type: "Ready", status: ready }] } };
        const patch = { "content-type": "application/merge-patch+json" };
        const body = JSON.stringify(status);
        await world.fetch(`${path}/${name}/status`, { method: "PATCH", headers: patch, body });
      }
      const wish = { namespace: "default", name: "caller", selector: { app: "caller" }, host };
      const look = await askCaller(admin, wish);
      expect(look.pod).toBe("caller-1");
      if (!look.clusters.ok) throw new Error(look.clusters.error.message);
      expect(look.clusters.value.map(({ subset, port }) => [subset, port])).toEqual([["v1", 80]]);
      const limited = await askCaller(await connected(world.limited), wish);
      expect(limited.clusters).toMatchObject({ ok: false, error: { kind: "forbidden" } });
    });

    test("what listens on localhost of the pod gets the question with its query, and its JSON comes back", async () => {
      const answered = await askPod(admin, question);
      expect(answered).toEqual({ ok: true, value: { asked: question.path, from: "localhost" } });
    });

    test("several questions at once each get their own answer", async () => {
      const paths = ["/a", "/b", "/c", "/d"];
      const answered = await Promise.all(paths.map((path) => askPod(admin, { ...question, path })));
      expect(answered.map((one) => one.ok && (one.value as { asked: string }).asked)).toEqual(paths);
    });

    test("an answer of many frames is read whole up to the limit, and not at all beyond it", async () => {
      const whole = await askPod(admin, { ...question, path: "/large", most: 1_000_000 });
      expect(whole.ok && (whole.value as string).length).toBe(200_000);
      const error = errorOf(await askPod(admin, { ...question, path: "/large" }));
      expect(error.kind).toBe("garbled");
      expect(error.message).toContain("larger");
    });

    test("a status other than 200 is the program's own refusal", async () => {
      const error = errorOf(await askPod(admin, { ...question, path: "/debug/off?x=1" }));
      expect(error).toMatchObject({ kind: "refused" });
      expect(error.message).toBe("istiod default/istiod-1 answers 404 to /debug/off.");
    });

    test("a port on which nothing listens is said with the kubelet's reason", async () => {
      const error = errorOf(await askPod(admin, { ...question, pod: "web-1", port: 15000 }));
      expect(error.kind).toBe("unreachable");
      expect(error.message).toContain("port 15000");
      expect(error.message).toContain("connection refused");
    });

    test("a pod that is not there is absent, in the server's words", async () => {
      const error = errorOf(await askPod(admin, { ...question, pod: "gone" }));
      expect(error.kind).toBe("absent");
      expect(error.message).toContain('pods "gone" not found');
    });

    test("who may not port-forward is told the right that is missing", async () => {
      const error = errorOf(await askPod(await connected(world.limited), question));
      expect(error.kind).toBe("forbidden");
      expect(error.message).toContain('cannot get resource "pods/portforward"');
    });
  });
});
