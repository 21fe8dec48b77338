import type { ResourceRef } from "../declared/meta.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Destination } from "../model/route.ts";
import type { Client } from "../resolve/client.ts";
import { destinationRuleFor, subsetOf } from "../resolve/destinationRules.ts";
import type { ResolvedDestination, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import type { Flow } from "../join/flow.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { backendsOf, behind, sidecarIn, type KnownService } from "./knownServices.ts";

/** What one destination of a rule names, as the proxies that use the rule resolve it. */
export interface NamedBackend {
  readonly to: ResolvedDestination;
  readonly service: ServiceKey | null;
  readonly workloads: readonly WorkloadKey[];
  readonly endpoints: Destination["endpoints"];
  readonly problem: Destination["problem"];
  /** Is what this end answers for this host sent here, where these workloads are declared? `null`: what reaches no workload. */
  readonly takes: (end: Flow["destination"], workloads: KnownMesh["workloads"]) => boolean;
}

const none = { ready: 0, total: 0 };

/** Labels that metrics carry as a revision or version, in the order that Istio reads them (istio.md 4.2). */
const revisionLabels = [
  "service.istio.io/canonical-revision",
  "app.kubernetes.io/version",
  "version",
] as const;

/** Resolves one destination: subset -> labels -> workloads, a Service -> everything behind it. */
export function backendFor(known: KnownMesh, route: ResolvedRoute, to: ResolvedDestination): NamedBackend {
  const service = known.serviceByHost.get(to.host);
  if (service === undefined) {
    return {
      to,
      service: null,
      workloads: [],
      endpoints: none,
      problem: "unknown host",
      takes: () => to.subset === null,
    };
  }
  if (to.subset === null) {
    const { workloads, endpoints } = service;
    return {
      to,
      service: service.key,
      workloads,
      endpoints,
      problem: emptiness(known, service, endpoints),
      takes: () => true,
    };
  }
  return subsetBackend(known, route, service, { ...to, subset: to.subset });
}

/** Everything that `backendFor` looks at, so that its answer is the same while this is. */
export function backendParts(
  known: KnownMesh,
  route: ResolvedRoute,
  to: ResolvedDestination,
): readonly unknown[] {
  const service = known.serviceByHost.get(to.host);
  if (service === undefined || to.subset === null) return [service, known.endpointsKnown];
  const rule = destinationRuleFor(known.registry, service.host, viewpoint(known, route, service));
  // The service itself tells what is behind the subsets of its own rule.
  const others = rule === service.rule ? [] : behind(known.registry, service.declaredBy);
  return [service, known.endpointsKnown, rule, ...others];
}

type SubsetDestination = ResolvedDestination & { readonly subset: string };

function subsetBackend(
  known: KnownMesh,
  route: ResolvedRoute,
  service: KnownService,
  to: SubsetDestination,
): NamedBackend {
  const rule = destinationRuleFor(known.registry, service.host, viewpoint(known, route, service));
  const subset = subsetOf(rule, to.subset);
  if (subset === null) {
    return {
      to,
      service: service.key,
      workloads: [],
      endpoints: none,
      problem: "missing subset",
      takes: () => false,
    };
  }
  const own = rule === service.rule ? service.subsets.find(({ name }) => name === to.subset) : undefined;
  const { workloads, endpoints } = own ?? backendsOf(known.registry, service.declaredBy, subset.labels);
  const keys = new Set(workloads);
  const revision =
    revisionLabels.map((label) => subset.labels[label]).find((value) => value !== undefined) ?? null;
  const takes =
    keys.size > 0
      ? (end: Flow["destination"]): boolean => end !== null && keys.has(end.key)
      : (end: Flow["destination"], all: KnownMesh["workloads"]): boolean =>
          end !== null && revision !== null && !all.has(end.key) && isRevision(end, revision);
  return {
    to,
    service: service.key,
    workloads,
    endpoints,
    problem: emptiness(known, service, endpoints),
    takes,
  };
}

/** Where workloads cannot be read, the labels that proxies report are all there is (istio.md 4.3). */
const isRevision = (end: NonNullable<Flow["destination"]>, revision: string): boolean =>
  (end.revision ?? end.version) === revision;

/** Whose DestinationRule counts: that of a sidecar of the service's own namespace; of the gateway, for a route that only gateways use. */
function viewpoint(known: KnownMesh, { scope }: ResolvedRoute, service: KnownService): Client {
  if (scope.mesh) return sidecarIn(service.namespace);
  for (const name of scope.gateways) {
    const client = known.gatewayClients.get(name);
    if (client !== undefined) return client;
  }
  return sidecarIn(scope.gateways[0]?.split("/")[0] ?? service.namespace);
}

/** A host outside, and a Service that DNS resolves, have no endpoints here to count. */
function emptiness(
  known: KnownMesh,
  service: KnownService,
  endpoints: Destination["endpoints"],
): Destination["problem"] {
  if (!known.endpointsKnown || endpoints.ready > 0) return null;
  if ("hosts" in service.declaredBy || service.declaredBy.type === "ExternalName") return null;
  return "no endpoints";
}

/** `rule 2`, or with the object where it is another one. */
export function ruleName(
  rule: { readonly ref: ResourceRef; readonly index: number },
  from: ResourceRef,
): string {
  const { ref, index } = rule;
  const same = ref.kind === from.kind && ref.namespace === from.namespace && ref.name === from.name;
  return same ? `rule ${index + 1}` : `rule ${index + 1} of ${ref.kind} ${ref.namespace ?? ""}/${ref.name}`;
}
