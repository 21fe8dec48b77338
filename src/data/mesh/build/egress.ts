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

function hostsOf(known: KnownMesh, index: FlowIndex): readonly EgressHost[] {
  const { measure } = index;
  const lines = new Map<string, Line>();
  for (const [flow, kind] of outgoing(known, index)) {
    // Who calls without a proxy is under no policy of the mesh.
    if (flow.source === null) continue;
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

function outgoing(
  known: KnownMesh,
  { flows, byHost }: FlowIndex,
): readonly (readonly [Flow, EgressHost["kind"]])[] {
  const found: (readonly [Flow, EgressHost["kind"]])[] = [];
  for (const flow of flows) {
    const { kind } = flow.target;
    if (kind === "passthrough" || kind === "blackhole") found.push([flow, kind]);
  }
  for (const [host, group] of byHost)
    if (isOutside(known, host)) for (const flow of group) found.push([flow, "external"]);
  return found;
}

/** A host of a ServiceEntry is outside unless workloads of the mesh stand behind it. */
function isOutside(known: KnownMesh, host: string): boolean {
  const declared = known.serviceByHost.get(host)?.declaredBy;
  if (declared !== undefined) return "hosts" in declared && declared.location === "MESH_EXTERNAL";
  return serviceNamed(known, host).kind === "external";
}
