/** The old in-tree providers (oidc, gcp, azure), which client-node knows how to ask. */
import type { RequestOptions } from "node:https";
import { KubeConfig } from "@kubernetes/client-node";

import { clean } from "../mesh/clean.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { User } from "./kubeconfig.ts";

type Headers = readonly (readonly [name: string, value: string])[];

/** The headers of a user whose kubeconfig names a provider. Errors: `unauthorized`, its login has ended and can't be refreshed. */
export type AuthProvider = (
  provider: NonNullable<User["authProvider"]>,
  userName: string,
) => Promise<Result<Headers, DataError>>;

/**
 * One that keeps the tokens it was given. Nobody loads this module but a user who has a provider: client-node describes each kind of each API to
 * itself as it is loaded, which takes megabytes.
 */
export function authProvider(): AuthProvider {
  const config = new KubeConfig();
  return async (provider, userName) => {
    const name = "meshtop";
    config.loadFromOptions({
      // Its agents are never used, and it refuses http servers unless TLS verification is off; ours verify (dispatcher.ts).
      clusters: [{ name, server: "https://meshtop.invalid", skipTLSVerify: true }],
      users: [{ name, authProvider: provider }],
      contexts: [{ name, cluster: name, user: name }],
      currentContext: name,
    });
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch {
      return fail({
        kind: "unauthorized",
        message: `The ${clean(provider.name)} login of user "${userName}" can't be refreshed.`,
        advice: "Log in again, with kubectl or with the tool that wrote the kubeconfig.",
      });
    }
    return ok(Object.entries(options.headers ?? {}).map(([key, value]) => [key, String(value)] as const));
  };
}
