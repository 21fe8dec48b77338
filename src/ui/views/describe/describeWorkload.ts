import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Workload } from "../../../data/mesh/model/workload.ts";
import { deployedBy } from "../../../data/mesh/resolve/client.ts";
import {
  outboundTone,
  outboundWord,
  rateOrder,
  rateWord,
  edgeRateWord,
  sourceWord,
} from "../../columns/words.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { findingLines, identity, mtlsFacts, trafficFacts } from "./parts.ts";
import { proxyFacts } from "./proxyFacts.ts";
import { facts, section, type Fact } from "./sheet.ts";

/** A workload: its pods and proxy, both directions of its traffic, and the policies that hold for it. */
export function describeWorkload(workload: Workload, mesh: Mesh, columns: number): readonly Line[] {
  const refs = [
    ...(workload.ref === null ? [] : [workload.ref]),
    ...(workload.mtls.from === "default" ? [] : [workload.mtls.from]),
  ];
  const { outboundPolicy } = workload;
  return [
    ...section("Workload", [...identity(workload.ref, workload.key), ...facts(podFacts(workload))]),
    ...(workload.proxy === "waypoint"
      ? section("Services that go through it", facts(servedFacts(workload, mesh)))
      : [
          ...section("Incoming", facts(trafficFacts(workload.inbound))),
          ...section("Outgoing", facts([...trafficFacts(workload.outbound), ...calls(workload, mesh)])),
        ]),
    ...section("mTLS", facts(mtlsFacts(workload.mtls))),
    ...section(
      "Outbound policy",
      facts([
        ["mode", [span(outboundWord(outboundPolicy), outboundTone(outboundPolicy))]],
        ["decided by", sourceWord(outboundPolicy.from)],
      ]),
    ),
    ...section("Proxy", facts(proxyFacts(workload))),
    ...findingLines(mesh, refs, columns),
  ];
}

/** Whose traffic a waypoint takes: it is counted with them, and nowhere as its own. */
function servedFacts(workload: Workload, { services }: Mesh): readonly Fact[] {
  const own = deployedBy(workload);
  const served = services
    .filter(({ waypoint }) => waypoint?.takes === "yes" && waypoint.gateway === own)
    .toSorted((a, b) => (rateOrder(b.traffic) ?? -2) - (rateOrder(a.traffic) ?? -2));
  return [["services", served.map(({ key, traffic }) => `${key}  ${rateWord(traffic)}`)]];
}

/** Whom it calls, the busiest first. */
function calls({ key }: Workload, { graph }: Mesh): readonly Fact[] {
  const names = new Map(graph.nodes.map((node) => [node.id, node.key ?? node.name]));
  const called = graph.edges
    .filter(({ from }) => from === `workload:${key}`)
    .sort((a, b) => (rateOrder(b.traffic) ?? -2) - (rateOrder(a.traffic) ?? -2))
    .map(
      (edge) => `${names.get(edge.to) ?? edge.to}  ${edgeRateWord(edge)}${edge.mirrored ? " mirrored" : ""}`,
    );
  return called.length === 0 ? [] : [["calls", called]];
}

function podFacts(workload: Workload): readonly Fact[] {
  const { ready, desired, pods, version, app, proxy, revision, services } = workload;
  return [
    [
      "ready",
      [
        span(`${ready} of ${desired}`, ready < desired ? "bad" : undefined),
        span(`, ${pods} ${pods === 1 ? "pod" : "pods"}`),
      ],
    ],
    ["version", version ?? "no version label"],
    ["app", app ?? "no app label"],
    ["proxy", revision === null ? proxy : `${proxy}, revision ${revision}`],
    ["services", services],
  ];
}
