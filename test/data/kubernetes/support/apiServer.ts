/** The smallest API server for tests of what lies below it: TLS, proxies, credentials. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Certificate } from "./certificates.ts";

export interface SmallServer {
  readonly port: number;
  /** Headers of each request, and the name in the client's certificate. */
  readonly seen: readonly { readonly headers: IncomingMessage["headers"]; readonly client: string | null }[];
  connections(): number;
  stop(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const ok: Answer = (_, response) => void response.setHeader("content-type", "application/json").end("{}");

/** `null` where the client showed none: its certificate is an empty object then. */
function commonName(certificate: object | null): string | null {
  const subject: unknown = certificate !== null && "subject" in certificate ? certificate.subject : null;
  const isNamed = typeof subject === "object" && subject !== null && "CN" in subject;
  return isNamed && typeof subject.CN === "string" ? subject.CN : null;
}

/** @param tls the server's certificate and the authority that signs its clients'; `null`: plain http. */
export async function startApiServer(
  tls: { readonly server: Certificate; readonly clients: Certificate } | null,
  answer: Answer = ok,
): Promise<SmallServer> {
  const seen: { headers: IncomingMessage["headers"]; client: string | null }[] = [];
  const listener: Answer = (request, response) => {
    const client = request.socket instanceof TLSSocket ? request.socket.getPeerCertificate() : null;
    seen.push({ headers: request.headers, client: commonName(client) });
    answer(request, response);
  };
  const server =
    tls === null
      ? createHttpServer(listener)
      : createHttpsServer(
          {
            cert: tls.server.cert,
            key: tls.server.key,
            ca: tls.clients.cert,
            requestCert: true,
            rejectUnauthorized: false,
          },
          listener,
        );
  let connections = 0;
  server.on(tls === null ? "connection" : "secureConnection", () => (connections += 1));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    connections: () => connections,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export interface Proxy {
  readonly port: number;
  /** `host:port` of each tunnel asked for. */
  readonly tunnels: readonly string[];
  stop(): Promise<void>;
}

/** A CONNECT proxy that leads every name to this machine, or refuses with `status`. */
export async function startProxy(status = 200): Promise<Proxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttpServer();
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? "");
    sockets.add(client);
    client.on("error", () => client.destroy());
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
