/** Gateway API routes and Gateways: what they refer to, and what their controller says of it. */
import type { BackendRef, GatewayApiRoute, ParentRef } from "../declared/gatewayApi.ts";
import type { Check, CheckContext, Found } from "./check.ts";

const namespaceOf = ({ meta }: GatewayApiRoute): string => meta.ref.namespace ?? "";

/** What a parent names does not exist; `null`: it does, or cannot be told. */
function lackOfParent(
  { registry, covers }: CheckContext,
  route: GatewayApiRoute,
  parent: ParentRef,
): string | null {
  const namespace = parent.namespace ?? namespaceOf(route);
  const name = `${namespace}/${parent.name}`;
  if (parent.kind === "Gateway" && parent.group === "gateway.networking.k8s.io") {
    if (covers("gatewayApiGateways", namespace) !== "yes") return null;
    const gateway = registry.gatewayApiGateways.get(name);
    if (gateway === undefined) return `There is no Gateway ${name}`;
    const { sectionName } = parent;
    if (sectionName === null || gateway.listeners.some((listener) => listener.name === sectionName))
      return null;
    return `Gateway ${name} has no listener ${sectionName}`;
  }
  if (parent.kind !== "Service" || parent.group !== "" || covers("services", namespace) !== "yes")
    return null;
  return registry.services.has(name) ? null : `There is no Service ${name}`;
}

export const missingParent: Check = {
  code: "MT0801",
  severity: "error",
  title: "Gateway API route on a parent that does not exist",
  meaning: "Nobody serves the route by this parent.",
  advice: "Correct name, namespace or sectionName of the parentRef.",
  sources: { kiali: "KIA1401, KIA1402", istioctl: "IST0101" },
  needs: [],
  reads: ["gatewayApiRoutes", "gatewayApiGateways", "services"],
  find: (context) =>
    context.registry.lists.gatewayApiRoutes.flatMap((route) =>
      route.parents.flatMap((parent, index): readonly Found[] => {
        const lack = lackOfParent(context, route, parent);
        if (lack === null) return [];
        return [
          {
            object: route.meta.ref,
            path: `spec.parentRefs[${index}]`,
            message: `${lack}; nobody serves the route there.`,
          },
        ];
      }),
    ),
};

/** A Service in Gateway API's own words; other kinds of backends are not known here. */
function lackOfBackend(
  { registry, covers }: CheckContext,
  route: GatewayApiRoute,
  backend: BackendRef,
): string | null {
  const namespace = backend.namespace ?? namespaceOf(route);
  if (backend.group !== "" || backend.kind !== "Service" || covers("services", namespace) !== "yes")
    return null;
  const service = registry.services.get(`${namespace}/${backend.name}`);
  if (service === undefined) return `There is no Service ${namespace}/${backend.name}`;
  const { port } = backend;
  if (port === null || service.ports.some((one) => one.port === port)) return null;
  return `Service ${namespace}/${backend.name} has no port ${port}`;
}

export const missingBackend: Check = {
  code: "MT0802",
  severity: "error",
  title: "Gateway API route to a Service or port that does not exist",
  meaning: "The share of the backend is answered with 500 (for a TCPRoute: connections are refused).",
  advice: "Correct name, namespace or port of the backendRef. A name has no dots here.",
  sources: { kiali: "KIA1402", istioctl: "IST0101" },
  needs: ["services"],
  reads: ["gatewayApiRoutes"],
  find: (context) =>
    context.registry.lists.gatewayApiRoutes.flatMap((route) =>
      route.rules.flatMap(({ backends }, rule) =>
        backends.flatMap((backend, index): readonly Found[] => {
          const lack = backend.weight === 0 ? null : lackOfBackend(context, route, backend);
          if (lack === null) return [];
          const path = `spec.rules[${rule}].backendRefs[${index}]`;
          return [
            {
              object: route.meta.ref,
              path,
              message: `${lack}; what the rule sends there is answered with 500.`,
            },
          ];
        }),
      ),
    ),
};

export const notAccepted: Check = {
  code: "MT0803",
  severity: "error",
  title: "Gateway API route that its controller refuses",
  meaning:
    "The status of the route says Accepted or ResolvedRefs False: the Gateway does not let routes of this namespace in, no listener has a common hostname, or a ReferenceGrant is missing for a backend of another namespace.",
  advice: "Read the conditions in the status of the route (`kubectl describe`).",
  sources: { kiali: "KIA1401, KIA1402" },
  needs: [],
  reads: ["gatewayApiRoutes", "gatewayApiGateways", "services"],
  find: (context) =>
    context.registry.lists.gatewayApiRoutes.flatMap((route): readonly Found[] => {
      const object = route.meta.ref;
      const path = "status.parents";
      // What can be seen from here is told by MT0801 and MT0802.
      const parents = route.parents.some((parent) => lackOfParent(context, route, parent) !== null);
      const backends = route.rules.some((rule) =>
        rule.backends.some((one) => lackOfBackend(context, route, one) !== null),
      );
      if (route.accepted === false && !parents) {
        return [{ object, path, message: "Its controller does not accept it; nobody serves it." }];
      }
      if (route.resolvedRefs !== false || backends || parents) return [];
      return [
        {
          object,
          path,
          message: "Its controller cannot resolve a reference of it; that share is answered with 500.",
        },
      ];
    }),
};

export const sameListener: Check = {
  code: "MT0804",
  severity: "error",
  title: "two listeners of a Gateway for the same hostname and port",
  meaning:
    "Listeners of one Gateway must differ in port, protocol or hostname: those that do not are in conflict and are not served.",
  advice: "Give one of them another hostname, or remove it.",
  sources: { kiali: "KIA1503" },
  needs: ["gatewayApiGateways"],
  reads: [],
  find: ({ registry }) =>
    registry.lists.gatewayApiGateways.flatMap(({ meta, listeners }) => {
      const seen = new Map<string, string>();
      return listeners.flatMap(({ name, hostname, port, protocol }, index): readonly Found[] => {
        const key = `${port} ${protocol} ${hostname ?? "*"}`;
        const first = seen.get(key);
        if (first === undefined) {
          seen.set(key, name);
          return [];
        }
        const message = `Listener ${name} has port, protocol and hostname of listener ${first}.`;
        return [{ object: meta.ref, path: `spec.listeners[${index}]`, message }];
      });
    }),
};
