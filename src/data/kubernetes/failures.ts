/** Failed connections and refusing answers as sentences. */
import { X509Certificate } from "node:crypto";
import type { Response } from "undici";

import { clean } from "../mesh/clean.ts";
import { fail, ok, type DataError, type DataErrorKind, type Result } from "../mesh/result.ts";
import { isObject } from "./parse/field.ts";

/** What messages may say of a connection. */
export interface Place {
  /** `host:port` of the API server. */
  readonly host: string;
  /** `host:port` of the proxy on the way; `null` for none. */
  readonly proxy: string | null;
  readonly user: string;
  readonly context: string;
  /** File or files that the context stands in. */
  readonly source: string;
}

interface Reason {
  readonly why: string;
  readonly advice: string;
}

const unreached = "Check the network or VPN, and the server in the kubeconfig.";
const untrusted: Reason = {
  why: "its certificate comes from an authority that the kubeconfig does not trust",
  advice: "Check certificate-authority in the kubeconfig.",
};
const cut: Reason = { why: "the connection was cut", advice: "It is tried again." };
const slow: Reason = { why: "it does not answer in time", advice: unreached };

const reasons: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: {
    why: "the connection is refused",
    advice: "Check that the server runs and that its address in the kubeconfig is right.",
  },
  ENOTFOUND: { why: "its name does not resolve", advice: "Check the name in the kubeconfig, DNS and VPN." },
  EAI_AGAIN: { why: "its name does not resolve just now", advice: "Check DNS and VPN." },
  EHOSTUNREACH: { why: "there is no route to it", advice: unreached },
  ENETUNREACH: { why: "there is no route to it", advice: unreached },
  ECONNRESET: cut,
  EPIPE: cut,
  UND_ERR_SOCKET: cut,
  ERR_HTTP2_INVALID_SESSION: cut,
  ERR_HTTP2_GOAWAY_SESSION: cut,
  ETIMEDOUT: slow,
  UND_ERR_CONNECT_TIMEOUT: { why: "there is no connection within 5 s", advice: unreached },
  UND_ERR_HEADERS_TIMEOUT: slow,
  UND_ERR_BODY_TIMEOUT: slow,
  UND_ERR_ABORTED: { why: "the request was given up", advice: "It is tried again." },
  CERT_HAS_EXPIRED: {
    why: "its certificate has expired",
    advice: "Renew the certificate of the API server.",
  },
  CERT_NOT_YET_VALID: { why: "its certificate is not valid yet", advice: "Check the clock of this machine." },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: "its certificate is for another name",
    advice: "Use a name that the certificate holds, or set tls-server-name in the kubeconfig.",
  },
  EPROTO: {
    why: "it does not speak TLS",
    advice: "Check whether the server in the kubeconfig should be http.",
  },
  HPE_INVALID_CONSTANT: {
    why: "it does not speak HTTP",
    advice: "Check whether the server in the kubeconfig should be https.",
  },
};

/** Codes and messages from the outermost error to the innermost cause. */
function causes(error: unknown): readonly { readonly code: string; readonly message: string }[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [error.cause];
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return [{ code, message: error.message }, ...inner.flatMap(causes)];
}

/** The connection was there and is not any more. */
export function isCut(error: unknown): boolean {
  return causes(error).some(({ code }) => reasonFor(code) === cut);
}

const sessionLost: ReadonlySet<string> = new Set(["ERR_HTTP2_INVALID_SESSION", "ERR_HTTP2_GOAWAY_SESSION"]);

/** HTTP/2 takes no stream on this session any more. undici 8.12 was seen to give it to one request after the other. */
export function isSessionLost(error: unknown): boolean {
  return causes(error).some(({ code }) => sessionLost.has(code));
}

