/** What another state of the cluster changes in calls: the names at their ends, and what configuration promises between these. */
import type { WorkloadEnd } from "../join/ends.ts";
import type { Flow } from "../join/flow.ts";
import { otherKeys } from "../kept.ts";
import type { ServiceKey, WorkloadKey } from "../model/keys.ts";
import { destinationRuleFor } from "../resolve/destinationRules.ts";
import { serviceNamed } from "./heard.ts";
import type { KnownMesh } from "./knownMesh.ts";
import { namespaceModeOf } from "./locks.ts";

/** Answers for calls that were there in both states. */
export interface CallChanges {
  /** Is anything else said of what this workload calls? `null`: of callers without a proxy. */
  readonly ofCaller: (end: WorkloadEnd | null, flows: readonly Flow[]) => boolean;
  /** Of what answers for a service, as a sidecar of its own namespace gets it? */
  readonly ofAnswers: (flows: readonly Flow[]) => boolean;
}

const nothing: CallChanges = { ofCaller: () => false, ofAnswers: () => false };
const everything: CallChanges = { ofCaller: () => true, ofAnswers: () => true };

/** @param before `null`: there was no state before. */
export function callChanges(before: KnownMesh | null, now: KnownMesh): CallChanges {
  if (before === now) return nothing;
  if (before?.registry.settings !== now.registry.settings) return everything;
  const workloads = otherWorkloads(before, now);
  const services = otherServices(before, now, workloads);
  const hosts = otherKeys(before.serviceByHost, now.serviceByHost);
  const hasRules = isRuledAnew(before, now);
  if (!hasRules && workloads.size + services.size + hosts.size === 0) return nothing;
  const isOther = ({ target: { kind, host }, destination }: Flow): boolean =>
    (destination !== null && workloads.has(destination.key)) ||
    (kind === "service" && (hosts.has(host) || services.has(serviceNamed(now, host).key)));
  return {
    ofAnswers: (flows) => flows.some(isOther),
    ofCaller(end, flows) {
      if (end !== null && workloads.has(end.key)) return true;
      return flows.some((flow) => isOther(flow) || (hasRules && hasOtherRule(before, now, flow)));
    },
  };
}

/** Can a caller see another DestinationRule than before of a host that is the same service's? */
const isRuledAnew = ({ registry: a }: KnownMesh, { registry: b }: KnownMesh): boolean =>
  a.destinationRules !== b.destinationRules ||
  a.serviceEntries !== b.serviceEntries ||
  a.servicesByHost !== b.servicesByHost;

function hasOtherRule(before: KnownMesh, now: KnownMesh, { source, target }: Flow): boolean {
  const client = now.clientOf(source?.key ?? "");
  return (
    client !== null &&
    target.kind === "service" &&
    destinationRuleFor(before.registry, target.host, client) !==
      destinationRuleFor(now.registry, target.host, client)
  );
}

/** With those whose namespace asks for another mode. */
function otherWorkloads(before: KnownMesh, now: KnownMesh): ReadonlySet<WorkloadKey> {
  const others = otherKeys(before.workloads, now.workloads);
  if (before.registry.peerAuthentications === now.registry.peerAuthentications) return others;
  for (const { key, namespace } of now.workloads.values())
    if (namespaceModeOf(before, namespace) !== namespaceModeOf(now, namespace)) others.add(key);
  return others;
}

/** With those that other workloads serve. */
function otherServices(
  before: KnownMesh,
  now: KnownMesh,
  workloads: ReadonlySet<WorkloadKey>,
): ReadonlySet<ServiceKey> {
  const others = otherKeys(before.serviceByKey, now.serviceByKey);
  if (workloads.size === 0) return others;
  for (const service of now.services)
    if (service.workloads.some((key) => workloads.has(key))) others.add(service.key);
  return others;
}
