import type { ResourceRef } from "../../../data/mesh/declared/meta.ts";
import type { Mesh } from "../../../data/mesh/model/mesh.ts";
import { clientSentences, limitWords } from "../../columns/breakers.ts";
import { matchWord, scopeWord } from "../../columns/routes.ts";
import { formatShare } from "../../columns/format.ts";
import type { Line } from "../../paint/span.ts";
import { objectKey } from "../../state/uiState.ts";
import { findingLines, identity } from "./parts.ts";
import { facts, section, type Fact } from "./sheet.ts";

/** Any other object: what the mesh does because of it. */
export function describeObject(ref: ResourceRef, mesh: Mesh, columns: number): readonly Line[] {
  const effects: readonly Fact[] = [
    ...routeFacts(ref, mesh),
    ...subsetFacts(ref, mesh),
    ...breakerFacts(ref, mesh),
    ...mtlsFacts(ref, mesh),
    ...policyFacts(ref, mesh),
    ...outboundFacts(ref, mesh),
  ];
  return [
    ...section(ref.kind, identity(ref, ref.name)),
    ...section(
      "What it does",
      facts(effects.length === 0 ? [["effect", "none that is seen on a service or workload here"]] : effects),
    ),
    ...findingLines(mesh, [ref], columns),
  ];
}

const isSame = (a: ResourceRef | string, b: ResourceRef): boolean =>
  typeof a !== "string" && objectKey(a) === objectKey(b);

function routeFacts(ref: ResourceRef, mesh: Mesh): readonly Fact[] {
  return mesh.services.flatMap((service) =>
    service.detail.routes
      .filter((route) => isSame(route.ref, ref))
      .map((route): Fact => [
        "routes",
        [
          `${service.key} [${scopeWord(route.scope)}]`,
          ...route.rules.map((rule) => {
            const split = rule.destinations.map(
              ({ subset, host, share }) => `${subset ?? host} ${formatShare(share)}`,
            );
            return `  ${rule.index + 1} ${matchWord(rule)}: ${rule.instead ?? split.join(", ")}`;
          }),
        ],
      ]),
  );
}

function subsetFacts(ref: ResourceRef, mesh: Mesh): readonly Fact[] {
  const subsets = mesh.services.flatMap((service) =>
    service.subsets
      .filter(({ definedBy }) => isSame(definedBy, ref))
      .map(({ name, endpoints }) => `${service.key} ${name}, ${endpoints.ready} of ${endpoints.total} ready`),
  );
  return subsets.length === 0 ? [] : [["subsets", subsets]];
}

function breakerFacts(ref: ResourceRef, mesh: Mesh): readonly Fact[] {
  const limits = mesh.breakers
    .filter(({ definedBy }) => isSame(definedBy, ref))
    .flatMap((breaker) => [
      `${breaker.service}${breaker.subset === null ? "" : ` ${breaker.subset}`}: ${limitWords(breaker)}`,
      ...clientSentences(breaker).map((sentence) => `  ${sentence}`),
    ]);
  return limits.length === 0 ? [] : [["limits", limits]];
}

function mtlsFacts(ref: ResourceRef, mesh: Mesh): readonly Fact[] {
  const { mtls, workloads } = mesh;
  const ruled = [
    ...(isSame(mtls.mesh.from, ref) ? [`the mesh: ${mtls.mesh.mode}`] : []),
    ...mtls.namespaces
      .filter(({ effective }) => isSame(effective.from, ref))
      .map(({ namespace, effective }) => `namespace ${namespace}: ${effective.mode}`),
    ...workloads
      .filter((workload) => isSame(workload.mtls.from, ref))
      .map(({ key, mtls: own }) => `${key}: ${own.mode}`),
  ];
  return ruled.length === 0 ? [] : [["mTLS of", ruled]];
}

/** AuthorizationPolicies, Telemetries and Sidecars: whose proxies are told. */
function policyFacts(ref: ResourceRef, { workloads }: Mesh): readonly Fact[] {
  const of = (label: string, ruled: readonly string[]): readonly Fact[] =>
    ruled.length === 0 ? [] : [[label, ruled]];
  return [
    ...of(
      "judges",
      workloads.flatMap(({ key, authorization }) =>
        authorization.filter((one) => isSame(one.ref, ref)).map(({ action }) => `${key}: ${action}`),
      ),
    ),
    ...of(
      "access log of",
      workloads.flatMap(({ key, accessLog }) =>
        accessLog !== null && isSame(accessLog.from, ref) ? [`${key}: ${accessLog.is}`] : [],
      ),
    ),
    ...of(
      "imports of",
      workloads.flatMap(({ key, imports }) =>
        imports !== null && isSame(imports.from, ref) ? [`${key}: ${imports.hosts.join(", ")}`] : [],
      ),
    ),
  ];
}

function outboundFacts(ref: ResourceRef, mesh: Mesh): readonly Fact[] {
  const ruled = mesh.workloads
    .filter(({ outboundPolicy }) => isSame(outboundPolicy.from, ref))
    .map(({ key, outboundPolicy }) => `${key}: ${outboundPolicy.mode ?? outboundPolicy.written ?? "?"}`);
  return ruled.length === 0 ? [] : [["outbound of", ruled]];
}
