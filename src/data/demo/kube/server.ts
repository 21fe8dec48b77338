import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { allowAll, type Access } from "./access.ts";
import { answer, upgradeOf } from "./answer.ts";
import type { PodLogs, Upstream } from "./exchange.ts";
import { kubeconfigFor } from "./kubeconfig.ts";
import { noLogs } from "./podLog.ts";
import { answerForward, type PodPrograms } from "./portForward.ts";
import { rawReply } from "./reply.ts";
import { createBackend, type ObjectStore, type StoreOptions } from "./store.ts";

export interface KubeServerOptions extends StoreOptions {
  /** 0, the default: any free port. */
  readonly port?: number;
  /** What the one user may do; everything by default. */
  readonly access?: Access;
  /** Where Services lead through the proxy path; nowhere by default. */
  readonly upstream?: Upstream;
  /** What containers have written; nothing by default. */
  readonly logs?: PodLogs;
  /** What listens in pods on localhost, through pods/portforward; nothing by default. */
  readonly programs?: PodPrograms;
}

export interface KubeServer {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string;
  readonly store: ObjectStore;
  /** The text of a kubeconfig whose current context is this server. */
  readonly kubeconfig: string;
  /** Cuts every connection, watches included, as a restart of a real one does; the server goes on. */
  dropConnections(): void;
  /** Makes every resourceVersion so far too old to watch from or to page on: 410. */
  compact(): void;
  stop(): Promise<void>;
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Watches would hold the process for half an hour.
  server.closeAllConnections();
  await closed;
}

/**
 * Starts a Kubernetes API server in this process, on loopback: discovery, list, watch, get and writes of the kinds in
 * `kinds.ts`, with the codes and messages of a kube-apiserver. `test/contract/kube*.test.ts` holds both to one behaviour.
 *
 * A request without a token is the one user, whom `access` judges; one with another token than the kubeconfig's is
 * answered 401. Rejects where the port is taken.
 */
export async function startKubeServer(options: KubeServerOptions): Promise<KubeServer> {
  const backend = createBackend(options);
  const { access = allowAll, upstream = () => null, programs = () => null } = options;
  const surroundings = { backend, access, upstream, logs: options.logs ?? noLogs };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, surroundings);
  });
  const open = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    const to = upgradeOf(request, surroundings);
    if ("is" in to) {
      socket.end(rawReply(to));
      return;
    }
    const { namespace, name } = to.target;
    answerForward(
      request,
      { socket, head },
      { port: to.port, program: programs({ ...to, namespace, name }) },
    );
  });
  const url = await listen(server, options.port ?? 0);
  return {
    url,
    store: backend.store,
    kubeconfig: kubeconfigFor(url),
    dropConnections: () => server.closeAllConnections(),
    compact: () => backend.storage.compact(),
    stop: () => {
      // An upgraded connection is none of the server's any more.
      for (const socket of open) socket.destroy();
      return close(server);
    },
  };
}
