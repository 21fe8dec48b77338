import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Egress, EgressHost } from "../model/egress.ts";
import { meshOutboundPolicy, outboundPolicyFor } from "../resolve/outbound.ts";
import { serviceNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";

/** Who calls what outside of the mesh, and the policy that lets it. `namespaces` by name; hosts by caller, then by host. */
export function buildEgress(known: KnownMesh, flows: FlowIndex, namespaces: readonly string[]): Egress {
  const { registry } = known;
  return {
    mesh: meshOutboundPolicy(registry),
    rootNamespace: registry.settings.rootNamespace,
    namespaces: namespaces.map((namespace) => ({
      namespace,
      policy: outboundPolicyFor(registry, namespace, null),
    })),
    hosts: hostsOf(known, flows),
  };
}

interface Line {
  readonly from: NonNullable<Flow["source"]>;
  readonly kind: EgressHost["kind"];
  readonly host: string;
  readonly parts: Flow[];
}

function hostsOf(known: KnownMesh, { flows, measure }: FlowIndex): readonly EgressHost[] {
  const lines = new Map<string, Line>();
  for (const flow of flows) {
    const kind = kindOf(known, flow);
    // Who calls without a proxy is under no policy of the mesh.
    if (kind === null || flow.source === null) continue;
    const key = `${flow.source.key} ${kind} ${flow.target.host}`;
    let line = lines.get(key);
    if (line === undefined)
      lines.set(key, (line = { from: flow.source, kind, host: flow.target.host, parts: [] }));
    line.parts.push(flow);
  }
  const sorted = [...lines].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { from, kind, host, parts }]): EgressHost => ({
    from: from.key,
    kind,
    host,
    traffic: measure(parts).traffic,
    policy:
      known.workloads.get(from.key)?.outboundPolicy ??
      outboundPolicyFor(known.registry, from.namespace, null),
  }));
}

/** `null`: it stays inside. A host of a ServiceEntry is outside unless workloads of the mesh stand behind it. */
function kindOf(known: KnownMesh, { target }: Flow): EgressHost["kind"] | null {
  if (target.kind === "passthrough" || target.kind === "blackhole") return target.kind;
  if (target.kind !== "service") return null;
  const declared = known.serviceByHost.get(target.host)?.declaredBy;
  if (declared !== undefined)
    return "hosts" in declared && declared.location === "MESH_EXTERNAL" ? "external" : null;
  return serviceNamed(known, target.host).kind === "external" ? "external" : null;
}
