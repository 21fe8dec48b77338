/** Which pods of a workload have a proxy whose log can be read. */
import { mostPods, type TailWish } from "../../mesh/proxyLog/tailWish.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import type { Connection } from "../connect.ts";
import { podsSelected, proxyContainer, type PodFacts } from "../podsSelected.ts";

export interface ProxyPods {
  /** Names, the newest first. */
  readonly pods: readonly string[];
  /** Those that are left out, because there are more than `mostPods`. */
  readonly others: number;
}

/** The error is a sentence. */
export async function proxyPods(
  connection: Connection,
  wish: TailWish,
  signal: AbortSignal,
): Promise<Result<ProxyPods, string>> {
  const { namespace, name, selectors } = wish;
  if (selectors === null) return ok({ pods: [name], others: 0 });
  const known = selectors.filter((labels) => Object.keys(labels).length > 0);
  if (known.length === 0)
    return fail(
      `Nothing tells which pods are those of ${namespace}/${name}; :logs ${namespace}/POD takes one.`,
    );
  const found: PodFacts[] = [];
  for (const labels of known) {
    const pods = await podsSelected(connection, { namespace, labels, signal });
    if (!pods.ok) return fail(pods.error.message);
    found.push(...pods.value);
  }
  if (found.length === 0) return fail(`${namespace}/${name} has no pod just now.`);
  const withProxy = found.filter(({ hasProxy }) => hasProxy);
  if (withProxy.length === 0)
    return fail(
      `No pod of ${namespace}/${name} has a container ${proxyContainer}: it is outside of the mesh, or in it by ztunnel.`,
    );
  const newest = withProxy.toSorted((a, b) => (a.created < b.created ? 1 : -1));
  const pods = newest.slice(0, mostPods).map((pod) => pod.name);
  return ok({ pods, others: Math.max(0, newest.length - mostPods) });
}
