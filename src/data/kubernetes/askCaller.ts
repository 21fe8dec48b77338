/** What the proxy of one caller says of a service: one of its pods is asked, and speaks for itself alone. */
import type { BreakerLook, BreakerWish } from "../mesh/proxies/breakerLook.ts";
import { clustersOf } from "../mesh/proxies/breakerLook.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { readClusters } from "./lookIntoProxy.ts";
import { podsSelected, proxyContainer } from "./podsSelected.ts";

const listWithinMs = 15_000;

/** Asks the newest pod that is ready and has a proxy. Errors: of the list of pods, then as of `askPod`. */
export async function askCaller(connection: Connection, wish: BreakerWish): Promise<Omit<BreakerLook, "at">> {
  const { namespace, host } = wish;
  const pod = await newestReady(connection, wish);
  if (!pod.ok) return { pod: null, clusters: pod };
  const read = await readClusters(connection, { namespace, name: pod.value });
  return { pod: pod.value, clusters: read.ok ? ok(clustersOf(read.value, host)) : read };
}

async function newestReady(
  connection: Connection,
  { namespace, name, selector }: BreakerWish,
): Promise<Result<string, DataError>> {
  const absent = (message: string): Result<string, DataError> =>
    fail({ kind: "absent", message, advice: null });
  if (Object.keys(selector).length === 0)
    return absent(`Nothing tells which pods are those of ${namespace}/${name}.`);
  const signal = AbortSignal.timeout(listWithinMs);
  const pods = await podsSelected(connection, { namespace, labels: selector, signal });
  if (!pods.ok) return pods;
  const withProxy = pods.value.filter(({ hasProxy }) => hasProxy);
  if (pods.value.length > 0 && withProxy.length === 0)
    return absent(`No pod of ${namespace}/${name} has a container ${proxyContainer}.`);
  const [newest] = withProxy
    .filter(({ isReady }) => isReady)
    .toSorted((a, b) => (a.created < b.created ? 1 : -1));
  return newest === undefined ? absent(`No pod of ${namespace}/${name} is ready just now.`) : ok(newest.name);
}
