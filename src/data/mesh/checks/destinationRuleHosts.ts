/** For which services a DestinationRule speaks, and what of it is heard (istio.md 2.7). */
import type { KnownMesh } from "../build/knownMesh.ts";
import { sidecarIn, type KnownService } from "../build/knownServices.ts";
import { nameOf } from "../declared/meta.ts";
import type { DestinationRule } from "../declared/routing.ts";
import { destinationRuleFor, subsetOf, type ResolvedDestinationRule } from "../resolve/destinationRules.ts";
import { hostsOverlap, matchesHost, resolveHost } from "../resolve/hosts.ts";
import { onceFor } from "../resolve/once.ts";
import type { ResolvedDestination } from "../resolve/resolvedRoute.ts";
import { routesFor } from "../resolve/routing.ts";
import type { Check, CheckContext, Found, ListName } from "./check.ts";
import { routeLists } from "./routeRules.ts";

export const namespaceOf = ({ meta }: DestinationRule): string => meta.ref.namespace ?? "";
export const hostOf = (rule: DestinationRule): string => resolveHost(rule.host, namespaceOf(rule));

const registryLists: readonly ListName[] = ["services", "serviceEntries"];

/** Could something have this host that has not been read? */
function mayExist({ covers }: CheckContext, host: string): boolean {
  const namespace = /\.([^.]+)\.svc\./u.exec(host)?.[1];
  if (namespace === undefined || namespace === "*") {
    return covers("services", null) !== "yes" || covers("serviceEntries", null) !== "yes";
  }
  return covers("services", namespace) !== "yes" || covers("serviceEntries", null) === "no";
}

export const hostOfNobody: Check = {
  code: "MT0301",
  severity: "warning",
  title: "DestinationRule for a host that nobody declares",
  meaning: "There is no cluster that it could configure: it has no effect.",
  advice: "Write the full name of the Service, or declare the host in a ServiceEntry.",
  sources: { kiali: "KIA0202", istioctl: "IST0101" },
  needs: ["services"],
  reads: ["destinationRules", ...registryLists],
  find: (context) => {
    const { known, registry } = context;
    return registry.lists.destinationRules.flatMap((rule): readonly Found[] => {
      const host = hostOf(rule);
      if (known.serviceByHost.has(host) || mayExist(context, host)) return [];
      if (host.startsWith("*") && known.services.some((service) => hostsOverlap(host, service.host)))
        return [];
      if ([...registry.serviceEntries.wildcards.keys()].some((wide) => matchesHost(wide, host))) return [];
      const message = `No Service and no ServiceEntry has the host ${host}.`;
      return [{ object: rule.meta.ref, path: "spec.host", message }];
    });
  },
};

/** What DestinationRules of one namespace and host lose when they become one. */
export const lostInMerge: Check = {
  code: "MT0304",
  severity: "warning",
  title: "part of a DestinationRule that an older one overrides",
  meaning:
    "DestinationRules of one namespace for one host become one, the oldest first: of subsets with one name, and of top-level policies, the oldest counts and the others are dropped.",
  advice: "Keep one DestinationRule for each host.",
  sources: { kiali: "KIA0201" },
  needs: ["destinationRules"],
  reads: [],
  find: ({ registry }) => {
    const byName = new Map(registry.lists.destinationRules.map((rule) => [nameOf(rule.meta.ref), rule]));
    return [...registry.destinationRules.local.values()].flatMap(({ exact, wildcards }) =>
      [...exact.values(), ...wildcards.values()].flatMap((rules) => [
        ...rules.flatMap((rule) => lossesOf(rule, byName)),
        ...unmerged(rules),
      ]),
    );
  },
};

