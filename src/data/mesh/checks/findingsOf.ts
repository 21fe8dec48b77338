import type { WorkloadKind } from "../declared/core.ts";
import type { ResourceRef } from "../declared/meta.ts";
import type { Finding } from "../finding.ts";
import type { Mesh } from "../model/mesh.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { onceFor } from "../resolve/once.ts";

// A ref stands as long as its object does, and is asked for in each mesh.
const keyOf = onceFor(
  ({ group, kind, namespace, name }: ResourceRef): string => `${group} ${kind} ${namespace ?? ""}/${name}`,
);

const byObject = onceFor((findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> =>
  Map.groupBy(findings, ({ object }) => keyOf(object)),
);

const placesOf = onceFor(
  (findings: readonly Finding[]): ReadonlyMap<Finding, number> =>
    new Map(findings.map((finding, i) => [finding, i])),
);

/** What is found about these objects, each once, the worst first. */
export function findingsOf(
  { findings }: Pick<Mesh, "findings">,
  refs: readonly ResourceRef[],
): readonly Finding[] {
  const found = byObject(findings);
  const lists = new Set<readonly Finding[]>();
  for (const ref of refs) {
    const list = found.get(keyOf(ref));
    if (list !== undefined) lists.add(list);
  }
  const [only = none] = lists;
  if (lists.size < 2) return only;
  const places = placesOf(findings);
  return [...lists].flat().sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}

const none: readonly Finding[] = [];

/**
 * By service: what is found about it and about what decides over its traffic: its routes (delegates too), the DestinationRules of its subsets and breakers, its
 * workloads, the PeerAuthentications that they are under, and its canary. Only services with a finding are in it. Once for each mesh.
 */
export const findingsByService = onceFor((mesh: Mesh): ReadonlyMap<ServiceKey, readonly Finding[]> => {
  const found = new Map<ServiceKey, readonly Finding[]>();
  if (mesh.findings.length === 0) return found;
  const workloads = workloadsFound(mesh);
  const canaries = new Map(mesh.canaries.map((canary) => [canary.key, canary]));
  const breakers = breakersByService(mesh.breakers);
  for (const service of mesh.services) {
    const refs = refsOf(service);
    for (const { definedBy } of breakers.get(service.key) ?? [])
      if (definedBy !== "mesh default") refs.push(definedBy);
    for (const key of service.workloads) addRefsOf(workloads.get(key), refs);
    const canary = service.canary === null ? undefined : canaries.get(service.canary);
    if (canary !== undefined) refs.push(canary.ref);
    const own = findingsOf(mesh, refs);
    if (own.length > 0) found.set(service.key, own);
  }
  return found;
});

/** What decides over a service because it decides over its workloads. */
const ofWorkloads: Readonly<Record<WorkloadKind | "PeerAuthentication", true>> = {
  Deployment: true,
  StatefulSet: true,
  DaemonSet: true,
  Rollout: true,
  PeerAuthentication: true,
};

/** By key; none where nothing is found that comes by them: who does not ask for workloads does not have them built. */
function workloadsFound(mesh: Mesh): ReadonlyMap<WorkloadKey, Workload> {
  const areFound = mesh.findings.some(({ object: { kind } }) => Object.hasOwn(ofWorkloads, kind));
  return new Map(areFound ? mesh.workloads.map((workload) => [workload.key, workload]) : []);
}

function addRefsOf(workload: Workload | undefined, refs: ResourceRef[]): void {
  if (workload === undefined) return;
  const { ref, mtls } = workload;
  if (ref !== null) refs.push(ref);
  if (mtls.from !== "default") refs.push(mtls.from);
}

const breakersByService = onceFor((breakers: Mesh["breakers"]) =>
  Map.groupBy(breakers, ({ service }) => service),
);

function refsOf({ ref, routedBy, subsets }: Service): ResourceRef[] {
  const refs = [...(ref === null ? [] : [ref]), ...routedBy];
  for (const { definedBy } of subsets) refs.push(definedBy);
  return refs;
}
