/** What these tests add to the makers of test/support/declaredOf.ts: age, clients, and a registry of a few lists. */
import type { DeclaredLists } from "../../../../src/data/mesh/declared/declared.ts";
import { emptyLists } from "../../../../src/data/mesh/declared/declared.ts";
import type { Labels, Meta } from "../../../../src/data/mesh/declared/meta.ts";
import type { Client } from "../../../../src/data/mesh/resolve/client.ts";
import { registryOf, type Registry } from "../../../../src/data/mesh/resolve/registry.ts";
import type { ResolvedHttpRule, ResolvedRoute } from "../../../../src/data/mesh/resolve/resolvedRoute.ts";
import { instant } from "../../../../src/data/mesh/units.ts";

export const registry = (lists: Partial<DeclaredLists>): Registry => registryOf({ ...emptyLists, ...lists });

/** The object as if created at `seconds`: smaller is older. */
export function born<T extends { readonly meta: Meta }>(seconds: number, object: T): T {
  return { ...object, meta: { ...object.meta, created: instant(seconds * 1000) } };
}

export const sidecarIn = (namespace: string, labels: Labels = {}): Client => ({
  is: "sidecar",
  namespace,
  labels,
});

export const gatewayFor = (...gateways: readonly string[]): Client => ({
  is: "gateway",
  gateways,
  namespace: "istio-system",
  labels: { istio: "ingressgateway" },
});

/** `name` of the objects, in order. */
export const names = (routes: readonly ResolvedRoute[]): readonly string[] =>
  routes.map(({ ref }) => `${ref.namespace ?? ""}/${ref.name}`);

/** `host:subset` of a rule's destinations, without the cluster's domain. */
export const targets = (rule: Pick<ResolvedHttpRule, "destinations"> | null | undefined): readonly string[] =>
  (rule?.destinations ?? []).map(({ host, subset }) =>
    [host.replace(".svc.cluster.local", ""), ...(subset === null ? [] : [subset])].join(":"),
  );
