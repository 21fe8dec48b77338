/** Bytes to a port of a pod, through the API server and the kubelet: they arrive there from localhost. */
import { Duplex } from "node:stream";
import type { WebSocket } from "undici";

import { clean } from "../mesh/clean.ts";
import { ok, type DataError, type Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";

/** A port of a pod. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/**
 * Each message begins with the number of its channel; the first on each channel holds the port alone
 * (k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go).
 */
const PROTOCOL = "v4.channel.k8s.io";
const DATA = 0;
const FAILURE = 1;

/**
 * A stream to the port, to be destroyed by whoever asked for it. It fails with the kubelet's words where nothing listens there.
 * Needs the right `get` on `pods/portforward`, since Kubernetes 1.35 also `create`. Errors: as of `openSocket`.
 */
export async function portForward(
  connection: Connection,
  { namespace, pod, port }: PodPort,
): Promise<Result<Duplex, DataError>> {
  const held: { tunnel: Duplex | null } = { tunnel: null };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/portforward?ports=${port}`;
  const opened = await connection.openSocket({
    path,
    protocol: PROTOCOL,
    what: `the port-forward to ${namespace}/${pod}`,
    attach: (socket) => (held.tunnel = tunnelOver(socket)),
  });
  if (!opened.ok) return opened;
  return ok(held.tunnel ?? tunnelOver(opened.value));
}

function tunnelOver(socket: WebSocket): Duplex {
  const begun = new Set<number>();
  const tunnel = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      socket.send(Buffer.concat([Buffer.of(DATA), chunk]));
      done();
    },
    destroy(error, done) {
      socket.close();
      done(error);
    },
  });
  // Whoever reads hears of it by an event; without a reader it must not end the process.
  tunnel.on("error", () => undefined);
  socket.addEventListener("message", ({ data }) => {
    if (!(data instanceof ArrayBuffer) || tunnel.destroyed) return;
    const bytes = Buffer.from(data);
    const channel = bytes[0] ?? DATA;
    const isFirst = !begun.has(channel);
    begun.add(channel);
    if (isFirst) return;
    const rest = bytes.subarray(1);
    if (channel === FAILURE) tunnel.destroy(new Error(clean(rest.toString("utf8"))));
    else tunnel.push(rest);
  });
  socket.addEventListener("close", () => {
    if (!tunnel.destroyed) tunnel.push(null);
  });
  return tunnel;
}
