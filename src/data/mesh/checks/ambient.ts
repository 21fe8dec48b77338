/** What needs a waypoint in the ambient mesh: routes and policies of layer 7 (istio.md 3, Ambient). */
import { isAmbient, usesWaypoint, waypointFor } from "../build/ambientServices.ts";
import type { KnownMesh } from "../build/knownMesh.ts";
import type { KnownService } from "../build/knownServices.ts";
import { onceFor } from "../resolve/once.ts";
import { waypointNamed } from "../resolve/waypoints.ts";
import type { RouteObject } from "../resolve/routeIndex.ts";
import type { Check, CheckContext, Found, ListName } from "./check.ts";
import { hostOf, namespaceOf } from "./destinationRuleHosts.ts";
import { rulesInUse } from "./routeRules.ts";

/** Services of the ambient mesh that a route speaks for on the mesh, with the index of the host. */
function ambientHosts(
  context: CheckContext,
  { meshHosts }: RouteObject,
): readonly { readonly service: KnownService; readonly index: number }[] {
  return meshHosts.flatMap((host, index) => {
    const service = context.known.serviceByHost.get(host);
    return isAmbient(context.known, service) ? [{ service, index }] : [];
  });
}

/** Hosts to which gateways send: their own proxies apply what is written for these. */
const servedByGateways = onceFor(
  (known: KnownMesh): ReadonlySet<string> =>
    new Set(
      rulesInUse(known)
        .filter(({ object }) => object.listeners.length > 0)
        .flatMap(({ rule }) => rule.destinations.map(({ host }) => host)),
    ),
);

const whyNone = (known: KnownMesh, service: KnownService): string =>
  `${service.key} uses no waypoint${suffixed(waypointFor(known, service)?.why ?? null)}`;

const suffixed = (why: string | null): string => (why === null ? "" : `: ${why}`);

const pathOf = ({ gatewayApi }: RouteObject, index: number): string =>
  gatewayApi ? `spec.parentRefs[${index}]` : `spec.hosts[${index}]`;

const needs: readonly ListName[] = ["namespaces", "workloads", "services"];
const reads: readonly ListName[] = [
  "virtualServices",
  "destinationRules",
  "gatewayApiRoutes",
  "gateways",
  "gatewayApiGateways",
  "serviceEntries",
  "pods",
];

export const routeWithoutWaypoint: Check = {
  code: "MT0118",
  severity: "warning",
  title: "route for a service of the ambient mesh without a waypoint",
  meaning:
    "ztunnel knows connections only: routes, weights and mirrors are applied by a waypoint, and this service uses none.",
  advice: "Deploy a waypoint and label the service or its namespace istio.io/use-waypoint.",
  sources: { kiali: "KIA1109, KIA1113" },
  needs,
  reads,
  find: (context) =>
    context.registry.routes.objects.flatMap((object) =>
      ambientHosts(context, object)
        .filter(({ service }) => !usesWaypoint(context.known, service))
        .map(({ service, index }) => ({
          object: object.meta.ref,
          path: pathOf(object, index),
          message: `${whyNone(context.known, service)}; nobody applies the route.`,
        })),
    ),
};

export const routeElsewhere: Check = {
  code: "MT0119",
  severity: "warning",
  title: "route for a service of the ambient mesh from another namespace",
  meaning: "A waypoint applies the VirtualServices of the service's own namespace alone.",
  advice: "Move it to the namespace of the service.",
  sources: { kiali: "KIA1114" },
  needs,
  reads,
  find: (context) =>
    context.registry.routes.objects
      .filter(({ gatewayApi }) => !gatewayApi)
      .flatMap((object) =>
        ambientHosts(context, object)
          .filter(
            ({ service }) => usesWaypoint(context.known, service) && service.namespace !== object.namespace,
          )
          .map(({ service, index }) => ({
            object: object.meta.ref,
            path: pathOf(object, index),
            message: `The waypoint of ${service.key} reads routes of namespace ${service.namespace} alone.`,
          })),
      ),
};

