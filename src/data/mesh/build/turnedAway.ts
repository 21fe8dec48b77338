/** What gateways and waypoints answered themselves: 403 by a policy, 401 by a token that proves nothing (istio.md 1, row 46). */
import { noFlows, type Flow } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { ServiceKey } from "../model/keys.ts";
import type { TurnedAway, Workload } from "../model/workload.ts";
import { onceFor } from "../resolve/once.ts";
import { waypointFor } from "./ambientServices.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import type { KnownWorkload } from "./knownWorkloads.ts";
import { policiesOver } from "./proxyPolicies.ts";

/** Requests that reached no workload, by what they were for. */
interface Unanswered {
  /** `null`: of a gateway's own answers nobody says. */
  readonly service: ServiceKey | null;
  readonly flows: readonly Flow[];
}

const nothing: readonly Unanswered[] = [];
const nobody: Workload["turnedAway"] = [];

/** What one proxy sent on to nobody; empty for all but gateways and waypoints. */
export function unansweredAt(
  known: KnownMesh,
  index: FlowIndex,
  { key, proxy, client }: KnownWorkload,
): readonly Unanswered[] {
  if (client.is !== "gateway") return nothing;
  if (proxy === "gateway") {
    // A host outside answers as well, and without a workload: its 403 is its own.
    const flows = (index.bySource.get(key) ?? noFlows).filter(
      (flow) => isUnanswered(flow, "source") && flow.target.kind !== "service",
    );
    return flows.length === 0 ? nothing : [{ service: null, flows }];
  }
  if (proxy !== "waypoint") return nothing;
  return behind(known, client.gateways)
    .map(({ key: service, host }) => ({
      service,
      flows: (index.byHost.get(host) ?? noFlows).filter((flow) => isUnanswered(flow, "waypoint")),
    }))
    .filter(({ flows }) => flows.length > 0);
}

/** Hosts that a waypoint answers for: requests to them that reach no workload are its own answers. None for any other proxy. */
export const hostsBehind = (known: KnownMesh, { proxy, client }: KnownWorkload): readonly string[] =>
  client.is === "gateway" && proxy === "waypoint"
    ? behind(known, client.gateways).map(({ host }) => host)
    : [];

const behind = (known: KnownMesh, gateways: readonly string[]): readonly KnownService[] =>
  gateways.flatMap((gateway) => behindWaypoints(known).get(gateway) ?? []);

const isUnanswered = ({ destination, http, grpc }: Flow, by: "source" | "waypoint"): boolean =>
  destination === null && (http ?? grpc)?.reporter === by;

/** Services by the Gateway that takes what is sent to them. */
const behindWaypoints = onceFor((known: KnownMesh): ReadonlyMap<string, readonly KnownService[]> =>
  Map.groupBy(
    known.waypoints.size === 0 ? [] : known.services.filter(({ kind }) => kind === "service"),
    (service) => {
      const waypoint = waypointFor(known, service);
      return waypoint?.takes === "yes" ? waypoint.gateway : "";
    },
  ),
);

/** The same with the policies that may have been why. */
export function turnedAwayAt(
  known: KnownMesh,
  index: FlowIndex,
  workload: KnownWorkload,
): Workload["turnedAway"] {
  const { client, authorization } = workload;
  if (client.is !== "gateway") return nobody;
  return unansweredAt(known, index, workload).map(({ service, flows }): TurnedAway => {
    const codes = index.measure(flows).traffic.requests?.codes ?? null;
    const policies = service === null ? authorization : policiesOver(known.registry, client, service);
    return { service, codes, policies };
  });
}
