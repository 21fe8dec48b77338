import type { KubeService } from "../declared/core.ts";
import type { ServiceEntry } from "../declared/routing.ts";
import type { Client } from "./client.ts";
import { hostsOverlap, mostSpecific } from "./hosts.ts";
import type { Registry } from "./registry.ts";
import { sidecarFor } from "./sidecars.ts";
import type { RouteObject } from "./routeIndex.ts";
import { objectsTo } from "./routeTargets.ts";
import { isVisible, visibilityOf } from "./visibility.ts";

/** The annotation by which a Service says what an Istio object says in `exportTo`. */
const EXPORT_TO = "networking.istio.io/exportTo";

/**
 * Is `host` (FQDN) in the client's registry? If not, the outbound policy decides about it.
 *
 * It must be declared (Service or ServiceEntry), exported to the client's namespace, and, for a sidecar under a Sidecar
 * object, named by its egress hosts or the destination of a VirtualService that these name (istio.md 6; sidecar.go). `false` also for a host that nobody declares.
 */
export function importsHost(registry: Registry, client: Client, host: string): boolean {
  const owners = ownersOf(registry, host).filter((owner) => owner.visibleTo(client.namespace));
  if (owners.length === 0) return false;
  if (client.is === "gateway") return true;
  const egress = egressHostsFor(registry, client);
  return (
    egress === null ||
    owners.some(({ namespace }) => isNamed(egress, client.namespace, namespace, host)) ||
    (objectsTo(registry.routes).get(host) ?? []).some(
      (object) => isVisible(object.visibility, client.namespace) && isSeen(egress, client, object),
    )
  );
}

/** Under a Sidecar object, only routes whose host its egress names are seen (`selectVirtualServices` in sidecar.go). */
export function isSeen(
  egress: readonly string[],
  client: Client,
  { namespace, meshHosts }: RouteObject,
): boolean {
  return meshHosts.some((host) => isNamed(egress, client.namespace, namespace, host));
}

/** `ns/host` of the Sidecar that a client is under; `null`: it imports everything that it may see. */
export function egressHostsFor(registry: Registry, client: Client): readonly string[] | null {
  if (client.is === "gateway") return null;
  return sidecarFor(registry, client.namespace, client.labels)?.egressHosts ?? null;
}

/** Does one of `egress` take in a host that lives in `namespace`? `.` is the namespace of the client. */
function isNamed(
  egress: readonly string[],
  clientNamespace: string,
  namespace: string,
  host: string,
): boolean {
  return egress.some((written) => {
    const slash = written.indexOf("/");
    const place = slash < 0 ? "*" : written.slice(0, slash);
    const wanted = place === "." ? clientNamespace : place;
    return (wanted === "*" || wanted === namespace) && hostsOverlap(written.slice(slash + 1), host);
  });
}

interface Owner {
  readonly namespace: string;
  readonly visibleTo: (namespace: string) => boolean;
}

function ownersOf(registry: Registry, host: string): readonly Owner[] {
  const service = registry.servicesByHost.get(host);
  const entries = mostSpecific(registry.serviceEntries, host) ?? [];
  return [
    ...(service === undefined ? [] : [ownerOf(registry, service, serviceExport(service))]),
    ...entries.map((entry) => ownerOf(registry, entry, entry.exportTo)),
  ];
}

function ownerOf(
  registry: Registry,
  { meta }: KubeService | ServiceEntry,
  exportTo: readonly string[] | null,
): Owner {
  const namespace = meta.ref.namespace ?? "";
  const visibility = visibilityOf(exportTo, registry.settings.exportTo.service, namespace);
  return { namespace, visibleTo: (client) => isVisible(visibility, client) };
}

function serviceExport(service: KubeService): readonly string[] | null {
  return service.meta.annotations[EXPORT_TO]?.split(",").map((name) => name.trim()) ?? null;
}
