/** Which pods of a workload have a proxy whose log can be read. */
import type { Labels } from "../../mesh/declared/meta.ts";
import { clean } from "../../mesh/clean.ts";
import { mostPods, type TailWish } from "../../mesh/proxyLog/tailWish.ts";
import { fail, ok, type Result } from "../../mesh/result.ts";
import type { Connection } from "../connect.ts";
import { readJson } from "../failures.ts";
import { isObject } from "../parse/field.ts";
import { proxyContainer } from "./followPod.ts";

export interface ProxyPods {
  /** Names, the newest first. */
  readonly pods: readonly string[];
  /** Those that are left out, because there are more than `mostPods`. */
  readonly others: number;
}

/** A page: the pods of one workload, whole, because only the whole one names its containers. */
const pageSize = 100;

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
    const pods = await listPods(connection, { namespace, labels, signal });
    if (!pods.ok) return pods;
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

interface PodFacts {
  readonly name: string;
  readonly created: string;
  readonly hasProxy: boolean;
}

interface PodQuestion {
  readonly namespace: string;
  readonly labels: Labels;
  readonly signal: AbortSignal;
}

async function listPods(
  connection: Connection,
  { namespace, labels, signal }: PodQuestion,
): Promise<Result<readonly PodFacts[], string>> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const query = new URLSearchParams({ labelSelector, limit: String(pageSize) });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query.toString()}`;
  const answer = await connection.request(path, { signal });
  if (!answer.ok) return fail(answer.error.message);
  if (answer.value.status === 401) return fail(connection.unauthorized().message);
  const list = await readJson(answer.value, `the pods of ${namespace}`);
  if (!list.ok) return fail(list.error.message);
  const items = isObject(list.value) ? list.value["items"] : null;
  return ok(Array.isArray(items) ? items.flatMap(factsOf) : []);
}

function factsOf(pod: unknown): readonly PodFacts[] {
  if (!isObject(pod) || !isObject(pod["metadata"])) return [];
  const { name, creationTimestamp, deletionTimestamp } = pod["metadata"];
  // Whoever is being deleted is followed until it is gone, if it was followed before.
  if (typeof name !== "string" || deletionTimestamp !== undefined) return [];
  const spec = isObject(pod["spec"]) ? pod["spec"] : {};
  return [
    {
      name: clean(name),
      created: typeof creationTimestamp === "string" ? creationTimestamp : "",
      hasProxy: [spec["containers"], spec["initContainers"]].some(namesProxy),
    },
  ];
}

const namesProxy = (containers: unknown): boolean =>
  Array.isArray(containers) &&
  containers.some((container) => isObject(container) && container["name"] === proxyContainer);
