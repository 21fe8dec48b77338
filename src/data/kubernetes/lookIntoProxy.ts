/** What one proxy has, asked of its own Envoy: its routes, and the hosts behind its clusters. */
import { parseClusters, type EnvoyCluster } from "../mesh/proxies/envoyClusters.ts";
import { parseRoutes } from "../mesh/proxies/envoyRoutes.ts";
import type { ProxyLook } from "../mesh/proxies/proxyLook.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import { askPod } from "./askPod.ts";
import type { Connection } from "./connect.ts";

/** Envoy's admin interface, for localhost alone. */
const ADMIN_PORT = 15_000;
/** A proxy of a large mesh has some MB of each; more is not worth the memory. */
const MOST = 32_000_000;

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Errors of each part: as of `askPod`. */
export async function lookIntoProxy(connection: Connection, pod: PodName): Promise<Omit<ProxyLook, "at">> {
  const [routes, clusters] = await Promise.all([
    ask(connection, pod, { path: "/config_dump?resource=dynamic_route_configs", parse: parseRoutes }),
    readClusters(connection, pod),
  ]);
  return { routes, clusters };
}

/** The clusters alone. Errors: as of `askPod`. */
export function readClusters(
  connection: Connection,
  pod: PodName,
): Promise<Result<readonly EnvoyCluster[], DataError>> {
  return ask(connection, pod, { path: "/clusters?format=json", parse: parseClusters });
}

interface Question<T> {
  readonly path: string;
  readonly parse: (answer: unknown) => T;
}

async function ask<T>(
  connection: Connection,
  { namespace, name }: PodName,
  { path, parse }: Question<T>,
): Promise<Result<T, DataError>> {
  const what = `the proxy of ${namespace}/${name}`;
  const question = { namespace, pod: name, port: ADMIN_PORT, path, what, most: MOST };
  const answered = await askPod(connection, question);
  if (answered.ok) return ok(parse(answered.value));
  const { error } = answered;
  return fail(error.kind === "forbidden" ? { ...error, advice } : error);
}

const advice =
  "Ask for get and create on pods/portforward in this namespace, as meshtop-proxies in deploy/rbac.yaml has them for istiod's.";
