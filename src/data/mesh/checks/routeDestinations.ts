/** Destinations and mirrors of routes: do they exist, and does anybody answer there? */
import { backendFor, type NamedBackend } from "../build/destinations.ts";
import type { KnownMesh } from "../build/knownMesh.ts";
import { onceFor } from "../resolve/once.ts";
import type { ResolvedDestination, ResolvedRoute } from "../resolve/resolvedRoute.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import { isUndefined, isUnknown, namespaceIn } from "./missingTargets.ts";
import {
  destinationPath,
  isGatewayApi,
  mirrorsIn,
  routeLists,
  rulesInUse,
  targetName,
} from "./routeRules.ts";

type Rule = ReturnType<typeof rulesInUse>[number]["rule"];

/** Where a rule sends to, or copies to, with what stands there. */
interface Target {
  readonly rule: Rule;
  readonly path: string;
  readonly backend: NamedBackend;
  /** Part of the rule's requests, 0 to 1; `null` for a mirror, and where the weights sum to 0. */
  readonly share: number | null;
}

const destinationsOf = onceFor((known: KnownMesh): readonly Target[] =>
  rulesInUse(known).flatMap(({ route, rule }) => {
    const total = rule.destinations.reduce((sum, { effectiveWeight }) => sum + effectiveWeight, 0);
    return rule.destinations.map((to) => ({
      rule,
      path: destinationPath(rule, to),
      backend: backendFor(known, route, to),
      share: total === 0 ? null : to.effectiveWeight / total,
    }));
  }),
);

function mirrorsOf({ known }: CheckContext): readonly Target[] {
  return rulesInUse(known).flatMap(({ route, rule }) =>
    mirrorsIn(rule).map(({ mirror, path }) => ({
      rule,
      path,
      backend: backendFor(known, route, { ...mirror, index: 0, weight: null, effectiveWeight: 1 }),
      share: null,
    })),
  );
}

const foundAt = ({ rule, path }: Target, message: string): Found => ({ object: rule.ref, path, message });

/** Whoever counts endpoints has been read; where no workload is behind a subset at all, its labels are wrong (MT0302). */
function isEmpty(context: CheckContext, { backend, share }: Target): boolean {
  if (backend.problem !== "no endpoints" || share === null || share === 0) return false;
  const { covers, known } = context;
  if (known.declared.fromFiles === true) return false;
  const namespace = namespaceIn(backend.to.host) ?? null;
  if (covers("endpointSlices", namespace) === "no" && covers("workloads", namespace) === "no") return false;
  return (
    backend.to.subset === null || backend.workloads.length > 0 || covers("workloads", namespace) === "no"
  );
}

const everything = [
  ...routeLists,
  "services",
  "workloads",
  "pods",
  "endpointSlices",
  "destinationRules",
] as const;

export const missingSubset: Check = {
  code: "MT0101",
  severity: "error",
  title: "route to a subset that nobody defines",
  meaning:
    "The proxies that use the route see no DestinationRule with this subset: there is no such cluster, and requests sent to it fail with 503, flag NC.",
  advice: "Define the subset in a DestinationRule for the host, or name another.",
  sources: { kiali: "KIA1107", istioctl: "IST0101" },
  needs: ["destinationRules"],
  reads: everything,
  find: (context) =>
    destinationsOf(context.known)
      .filter(({ backend }) => isUndefined(context, backend))
      .map((target) =>
        foundAt(
          target,
          `Subset ${target.backend.to.subset ?? ""} of ${target.backend.to.host} is not defined by any DestinationRule that these proxies see; requests sent to it fail (503 NC).`,
        ),
      ),
};

export const noEndpoints: Check = {
  code: "MT0102",
  severity: "error",
  title: "share for a destination without a ready endpoint",
  meaning: "Requests that the rule sends there fail with 503, flag UH.",
  advice: "Bring its pods up, or take the weight away.",
  sources: {},
  needs: ["services"],
  reads: everything,
  find: (context) =>
    destinationsOf(context.known)
      .filter((target) => isEmpty(context, target))
      .map((target) => {
        const { rule, backend, share } = target;
        const part = `${Math.round((share ?? 0) * 100)} % of rule ${rule.index + 1}`;
        return foundAt(
          target,
          `No ready endpoint behind ${targetName(backend.to)}, which gets ${part}; these requests fail (503 UH).`,
        );
      }),
};

