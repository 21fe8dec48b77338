/** A way to an API server that a test can meddle with: it stops each write that is no dry run, and can cut connections. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { request as requestOverTls } from "node:https";
import type { AddressInfo } from "node:net";

/** Passes the request on; resolves when the server has answered, to what gives the answer back. */
type Send = () => Promise<() => void>;
type Handler = (send: Send) => Promise<void> | void;

export interface Proxy {
  readonly url: string;
  /** Called with each write instead of passing it on. */
  readonly onWrite: (handler: Handler) => void;
  /** From now on every connection is closed at once. */
  readonly cut: () => void;
  /** The answer that is waited for is lost; later ones are not. */
  readonly cutOnce: () => void;
  readonly stop: () => Promise<void>;
}

/** @param ca of a target that speaks TLS, PEM. */
export async function startProxy(target: string, ca: string | null = null): Promise<Proxy> {
  const to: Target = { url: target, ca };
  let handler: Handler = async (send) => (await send())();
  let isCut = false;
  let lose = (): void => undefined;
  const server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy();
    const isWrite = incoming.method === "PATCH" && incoming.url?.includes("dryRun") !== true;
    if (!isWrite) return void passed(to, incoming, outgoing).then((give) => give());
    lose = () => void incoming.socket.destroy();
    void handler(() => passed(to, incoming, outgoing));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    onWrite: (next) => {
      handler = next;
    },
    cut: () => {
      isCut = true;
      server.closeAllConnections();
    },
    cutOnce: () => lose(),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Target {
  readonly url: string;
  readonly ca: string | null;
}

function passed(
  { url: target, ca }: Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<() => void> {
  return new Promise((resolve) => {
    const { method, url, headers } = incoming;
    const trust = ca === null ? {} : { ca };
    const send = ca === null ? request : requestOverTls;
    const out = send(target + (url ?? ""), { method, headers, ...trust }, (answer) => {
      answer.on("error", () => outgoing.destroy());
      resolve(() => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
    });
    const lost = (): void => {
      outgoing.destroy();
      resolve(() => undefined);
    };
    out.on("error", lost);
    outgoing.on("error", lost);
    outgoing.on("close", () => out.destroy());
    incoming.pipe(out);
  });
}
