/** `meshtop get proxies`: one entry for each proxy and the istiod that serves it. The schema is in docs/json.md. */
import type { Json } from "../../data/mesh/json.ts";
import { proxiesIn, type ProxyReading } from "../../data/mesh/proxies/proxyReading.ts";
import { worstOf, type ProxySync, type XdsSync } from "../../data/mesh/proxies/syncStatus.ts";
import { present } from "./figures.ts";

/** @param namespace `null`: all of them. */
export function proxiesDocument(reading: ProxyReading, namespace: string | null): Json {
  return proxiesIn(reading)
    .filter((proxy) => namespace === null || proxy.namespace === namespace)
    .map((proxy) => proxyDocument(proxy, reading));
}

function proxyDocument(proxy: ProxySync, reading: ProxyReading): Json {
  const { namespace, pod, cluster, type, version, istiod, xds } = proxy;
  return {
    namespace,
    name: pod,
    cluster,
    type,
    version,
    istiod: `${istiod.namespace}/${istiod.name}`,
    revision: istiod.revision,
    subscribed: xds.length,
    state: worstOf(proxy),
    xds: xds.map((one) => xdsDocument(one, reading)),
  };
}

function xdsDocument({ type, state, sentAt, error }: XdsSync, { at }: ProxyReading): Json {
  const since = sentAt === null ? null : Math.max(0, at - sentAt);
  return { type, state, ...present({ sentMsAgo: since }), ...(error === null ? {} : { error }) };
}
