/** How requests reach a Prometheus: straight, or through the API server's service proxy. Both look the same to `api.ts`. */
import { Agent, fetch, ProxyAgent } from "undici";
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import { proxyFor } from "../proxyRules.ts";

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

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection is refused",
  ENOTFOUND: "its name does not resolve",
  EAI_AGAIN: "its name does not resolve just now",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "no connection within the time-out",
  ETIMEDOUT: "no connection within the time-out",
  UND_ERR_HEADERS_TIMEOUT: "no answer within the time-out",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from an authority that is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not trusted here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  EPROTO: "it does not speak TLS as asked",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS on this port",
};

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const code: unknown = "code" in error ? error.code : undefined;
  if (typeof code === "string") return code;
  return codeOf(error.cause);
}

/** A failed connection in words. `at` is the transport's `where`. */
function unreachable(at: string, error: unknown): DataError {
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) {
    return {
      kind: "unreachable",
      message: `${at} did not answer in time.`,
      advice: "Old figures stay on screen.",
    };
  }
  const code = codeOf(error);
  const reason = reasons[code] ?? (code === "" ? "the request failed" : `the request failed (${code})`);
  const tls =
    code.includes("CERT") || code.includes("SSL") || code.includes("VERIFY") || code.includes("ISSUER");
  return {
    kind: "unreachable",
    message: `${at} does not answer: ${reason}.`,
    advice: tls
      ? "Name its authority with --prometheus-ca FILE."
      : "Check --prometheus and the network between.",
  };
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
        const response = await fetch(base + path, {
          method: ask.method,
          headers: { accept: "application/json", ...headers, ...ask.headers },
          body: ask.body ?? null,
          signal: ask.signal,
          dispatcher: dispatcher.value,
          redirect: "manual",
        });
        return ok(answerOf(response, where));
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
