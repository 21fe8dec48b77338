import { clean } from "../../data/mesh/clean.ts";
import type { Graph, GraphNode } from "../../data/mesh/model/graph.ts";
import type { WorkloadKey } from "../../data/mesh/model/keys.ts";
import type { Mesh } from "../../data/mesh/model/mesh.ts";
import type { Destination, Rule } from "../../data/mesh/model/route.ts";
import type { Service, VersionTraffic } from "../../data/mesh/model/service.ts";
import { onceFor } from "../../data/mesh/resolve/once.ts";
import { perSecond, type Ratio } from "../../data/mesh/units.ts";
import type { VersionRow } from "./boxes.ts";
import type { Grouping } from "./grouping.ts";
import { keyOf, type Membership } from "./membership.ts";
import type { PictureKey } from "./picture.ts";
import { sumTraffic } from "./sums.ts";

interface Sources {
  readonly graph: Graph;
  readonly mesh: Mesh;
  readonly members: Membership;
  readonly services: ReadonlyMap<string, Service>;
  readonly grouping: Grouping;
}

/** Made when it is first asked: ICU takes as long to load its order as a screen takes to draw. */
let inOrder: Intl.Collator | null = null;

/** The versions of a box by name; empty when there is only one. A workload that stands for itself tells its share of the service instead. */
export function versionRows(box: PictureKey, sources: Sources): readonly VersionRow[] {
  const nodes = sources.members.workloadsOf.get(box) ?? [];
  if (nodes.length < 2) return isOneOfSeveral(box, sources) ? rowsOf(box, nodes, sources, oneName) : [];
  return rowsOf(box, nodes, sources, namesOf(nodes, box, sources.mesh));
}

/** Its single row is about itself. */
const oneName: Names = { get: () => "share" };

function isOneOfSeveral(box: PictureKey, { grouping, members, services }: Sources): boolean {
  const own = (members.servicesOf.get(box) ?? []).flatMap((key) => services.get(key) ?? []);
  return grouping !== "service" && own.length === 1 && (own[0]?.detail.versions.length ?? 0) > 1;
}

type Names = Pick<ReadonlyMap<GraphNode, string>, "get">;

function rowsOf(
  box: PictureKey,
  nodes: readonly GraphNode[],
  sources: Sources,
  names: Names,
): readonly VersionRow[] {
  const services = (sources.members.servicesOf.get(box) ?? []).flatMap(
    (key) => sources.services.get(key) ?? [],
  );
  const apex =
    sources.services.get(box.slice("service:".length)) ?? services.find((one) => splitOf(one) !== undefined);
  const destinations = splitOf(apex)?.destinations ?? [];
  const rows = nodes.map((node): VersionRow => {
    const workload = keyOf(node);
    const measured = services.flatMap((service) =>
      service.detail.versions.filter((version) => version.workload === workload),
    );
    const routed = destinations.filter((destination) => destination.workloads.includes(workload));
    return {
      workload,
      name: clean(names.get(node) ?? node.name),
      traffic: sumTraffic(measured.map((version) => version.traffic)),
      share: shareOf(measured, routed, services.length),
      weight: weightOf(routed),
      mirrored: perSecond(measured.reduce((sum, version) => sum + (version.mirrored ?? 0), 0)),
    };
  });
  const order = (inOrder ??= new Intl.Collator("en", { numeric: true }));
  return rows.sort((a, b) => order.compare(a.name, b.name) || (a.workload < b.workload ? -1 : 1));
}

/** The rule that takes what no other rule took, where it splits: on the mesh before the gateways. */
function splitOf(service: Service | undefined): Rule | undefined {
  const routes = [...(service?.detail.routes ?? [])].sort(
    (a, b) => Number(b.scope.mesh) - Number(a.scope.mesh),
  );
  const rules = routes.flatMap((route) =>
    route.rules.filter((rule) => !rule.unreachable && rule.destinations.length > 0),
  );
  const splits = rules.filter((rule) => rule.destinations.some((destination) => destination.weight !== null));
  return splits.find((rule) => rule.matches.length === 0) ?? splits[0];
}

/** The sum over destinations of one rule that reach the same workload; `null` where none sets a weight. */
function weightOf(routed: readonly Destination[]): number | null {
  const weights = routed.flatMap((destination) => destination.weight ?? []);
  return weights.length === 0 ? null : weights.reduce((sum, weight) => sum + weight, 0);
}

/** A service's own split; across the services of a canary only the route's destinations have a common whole. */
function shareOf(
  measured: readonly VersionTraffic[],
  routed: readonly Destination[],
  services: number,
): Ratio | null {
  const own = services === 1 ? measured[0]?.share : undefined;
  const observed = own ?? routed.flatMap((destination) => destination.observed ?? [])[0];
  return observed?.share ?? null;
}

/** `primary` and `canary` under a canary; else versions where they tell workloads apart; else what the name adds to the service's. */
function namesOf(nodes: readonly GraphNode[], box: PictureKey, mesh: Mesh): ReadonlyMap<GraphNode, string> {
  const service = box.slice(box.indexOf("/") + 1);
  const attempts: readonly ((node: GraphNode) => string | null)[] = [
    (node) => sideOf(keyOf(node), mesh),
    (node) => node.version,
    (node) => (node.name.startsWith(`${service}-`) ? node.name.slice(service.length + 1) : null),
  ];
  for (const attempt of attempts) {
    const names = nodes.map(attempt);
    if (!names.includes(null) && new Set(names).size === nodes.length)
      return new Map(nodes.map((node, index) => [node, names[index] ?? node.name]));
  }
  return new Map(nodes.map((node) => [node, node.name]));
}

/** `primary` or `canary`, where Flagger compares this workload with another one; else `null`. */
export const sideOf = (workload: WorkloadKey, { canaries }: Mesh): string | null =>
  sidesIn(canaries).get(workload) ?? null;

const sidesIn = onceFor((canaries: Mesh["canaries"]): ReadonlyMap<WorkloadKey, string> => {
  const sides = new Map<WorkloadKey, string>();
  for (const { controller, stable, candidate } of canaries) {
    if (controller !== "Flagger") continue;
    if (stable.workload !== null) sides.set(stable.workload, "primary");
    if (candidate.workload !== null) sides.set(candidate.workload, "canary");
  }
  return sides;
});
