/** How requests reach a Prometheus: straight, or through the API server's service proxy. Both look the same to `api.ts`. */
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { Agent, ProxyAgent, request, type Dispatcher } from "undici";
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import { proxyFor } from "../proxyRules.ts";
import { unreachable } from "./unreachable.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Hands the body over as it arrives; to be called once, `take` throws nothing. Errors: `unreachable`, it was cut or took too long. */
  read(take: (chunk: Uint8Array) => void): Promise<Result<null, DataError>>;
}

interface HttpAsk {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface Transport {
  /** Where this leads, for messages: "Prometheus at http://host:9090". Never holds a credential. */
  readonly where: string;
  /** Long questions must go by GET too: through the API server POST needs the right to create, which lets a user write to any Service. */
  readonly getsOnly: boolean;
  /** @param path starts with `/api/v1/`. Errors: `unreachable` only; every HTTP status is an answer. */
  send(path: string, ask: HttpAsk): Promise<Result<HttpAnswer, DataError>>;
}

export interface DirectOptions {
  /** Base URL; a path prefix is kept, user and password in it are sent as basic authentication. */
  readonly url: string;
  readonly bearerToken?: string;
  readonly basic?: { readonly user: string; readonly password: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of the certificate authority to trust. */
  readonly ca?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly connectTimeoutMs?: number;
}

interface Target {
  readonly base: string;
  readonly where: string;
  readonly headers: Readonly<Record<string, string>>;
}

function basicHeader(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function authorization(options: DirectOptions, url: URL): Readonly<Record<string, string>> {
  if (options.bearerToken !== undefined) return { authorization: `Bearer ${options.bearerToken}` };
  if (options.basic !== undefined) {
    return { authorization: basicHeader(options.basic.user, options.basic.password) };
  }
  if (url.username === "") return {};
  return {
    authorization: basicHeader(decodeURIComponent(url.username), decodeURIComponent(url.password)),
  };
}

function targetOf(options: DirectOptions): Result<Target, DataError> {
  const url = URL.parse(options.url);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    // The text is not repeated: a malformed URL may still hold a password.
    return fail({
      kind: "config",
      message: "The Prometheus URL cannot be read.",
      advice: "Write it as http://host:9090 or https://host/prefix.",
    });
  }
  const base = `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`;
  const headers = { ...options.headers, ...authorization(options, url) };
  return ok({ base, where: `Prometheus at ${base}`, headers });
}

type Environment = Readonly<Record<string, string | undefined>>;

const proxySchemes = ["http:", "https:", "socks5:", "socks:"];

/** Straight, or through the proxy of the environment. Errors: `config` for a proxy that is no URL; its text may hold a password. */
function dispatcherOf(
  options: DirectOptions,
  base: string,
  environment: Environment,
): Result<Agent | ProxyAgent, DataError> {
  const timeout = options.connectTimeoutMs ?? 5_000;
  const connect = {
    timeout,
    rejectUnauthorized: options.insecureSkipTlsVerify !== true,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  const proxy = proxyFor(new URL(base), environment);
  if (proxy === null) return ok(new Agent({ connect, connections: 4 }));
  if (!proxySchemes.includes(URL.parse(proxy)?.protocol ?? "")) {
    const message = "HTTPS_PROXY or HTTP_PROXY does not hold the URL of a proxy.";
    return fail({ kind: "config", message, advice: "Write it as http://host:3128, or unset it." });
  }
  const proxyTls = { timeout };
  return ok(new ProxyAgent({ uri: proxy, requestTls: connect, proxyTls, connections: 4 }));
}

/**
 * A transport to a URL, through the proxy of the environment if one is for it. Errors: `config` for a URL that cannot be read; its text is
 * not repeated, it may hold a password.
 */
export function directTransport(
  options: DirectOptions,
  environment: Environment = process.env,
): Result<Transport, DataError> {
  const target = targetOf(options);
  if (!target.ok) return target;
  const { base, where, headers } = target.value;
  const dispatcher = dispatcherOf(options, base, environment);
  if (!dispatcher.ok) return dispatcher;
  return ok({
    where,
    getsOnly: false,
    async send(path, ask) {
      try {
        // Not fetch: it copies every byte, and an answer may be tens of megabytes.
        const response = await request(base + path, {
          method: ask.method,
          headers: { accept: "application/json", "accept-encoding": "gzip", ...headers, ...ask.headers },
          body: ask.body ?? null,
          signal: ask.signal,
          dispatcher: dispatcher.value,
        });
        return ok(answerOf(receivedOf(response), where));
      } catch (error) {
        return fail(unreachable(where, error));
      }
    },
  });
}

/** A body that breaks off is an error of the connection. */
function answerOf({ status, headers, body }: Received, where: string): HttpAnswer {
  return {
    status,
    contentType: headers.get("content-type") ?? "",
    async read(take) {
      try {
        if (body !== null) for await (const chunk of body) take(chunk);
        return ok(null);
      } catch (error) {
        return fail(unreachable(where, error));
      }
    },
  };
}

function receivedOf({ statusCode, headers, body }: Dispatcher.ResponseData): Received {
  const isPacked = headers["content-encoding"] === "gzip";
  return {
    status: statusCode,
    headers: { get: (name) => String(headers[name] ?? "") },
    // What breaks off a packed body breaks off what is unpacked of it.
    body: isPacked ? pipeline(body, createGunzip(), () => undefined) : body,
  };
}

interface Received {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** `null`: it has none. */
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** An HTTP client of somebody else's, such as the API server's. */
export type Requester = (
  path: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal: AbortSignal;
  },
) => Promise<Result<Received, DataError>>;

/**
 * A transport through another client, below a base path: the API server's service proxy, so that a kubeconfig alone is enough.
 *
 * @param base `/api/v1/namespaces/<ns>/services/<name>:<port>/proxy`
 * @param own headers for Prometheus itself, such as a tenant; the API server passes them on, all but the credentials.
 */
export function transportThrough(
  request: Requester,
  base: string,
  where: string,
  own: Readonly<Record<string, string>>,
): Transport {
  return {
    where,
    getsOnly: true,
    async send(path, ask) {
      const headers = { accept: "application/json", ...own, ...ask.headers };
      const { method, signal } = ask;
      const body = ask.body === undefined ? {} : { body: ask.body };
      const answer = await request(base + path, { method, headers, signal, ...body });
      return answer.ok ? ok(answerOf(answer.value, where)) : answer;
    },
  };
}
