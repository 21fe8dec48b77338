/** What the edges of the graph are made of beside their flows: names of nodes, and what configuration promises between them. */
import type { Target, WorkloadEnd } from "../join/ends.ts";
import type { Flow } from "../join/flow.ts";
import { destinationRuleFor } from "../resolve/destinationRules.ts";
import { serviceNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import type { KnownService } from "./knownServices.ts";
import { serverParts, servingSide, stranger } from "./locks.ts";

/** What all of it follows from. */
export const callsGround = ({ services, workloads, registry }: KnownMesh): readonly unknown[] => [
  services,
  workloads,
  registry.settings,
  registry.destinationRules,
  registry.serviceEntries,
  registry.peerAuthentications,
];

/** For calls of one workload; `null`: of callers without a proxy. */
export function callParts(
  known: KnownMesh,
  end: WorkloadEnd | null,
  flows: readonly Flow[],
): readonly unknown[] {
  const caller = known.workloads.get(end?.key ?? "");
  const client = (end === null ? stranger : caller)?.client ?? null;
  const parts: unknown[] = [caller];
  for (const { target, destination } of flows) {
    const service = serviceAt(known, target);
    parts.push(service, ...serverParts(known, destination?.key ?? ""));
    if (service === undefined) continue;
    const rule = client === null ? null : destinationRuleFor(known.registry, service.host, client);
    parts.push(servingSide(known, service), rule);
  }
  return parts;
}

/** For answers of one service, as a sidecar of its own namespace gets them. */
export function answerParts(known: KnownMesh, target: Target, flows: readonly Flow[]): readonly unknown[] {
  const service = serviceAt(known, target);
  const parts: unknown[] = [service, service === undefined ? null : servingSide(known, service)];
  for (const { destination } of flows) parts.push(...serverParts(known, destination?.key ?? ""));
  return parts;
}

const serviceAt = (known: KnownMesh, { kind, host }: Target): KnownService | undefined =>
  kind === "service" ? known.serviceByKey.get(serviceNamed(known, host).key) : undefined;
