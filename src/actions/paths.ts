/** Where the objects that meshtop changes live on the API server. */
import type { ResourceRef } from "../data/mesh/declared/meta.ts";
import type { KindIn } from "./changes/held.ts";

type Kind = Pick<ResourceRef, "group" | "kind">;

const plurals: Readonly<Record<string, string>> = {
  VirtualService: "virtualservices",
  Sidecar: "sidecars",
  ServiceEntry: "serviceentries",
  ConfigMap: "configmaps",
  Canary: "canaries",
  Rollout: "rollouts",
  HTTPRoute: "httproutes",
  GRPCRoute: "grpcroutes",
  TCPRoute: "tcproutes",
  TLSRoute: "tlsroutes",
};

/** `virtualservices`. Kinds that no plan changes get Kubernetes' usual plural. */
export function pluralOf({ kind }: Kind): string {
  return plurals[kind] ?? `${kind.toLowerCase()}s`;
}

/** `/apis/networking.istio.io/v1/namespaces/shop/virtualservices`. */
export function collectionPath({ group, version, kind, namespace }: KindIn): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${pluralOf({ group, kind })}`;
}

export function objectPath(ref: ResourceRef, subresource: "status" | null = null): string {
  const path = collectionPath({ ...ref, namespace: ref.namespace ?? "" });
  return `${path}/${encodeURIComponent(ref.name)}${subresource === null ? "" : `/${subresource}`}`;
}
