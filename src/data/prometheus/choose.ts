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

/** How to reach the Prometheus that was named; `null` when none was. Errors: `config`, naming the file or the option. */
export function choosePrometheus(
  wish: PrometheusWish,
  read: ReadFile,
): Result<DirectOptions | null, DataError> {
  const url = wish.flag ?? wish.configured.url ?? wish.environment;
  if (url === null || url === "") return ok(null);
  const headers = headersOf(wish.headers);
  if (!headers.ok) return headers;
  const secrets = secretsOf(wish, read);
  if (!secrets.ok) return secrets;
  return ok({
    url,
    ...secrets.value,
    headers: { ...wish.configured.headers, ...headers.value },
    insecureSkipTlsVerify: wish.configured.insecureSkipTlsVerify,
  });
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
