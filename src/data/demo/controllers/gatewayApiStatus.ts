/** The status that istiod writes on Gateways and routes (istio.md 3). */
import type { Json } from "../../mesh/json.ts";
import { listAt, numberAt, textAt } from "../kube/fields.ts";
import type { JsonObject, KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import { timestampOf } from "./timestamp.ts";

const controllerName = "istio.io/gateway-controller";

interface Said {
  readonly type: string;
  /** `null`: all is well. */
  readonly reason: string | null;
  readonly fine: string;
  /** In istiod's words. */
  readonly says: string;
}

function condition(object: KubeObject, { type, reason, fine, says }: Said, now: number): Json {
  return {
    type,
    status: reason === null ? "True" : "False",
    reason: reason ?? fine,
    message: says,
    observedGeneration: object.metadata.generation ?? 1,
    lastTransitionTime: timestampOf(now),
  };
}

const allResolved: Said = {
  type: "ResolvedRefs",
  reason: null,
  fine: "ResolvedRefs",
  says: "All references resolved",
};
const backendMissing: Said = { ...allResolved, reason: "BackendNotFound", says: "backend not found" };

/** The Gateway with the status of one that runs. */
export function listening(gateway: KubeObject, now: number): KubeObject {
  const conditions = [
    condition(gateway, { type: "Accepted", reason: null, fine: "Accepted", says: "Resource accepted" }, now),
    condition(
      gateway,
      { type: "Programmed", reason: null, fine: "Programmed", says: "Resource programmed" },
      now,
    ),
  ];
  return { ...gateway, status: { conditions } };
}

/** The route with a word for each parent that istiod knows: others are some other controller's affair. */
export function acceptedAs(
  store: ObjectStore,
  route: KubeObject,
  gateways: readonly KubeObject[],
  now: number,
): KubeObject {
  const missing = backendsOf(route).some((backend) => !isThere(store, route, backend));
  const parents = listAt(route, "spec", "parentRefs")
    .filter((parent) => isKnown(store, route, parent, gateways))
    .map((parentRef): Json => ({
      parentRef: { group: groupOf(parentRef), kind: kindOf(parentRef), ...(parentRef as JsonObject) },
      controllerName,
      conditions: [
        condition(route, { type: "Accepted", reason: null, fine: "Accepted", says: "Route was valid" }, now),
        condition(route, missing ? backendMissing : allResolved, now),
      ],
    }));
  return parents.length === 0 ? route : { ...route, status: { parents } };
}

const kindOf = (parent: Json): string => textAt(parent, "kind") ?? "Gateway";
const groupOf = (parent: Json): string => textAt(parent, "group") ?? "gateway.networking.k8s.io";

function isKnown(
  store: ObjectStore,
  route: KubeObject,
  parent: Json,
  gateways: readonly KubeObject[],
): boolean {
  const namespace = textAt(parent, "namespace") ?? route.metadata.namespace ?? "default";
  const name = textAt(parent, "name") ?? "";
  if (kindOf(parent) === "Service")
    return store.get({ group: "", kind: "Service", namespace, name }) !== null;
  return (
    kindOf(parent) === "Gateway" &&
    gateways.some(({ metadata }) => metadata.name === name && metadata.namespace === namespace)
  );
}

function backendsOf(route: KubeObject): readonly Json[] {
  return listAt(route, "spec", "rules").flatMap((rule) => listAt(rule, "backendRefs"));
}

function isThere(store: ObjectStore, route: KubeObject, backend: Json): boolean {
  if ((textAt(backend, "kind") ?? "Service") !== "Service") return true;
  const namespace = textAt(backend, "namespace") ?? route.metadata.namespace ?? "default";
  const service = store.get({ group: "", kind: "Service", namespace, name: textAt(backend, "name") ?? "" });
  const port = numberAt(backend, "port");
  return service !== null && listAt(service, "spec", "ports").some((one) => numberAt(one, "port") === port);
}
