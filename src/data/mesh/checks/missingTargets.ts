/** What a route names and nobody declares, as far as everything that could declare it is known. */
import type { NamedBackend } from "../build/destinations.ts";
import { destinationRuleFor, subsetOf } from "../resolve/destinationRules.ts";
import { mostSpecific } from "../resolve/hosts.ts";
import type { Registry } from "../resolve/registry.ts";
import type { ResolvedDestination } from "../resolve/resolvedRoute.ts";
import type { CheckContext } from "./check.ts";

/** `name.ns.svc.cluster.local`: the namespace of a Service; `null` for a host of the outside. */
export const namespaceIn = (host: string): string | null => /^[^.]+\.([^.]+)\.svc\./u.exec(host)?.[1] ?? null;

/** Nobody declares the host, and whoever could has been read. Names of other clusters are not in this one's registry. */
export function isUnknown({ registry, covers }: CheckContext, { problem, to }: NamedBackend): boolean {
  if (problem !== "unknown host" || to.host.endsWith(".clusterset.local")) return false;
  if (mostSpecific(registry.serviceEntries, to.host) !== null) return false;
  if (covers("serviceEntries", null) === "no") return false;
  const namespace = namespaceIn(to.host);
  if (namespace === null) return covers("serviceEntries", null) === "yes" || isShortened(registry, to.host);
  return covers("services", namespace) === "yes";
}

/** `catalog.shop` for a Service of that name: a host that nobody means to be outside. */
function isShortened({ services }: Registry, host: string): boolean {
  const [name = "", namespace = "", more] = host.split(".");
  return (more === undefined || more === "svc") && services.has(`${namespace}/${name}`);
}

/** The subset is in no DestinationRule, and every namespace that could have one has been read. */
export function isUndefined(context: CheckContext, { problem, to }: NamedBackend): boolean {
  if (problem === "unknown host") return isUndefinedInFiles(context, to);
  if (problem !== "missing subset") return false;
  const { covers, registry } = context;
  const owner = registry.namespaceOfHost(to.host);
  return (
    owner !== null && covers("destinationRules", owner) === "yes" && covers("destinationRules", null) !== "no"
  );
}

/** Files often hold the rules of a Service without the Service: a DestinationRule for its host says which subsets there are all the same. */
function isUndefinedInFiles({ known, registry, covers }: CheckContext, to: ResolvedDestination): boolean {
  const namespace = namespaceIn(to.host);
  if (known.declared.fromFiles !== true || namespace === null || to.subset === null) return false;
  if (covers("services", namespace) === "yes") return false;
  const rule = destinationRuleFor(registry, to.host, { is: "sidecar", namespace, labels: {} });
  return rule !== null && subsetOf(rule, to.subset) === null;
}
