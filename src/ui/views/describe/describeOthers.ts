/** Namespaces, canaries and hosts outside: things of the mesh that are no service and no workload. */
import { clean } from "../../../data/mesh/clean.ts";
import { nameOf } from "../../../data/mesh/declared/meta.ts";
import type { Canary, CanaryMetric } from "../../../data/mesh/model/canary.ts";
import type { ClusterLink } from "../../../data/mesh/model/clusters.ts";
import type { ControlPlane } from "../../../data/mesh/model/controlPlane.ts";
import type { OutboundPolicy } from "../../../data/mesh/model/egress.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { Instant } from "../../../data/mesh/units.ts";
import {
  gateWord,
  metricTones,
  metricVerdict,
  metricWords,
  nextLookWord,
  strategyWord,
} from "../../columns/canaryWords.ts";
import { formatDuration, formatObserved, formatRate, formatShare } from "../../columns/format.ts";
import { canaryTone, outboundWord, sourceWord, verdictTones, verdictWord } from "../../columns/words.ts";
import { sparkline } from "../../paint/bars.ts";
import type { Glyphs } from "../../paint/glyphs.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { findingLines, identity, mtlsFacts, trafficFacts } from "./parts.ts";
import { facts, section, type Fact } from "./sheet.ts";

export function describeCanary(
  canary: Canary,
  mesh: Mesh,
  { columns, glyphs }: { readonly columns: number; readonly glyphs: Glyphs },
): readonly Line[] {
  const { stable, candidate } = canary;
  return [
    ...section("Canary", [
      ...identity(canary.ref, canary.key),
      ...facts([...progressFacts(canary, mesh.at), ...historyFacts(canary, glyphs)]),
    ]),
    ...section("Metrics, now", facts(canary.metrics.map(metricFact))),
    ...section("Webhooks", facts(canary.webhooks.map((hook) => webhookFact(hook, canary)))),
    ...section(`Candidate ${candidate.name}`, facts(trafficFacts(candidate.traffic))),
    ...section(`Stable ${stable.name}`, facts(trafficFacts(stable.traffic))),
    ...findingLines(mesh, [canary.ref], columns),
  ];
}

const metricFact = (metric: CanaryMetric): Fact => {
  const verdict = metricVerdict(metric);
  return [verdict, [span(clean(metric.name), metricTones[verdict]), span(`: ${metricWords(metric)}`)]];
};

function webhookFact({ type, name }: Canary["webhooks"][number], { waitsAt }: Canary): Fact {
  const isGate = waitsAt?.type === type && (waitsAt.name === name || waitsAt.name === "");
  return [
    clean(type === "" ? "rollout" : type),
    [span(clean(name)), ...(isGate ? [span("  waits here", "warn")] : [])],
  ];
}

function progressFacts(canary: Canary, at: Instant | null): readonly Fact[] {
  const { weight, step, interval, maxWeight, observed, verdict, suspended, message } = canary;
  const gate = gateWord(canary);
  const nextLook = nextLookWord(canary, at);
  return [
    ["controller", `${canary.controller}, ${strategyWord(canary)} of ${canary.target}`],
    ["phase", [span(suspended ? `${canary.phase}, suspended` : canary.phase, canaryTone(canary))]],
    ...(gate === null ? [] : [["waits at", [span(gate, "warn")]] as const]),
    [
      "weight",
      weight === null
        ? "no route found"
        : `${weight.canary} of ${weight.total} (${formatShare(weight.share)})`,
    ],
    [
      "observed",
      observed === null
        ? "nothing yet"
        : `${formatObserved(observed)} of ${observed.requests.toFixed(0)} requests`,
    ],
    ["step", step === null ? "outside of its steps" : `${step.now} of ${step.of}`],
    ...(canary.nextWeight === null ? [] : [["next step", `weight ${canary.nextWeight}`] as const]),
    ["goes up to", maxWeight === null ? "not set" : `${maxWeight} %`],
    ["looks every", interval === null ? "not set" : formatDuration(interval)],
    ...(nextLook === null ? [] : [["next look", nextLook] as const]),
    ...sessionFacts(canary),
    ["failed checks", `${canary.failedChecks} of ${canary.threshold}`],
    ["verdict", [span(verdictWord(verdict), verdictTones[verdict.is])]],
    ...(message === null ? [] : [["message", message] as const]),
    ...eventFacts(canary),
    ...deletionFacts(canary),
  ];
}

function sessionFacts({ sessionCookie }: Canary): readonly Fact[] {
  if (sessionCookie === null) return [];
  return [["sessions", `a caller that got the candidate keeps it, by cookie ${clean(sessionCookie)}`]];
}

/** More steps than a run has; older ones are of runs before. */
const shownSteps = 40;

function historyFacts({ history }: Canary, glyphs: Glyphs): readonly Fact[] {
  if (history.length === 0) return [];
  const shown = history.slice(-shownSteps);
  return [["weights", `${sparkline(shown, glyphs)}  up to ${Math.max(...shown)} in the last hour`]];
}

/** Why it halts is said in an event and nowhere else. */
function eventFacts({ lastEvent }: Canary): readonly Fact[] {
  if (lastEvent === null) return [];
  return [["last event", [span(lastEvent.message, lastEvent.type === "Warning" ? "warn" : undefined)]]];
}

/** The target of an idle Canary runs nothing: its replicas are the primary's, which goes with the Canary. */
function deletionFacts({ revertOnDeletion, target }: Canary): readonly Fact[] {
  if (revertOnDeletion === null) return [];
  const after = revertOnDeletion
    ? `${target} gets its replicas back (revertOnDeletion)`
    : `${target} stays at 0 replicas, and its Services are gone: revertOnDeletion is not set`;
  return [["if deleted", [span(after, revertOnDeletion ? undefined : "warn")]]];
}

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
