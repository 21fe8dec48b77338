/** Hosts outside the mesh: what REGISTRY_ONLY would cut, and how one of them is made known. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { EgressHost } from "../../data/mesh/model/egress.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { DeclareHostChange } from "../change.ts";
import { istioVersion, refuse, type Action } from "./planning.ts";

/** Named one by one in a warning; the rest is counted. */
const NAMED = 20;

/** Who reaches what through PassthroughCluster today. @param namespace `null`: the whole mesh. */
function passthroughHosts(mesh: Mesh, namespace: string | null): readonly EgressHost[] {
  return mesh.egress.hosts.filter(
    ({ kind, from }) => kind === "passthrough" && (namespace === null || from.startsWith(`${namespace}/`)),
  );
}

/** Sentences about what stops working; hosts that no metric names are counted by their callers. */
export function cutHosts(mesh: Mesh, namespace: string | null): readonly string[] {
  const hosts = passthroughHosts(mesh, namespace);
  const named = new Map<string, Set<string>>();
  const blind = new Set<string>();
  for (const { host, from } of hosts) {
    if (host === "unknown") blind.add(from);
    else named.set(host, (named.get(host) ?? new Set()).add(from));
  }
  const list = [...named].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = list
    .slice(0, NAMED)
    .map(([host, callers]) => `cuts ${host} (called by ${[...callers].sort().join(", ")})`);
  const more = list.length > NAMED ? [`cuts ${list.length - NAMED} more hosts`] : [];
  const unseen =
    blind.size === 0
      ? []
      : [
          `${blind.size} ${blind.size === 1 ? "workload opens" : "workloads open"} TCP or TLS connections to hosts that metrics can't name`,
        ];
  const blindness =
    mesh.sources.prometheus.is === "live"
      ? []
      : ["Prometheus does not answer: nobody knows which hosts this cuts"];
  return [...lines, ...more, ...unseen, ...blindness].map(clean);
}

/** A DNS name, as a ServiceEntry with resolution DNS takes it. */
const dnsName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

/** A ServiceEntry for one host and one namespace, for plain HTTP and TLS on their usual ports. */
export const declareHost: Action<DeclareHostChange> = {
  kind: "declareHost",
  title: "Declare host",
  needs: (mesh, change) => ({ objects: [entryRef(mesh, change)], lists: [] }),

  plan(mesh, change, seen) {
    const { namespace, host } = change;
    const summary = clean(`declare ${host} to namespace ${namespace}`);
    if (!dnsName.test(host)) return refuse(change, summary, "only a DNS name can be declared");
    const ref = entryRef(mesh, change);
    if (seen.object(ref) !== null) return refuse(change, summary, `${nameOf(ref)} is there already`);
    const port = (number: number, name: string, protocol: string) => ({ number, name, protocol });
    const manifest = {
      apiVersion: `${ref.group}/${ref.version}`,
      kind: ref.kind,
      metadata: { name: ref.name, namespace },
      spec: {
        hosts: [host],
        exportTo: ["."],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        ports: [port(80, "http", "HTTP"), port(443, "tls", "TLS")],
      },
    };
    const warnings = [`creates ${nameOf(ref)} for ports 80 and 443; other ports of the host stay unknown`];
    return { ...refuse(change, summary), patches: [{ do: "create", ref, manifest }], warnings };
  },
};

function entryRef(mesh: Mesh, { namespace, host }: DeclareHostChange): ResourceRef {
  const name = host
    .replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return { group: "networking.istio.io", version: istioVersion(mesh), kind: "ServiceEntry", namespace, name };
}
