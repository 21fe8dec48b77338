/** Which Prometheus to ask: flag, configuration, PROMETHEUS_URL, in this order; without one it is looked for in the cluster. */
import type { DataError, Result } from "../mesh/result.ts";
import { fail, ok } from "../mesh/result.ts";
import type { MetricNames } from "./metrics.ts";
import { istioNames } from "./metrics.ts";
import type { DirectOptions } from "./transport.ts";

/** What the configuration says of a Prometheus and of the way to it. */
export interface ConfiguredPrometheus {
  readonly url: string | null;
  readonly tokenFile: string | null;
  readonly user: string | null;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
  readonly insecureSkipTlsVerify: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the command line, the configuration and the environment say; `null` where they say nothing. */
export interface PrometheusWish {
  readonly flag: string | null;
  readonly environment: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
  /** `Name: value` each. */
  readonly headers: readonly string[];
  readonly configured: ConfiguredPrometheus;
}

/** Text of a file; errors: `config`, naming the file. */
export type ReadFile = (path: string) => Result<string, DataError>;

function headersOf(written: readonly string[]): Result<Readonly<Record<string, string>>, DataError> {
  const pairs: [string, string][] = [];
  for (const header of written) {
    const [, name, value] = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(header) ?? [];
    if (name === undefined || value === undefined) {
      const advice = "Write it as 'X-Scope-OrgID: team'.";
      return fail({ kind: "config", message: "A --prometheus-header cannot be read.", advice });
    }
    pairs.push([name, value]);
  }
  return ok(Object.fromEntries(pairs));
}

function optional(path: string | null, read: ReadFile): Result<string | null, DataError> {
  return path === null ? ok(null) : read(path);
}

type Secrets = Pick<DirectOptions, "bearerToken" | "basic" | "ca">;

function secretsOf(
  { tokenFile, caFile, configured }: PrometheusWish,
  read: ReadFile,
): Result<Secrets, DataError> {
  const token = optional(tokenFile ?? configured.tokenFile, read);
  if (!token.ok) return token;
  const password = optional(configured.passwordFile, read);
  if (!password.ok) return password;
  const ca = optional(caFile ?? configured.caFile, read);
  if (!ca.ok) return ca;
  const { user } = configured;
  return ok({
    ...(token.value === null ? {} : { bearerToken: token.value.trim() }),
    ...(user === null ? {} : { basic: { user, password: password.value?.trim() ?? "" } }),
    ...(ca.value === null ? {} : { ca: ca.value }),
  });
}

/**
 * - `named`: its address was given. - `discovered`: none was; it is looked for in the cluster and reached through the API server with `headers`.
 *   `unsent` says in one sentence which of the other settings cannot go that way, `null`: none was given.
 */
export type ChosenPrometheus =
  | { readonly is: "named"; readonly options: DirectOptions }
  | {
      readonly is: "discovered";
      readonly headers: Readonly<Record<string, string>>;
      readonly unsent: string | null;
    };

/** An `Authorization` header is for the API server, which takes it away and never passes it on. */
const isCredential = (header: string): boolean => /^(proxy-)?authorization$/i.test(header);

function unsentOf(secrets: Secrets, headers: Readonly<Record<string, string>>): string | null {
  const given = [
    ...(secrets.bearerToken === undefined ? [] : ["token"]),
    ...(secrets.basic === undefined ? [] : ["user and password"]),
    ...(secrets.ca === undefined ? [] : ["certificate authority"]),
    ...(Object.keys(headers).some(isCredential) ? ["Authorization header"] : []),
  ];
  if (given.length === 0) return null;
  const what = given.join(" and ");
  return `Prometheus is reached through the API server, so the ${what} given for it cannot be used. Name its address with --prometheus URL.`;
}

/** Which Prometheus, and how. What was given is read whether or not it is used. Errors: `config`, naming the file or the option. */
export function choosePrometheus(wish: PrometheusWish, read: ReadFile): Result<ChosenPrometheus, DataError> {
  const written = headersOf(wish.headers);
  if (!written.ok) return written;
  const secrets = secretsOf(wish, read);
  if (!secrets.ok) return secrets;
  const headers = { ...wish.configured.headers, ...written.value };
  const url = wish.flag ?? wish.configured.url ?? wish.environment;
  if (url === null || url === "") {
    const passed = Object.entries(headers).filter(([name]) => !isCredential(name));
    const unsent = unsentOf(secrets.value, headers);
    return ok({ is: "discovered", headers: Object.fromEntries(passed), unsent });
  }
  const { insecureSkipTlsVerify } = wish.configured;
  return ok({ is: "named", options: { url, ...secrets.value, headers, insecureSkipTlsVerify } });
}

/** Istio's names with the configured ones in their place. Errors: `config`, for a name of ours that does not exist. */
export function metricNames(configured: Readonly<Record<string, string>>): Result<MetricNames, DataError> {
  const unknown = Object.keys(configured).find((name) => !(name in istioNames));
  if (unknown === undefined) return ok({ ...istioNames, ...configured });
  return fail({
    kind: "config",
    message: `"prometheus.metrics.${unknown}" is no metric of meshtop's.`,
    advice: `Known are ${Object.keys(istioNames).join(", ")}.`,
  });
}
