/** The access log of a pod through the API server: what a real kube-apiserver makes of it, with a kubelet that the test plays. */
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { fetch } from "undici";
import { startKubeServer } from "../../src/data/demo/kube/server.ts";
import { connect, type Connection } from "../../src/data/kubernetes/connect.ts";
import { tailProxies } from "../../src/data/kubernetes/podLog/tailProxies.ts";
import type { TailNews, TailWish } from "../../src/data/mesh/proxyLog/tailWish.ts";
import { realServersAbsent, startControlPlane, type ControlPlane } from "../support/controlPlane.ts";

interface Line {
  readonly at: number;
  readonly text: string;
}

/** What the one proxy of the test has written, and whoever reads on. */
function createLog(): {
  readonly lines: Line[];
  readonly write: (text: string) => void;
  readonly listeners: Set<(line: Line) => void>;
} {
  const lines: Line[] = [];
  const listeners = new Set<(line: Line) => void>();
  let at = Date.parse("2026-11-21T18:00:00Z");
  const write = (text: string): void => {
    const line = { at: (at += 100), text };
    lines.push(line);
    for (const listener of listeners) listener(line);
  };
  return { lines, write, listeners };
}

type Log = ReturnType<typeof createLog>;

interface World {
  readonly admin: string;
  readonly limited: string;
  post(path: string, body: object): Promise<void>;
  /** Ends every stream of the log, as a kubelet that restarts. */
  cut(): void;
  stop(): Promise<void>;
}

const headers = { "content-type": "application/json" };

async function startEmbedded(log: Log): Promise<World> {
  const server = await startKubeServer({
    clock: () => Date.now(),
    logs: {
      read: (pod) => (pod === "default/web-1" ? log.lines : []),
      follow(pod, listener) {
        if (pod === "default/web-1") log.listeners.add(listener);
        return () => void log.listeners.delete(listener);
      },
    },
  });
  const closed = await startKubeServer({ clock: () => Date.now(), access: () => false });
  return {
    admin: server.kubeconfig,
    limited: closed.kubeconfig,
    post: async (path, body) => {
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      await (await fetch(`${server.url}${path}`, init)).text();
    },
    cut: () => server.dropConnections(),
    stop: async () => {
      await Promise.all([server.stop(), closed.stop()]);
    },
  };
}

/** `GET /containerLogs/NAMESPACE/POD/CONTAINER`, of one pod. */
function answerContainerLogs(log: Log, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? "/", "https://kubelet");
  if (pathname !== "/containerLogs/default/web-1/istio-proxy") {
    response.writeHead(404).end();
    return;
  }
  expect(searchParams.get("timestamps")).toBe("true");
  const since = Date.parse(searchParams.get("sinceTime") ?? "1970-01-01T00:00:00Z");
  const tail = Number(searchParams.get("tailLines") ?? Infinity);
  const send = ({ at, text }: Line): void =>
    void response.write(`${new Date(at).toISOString().replace("Z", "000000Z")} ${text}\n`);
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  log.lines
    .filter(({ at }) => at >= since)
    .slice(-tail)
    .forEach(send);
  if (searchParams.get("follow") !== "true") {
    response.end();
    return;
  }
  log.listeners.add(send);
  response.on("close", () => log.listeners.delete(send));
}

/** It has the API server's own certificate, which nobody looks at. */
async function startKubelet(plane: ControlPlane, log: Log) {
  const kubelet = createTlsServer({ cert: plane.ca, key: plane.key }, (request, response) =>
    answerContainerLogs(log, request, response),
  );
  await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
  return kubelet;
}

