import type { Labels } from "../declared/meta.ts";
import type { Workload } from "../model/workload.ts";
import { accessLogFor } from "../resolve/accessLog.ts";
import { policiesFor } from "../resolve/authorization.ts";
import type { Client } from "../resolve/client.ts";
import type { Registry } from "../resolve/registry.ts";
import { tracingFor } from "../resolve/tracing.ts";
import { sidecarFor } from "../resolve/sidecars.ts";

interface Proxied {
  readonly registry: Registry;
  readonly namespace: string;
  readonly labels: Labels;
  readonly client: Client;
  readonly proxy: Workload["proxy"];
}

/** What is told to a workload's own proxy beside mTLS and routes. */
export function proxyPolicies({
  registry,
  namespace,
  labels,
  client,
  proxy,
}: Proxied): Pick<Workload, "accessLog" | "tracing" | "authorization" | "imports"> {
  if (proxy === "none" || proxy === "unknown")
    return { accessLog: null, tracing: null, authorization: [], imports: null };
  const sidecar = client.is === "gateway" ? null : sidecarFor(registry, namespace, labels);
  const hosts = sidecar?.egressHosts ?? null;
  return {
    // ztunnel's log is its own affair.
    accessLog: proxy === "ambient" ? null : accessLogFor(registry, namespace, labels),
    tracing: proxy === "ambient" ? null : tracingFor(registry, namespace, labels),
    authorization: policiesFor(registry, namespace, labels).map(({ meta, action, rules }) => ({
      ref: meta.ref,
      action,
      rules,
    })),
    imports: sidecar === null || hosts === null ? null : { hosts, from: sidecar.meta.ref },
  };
}
