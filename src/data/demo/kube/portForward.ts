/** `pods/portforward` over a WebSocket, as a kube-apiserver and the kubelet behind it do it. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { Duplex } from "node:stream";
import { whyForbidden, type AccessRequest } from "./access.ts";
import type { Exchange } from "./exchange.ts";
import { keyOf } from "./objects.ts";
import { refused, type Reply } from "./reply.ts";
import * as refuse from "./status.ts";
import type { ObjectTarget, Target } from "./target.ts";
import { acceptWebSocket } from "./webSocket.ts";

/** A program in a pod that listens on localhost; `null`: nothing listens on that port. */
export type PodPrograms = (pod: {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}) => RequestListener | null;

export interface ForwardTarget extends ObjectTarget {
  readonly name: string;
  readonly namespace: string;
}

/** The pod that a path wants a port of; `null`: it is another path. */
export function forwardTarget(target: Target): ForwardTarget | null {
  if (target.is !== "objects" || target.kind.kind !== "Pod" || target.subresource !== "portforward")
    return null;
  const { name, namespace } = target;
  return name === null || namespace === null ? null : { ...target, name, namespace };
}

/**
 * What a request without a handshake gets: rights and the pod are looked at first, so a 400 means that both are in order. A WebSocket is a GET,
 * and the right is named after that.
 */
export function withoutHandshake(
  { request, access, backend }: Pick<Exchange, "request" | "access" | "backend">,
  { kind, namespace, name }: ForwardTarget,
): Reply {
  const asked: AccessRequest = {
    verb: request.method === "POST" ? "create" : "get",
    group: "",
    resource: "pods",
    subresource: "portforward",
    namespace,
    name,
  };
  if (!access(asked)) return refused(refuse.forbidden(kind, name, whyForbidden(asked)));
  if (backend.storage.find(kind, keyOf(namespace, name)) === null)
    return refused(refuse.notFound(kind, name));
  return refused(upgradeRequired);
}

const upgradeRequired: refuse.Status = {
  code: 400,
  reason: "BadRequest",
  message: "Upgrade request required",
};

const PROTOCOL = "v4.channel.k8s.io";
const DATA = 0;
const FAILURE = 1;

/** Opens the tunnel and lets the program answer what comes through it. The first message on each channel names the port. */
export function answerForward(
  request: IncomingMessage,
  { socket, head }: { readonly socket: Duplex; readonly head: Buffer },
  { port, program }: { readonly port: number; readonly program: RequestListener | null },
): void {
  const tunnel = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      messages.send(Buffer.concat([Buffer.of(DATA), chunk]));
      done();
    },
    final(done) {
      messages.close();
      done();
    },
  });
  tunnel.on("error", () => undefined);
  const messages = acceptWebSocket(
    request,
    { socket, head, protocol: PROTOCOL },
    {
      message: (message) => {
        if (message[0] === DATA && !tunnel.destroyed) tunnel.push(message.subarray(1));
      },
      closed: () => tunnel.destroy(),
    },
  );
  for (const channel of [DATA, FAILURE]) messages.send(Buffer.of(channel, port & 0xff, port >> 8));
  if (program === null) {
    const reason = `error forwarding port ${port} to pod: dial tcp4 127.0.0.1:${port}: connect: connection refused`;
    messages.send(Buffer.concat([Buffer.of(FAILURE), Buffer.from(reason)]));
    messages.close();
    return;
  }
  createServer(program).emit("connection", tunnel);
}