function lossesOf(
  merged: ResolvedDestinationRule,
  byName: ReadonlyMap<string, DestinationRule>,
): readonly Found[] {
  const subsets = merged.duplicates.map(({ name, definedBy }): Found => {
    const own = byName.get(nameOf(definedBy))?.subsets ?? [];
    const winner = merged.subsets.find((subset) => subset.name === name)?.definedBy;
    const by = winner === undefined ? "an older object" : nameOf(winner);
    const index = own.findLastIndex((subset) => subset.name === name);
    const message = `Subset ${name} is dropped: ${by} defines it already.`;
    return { object: definedBy, path: `spec.subsets[${index}]`, message };
  });
  const policies = merged.refs.flatMap((ref): readonly Found[] => {
    const winner = merged.trafficPolicy?.definedBy;
    if (winner === undefined || winner === ref || byName.get(nameOf(ref))?.trafficPolicy == null) return [];
    const message = `Its top-level policy is dropped: that of ${nameOf(winner)} counts.`;
    return [{ object: ref, path: "spec.trafficPolicy", message }];
  });
  return [...subsets, ...policies];
}

/** Those with another exportTo stay apart, and clients take the last. */
function unmerged(rules: readonly ResolvedDestinationRule[]): readonly Found[] {
  const wide = rules.filter(({ workloadSelector }) => workloadSelector === null);
  const last = wide.at(-1)?.refs[0];
  return wide.slice(0, -1).flatMap(({ refs, host }): readonly Found[] => {
    const [object] = refs;
    if (object === undefined || last === undefined) return [];
    const message = `Clients of its namespace take ${nameOf(last)} for ${host} alone: the two do not merge, for they are exported to different namespaces.`;
    return [{ object, path: "spec.exportTo", message }];
  });
}

const servicesByHost = onceFor(({ services }: KnownMesh): ReadonlyMap<string, readonly KnownService[]> =>
  Map.groupBy(services, ({ host }) => host),
);

/** All that a host takes in. Only a wildcard needs to be held against every service. */
const servicesAt = (known: KnownMesh, host: string): readonly KnownService[] =>
  host.startsWith("*")
    ? known.services.filter((service) => matchesHost(host, service.host))
    : (servicesByHost(known).get(host) ?? []);

export const hidesSubsets: Check = {
  code: "MT0305",
  severity: "error",
  title: "DestinationRule that hides the subsets of another",
  meaning:
    "Clients take the DestinationRule of their own namespace whole, also one for a wildcard host, and never ask the service's owner: subsets that are defined there do not exist for them, and routes to these fail with 503, flag NC.",
  advice: "Define the subsets here too, narrow the host, or export the rule to no clients that need them.",
  sources: {},
  needs: ["destinationRules", "services"],
  reads: [...routeLists, "services", "sidecars"],
  find: ({ known, registry }) =>
    registry.lists.destinationRules.flatMap((rule): readonly Found[] => {
      const namespace = namespaceOf(rule);
      const host = hostOf(rule);
      const others = servicesAt(known, host).filter((service) => service.namespace !== namespace);
      const hidden = others.flatMap((service) => hiddenFrom(namespace, service, rule));
      if (hidden.length === 0) return [];
      const more = hidden.length > 2 ? ` and ${hidden.length - 2} more` : "";
      const message = `Clients in ${namespace} see this one alone, without ${hidden.slice(0, 2).join(", ")}${more}; what routes send there fails (503 NC).`;
      return [{ object: rule.meta.ref, path: "spec.host", message }];

      function hiddenFrom(client: string, service: KnownService, by: DestinationRule): readonly string[] {
        const seen = destinationRuleFor(registry, service.host, sidecarIn(client));
        if (seen?.refs.includes(by.meta.ref) !== true) return [];
        return usedBy(client, service)
          .filter((name) => subsetOf(seen, name) === null && subsetOf(service.rule, name) !== null)
          .map((name) => `subset ${name} of ${service.host}`);
      }

      function usedBy(client: string, { host: to }: KnownService): readonly string[] {
        const routes = routesFor(registry, to, sidecarIn(client));
        const rules = routes.flatMap(({ http, tcp, tls }) => [...http, ...tcp, ...tls]);
        const there = rules
          .filter(({ unreachable }) => !unreachable)
          .flatMap(({ destinations }): readonly ResolvedDestination[] => destinations)
          .filter((one) => one.host === to && one.effectiveWeight > 0);
        return [...new Set(there.flatMap(({ subset }) => subset ?? []))];
      }
    }),
};
