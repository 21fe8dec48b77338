/** Whose proxy split what, and by whose rules: with sidecars, gateways, ztunnels and waypoints in one mesh these differ from caller to caller. */
import type { Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { RequestTally } from "../join/tally.ts";
import type { Client } from "../resolve/client.ts";
import { onceFor } from "../resolve/once.ts";
import { isElsewhere, waypointFor } from "./ambientServices.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import type { NamedBackend } from "./destinations.ts";
import { reaches, type RuleUse } from "./ruleUses.ts";

type Counted = "requests" | "connections";

type Heard = RequestTally["reporter"];

/** Who counted a flow; `null`: it has none of these. */
const reporterOf = (flow: Flow, kind: Counted): Heard | null =>
  (kind === "connections" ? flow.tcp : (flow.http ?? flow.grpc))?.reporter ?? null;

/**
 * Did the proxy that split this flow try this rule? A sidecar and a gateway split what they send; a waypoint what it was sent, by the routes that are for
 * the mesh; a ztunnel knows no route.
 */
export function tries(known: KnownMesh, use: RuleUse, flow: Flow, kind: Counted): boolean {
  const reporter = reporterOf(flow, kind);
  if (flow.source === null || reporter === null || reporter === "destination") return false;
  const caller = known.workloadAt(flow.source);
  const client = caller?.client ?? null;
  // A gateway chose the host before the waypoint chose among its endpoints.
  if (reporter === "waypoint") {
    return waypointTries(known, use) || (client?.is === "gateway" && reaches(use, client));
  }
  return caller?.proxy !== "ambient" && reaches(use, client);
}

/** The waypoints of the services that a route is for apply it, each as one proxy of its own namespace. */
function waypointTries(known: KnownMesh, use: RuleUse): boolean {
  return use.route.hosts.some((host) => {
    const service = known.serviceByHost.get(host);
    // Of what is known from telemetry alone nobody can say which waypoint it has.
    if (service === undefined) return use.route.scope.mesh;
    const waypoint = waypointFor(known, service);
    if (waypoint === null || waypoint.takes === "no" || isElsewhere(use.route.ref, service)) return false;
    return reaches(use, clientAt(known, waypoint.gateway));
  });
}

/** Matches by caller are compared with the waypoint itself (`sourceMatchHTTP` is asked about the proxy that has the route). */
function clientAt({ gatewayClients }: KnownMesh, gateway: string): Client {
  const served = gatewayClients.get(gateway);
  return { is: "sidecar", namespace: gateway.split("/")[0] ?? "", labels: served?.labels ?? {} };
}

/** One flow for each caller and each proxy that speaks for it: the others went by the same rules. */
export function oneOfEach(flows: readonly Flow[], kind: Counted): readonly Flow[] {
  const found = new Map<string, Flow>();
  for (const flow of flows) found.set(`${flow.source?.key ?? ""} ${reporterOf(flow, kind) ?? ""}`, flow);
  return [...found.values()];
}

interface Passing {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
  readonly use: RuleUse;
  readonly backends: readonly NamedBackend[];
}

/** Who calls by no rule, and where the rule's subsets are not what decides; `null`: nothing of the kind. */
export function passingNote(passing: Passing): string | null {
  const { known, use } = passing;
  if (use.route.scope.mesh && hasZtunnels(known)) {
    const services = use.route.hosts.flatMap((host) => known.serviceByHost.get(host) ?? []);
    const notes = services.flatMap((service) => ztunnelsPast(passing, service) ?? []);
    if (notes.length > 0) return notes.join(" ");
  }
  return handedOver(passing);
}

/** Callers in the ambient mesh whose ztunnels send past a route that sidecars apply. */
function ztunnelsPast({ known, flows }: Passing, service: KnownService): string | null {
  const waypoint = waypointFor(known, service);
  if (waypoint?.takes === "yes" || waypoint?.takes === "unknown") return null;
  const callers = new Set(
    (flows.byHost.get(service.host) ?? []).flatMap(({ source }) =>
      source !== null && known.workloads.get(source.key)?.proxy === "ambient" ? [source.key] : [],
    ),
  );
  if (callers.size === 0) return null;
  const why = waypoint === null ? `${service.key} uses no waypoint` : waypoint.why;
  return `Not for ${[...callers].sort().join(", ")} in the ambient mesh: ${why ?? ""}.`;
}

const hasZtunnels = onceFor(({ workloads }: Pick<KnownMesh, "workloads">): boolean =>
  [...workloads.values()].some(({ proxy }) => proxy === "ambient"),
);

/** An ingress gateway that sends through a waypoint addresses the Service: which of its subsets was chosen is lost (`findServiceWaypoint`). */
function handedOver({ known, use, backends }: Passing): string | null {
  if (use.route.scope.gateways.length === 0) return null;
  for (const { to } of backends) {
    const service = to.subset === null ? undefined : known.serviceByHost.get(to.host);
    const waypoint = service === undefined ? null : waypointFor(known, service);
    if (waypoint?.takes === "yes" && waypoint.ingress)
      return `Gateways hand over to waypoint ${waypoint.gateway}, which chooses among the endpoints of ${service?.key ?? ""} itself.`;
  }
  return null;
}
