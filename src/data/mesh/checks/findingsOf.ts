import type { ResourceRef } from "../declared/meta.ts";
import type { Finding } from "../finding.ts";
import type { Mesh } from "../model/mesh.ts";
import type { ServiceKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import { onceFor } from "../resolve/once.ts";

const keyOf = ({ group, kind, namespace, name }: ResourceRef): string =>
  `${group} ${kind} ${namespace ?? ""}/${name}`;

const byObject = onceFor((findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> =>
  Map.groupBy(findings, ({ object }) => keyOf(object)),
);

const placesOf = onceFor(
  (findings: readonly Finding[]): ReadonlyMap<Finding, number> =>
    new Map(findings.map((finding, i) => [finding, i])),
);

/** What is found about these objects, each once, the worst first. */
export function findingsOf(mesh: Pick<Mesh, "findings">, refs: readonly ResourceRef[]): readonly Finding[] {
  const found = new Set(
    [...new Set(refs.map(keyOf))].flatMap((key) => byObject(mesh.findings).get(key) ?? []),
  );
  const places = placesOf(mesh.findings);
  return [...found].sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

/**
 * By service: what is found about it and about what decides over its traffic: its routes (delegates too), the DestinationRules of its subsets and breakers, its
 * workloads, the PeerAuthentications that they are under, and its canary. Only services with a finding are in it. Once for each mesh.
 */
export const findingsByService = onceFor((mesh: Mesh): ReadonlyMap<ServiceKey, readonly Finding[]> => {
  if (mesh.findings.length === 0) return new Map();
  const workloads = new Map(mesh.workloads.map((workload) => [workload.key, workload]));
  const canaries = new Map(mesh.canaries.map((canary) => [canary.key, canary]));
  const breakers = Map.groupBy(mesh.breakers, ({ service }) => service);
  const found = new Map<ServiceKey, readonly Finding[]>();
  for (const service of mesh.services) {
    const behind = service.workloads.flatMap((key) => workloads.get(key) ?? []);
    const refs = [
      ...refsOf(service),
      ...(breakers.get(service.key) ?? []).flatMap(({ definedBy }) =>
        definedBy === "mesh default" ? [] : [definedBy],
      ),
      ...behind.flatMap(({ ref, mtls }) => [ref, mtls.from === "default" ? null : mtls.from]),
      service.canary === null ? null : (canaries.get(service.canary)?.ref ?? null),
    ].filter((ref) => ref !== null);
    const own = findingsOf(mesh, refs);
    if (own.length > 0) found.set(service.key, own);
  }
  return found;
});

const refsOf = ({ ref, routes, subsets }: Service): readonly (ResourceRef | null)[] => [
  ref,
  ...routes.flatMap((route) => [route.ref, ...route.rules.map((rule) => rule.ref)]),
  ...subsets.map(({ definedBy }) => definedBy),
];
