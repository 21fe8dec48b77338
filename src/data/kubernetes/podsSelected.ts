/** Pods by their labels, with what decides whether their proxy can be read or asked. */
import { clean } from "../mesh/clean.ts";
import type { Labels } from "../mesh/declared/meta.ts";
import { fail, ok, type DataError, type Result } from "../mesh/result.ts";
import type { Connection } from "./connect.ts";
import { readJson } from "./failures.ts";
import { isObject } from "./parse/field.ts";

/** The sidecar, the native sidecar among the init containers, and the proxy of a gateway or waypoint all have this name. */
export const proxyContainer = "istio-proxy";

/** A page: the pods of one workload, whole, because only the whole one names its containers. */
const pageSize = 100;

/** What of a pod decides whether its proxy can be asked. */
export interface PodFacts {
  readonly name: string;
  /** RFC 3339, which sorts as text; "" where nothing is written. */
  readonly created: string;
  readonly hasProxy: boolean;
  readonly isReady: boolean;
}

interface PodQuestion {
  readonly namespace: string;
  readonly labels: Labels;
  readonly signal: AbortSignal;
}

/** Pods with these labels that are not being deleted. Errors: of the connection and of the API server. */
export async function podsSelected(
  connection: Connection,
  { namespace, labels, signal }: PodQuestion,
): Promise<Result<readonly PodFacts[], DataError>> {
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const query = new URLSearchParams({ labelSelector, limit: String(pageSize) });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query.toString()}`;
  const answer = await connection.request(path, { signal });
  if (!answer.ok) return answer;
  if (answer.value.status === 401) return fail(connection.unauthorized());
  const list = await readJson(answer.value, `the pods of ${namespace}`);
  if (!list.ok) return list;
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
      isReady: isReady(pod["status"]),
      hasProxy: [spec["containers"], spec["initContainers"]].some(namesProxy),
    },
  ];
}

const namesProxy = (containers: unknown): boolean =>
  Array.isArray(containers) &&
  containers.some((container) => isObject(container) && container["name"] === proxyContainer);

function isReady(status: unknown): boolean {
  const conditions = isObject(status) ? status["conditions"] : null;
  return (
    Array.isArray(conditions) &&
    conditions.some((one) => isObject(one) && one["type"] === "Ready" && one["status"] === "True")
  );
}
