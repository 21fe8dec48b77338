/** What only istiod and the proxies themselves know, asked for when somebody looks. */
import type { Connection } from "./kubernetes/connect.ts";
import { askCaller } from "./kubernetes/askCaller.ts";
import { lookIntoProxy } from "./kubernetes/lookIntoProxy.ts";
import { readProxies } from "./kubernetes/readProxies.ts";
import type { Declared } from "./mesh/declared/declared.ts";
import { withPods, type BreakerLook, type BreakerWish } from "./mesh/proxies/breakerLook.ts";
import type { EnvoyCluster } from "./mesh/proxies/envoyClusters.ts";
import { istiodPods } from "./mesh/proxies/istiodPods.ts";
import type { ProxyReading } from "./mesh/proxies/proxyReading.ts";
import type { ProxyLook } from "./mesh/proxies/proxyLook.ts";
import { fail, ok, type DataError, type Result } from "./mesh/result.ts";
import type { Instant } from "./mesh/units.ts";

export interface ProxyReader {
  /** Asks every istiod. Errors: there is no connection, or no istiod that can be seen; one that does not answer is in the reading. */
  readonly read: () => Promise<Result<ProxyReading, DataError>>;
  /** Asks the proxy of one pod. Errors: there is no connection; those of its parts are in the look. */
  readonly look: (pod: PodName) => Promise<Result<ProxyLook, DataError>>;
  /** Asks one pod of a caller about the clusters of a service. Errors, that there is no connection among them, are in the look. */
  readonly askCaller: (wish: BreakerWish) => Promise<BreakerLook>;
}

interface PodName {
  readonly namespace: string;
  readonly name: string;
}

const noIstiod: DataError = {
  kind: "absent",
  message: "No istiod can be seen: no Service or pod here has the label app=istiod.",
  advice: "The control plane may be in another cluster, or in a namespace that may not be read.",
};

type Clusters = Result<readonly EnvoyCluster[], DataError>;

/** More are no mesh that this asks at one go. */
const mostIstiods = 20;

export function proxyReader(
  connection: Result<Connection, DataError>,
  { declared, now }: { readonly declared: () => Declared; readonly now: () => Instant },
): ProxyReader {
  const named = (read: Clusters): Clusters =>
    read.ok ? ok(withPods(read.value, declared().endpointSlices)) : read;
  return {
    async read() {
      if (!connection.ok) return connection;
      const pods = istiodPods(declared()).slice(0, mostIstiods);
      if (pods.length === 0) return fail(noIstiod);
      const istiods = await Promise.all(
        pods.map(async (istiod) => ({ istiod, result: await readProxies(connection.value, istiod) })),
      );
      return ok({ at: now(), istiods });
    },
    async look(pod) {
      if (!connection.ok) return connection;
      const parts = await lookIntoProxy(connection.value, pod);
      return ok({ at: now(), ...parts, clusters: named(parts.clusters) });
    },
    async askCaller(wish) {
      if (!connection.ok) return { at: now(), pod: null, clusters: connection };
      const { pod, clusters } = await askCaller(connection.value, wish);
      return { at: now(), pod, clusters: named(clusters) };
    },
  };
}
