import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import { newSeen, type Seen } from "../join/tally.ts";
import type { NamespaceSummary } from "../model/mesh.ts";
import type { MeshMtls } from "../model/security.ts";
import type { Service } from "../model/service.ts";
import type { Workload } from "../model/workload.ts";
import { predictLock } from "../resolve/lock.ts";
import { effectiveMtls, meshMtls } from "../resolve/mtls.ts";
import { onceFor } from "../resolve/once.ts";
import { perSecond } from "../units.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { lockOf } from "./locks.ts";
import { isAmbientNamespace, revisionOfNamespace } from "./proxies.ts";

/** Every namespace that is declared, or that something in the mesh is in; by name. */
export function buildNamespaces(
  known: KnownMesh,
  services: readonly Pick<Service, "namespace">[],
  workloads: readonly Pick<Workload, "namespace">[],
): readonly NamespaceSummary[] {
  const counts = new Map<string, { services: number; workloads: number }>();
  const of = (name: string): { services: number; workloads: number } => {
    let count = counts.get(name);
    if (count === undefined) counts.set(name, (count = { services: 0, workloads: 0 }));
    return count;
  };
  for (const name of known.registry.namespaces.keys()) of(name);
  for (const { namespace } of services) if (isNamed(namespace)) of(namespace).services += 1;
  for (const { namespace } of workloads) if (isNamed(namespace)) of(namespace).workloads += 1;
  return [...counts.keys()].sort().map((name): NamespaceSummary => {
    const labels = known.registry.namespaces.get(name)?.meta.labels ?? null;
    return { name, ...of(name), revision: revisionOfNamespace(labels), ambient: isAmbientNamespace(labels) };
  });
}

const isNamed = (namespace: string): boolean => namespace !== "" && namespace !== "unknown";

/** What each namespace asks of its callers, and how what arrives there travelled. */
export function buildMtls(
  known: KnownMesh,
  { flows, sight }: FlowIndex,
  namespaces: readonly string[],
): MeshMtls {
  const { registry } = known;
  const { autoMtls } = registry.settings;
  const seen = seenByNamespace(flows);
  const proxies = proxiesByNamespace(known);
  return {
    mesh: meshMtls(registry),
    autoMtls,
    namespaces: namespaces.map((namespace) => {
      const effective = effectiveMtls(registry, namespace, null);
      const { mode } = effective;
      const proxy = proxies.get(namespace) ?? null;
      const predicted =
        proxy === null
          ? null
          : predictLock({
              client: { proxy, tls: null },
              server: { is: "workload", proxy, mode, namespaceMode: mode },
              autoMtls,
            });
      const mine = seen.get(namespace) ?? newArrivals();
      // Where no workload has a proxy, nobody stands at the door: what arrives there is seen by nobody.
      const isWatched = sight.security && (proxy !== null || mine.mtls > 0);
      const isKnown = mine.plain > 0 || (isWatched && mine.hidden === 0 && !mine.unseen);
      const plaintext = isKnown ? perSecond(mine.plain) : null;
      return { namespace, effective, lock: lockOf(mine, predicted), plaintext };
    }),
  };
}

/** How calls within a namespace travel: nothing can be predicted of one where no workload is in the mesh. */
const proxiesByNamespace = onceFor(({ workloads }: KnownMesh): ReadonlyMap<string, "sidecar" | "ambient"> => {
  const proxies = new Map<string, "sidecar" | "ambient">();
  for (const { namespace, proxy } of workloads.values()) {
    if (proxy === "sidecar" || (proxy === "ambient" && !proxies.has(namespace)))
      proxies.set(namespace, proxy);
  }
  return proxies;
});

interface Arrivals extends Seen {
  /** Something arrived of which no server's proxy and no waypoint tells: a workload without one, or one that is not scraped. */
  unseen: boolean;
}

const newArrivals = (): Arrivals => ({ ...newSeen(), unseen: false });

/** By the namespace of the workload that received it: its policy decides. */
function seenByNamespace(flows: readonly Flow[]): ReadonlyMap<string, Arrivals> {
  const byNamespace = new Map<string, Arrivals>();
  for (const flow of flows) {
    const { destination } = flow;
    if (destination === null) continue;
    let sum = byNamespace.get(destination.namespace);
    if (sum === undefined) byNamespace.set(destination.namespace, (sum = newArrivals()));
    // Field by field: this runs for each flow of the mesh, and V8 is slow where a variable names the field.
    if (flow.http !== null) arrive(sum, flow.seen.http);
    if (flow.grpc !== null) arrive(sum, flow.seen.grpc);
    if (flow.tcp !== null) arrive(sum, flow.seen.tcp);
  }
  return byNamespace;
}

function arrive(sum: Arrivals, { mtls, plain, hidden }: Readonly<Seen>): void {
  sum.unseen ||= mtls + plain + hidden === 0;
  sum.mtls += mtls;
  sum.plain += plain;
  sum.hidden += hidden;
}
