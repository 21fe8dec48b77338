/** WebSockets of the API server: what kubectl opens for port-forward, exec and attach. */
import { WebSocket, type Dispatcher, type Response } from "undici";

import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { refusal } from "./failures.ts";

export interface SocketWish {
  readonly path: string;
  readonly protocol: string;
  /** What is opened, as the subject of a sentence: "the port-forward to istio-system/istiod-1". */
  readonly what: string;
  /** Called before the first byte can arrive, which no listener that comes later would hear. */
  readonly attach: (socket: WebSocket) => void;
}

/** Where and as whom a socket is opened. */
interface Signed {
  /** URL of the server, without a slash at its end. */
  readonly base: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly dispatcher: Dispatcher;
}

/** Who asks for the reason: a connection (connect.ts). */
interface Asker {
  readonly request: (path: string) => Promise<Result<Response, DataError>>;
  readonly unauthorized: () => DataError;
}

/** Opens before this, or is given up: the server itself waits for a node. */
const openWithinMs = 10_000;

/**
 * Errors: those of a connection; `forbidden`, `absent` or `refused` in the server's words; `failing` where the user may and the server
 * still does not open it, which is the node's doing.
 *
 * A handshake that fails tells nothing of the reason, so the same path is asked for without one: the server looks at rights and
 * at the object first, and answers 400 only where both are in order. That request also renews a credential that has expired.
 */
export async function openSocket(
  connection: Asker,
  wish: SocketWish,
  sign: () => Promise<Result<Signed, DataError>>,
): Promise<Result<WebSocket, DataError>> {
  for (let attempt = 0; ; attempt += 1) {
    const signed = await sign();
    if (!signed.ok) return signed;
    const socket = await handshake(signed.value, wish);
    if (socket !== null) return ok(socket);
    const plain = await connection.request(wish.path);
    if (!plain.ok) return plain;
    if (plain.value.status === 401) return fail(connection.unauthorized());
    if (plain.value.status !== 400) return fail(await refusal(plain.value, wish.what));
    const again = await sign();
    const isRenewed = again.ok && again.value.headers !== signed.value.headers;
    if (!isRenewed || attempt > 0) return fail(unopened(await refusal(plain.value, wish.what), wish));
  }
}

/** kube-apiserver's word for a request that lacks only the handshake. */
const inOrder = /upgrade request required/i;

function unopened(said: DataError, { what }: SocketWish): DataError {
  if (!inOrder.test(said.message)) return said;
  return {
    kind: "failing",
    message: `The API server does not open ${what}: it does not reach the node of the pod, or the node refuses.`,
    advice:
      "Try kubectl port-forward; since Kubernetes 1.35 the right create on pods/portforward is needed too.",
  };
}

/** `null`: it did not open. */
function handshake(
  { base, headers, dispatcher }: Signed,
  { path, protocol, attach }: SocketWish,
): Promise<WebSocket | null> {
  const url = `${base}${path}`.replace(/^http/, "ws");
  const socket = new WebSocket(url, {
    protocols: protocol,
    headers: [...headers, ["User-Agent", "meshtop"]].map(([name = "", value = ""]) => [name, value]),
    dispatcher,
  });
  socket.binaryType = "arraybuffer";
  attach(socket);
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(null), openWithinMs);
    function settle(opened: WebSocket | null): void {
      clearTimeout(timer);
      if (opened === null) socket.close();
      resolve(opened);
    }
    socket.addEventListener("open", () => settle(socket));
    socket.addEventListener("error", () => settle(null));
    socket.addEventListener("close", () => settle(null));
  });
}
