import type { Declared } from "../declared/declared.ts";
import { hasSameBackends } from "../resolve/backends.ts";
import { registryOf, type Registry } from "../resolve/registry.ts";
import { isSame } from "../share.ts";
import { isKnown, knownMesh, remember, type KnownMesh } from "./knownMesh.ts";
import { knownServiceAgain, type KnownService } from "./knownServices.ts";
import { recountedWorkloads } from "./knownWorkloads.ts";

/** Lists that change whenever a pod comes, goes or gets ready. */
const restless: ReadonlySet<string> = new Set(["endpointSlices", "pods", "workloads", "unreadable", "kinds"]);

/**
 * As `knownMesh`, after another state of the cluster. Where only the number of pods behind services and workloads changed, whatever does not follow from it
 * is taken from there, and the era is the same: nearly every change of a cluster is one of these.
 */
export function knownAfter(before: KnownMesh | null, declared: Declared): KnownMesh {
  if (before === null || before.declared === declared || isKnown(declared)) return knownMesh(declared);
  const known = isRestful(before.declared, declared) ? counted(before, declared) : null;
  return known === null ? knownMesh(declared) : remember(declared, known);
}

function isRestful(before: Declared, now: Declared): boolean {
  if (before.endpointSlices.length === 0 || now.endpointSlices.length === 0) return false;
  const lists = new Set([...Object.keys(before), ...Object.keys(now)]) as ReadonlySet<keyof Declared>;
  return [...lists].every((name) => restless.has(name) || before[name] === now[name]);
}

/** `null`: more changed than numbers. */
function counted(before: KnownMesh, declared: Declared): KnownMesh | null {
  const registry = registryOf(declared);
  if (registry.settings !== before.registry.settings) return null;
  const workloads = recountedWorkloads(before.workloads, registry);
  const services = workloads === null ? null : countedServices(before, registry);
  if (workloads === null || services === null) return null;
  const replaced = new Map(services.map((service, at) => [before.services[at], service]));
  const again = (service: KnownService): KnownService => replaced.get(service) ?? service;
  return {
    ...before,
    declared,
    registry,
    services,
    workloads,
    serviceByKey: new Map(services.map((service) => [service.key, service])),
    serviceByHost: new Map(Array.from(before.serviceByHost, ([host, service]) => [host, again(service)])),
  };
}

function countedServices(before: KnownMesh, registry: Registry): readonly KnownService[] | null {
  const services: KnownService[] = [];
  for (const service of before.services) {
    const now = hasSameBackends(service.declaredBy, before.registry, registry)
      ? service
      : knownServiceAgain(registry, service);
    if (now !== service && !hasSameWorkloads(service, now)) return null;
    services.push(now);
  }
  return services;
}

const hasSameWorkloads = (a: KnownService, b: KnownService): boolean =>
  isSame(a.workloads, b.workloads) &&
  isSame(
    a.subsets.map(({ workloads }) => workloads),
    b.subsets.map(({ workloads }) => workloads),
  );
