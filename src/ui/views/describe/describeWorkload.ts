import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Workload } from "../../../data/mesh/model/workload.ts";
import { outboundTone, outboundWord, sourceWord } from "../../columns/words.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { findingLines, identity, mtlsFacts, trafficFacts } from "./parts.ts";
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
    ...section("Incoming", facts(trafficFacts(workload.inbound))),
    ...section("Outgoing", facts(trafficFacts(workload.outbound))),
    ...section("mTLS", facts(mtlsFacts(workload.mtls))),
    ...section(
      "Outbound policy",
      facts([
        ["mode", [span(outboundWord(outboundPolicy), outboundTone(outboundPolicy))]],
        ["decided by", sourceWord(outboundPolicy.from)],
      ]),
    ),
    ...findingLines(mesh, refs, columns),
  ];
}

function podFacts(workload: Workload): readonly Fact[] {
  const { ready, desired, pods, version, app, proxy, revision, services } = workload;
  return [
    ["ready", [span(`${ready} of ${desired}`, ready < desired ? "bad" : undefined), span(`, ${pods} pods`)]],
    ["version", version ?? "no version label"],
    ["app", app ?? "no app label"],
    ["proxy", revision === null ? proxy : `${proxy}, revision ${revision}`],
    ["services", services],
  ];
}
