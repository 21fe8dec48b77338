/** Parts that descriptions of different things share. */
import { findingsOf } from "../../../data/mesh/checks/findingsOf.ts";
import type { Finding } from "../../../data/mesh/finding.ts";
import { nameOf, type Labels, type ResourceRef } from "../../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import type { EffectiveMtls } from "../../../data/mesh/model/security.ts";
import type { Requests, Traffic } from "../../../data/mesh/traffic.ts";
import { severityTones } from "../../columns/checks.ts";
import { formatBytes, formatMillis, formatRate, formatRatio } from "../../columns/format.ts";
import { codeWords, errorTone, flagWords, mtlsTones, sourceWord } from "../../columns/words.ts";
import { span } from "../../paint/line.ts";
import type { Line } from "../../paint/span.ts";
import { facts, section, sentence, type Fact } from "./sheet.ts";

export const labelWords = (labels: Labels): readonly string[] =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`);

const reporters: Readonly<Record<Requests["reporter"], string>> = {
  source: "the callers' proxies",
  destination: "the receiving proxies",
  waypoint: "the waypoint",
  mixed: "proxies of different kinds",
};

/** Requests and connections of one thing, with whose word it is. */
export function trafficFacts(traffic: Traffic): readonly Fact[] {
  const { requests, connections } = traffic;
  const http: readonly Fact[] =
    requests === null
      ? []
      : [
          ["rate", `${formatRate(requests.rate)}, counted by ${reporters[requests.reporter]}`],
          ["errors", [span(formatRatio(requests.errors), errorTone(requests.errors))]],
          [
            "latency",
            `p50 ${formatMillis(requests.p50)}, p95 ${formatMillis(requests.p95)}, p99 ${formatMillis(requests.p99)}`,
          ],
        ];
  const tcp: readonly Fact[] =
    connections === null
      ? []
      : [
          ["connections", `${formatRate(connections.opened)} opened`],
          ["bytes", `${formatBytes(connections.received)} in, ${formatBytes(connections.sent)} out`],
        ];
  const [codes, flags] = [codeWords(traffic), flagWords(traffic)];
  return [
    ...http,
    ...tcp,
    ...(codes === "" ? [] : [["codes", codes] as const]),
    ...(flags === "" ? [] : [["flags", flags] as const]),
    ...(requests === null && connections === null ? [["rate", "no traffic in the window"] as const] : []),
  ];
}

export function mtlsFacts({ mode, from, ports }: EffectiveMtls): readonly Fact[] {
  const exceptions = Object.entries(ports).map(([port, other]) => `port ${port}: ${other}`);
  return [
    ["mode", [span(mode, mtlsTones[mode])]],
    ["decided by", sourceWord(from)],
    ...(exceptions.length === 0 ? [] : [["except", exceptions] as const]),
  ];
}

/** Findings about one of these objects. */
export const findingLines = (mesh: Mesh, refs: readonly ResourceRef[], columns: number): readonly Line[] =>
  findingSection(findingsOf(mesh, refs), columns);

/** What is found, the object's name with each. */
export function findingSection(found: readonly Finding[], columns: number): readonly Line[] {
  return section(
    "Findings",
    found.flatMap((finding) => findingSentence(finding, columns)),
  );
}

function findingSentence(finding: Finding, columns: number): readonly Line[] {
  const { code, severity, message, object, path } = finding;
  const where = path === "" ? nameOf(object) : `${nameOf(object)} ${path}`;
  return sentence(`${message} (${where})`, columns, span(`${code} ${severity}  `, severityTones[severity]));
}

/** Label and value of an object's identity. */
export function identity(ref: ResourceRef | null, fallback: string): readonly Line[] {
  if (ref === null) return facts([["name", `${fallback}, known from telemetry alone`]]);
  const api = ref.group === "" ? ref.version : `${ref.group}/${ref.version}`;
  return facts([
    ["name", ref.name],
    ["namespace", ref.namespace ?? "none: it belongs to the cluster"],
    ["kind", `${ref.kind} (${api})`],
  ]);
}
