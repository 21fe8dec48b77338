/** Connections to one API server: kept alive and shared, where client-node would open one for each request. */
import { subscribe } from "node:diagnostics_channel";
import type { ClientHttp2Stream } from "node:http2";
import { Agent, ProxyAgent, type Dispatcher } from "undici";

import { proxyFor, withScheme } from "../proxyRules.ts";
import type { TlsMaterial } from "./credentials.ts";
import type { Target } from "./loadKubeconfig.ts";

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 10_000;

export interface Dispatchers {
  /** Gives up where the body is silent for 10 s. */
  readonly request: Dispatcher;
  /** For watches, whose body may be silent: they have a clock of their own. */
  readonly stream: Dispatcher;
  /** For WebSockets, which an API server opens over HTTP/1.1 alone. Nothing is connected before the first one. */
  readonly upgrade: () => Dispatcher;
}

/** The proxy that a target is reached through; `null` for none. `proxy-url` goes before the environment, as in kubectl. */
export function proxyOf(
  { cluster }: Target,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  return cluster.proxyUrl === null ? proxyFor(new URL(cluster.server), env) : withScheme(cluster.proxyUrl);
}

export interface Connections {
  /** One agent for as long as the TLS material stays the same; a rotated client certificate brings a new one. */
  readonly dispatchersFor: (tls: TlsMaterial) => Dispatchers;
  /** Ends the agent that these belong to, with all that is still asked over it: its next request would find the same dead session. */
  readonly drop: (dispatchers: Dispatchers) => void;
}

interface Held {
  readonly key: string;
  readonly dispatchers: Dispatchers;
  readonly agent: Dispatcher;
}

/** Opens nothing before the first request. */
export function connectionsTo(target: Target, proxy: string | null): Connections {
  let held: Held | null = null;
  const dispatchersFor = (tls: TlsMaterial): Dispatchers => {
    const key = JSON.stringify([tls.ca, tls.cert, tls.key]);
    if (held?.key === key) return held.dispatchers;
    // Its watches go on until they end by themselves.
    void held?.agent.close();
    const agent = agentFor(target, tls, proxy);
    const stream = agent.compose(
      (dispatch) => (options, handler) => dispatch({ ...options, bodyTimeout: 0 }, handler),
    );
    const upgrading = (): Dispatcher => agentFor(target, tls, proxy, { allowH2: false });
    let upgrade: Dispatcher | null = null;
    const dispatchers = { request: agent, stream, upgrade: () => (upgrade ??= upgrading()) };
    held = { key, agent, dispatchers };
    return dispatchers;
  };
  const drop = (dispatchers: Dispatchers): void => {
    if (held?.dispatchers !== dispatchers) return;
    const { agent } = held;
    held = null;
    void agent.destroy();
  };
  return { dispatchersFor, drop };
}

/**
 * undici 8 lets go of a stream that its server ended, and Node still gives that stream the error of its session: with nobody
 * listening it would end the process. The request on it has failed by itself.
 */
subscribe("http2.client.stream.created", (message) => {
  const { stream } = message as { readonly stream: ClientHttp2Stream };
  stream.on("error", () => undefined);
});

function agentFor(
  { cluster }: Target,
  tls: TlsMaterial,
  proxy: string | null,
  versions: { readonly allowH2?: boolean } = {},
): Dispatcher {
  const timeouts = { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs, ...versions };
  const secure = {
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key }),
    ...(cluster.tlsServerName === null ? {} : { servername: cluster.tlsServerName }),
    ...versions,
    rejectUnauthorized: !cluster.insecureSkipTlsVerify,
    timeout: connectTimeoutMs,
    // Load balancers drop what is idle for 60 s, undici's own delay.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  if (proxy === null) return new Agent({ ...timeouts, connect: secure });
  return new ProxyAgent({
    ...timeouts,
    uri: proxy,
    requestTls: secure,
    proxyTls: { timeout: connectTimeoutMs },
    connectTimeout: connectTimeoutMs,
  });
}
