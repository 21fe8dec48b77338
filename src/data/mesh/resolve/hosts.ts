/** Host names as Istio reads them (istio.md 2.4, 2.6; pilot/pkg/model/context.go, pkg/config/host/name.go). */

/** Istio's default; a mesh with another cluster domain writes its hosts in full. */
const CLUSTER_DOMAIN = "cluster.local";

/** FQDN of a Kubernetes Service. */
export function serviceHost(namespace: string, name: string): string {
  return `${name}.${namespace}.svc.${CLUSTER_DOMAIN}`;
}

/**
 * The FQDN that `written` means in an object of `namespace`.
 *
 * Only a name without a dot is expanded. `catalog.shop` is taken verbatim and is no Service; `*` and IP addresses stay
 * as they are (ResolveShortnameToFQDN in pilot/pkg/model/context.go).
 */
export function resolveHost(written: string, namespace: string): string {
  if (written === "" || written === "*" || written.includes(".") || written.includes(":")) return written;
  return serviceHost(namespace, written);
}

/**
 * `ns/name` of what a VirtualService of `namespace` writes in `gateways`; `mesh` stays `mesh`.
 *
 * `x` is in its own namespace, `./x` too, and the legacy `x.ns.svc.cluster.local` means `ns/x`.
 */
export function resolveGateway(written: string, namespace: string): string {
  if (written === "mesh") return written;
  if (written.startsWith("./")) return `${namespace}${written.slice(1)}`;
  if (written.includes("/")) return written;
  const [name = "", owner] = written.split(".");
  return `${owner ?? namespace}/${name}`;
}

const isWildcard = (host: string): boolean => host.startsWith("*");

/** Does a host with a leading `*` (or none) take in `host`? A wildcard never takes in less than it says: `*.a.b` is not `a.b`. */
export function matchesHost(pattern: string, host: string): boolean {
  return isWildcard(pattern) ? host.endsWith(pattern.slice(1)) : pattern === host;
}

/** Is there any host that both take in? (`Matches` in pkg/config/host/name.go) */
export function hostsOverlap(a: string, b: string): boolean {
  return matchesHost(a, b) || matchesHost(b, a);
}

/** The narrower of two overlapping hosts; `null` when they share none. */
export function commonHost(a: string, b: string): string | null {
  if (matchesHost(a, b)) return b;
  return matchesHost(b, a) ? a : null;
}

/**
 * Does Envoy try `a` before `b`? Exact names first, then the longest wildcard; equals by name, so the order is total
 * (`MoreSpecific` in pkg/config/host/name.go).
 */
export function moreSpecific(a: string, b: string): boolean {
  if (isWildcard(a) !== isWildcard(b)) return isWildcard(b);
  return a.length === b.length ? a < b : a.length > b.length;
}

/** Things by host, exact or wildcard, where the most specific host wins. */
export interface ByHost<T> {
  readonly exact: Map<string, T>;
  readonly wildcards: Map<string, T>;
}

export const byHost = <T>(): ByHost<T> => ({ exact: new Map(), wildcards: new Map() });

/** What stands under `host`, made if there is nothing yet. */
export function entryFor<T>(index: ByHost<T>, host: string, make: () => T): T {
  const side = isWildcard(host) ? index.wildcards : index.exact;
  const found = side.get(host) ?? make();
  side.set(host, found);
  return found;
}

/** The index with each of its lists put through `change`, by the host that it stands under. */
export function eachList<T>(
  { exact, wildcards }: ByHost<readonly T[]>,
  change: (host: string, list: readonly T[]) => readonly T[],
): ByHost<readonly T[]> {
  const changed = (side: Map<string, readonly T[]>): Map<string, readonly T[]> =>
    new Map(Array.from(side, ([host, list]) => [host, change(host, list)]));
  return { exact: changed(exact), wildcards: changed(wildcards) };
}

/** Everything whose host takes in `host`, the most specific first: one look-up for each dot in the name. */
export function matching<T>(index: ByHost<T>, host: string): readonly { host: string; value: T }[] {
  const found: { host: string; value: T }[] = [];
  const exact = index.exact.get(host);
  if (exact !== undefined) found.push({ host, value: exact });
  if (index.wildcards.size === 0) return found;
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) {
    const pattern = `*${host.slice(dot)}`;
    const value = index.wildcards.get(pattern);
    if (value !== undefined) found.push({ host: pattern, value });
  }
  const all = index.wildcards.get("*");
  if (all !== undefined) found.push({ host: "*", value: all });
  return found;
}

/** The most specific entry that takes in `host`; `null` when none does. */
export function mostSpecific<T>(index: ByHost<T>, host: string): T | null {
  return index.exact.get(host) ?? matching(index, host)[0]?.value ?? null;
}
