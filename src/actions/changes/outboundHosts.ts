/** Hosts outside the mesh: what REGISTRY_ONLY would cut, and how one of them is made known. */
import { clean } from "../../data/mesh/clean.ts";
import { nameOf, type ResourceRef } from "../../data/mesh/declared/meta.ts";
import type { Egress, EgressHost } from "../../data/mesh/model/egress.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Cut, DeclareHostChange, Plan } from "../change.ts";
import { istioVersion, refuse, type Action } from "./planning.ts";

/** Named one by one in a warning; the rest is counted. */
const NAMED = 20;

/** Is this call under the policy that is changed? */
export type Reach = (call: EgressHost) => boolean;

/** What metrics call a host that they can't name: of TCP and TLS connections (istio.md 4.4). */
const NAMELESS = "unknown";

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** What REGISTRY_ONLY cuts of the calls that go through PassthroughCluster today, each with a host and with a sentence. */
export function cutBy(
  mesh: Pick<Mesh, "sources"> & { readonly egress: Pick<Egress, "hosts"> },
  reach: Reach,
): Pick<Plan, "cuts" | "warnings"> {
  const calls = mesh.egress.hosts.filter((call) => call.kind === "passthrough" && reach(call));
  const cuts = calls
    .filter(({ host }) => host !== NAMELESS)
    .map(({ host, from }): Cut => ({ host, from }))
    .sort((a, b) => compare(a.host, b.host) || compare(a.from, b.from));
  const blind = new Set(calls.flatMap(({ host, from }) => (host === NAMELESS ? [from] : []))).size;
  const unseen =
    blind === 0
      ? []
      : [
          `${blind} ${blind === 1 ? "workload opens" : "workloads open"} TCP or TLS connections to hosts that metrics can't name`,
        ];
  const blindness =
    mesh.sources.prometheus.is === "live"
      ? []
      : ["Prometheus does not answer: nobody knows which hosts this cuts"];
  return { cuts, warnings: [...sentences(cuts), ...unseen, ...blindness].map(clean) };
}

function sentences(cuts: readonly Cut[]): readonly string[] {
  const callers = new Map<string, string[]>();
  for (const { host, from } of cuts) callers.set(host, [...(callers.get(host) ?? []), from]);
  const lines = [...callers].map(([host, from]) => `cuts ${host} (called by ${from.join(", ")})`);
  const more = lines.length > NAMED ? [`cuts ${lines.length - NAMED} more hosts`] : [];
  return [...lines.slice(0, NAMED), ...more];
}

/** A DNS name, as a ServiceEntry with resolution DNS takes it. */
const dnsName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/;

interface Port {
  readonly number: number;
  readonly name: string;
  readonly protocol: "HTTP" | "TLS";
}

const usual: readonly Port[] = [
  { number: 80, name: "http", protocol: "HTTP" },
  { number: 443, name: "tls", protocol: "TLS" },
];

/** The name and the ports of a host as metrics write it: who sends `Host: name:8080` speaks plain HTTP there. */
function endpointsOf(host: string): { readonly name: string; readonly ports: readonly Port[] } {
  const [, name = host, digits] = /^([^:]*):(\d{1,5})$/.exec(host) ?? [];
  const number = Number(digits ?? usual[0]?.number);
  const known = usual.some((port) => port.number === number);
  return { name, ports: known ? usual : [...usual, { number, name: `http-${number}`, protocol: "HTTP" }] };
}

/** A ServiceEntry for one host and one namespace, for plain HTTP and TLS on their usual ports, and HTTP on the port that was seen. */
export const declareHost: Action<DeclareHostChange> = {
  kind: "declareHost",
  title: "Declare host",
  needs: (mesh, change) => ({ objects: [entryRef(mesh, change)], lists: [] }),

  plan(mesh, change, seen) {
    const { namespace, host } = change;
    const summary = clean(`declare ${host} to namespace ${namespace}`);
    const { name, ports } = endpointsOf(host);
    const numbers = ports.map(({ number }) => number);
    if (!dnsName.test(name) || numbers.some((number) => number < 1 || number > 65_535))
      return refuse(change, summary, "only a DNS name can be declared");
    const ref = entryRef(mesh, change);
    if (seen.object(ref) !== null) return refuse(change, summary, `${nameOf(ref)} is there already`);
    const manifest = {
      apiVersion: `${ref.group}/${ref.version}`,
      kind: ref.kind,
      metadata: { name: ref.name, namespace },
      spec: {
        hosts: [name],
        exportTo: ["."],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        ports: ports.map((port) => ({ ...port })),
      },
    };
    const warnings = [
      `creates ${nameOf(ref)} for ports ${numbers.join(", ")}; other ports of the host stay unknown`,
    ];
    return { ...refuse(change, summary), patches: [{ do: "create", ref, manifest }], warnings };
  },
};

/** One name for all ports of a host. */
function entryRef(mesh: Mesh, { namespace, host }: DeclareHostChange): ResourceRef {
  const name = endpointsOf(host)
    .name.replaceAll(/[^a-z0-9-]+/g, "-")
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, "");
  return { group: "networking.istio.io", version: istioVersion(mesh), kind: "ServiceEntry", namespace, name };
}
