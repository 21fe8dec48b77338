import type { KubeService } from "../declared/core.ts";
import type { ServiceEntry } from "../declared/routing.ts";
import type { Balancing, Service } from "../model/service.ts";
import { policyFor, type ResolvedDestinationRule } from "../resolve/destinationRules.ts";
import type { Registry } from "../resolve/registry.ts";

interface Declared {
  readonly declaredBy: KubeService | ServiceEntry;
  readonly namespace: string;
  readonly name: string;
}

/** What the DestinationRule that sidecars of its own namespace see says of a service's endpoints, and of TLS to them. */
export function balancingOf(
  registry: Registry,
  service: Declared,
  rule: ResolvedDestinationRule | null,
): Pick<Service, "balancing" | "clientTls"> {
  const { loadBalancer, outlierDetection, tls } = policyFor(registry, rule, null, null);
  const balancer = loadBalancer?.value ?? null;
  const zones = zonesOf(registry, service);
  return {
    balancing: {
      simple: balancer?.simple ?? null,
      sticky: balancer?.consistentHash ?? null,
      locality: localityOf({ written: balancer?.locality ?? null, ejects: outlierDetection !== null, zones }),
      zones,
    },
    clientTls: tls === null ? null : { mode: tls.value.mode, from: tls.definedBy },
  };
}

interface Asked {
  readonly written: "on" | "off" | "distribute" | null;
  readonly ejects: boolean;
  readonly zones: Balancing["zones"];
}

/** Failover by locality needs outlierDetection, and with it is on by default (istio.md 1, row 54; `ApplyLocalityLoadBalancer` in pilot). */
function localityOf({ written, ejects, zones }: Asked): Balancing["locality"] {
  if (written === "off" || written === "distribute") return written;
  if (ejects) return written === "on" || Object.keys(zones).length > 1 ? "near first" : null;
  return written === "on" ? "no failover" : null;
}

/** A dual-stack pod stands in two slices, and counts once. */
function zonesOf(
  { slicesByService }: Registry,
  { declaredBy, namespace, name }: Declared,
): Balancing["zones"] {
  if ("hosts" in declaredBy) return {};
  const zoneOf = new Map<string, string>();
  for (const { endpoints } of slicesByService.get(`${namespace}/${name}`) ?? []) {
    for (const { ready, zone, pod, address } of endpoints)
      if (ready && zone !== null) zoneOf.set(pod ?? address, zone);
  }
  const zones: Record<string, number> = {};
  for (const zone of [...zoneOf.values()].sort()) zones[zone] = (zones[zone] ?? 0) + 1;
  return zones;
}