export const unknownHost: Check = {
  code: "MT0105",
  severity: "error",
  title: "route to a host that nobody declares",
  meaning:
    "Neither a Service nor a ServiceEntry has the host: there is no cluster for it, and requests sent to it fail with 503, flag NC. Only a name without a dot is expanded.",
  advice: "Write the full name of the Service, or declare the host in a ServiceEntry.",
  sources: { kiali: "KIA1101", istioctl: "IST0101" },
  needs: ["services"],
  reads: everything,
  find: (context) =>
    destinationsOf(context.known)
      .filter(({ backend }) => isUnknown(context, backend))
      .filter(({ rule }) => !isGatewayApi(rule))
      .map((target) =>
        foundAt(
          target,
          `No Service and no ServiceEntry has the host ${target.backend.to.host}; requests sent to it fail.`,
        ),
      ),
};

export const missingMirror: Check = {
  code: "MT0112",
  severity: "warning",
  title: "mirror to a host or subset that does not exist",
  meaning: "Copies go nowhere, and nobody is told: mirrors are sent and forgotten.",
  advice: "Name a Service and a subset that exist, or remove the mirror.",
  sources: {},
  needs: ["services", "destinationRules"],
  reads: everything,
  find: (context) =>
    mirrorsOf(context)
      .filter(({ backend }) => isUnknown(context, backend) || isUndefined(context, backend))
      .map((target) =>
        foundAt(
          target,
          `The mirror names ${targetName(target.backend.to)}, which does not exist; no copy is sent.`,
        ),
      ),
};

export const portOfNobody: Check = {
  code: "MT0116",
  severity: "error",
  title: "route to a port that the service does not have",
  meaning: "There is no cluster for that port: requests sent to it fail with 503, flag NC.",
  advice: "Write the number of a port of the Service, not of its container.",
  sources: {},
  needs: ["services"],
  reads: everything,
  find: (context) =>
    destinationsOf(context.known).flatMap((target) => {
      const { to } = target.backend;
      const service = context.known.serviceByHost.get(to.host);
      if (service === undefined || to.port === null || service.ports.length === 0) return [];
      if (service.ports.some(({ port }) => port === to.port)) return [];
      const ports = service.ports.map(({ port }) => port).join(", ");
      return [
        foundAt(
          target,
          `${to.host} has no port ${to.port} (it has ${ports}); requests sent to it fail (503 NC).`,
        ),
      ];
    }),
};

export const ambiguousPort: Check = {
  code: "MT0117",
  severity: "error",
  title: "gateway route to a service of several ports without naming one",
  meaning:
    "Without a port, a gateway takes its listener's number; the Service has several ports and none of that number, so requests fail with 503, flag NC.",
  advice: "Name the port of the destination.",
  sources: { istioctl: "IST0112" },
  needs: ["services"],
  reads: everything,
  find: ({ known }) =>
    rulesInUse(known).flatMap(({ object, route, rule }) =>
      rule.destinations.flatMap((to) => {
        const at = listenerWithout(
          known.serviceByHost.get(to.host)?.ports ?? [],
          to,
          object.listeners,
          route,
        );
        if (at === null) return [];
        const message = `${to.host} has several ports and the destination names none; on ${at} it would have to have that of the listener.`;
        return [{ object: rule.ref, path: destinationPath(rule, to), message }];
      }),
    ),
};

/** The first listener whose number is none of several ports, where the destination leaves its port open. */
function listenerWithout(
  ports: readonly { readonly port: number }[],
  to: ResolvedDestination,
  listeners: readonly { readonly gateway: string; readonly port: number }[],
  { ref }: ResolvedRoute,
): string | null {
  if (to.port !== null || ports.length < 2 || ref.kind !== "VirtualService") return null;
  const lost = listeners.find((listener) => ports.every(({ port }) => port !== listener.port));
  return lost === undefined ? null : `port ${lost.port} of Gateway ${lost.gateway}`;
}