/** A request that got no answer. The kind is `unreachable`, whatever went wrong on the way. */
export function noAnswer(place: Place, error: unknown): DataError {
  const chain = causes(error);
  const refusal = chain
    .map(({ message }) => /^Proxy response \((\d+)\)/.exec(message))
    .find((match) => match !== null);
  if (place.proxy !== null && refusal !== undefined) return proxyRefused(place.proxy, refusal[1] ?? "");
  const known = chain.map(({ code }) => reasonFor(code)).find((reason) => reason !== undefined);
  const code = chain.findLast((cause) => cause.code !== "")?.code;
  const why =
    known?.why ?? (code === undefined ? "the request failed" : `the request failed (${clean(code)})`);
  const via = place.proxy === null ? "" : ` through the proxy ${place.proxy}`;
  return {
    kind: "unreachable",
    message: `The API server ${place.host} can't be reached${via}: ${why}.`,
    advice: known?.advice ?? unreached,
  };
}

function reasonFor(code: string): Reason | undefined {
  if (code.startsWith("ERR_SSL_")) {
    return code.includes("CERTIFICATE")
      ? {
          why: "it refuses the client certificate",
          advice: "Renew the client certificate in the kubeconfig.",
        }
      : reasons["EPROTO"];
  }
  return Object.hasOwn(reasons, code) ? reasons[code] : undefined;
}

function proxyRefused(proxy: string, status: string): DataError {
  return {
    kind: "unreachable",
    message: `The proxy ${proxy} refuses to connect to the API server (${status}).`,
    advice:
      "Check proxy-url in the kubeconfig or HTTPS_PROXY, and list the server in NO_PROXY if it needs no proxy.",
  };
}

/** A 401. @param cert PEM of the client certificate, whose end is told where it is over. */
export function unauthorized(place: Place, cert: string | null, now: number): DataError {
  const ended = cert === null ? null : endOf(cert);
  const message =
    ended !== null && ended < now
      ? `The client certificate of user "${place.user}" in ${place.source} has expired (${new Date(ended).toISOString().slice(0, 10)}).`
      : `The API server ${place.host} does not accept the credentials of user "${place.user}" (401): they have expired or are wrong.`;
  return {
    kind: "unauthorized",
    message,
    advice: `Log in again, or correct user "${place.user}" in ${place.source}.`,
  };
}

function endOf(cert: string): number | null {
  try {
    return Date.parse(new X509Certificate(cert).validTo);
  } catch {
    return null;
  }
}

const kindByStatus: Readonly<Record<number, DataErrorKind>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "absent",
  409: "conflict",
  429: "failing",
};

const adviceByKind: Partial<Record<DataErrorKind, string>> = {
  forbidden: "Ask for the rights in meshtop's RBAC manifest.",
  failing: "It is tried again.",
};

/**
 * An answer that is not 2xx, in the server's own words. @param what what was asked for, as a subject: "VirtualService shop/web",
 * "the list of pods".
 */
export async function refusal(response: Response, what: string): Promise<DataError> {
  const said = messageIn(await textOf(response));
  const kind = kindByStatus[response.status] ?? (response.status >= 500 ? "failing" : "refused");
  const message =
    said === ""
      ? `The API server answers ${response.status} for ${what}`
      : `The API server refuses ${what}: ${said}`;
  return { kind, message: `${message.replace(/\.$/, "")}.`, advice: adviceByKind[kind] ?? null };
}

async function textOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch {
    return "";
  }
}

const longestMessage = 300;

/** The message of a Status object; "" where the body is something else, such as a proxy's HTML. */
function messageIn(body: string): string {
  try {
    const status: unknown = JSON.parse(body);
    const message = isObject(status) ? status["message"] : undefined;
    return typeof message === "string" ? clean(message).slice(0, longestMessage) : "";
  } catch {
    return "";
  }
}

/** The JSON of a 2xx answer. Errors: those of `refusal`, `garbled` for a body that is no JSON, `unreachable` for one cut short. */
export async function readJson(response: Response, what: string): Promise<Result<unknown, DataError>> {
  if (!response.ok) return fail(await refusal(response, what));
  let text: string;
  try {
    text = await response.text();
  } catch {
    return fail({
      kind: "unreachable",
      message: `The answer for ${what} was cut short.`,
      advice: "It is tried again.",
    });
  }
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail({
      kind: "garbled",
      message: `The answer for ${what} is not JSON.`,
      advice: "Check that the server in the kubeconfig is a Kubernetes API server.",
    });
  }
}
