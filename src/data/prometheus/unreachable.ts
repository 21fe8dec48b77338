/** Why a server could not be reached, in words. */
import type { DataError } from "../mesh/result.ts";

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
export function unreachable(at: string, error: unknown): DataError {
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
