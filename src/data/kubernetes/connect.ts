/** From a kubeconfig to a way to ask its API server. */
import { fetch, Headers, type Response, type WebSocket } from "undici";

import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { credentialsOf, type Credentials, type Signature } from "./credentials.ts";
import { connectionsTo, proxyOf, type Connections, type Dispatchers } from "./dispatcher.ts";
import { isCut, isSessionLost, noAnswer, unauthorized, type Place } from "./failures.ts";
import { loadTarget, type KubeconfigSource, type Target } from "./loadKubeconfig.ts";
import { thisMachine, type Machine } from "./machine.ts";
import { openSocket, type SocketWish } from "./openSocket.ts";

interface RequestInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** The body may be silent for as long as it likes: a watch. */
  readonly stream?: boolean;
}

/** One context, ready to be asked. Connections are kept alive and shared; nothing was sent before the first request. */
export interface Connection {
  readonly context: string;
  readonly cluster: string;
  readonly user: string;
  /** `host:port` of the API server. */
  readonly host: string;
  /** Namespace of the context; `null` where it names none. */
  readonly namespace: string | null;
  /**
   * Sends one request as the context's user. Every HTTP status is an answer, but a 401 first has the credential renewed and is
   * tried once more. Never rejects; errors: `unreachable`, `config` and `unauthorized` where there is no credential to send.
   * Reading the body of the answer can still reject: `readJson` and `refusal` (failures.ts) turn that into values too.
   *
   * @param path with its query, from `/api` or `/apis`.
   */
  readonly request: (path: string, init?: RequestInit) => Promise<Result<Response, DataError>>;
  /** The sentence for a 401 answer to a request. */
  readonly unauthorized: () => DataError;
  /** Opens a WebSocket as the context's user. Never rejects; `openSocket` (openSocket.ts) has the errors. */
  readonly openSocket: (wish: SocketWish) => Promise<Result<WebSocket, DataError>>;
}

export interface ConnectOptions {
  readonly kubeconfig: KubeconfigSource;
  /** `null`: the current context. */
  readonly context: string | null;
  /** Environment, files and programs; this machine by default. */
  readonly machine?: Machine;
}

/** Reads the kubeconfig and the credentials it names. Errors: one sentence with the file or context, `config` or `unauthorized`. */
export async function connect(options: ConnectOptions): Promise<Result<Connection, DataError>> {
  const machine = options.machine ?? thisMachine;
  const target = await loadTarget(machine, options.kubeconfig, options.context);
  if (!target.ok) return target;
  const session = openSession(machine, target.value);
  if (!session.ok) return session;
  const signature = await session.value.credentials.get();
  if (!signature.ok) return signature;
  return ok(connectionOf(session.value, signature.value));
}

interface Session {
  readonly machine: Machine;
  readonly target: Target;
  readonly place: Place;
  readonly credentials: Credentials;
  readonly connections: Connections;
  /** Server URL without a slash at its end; a path prefix stays (Rancher). */
  readonly base: string;
}

function openSession(machine: Machine, target: Target): Result<Session, DataError> {
  const { cluster, source, contextName, userName } = target;
  const server = parseUrl(cluster.server, ["http:", "https:"]);
  if (server === null) return fail(badUrl(target, "server", "https://host:6443"));
  if (cluster.proxyUrl !== null && parseUrl(cluster.proxyUrl, proxySchemes) === null) {
    return fail(badUrl(target, "proxy-url", "http://host:3128"));
  }
  const proxy = proxyOf(target, machine.env);
  const proxyUrl = proxy === null ? null : parseUrl(proxy, proxySchemes);
  if (proxy !== null && proxyUrl === null) {
    const message = "HTTPS_PROXY or HTTP_PROXY does not hold the URL of a proxy.";
    return fail({ kind: "config", message, advice: "Write it as http://host:3128, or unset it." });
  }
  const place = {
    host: server.host,
    proxy: proxyUrl?.host ?? null,
    user: userName,
    context: contextName,
    source,
  };
  return ok({
    machine,
    target,
    place,
    credentials: credentialsOf(machine, target),
    connections: connectionsTo(target, proxy),
    base: server.origin + server.pathname.replace(/\/+$/, ""),
  });
}

const proxySchemes = ["http:", "https:", "socks5:", "socks:"];

function parseUrl(text: string, schemes: readonly string[]): URL | null {
  const url = URL.parse(text);
  return url !== null && url.host !== "" && schemes.includes(url.protocol) ? url : null;
}

/** The value itself is not repeated: a URL can hold a password. */
function badUrl({ clusterName, source }: Target, field: string, example: string): DataError {
  const message = `The ${field} of cluster "${clusterName}" in ${source} is not a URL that meshtop can use.`;
  return { kind: "config", message, advice: `Write it as ${example}.` };
}

function connectionOf(session: Session, first: Signature): Connection {
  const { target, place, machine } = session;
  let last = first;
  const connection: Connection = {
    context: target.contextName,
    cluster: target.clusterName,
    user: target.userName,
    host: place.host,
    namespace: target.namespace,
    unauthorized: () => unauthorized(place, last.tls.cert, machine.now()),
    async request(path, init = {}) {
      const signature = await session.credentials.get();
      if (!signature.ok) return signature;
      last = signature.value;
      const answer = await send(session, signature.value, path, init);
      if (!answer.ok || answer.value.status !== 401) return answer;
      const renewed = await session.credentials.renew(signature.value);
      if (renewed === null) return answer;
      await discard(answer.value);
      if (!renewed.ok) return renewed;
      last = renewed.value;
      return send(session, renewed.value, path, init);
    },
    openSocket: (wish) =>
      openSocket(connection, wish, async () => {
        const signature = await session.credentials.get();
        if (!signature.ok) return signature;
        const { headers, tls } = signature.value;
        const dispatcher = session.connections.dispatchersFor(tls).upgrade();
        return ok({ base: session.base, headers, dispatcher });
      }),
  };
  return connection;
}

/** A kept-alive connection can be dead without our knowing: what only reads is asked once more over a new one. */
async function send(
  session: Session,
  signature: Signature,
  path: string,
  init: RequestInit,
): Promise<Result<Response, DataError>> {
  const retries = (init.method ?? "GET") === "GET" ? 1 : 0;
  for (let attempt = 0; ; attempt += 1) {
    const dispatchers = session.connections.dispatchersFor(signature.tls);
    try {
      return ok(await sendOnce(session.base + path, dispatchers, signature.headers, init));
    } catch (error) {
      if (isSessionLost(error)) session.connections.drop(dispatchers);
      if (attempt < retries && isCut(error) && init.signal?.aborted !== true) continue;
      return fail(noAnswer(session.place, error));
    }
  }
}

function sendOnce(
  url: string,
  dispatchers: Dispatchers,
  headers: Signature["headers"],
  init: RequestInit,
): Promise<Response> {
  return fetch(url, {
    method: init.method ?? "GET",
    headers: allHeaders(init.headers ?? {}, headers),
    body: init.body ?? null,
    signal: init.signal ?? null,
    dispatcher: init.stream === true ? dispatchers.stream : dispatchers.request,
    redirect: "manual",
  });
}

function allHeaders(own: Readonly<Record<string, string>>, signature: Signature["headers"]): Headers {
  const headers = new Headers({ Accept: "application/json", "User-Agent": "meshtop", ...own });
  for (const [name, value] of signature) headers.append(name, value);
  return headers;
}

/** A body that is never read would hold its connection. */
async function discard(response: Response): Promise<void> {
  try {
    await response.body?.cancel();
  } catch {
    // The connection is gone already, which is all that was wanted.
  }
}
