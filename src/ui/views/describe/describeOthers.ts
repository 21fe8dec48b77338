/** Namespaces and hosts outside: things of the mesh that are no service and no workload. */
import { nameOf } from "../../../data/mesh/declared/meta.ts";
import type { ClusterLink } from "../../../data/mesh/model/clusters.ts";
import type { ControlPlane } from "../../../data/mesh/model/controlPlane.ts";
import type { OutboundPolicy } from "../../../data/mesh/model/egress.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import { formatRate } from "../../columns/format.ts";
import { outboundWord, sourceWord } from "../../columns/words.ts";
import type { Line } from "../../paint/span.ts";
import { findingLines, mtlsFacts, trafficFacts } from "./parts.ts";
import { facts, section, type Fact } from "./sheet.ts";

/** The key "mesh" is the mesh itself. */
export function describeNamespace(name: string, mesh: Mesh, columns: number): readonly Line[] {
  const isMesh = name === "mesh";
  const effective = isMesh
    ? mesh.mtls.mesh
    : mesh.mtls.namespaces.find(({ namespace }) => namespace === name)?.effective;
  const policy = isMesh
    ? mesh.egress.mesh
    : mesh.egress.namespaces.find(({ namespace }) => namespace === name)?.policy;
  const decider = effective === undefined || effective.from === "default" ? [] : [effective.from];
  return [
    ...section(isMesh ? "Mesh" : "Namespace", facts([["name", name], ...summaryFacts(name, mesh)])),
    ...section("Control planes", isMesh ? facts(mesh.controlPlanes.map(controlPlaneFact)) : []),
    ...section("Clusters", isMesh ? facts(mesh.clusters.map(clusterFact)) : []),
    ...section("mTLS", effective === undefined ? [] : facts(mtlsFacts(effective))),
    ...section("Outbound policy", policy === undefined ? [] : facts(policyFacts(policy))),
    ...findingLines(mesh, decider, columns),
  ];
}

function clusterFact({ from, to, requests, connections }: ClusterLink): Fact {
  const opened = connections === 0 ? "" : `, ${formatRate(connections)} connections`;
  return [from, `to ${to}: ${formatRate(requests)}${opened}`];
}

function controlPlaneFact(plane: ControlPlane): Fact {
  const { revision, tags, ref, ready, desired, configMap, workloads } = plane;
  const named = tags.length === 0 ? "" : `, tags ${tags.join(", ")}`;
  const settings = configMap === null ? "no ConfigMap" : nameOf(configMap);
  return [
    revision,
    [`${workloads} workloads, ${ready} of ${desired} ready${named}`, `${nameOf(ref)}, ${settings}`],
  ];
}

function summaryFacts(name: string, mesh: Mesh): readonly Fact[] {
  const summary = mesh.namespaces.find((namespace) => namespace.name === name);
  if (summary === undefined) return [];
  const { services, workloads, ambient, revision } = summary;
  return [
    ["services", String(services)],
    ["workloads", String(workloads)],
    ["injection", ambient ? "ambient" : (revision ?? "not injected")],
  ];
}

const policyFacts = (policy: OutboundPolicy): readonly Fact[] => [
  ["mode", outboundWord(policy)],
  ["decided by", sourceWord(policy.from)],
];

/** `caller>host`, or a host alone: who calls it and what lets them. */
export function describeHost(key: string, mesh: Mesh): readonly Line[] {
  const host = key.slice(key.indexOf(">") + 1);
  const calls = mesh.egress.hosts.filter((one) => one.host === host);
  return [
    ...section(
      "Host",
      facts([
        ["name", host],
        ["callers", String(calls.length)],
      ]),
    ),
    ...calls.flatMap(({ from, kind, traffic, policy }) =>
      section(
        from,
        facts([
          ["seen as", kind],
          ...trafficFacts(traffic),
          ["policy", `${outboundWord(policy)}, from ${sourceWord(policy.from)}`],
        ]),
      ),
    ),
  ];
}