export const policyWithoutWaypoint: Check = {
  code: "MT0310",
  severity: "warning",
  title: "DestinationRule for a service of the ambient mesh without a waypoint",
  meaning:
    "ztunnel reads no DestinationRule: subsets, breakers and load balancing are applied by a waypoint, and this service uses none.",
  advice: "Deploy a waypoint and label the service or its namespace istio.io/use-waypoint.",
  sources: { kiali: "KIA0210, KIA0211" },
  needs,
  reads,
  find: (context) => findPolicies(context, (service) => !usesWaypoint(context.known, service)),
};

export const policyElsewhere: Check = {
  code: "MT0311",
  severity: "warning",
  title: "DestinationRule for a service of the ambient mesh from another namespace",
  meaning: "A waypoint applies the DestinationRules of the service's own namespace alone.",
  advice: "Move it to the namespace of the service.",
  sources: { kiali: "KIA0212" },
  needs,
  reads,
  find: (context) =>
    findPolicies(
      context,
      (service, namespace) => usesWaypoint(context.known, service) && service.namespace !== namespace,
    ),
};

export const missingWaypoint: Check = {
  code: "MT0120",
  severity: "error",
  title: "waypoint that does not exist",
  meaning:
    "The label names a Gateway that is not there: connections go straight to the pods, past every route and policy of layer 7.",
  advice: "Deploy the waypoint, or correct the name.",
  sources: { kiali: "KIA1313" },
  needs: ["namespaces", "services", "workloads", "gatewayApiGateways"],
  reads: ["pods", "gateways"],
  find: ({ known, registry, covers }) => {
    const asking = [
      ...registry.lists.namespaces.map(({ meta }) => ({ meta, namespace: meta.ref.name })),
      ...registry.lists.services.map(({ meta }) => ({ meta, namespace: meta.ref.namespace ?? "" })),
    ];
    return asking.flatMap(({ meta, namespace }): readonly Found[] => {
      const name = waypointNamed(namespace, meta.labels);
      if (name === null || registry.gatewayApiGateways.has(name)) return [];
      if (covers("gatewayApiGateways", name.split("/")[0] ?? null) !== "yes") return [];
      const isUsed = [...known.workloads.values()].some(
        (one) => one.namespace === namespace && one.proxy === "ambient",
      );
      if (!isUsed) return [];
      const message = `There is no Gateway ${name}.`;
      return [{ object: meta.ref, path: "metadata.labels", message }];
    });
  },
};

export const unwillingWaypoint: Check = {
  code: "MT0121",
  severity: "warning",
  title: "waypoint that does not take what is sent to the service",
  meaning:
    "A waypoint takes what istio.io/waypoint-for says (service, unless it says workload, all or none), of the namespaces that its allowedRoutes admit. The rest goes past it.",
  advice:
    "Label the Gateway istio.io/waypoint-for=all, or admit the namespace in its listener's allowedRoutes.",
  sources: {},
  needs: ["namespaces", "services", "gatewayApiGateways"],
  reads: ["serviceEntries"],
  find: ({ known, registry }) =>
    known.services.flatMap((service): readonly Found[] => {
      // A namespace may well have a waypoint that is for its pods alone.
      if (waypointNamed(service.namespace, service.labels) === null) return [];
      const waypoint = waypointFor(known, service);
      if (waypoint?.takes !== "no" || !registry.gatewayApiGateways.has(waypoint.gateway)) return [];
      return [
        {
          object: service.ref,
          path: "metadata.labels",
          message: `${sentence(waypoint.why ?? "")} Connections go straight to the pods.`,
        },
      ];
    }),
};

const sentence = (why: string): string => `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;

/** DestinationRules that say anything, for a service of which no gateway's proxy could use it. */
function findPolicies(
  context: CheckContext,
  concerns: (service: KnownService, namespace: string) => boolean,
): readonly Found[] {
  const served = servedByGateways(context.known);
  return context.registry.lists.destinationRules.flatMap((rule): readonly Found[] => {
    const host = hostOf(rule);
    const service = context.known.serviceByHost.get(host);
    if (!isAmbient(context.known, service) || served.has(host) || !concerns(service, namespaceOf(rule)))
      return [];
    if (rule.subsets.length === 0 && rule.trafficPolicy === null) return [];
    return [{ object: rule.meta.ref, path: "spec.host", message: `No waypoint of ${service.key} reads it.` }];
  });
}
