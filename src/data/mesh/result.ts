/** A value or the reason why there is none: errors of the outside world are values here, never exceptions. */
export type Result<T, E> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const fail = <E>(error: E): Result<never, E> => ({ ok: false, error });

/**
 * Why a server did not give what was asked.
 *
 * - `config`: a file or an option of ours is missing or unreadable, before any connection.
 * - `unreachable`: no answer (refused, DNS, TLS, time-out).
 * - `unauthorized`: 401, an expired or missing credential. - `forbidden`: 403.
 * - `absent`: 404, or a kind that the server does not serve.
 * - `conflict`: 409, or 422 from a failed JSON Patch `test`.
 * - `refused`: any other 4xx: the server understood and said no, in its own words.
 * - `failing`: 5xx. - `garbled`: an answer that is not what its media type promised.
 */
export type DataErrorKind =
  | "config"
  | "unreachable"
  | "unauthorized"
  | "forbidden"
  | "absent"
  | "conflict"
  | "refused"
  | "failing"
  | "garbled";

export interface DataError {
  readonly kind: DataErrorKind;
  /** One sentence for the person at 3 a.m.: what failed, on what (file, host, object), and why. Cleaned of secrets. */
  readonly message: string;
  /** What to do about it, or `null` where nothing but waiting helps. */
  readonly advice: string | null;
}

/** The sentence and the advice on one line, as a banner or stderr shows them. */
export function explain(error: DataError): string {
  return error.advice === null ? error.message : `${error.message} ${error.advice}`;
}
