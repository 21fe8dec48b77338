import { emptyLists, type DeclaredLists } from "../../../mesh/declared/declared.ts";
import type { MeshConfig } from "../../../mesh/declared/meshConfig.ts";
import type { KubeObject } from "../../kube/objects.ts";
import type { ObjectStore } from "../../kube/store.ts";
import { readNamespace, readPod, readService, readSlice, readWorkload } from "./core.ts";
import { textAt } from "./fields.ts";
import {
  readDestinationRule,
  readGateway,
  readServiceEntry,
  readSidecar,
  readVirtualService,
} from "./networking.ts";
import { readMeshConfig, readPeerAuthentication } from "./security.ts";

/** What istiod and the proxies know of the cluster. */
export interface Declarations {
  readonly lists: DeclaredLists;
  /** Service account of a workload's pods, by `namespace/name` of the workload. */
  readonly accounts: ReadonlyMap<string, string>;
}

type Read = <T>(group: string, kind: string, parse: (object: KubeObject) => T) => readonly T[];

/** Reads the store again and again; an object that did not change is parsed once. */
export function declarationsOf(store: ObjectStore): () => Declarations {
  const read = rememberingReader(store);
  const meshConfigs = meshConfigReader(store);
  return () => ({ lists: { ...listsOf(read), meshConfigs: meshConfigs() }, accounts: accountsOf(store) });
}

function rememberingReader(store: ObjectStore): Read {
  const parsed = new WeakMap<KubeObject, unknown>();
  const lists = new Map<string, readonly unknown[]>();
  return <T>(group: string, kind: string, parse: (object: KubeObject) => T) => {
    const now = store.list({ group, kind }).map((object) => {
      const known = parsed.get(object) ?? parse(object);
      parsed.set(object, known);
      return known as T;
    });
    // Whoever indexes a list keeps the index with the list.
    const before = lists.get(`${group}/${kind}`) as readonly T[] | undefined;
    if (before?.length === now.length && before.every((item, index) => item === now[index])) return before;
    lists.set(`${group}/${kind}`, now);
    return now;
  };
}

function meshConfigReader(store: ObjectStore): () => readonly MeshConfig[] {
  /** istiod keeps the last ConfigMap that it could read (pkg/config/mesh/meshwatcher). */
  const lastGood = new Map<string, MeshConfig>();
  return () =>
    store.list({ group: "", kind: "ConfigMap" }).flatMap((object) => {
      const { name } = object.metadata;
      if ((name !== "istio" && !name.startsWith("istio-")) || textAt(object, "data", "mesh") === null)
        return [];
      const config = readMeshConfig(object) ?? lastGood.get(name) ?? null;
      if (config === null) return [];
      lastGood.set(name, config);
      return [config];
    });
}

const networking = "networking.istio.io";

function listsOf(read: Read): DeclaredLists {
  return {
    ...emptyLists,
    namespaces: read("", "Namespace", readNamespace),
    services: read("", "Service", readService),
    endpointSlices: read("discovery.k8s.io", "EndpointSlice", readSlice),
    workloads: [...read("apps", "Deployment", readWorkload), ...read("apps", "StatefulSet", readWorkload)],
    pods: read("", "Pod", readPod),
    virtualServices: read(networking, "VirtualService", readVirtualService),
    destinationRules: read(networking, "DestinationRule", readDestinationRule),
    gateways: read(networking, "Gateway", readGateway),
    serviceEntries: read(networking, "ServiceEntry", readServiceEntry),
    sidecars: read(networking, "Sidecar", readSidecar),
    peerAuthentications: read("security.istio.io", "PeerAuthentication", readPeerAuthentication),
  };
}

function accountsOf(store: ObjectStore): ReadonlyMap<string, string> {
  const workloads = ["Deployment", "StatefulSet"].flatMap((kind) => store.list({ group: "apps", kind }));
  return new Map(
    workloads.map((object) => [
      `${object.metadata.namespace ?? "default"}/${object.metadata.name}`,
      textAt(object, "spec", "template", "spec", "serviceAccountName") ?? "default",
    ]),
  );
}
