import { noFlows } from "../join/flow.ts";
import type { FlowIndex } from "../join/flowIndex.ts";
import type { Canary, CanarySide } from "../model/canary.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import type { Destination, Rule } from "../model/route.ts";
import type { Service } from "../model/service.ts";
import { noTraffic, type Traffic } from "../traffic.ts";
import type { KnownMesh } from "./knownMesh.ts";

/** Where both sides of a delivery meet in a route. */
export interface Split {
  readonly rule: Rule;
  readonly stable: Destination;
  readonly candidate: Destination;
}

/** Everything built that a canary needs. */
export interface Stage {
  readonly known: KnownMesh;
  readonly flows: FlowIndex;
  readonly services: ReadonlyMap<ServiceKey, Service>;
}

interface Sides {
  readonly stable: (destination: Destination) => boolean;
  readonly candidate: (destination: Destination) => boolean;
}

/** Flagger's rule for callers with the cookie of a session: all of it goes to one side, whatever the weights are (pkg/router/istio.go). */
const stickyRule = "sticky-route";

/** The first rule of a service that names both sides by weight; proxies try it first, and both controllers write the others without the candidate. */
export function splitOf(service: Service | undefined, sides: Sides): Split | null {
  for (const rule of (service?.detail.routes ?? []).flatMap(({ rules }) => rules)) {
    if (rule.name === stickyRule) continue;
    const stable = rule.destinations.find(sides.stable);
    const candidate = rule.destinations.find(sides.candidate);
    if (stable !== undefined && candidate !== undefined) return { rule, stable, candidate };
  }
  return null;
}

/** What the route says of a delivery, and what came of it. */
export function routedAs(split: Split | null): Pick<Canary, "weight" | "matches" | "mirrored" | "observed"> {
  const host = split?.candidate.host;
  return {
    weight: weightOf(split),
    matches: split?.rule.matches ?? [],
    mirrored: split?.rule.mirrors.find((mirror) => mirror.host === host)?.percent ?? null,
    observed: split?.candidate.observed ?? null,
  };
}

/** Of all destinations of the rule; absent is 0, in Gateway API 1. */
function weightOf(split: Split | null): Canary["weight"] {
  if (split === null) return null;
  const { rule, candidate } = split;
  const absent = rule.ref.group === "gateway.networking.k8s.io" ? 1 : 0;
  const total = rule.destinations.reduce((sum, { weight }) => sum + (weight ?? absent), 0);
  return { canary: candidate.weight ?? absent, total, share: candidate.share };
}

/** By what the route sends there; where no caller's proxy speaks, by what arrives; else by mirrored copies, which is all that a mirroring canary gets. */
export function sideOf(
  stage: Stage,
  name: string,
  workload: WorkloadKey | null,
  destination: Destination | undefined,
): CanarySide {
  const declared = workload !== null && stage.known.workloads.has(workload) ? workload : null;
  const key = declared ?? destination?.workloads[0] ?? null;
  if (destination !== undefined && destination.traffic.requests !== null)
    return { name, workload: key, traffic: destination.traffic };
  return { name, workload: key, traffic: key === null ? noTraffic : arrivingAt(stage.flows, key) };
}

/** All that arrives at a workload; where that is nothing, the mirrored copies. */
export function arrivingAt(flows: FlowIndex, key: WorkloadKey): Traffic {
  const { traffic } = flows.measure(flows.byDestination.get(key) ?? noFlows);
  if (traffic.requests !== null) return traffic;
  return flows.measure(flows.copies.filter(({ destination }) => destination?.key === key)).traffic;
}