async function startReal(log: Log): Promise<World> {
  const plane = await startControlPlane();
  const kubelet = await startKubelet(plane, log);
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const init = { method, headers: { "content-type": type }, body: JSON.stringify(body) };
    const answer = await plane.fetch(path, init);
    if (answer.status >= 300) throw new Error(await answer.text());
    await answer.text();
  };
  await send("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "node-1" } });
  const { port } = kubelet.address() as AddressInfo;
  await send("PATCH", "/api/v1/nodes/node-1/status", {
    status: {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  });
  return {
    admin: plane.admin.kubeconfig,
    limited: plane.limited.kubeconfig,
    post: (path, body) => send("POST", path, body),
    cut: () => kubelet.closeAllConnections(),
    stop: async () => {
      kubelet.closeAllConnections();
      kubelet.close();
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

const pod = (name: string, containers: readonly string[]) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: { app: name.slice(0, -2) } },
  spec: {
    nodeName: "node-1",
    containers: containers.map((container) => ({ name: container, image: "image" })),
  },
});

describe.each(worlds)("access logs, $name", ({ absent, start }) => {
  describe.skipIf(absent !== null)(absent ?? "at hand", () => {
    const log = createLog();
    const stops: AbortController[] = [];
    let world: World;
    let admin: Connection;

    beforeAll(async () => {
      world = await start(log);
      admin = await connected(world.admin);
      for (const one of [pod("web-1", ["web", "istio-proxy"]), pod("bare-1", ["web", "helper"])])
        await world.post("/api/v1/namespaces/default/pods", one);
      for (let n = 1; n <= 30; n += 1) log.write(`line ${n}`);
    }, 60_000);
    afterAll(async () => {
      for (const stop of stops) stop.abort();
      await world.stop();
    });

    function tail(connection: Connection, change: Partial<TailWish>): TailNews[] {
      const news: TailNews[] = [];
      const stop = new AbortController();
      stops.push(stop);
      const selectors = [{ app: "web" }];
      void tailProxies({
        connection,
        wish: { namespace: "default", name: "web", selectors, backlog: 3, follows: true, ...change },
        signal: stop.signal,
        sleep: async (ms, signal) => {
          await pause(ms / 10, undefined, { signal }).catch(() => undefined);
        },
        onNews: (one) => news.push(one),
      });
      return news;
    }

    const textsOf = (news: readonly TailNews[]): readonly string[] =>
      news.flatMap(({ lines }) => lines.map(({ text }) => text));
    const whyOf = (news: readonly TailNews[]): string | null | undefined => news.at(-1)?.pods[0]?.why;

    test("begin with the last lines of the past, follow, and go on after a cut without a line twice", async () => {
      const news = tail(admin, {});
      const expected = ["line 28", "line 29", "line 30"];
      await vi.waitFor(() => expect(textsOf(news)).toEqual(expected), 10_000);
      log.write("line 31");
      await vi.waitFor(() => expect(textsOf(news)).toEqual([...expected, "line 31"]), 10_000);
      world.cut();
      log.write("line 32");
      await vi.waitFor(() => expect(textsOf(news)).toEqual([...expected, "line 31", "line 32"]), 10_000);
      log.write("line 33");
      await vi.waitFor(() => expect(textsOf(news).at(-1)).toBe("line 33"), 10_000);
      expect(textsOf(news)).toHaveLength(6);
    }, 40_000);

    test("end with their reader: the kubelet has nobody to write to any more", async () => {
      const news = tail(admin, {});
      await vi.waitFor(() => expect(textsOf(news).length).toBeGreaterThan(0), 10_000);
      for (const stop of stops) stop.abort();
      await vi.waitFor(() => expect(log.listeners.size).toBe(0), 10_000);
    }, 20_000);

    test("of a pod that is named, without a proxy, or gone, say so", async () => {
      const named = { selectors: null };
      const bare = tail(admin, { ...named, name: "bare-1" });
      await vi.waitFor(() => expect(whyOf(bare)).toBe("Pod bare-1 has no container istio-proxy."), 10_000);
      const gone = tail(admin, { ...named, name: "gone-1" });
      await vi.waitFor(() => expect(whyOf(gone)).toBe("Pod gone-1 is gone."), 10_000);
      const none = tail(admin, { name: "bare", selectors: [{ app: "bare" }] });
      await vi.waitFor(() => expect(none.at(-1)?.problem).toContain("has a container istio-proxy"), 10_000);
    }, 40_000);

    test("that may not be read say which right is missing", async () => {
      const news = tail(await connected(world.limited), { name: "web-1", selectors: null });
      const sentence =
        "You may not read logs in default: the right to get pods/log is missing (deploy/rbac.yaml, meshtop-logs).";
      await vi.waitFor(() => expect(whyOf(news)).toBe(sentence), 10_000);
    }, 20_000);
  });
});
