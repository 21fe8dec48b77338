/** ServiceEntries that claim one host, and protocols that Istio does not know. */
import { nameOf, type ResourceRef } from "../declared/meta.ts";
import type { ServiceEntry } from "../declared/routing.ts";
import { olderFirst } from "../resolve/age.ts";
import { isVisible, visibilityOf, type Visibility } from "../resolve/visibility.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import { parseProtocol } from "./protocols.ts";

interface Claim {
  readonly entry: ServiceEntry;
  readonly host: string;
  readonly index: number;
  readonly visibility: Visibility;
}

const namespaceOf = ({ meta }: ServiceEntry): string => meta.ref.namespace ?? "";

/** By host, oldest first. */
function claimsByHost({ registry }: CheckContext): readonly (readonly Claim[])[] {
  const claims = registry.lists.serviceEntries.toSorted(olderFirst).flatMap((entry) =>
    entry.hosts.map((host, index) => ({
      entry,
      host,
      index,
      visibility: visibilityOf(entry.exportTo, registry.settings.exportTo.service, namespaceOf(entry)),
    })),
  );
  return [...Map.groupBy(claims, ({ host }) => host).values()].filter(({ length }) => length > 1);
}

/** Is there a client that sees both? */
function meet(a: Claim, b: Claim): boolean {
  if (a.visibility === "public") return b.visibility === "public" || b.visibility.size > 0;
  return [...a.visibility].some((namespace) => isVisible(b.visibility, namespace));
}

type Port = ServiceEntry["ports"][number];

const sharedPort = (a: ServiceEntry, b: ServiceEntry): readonly [Port, Port] | null => {
  for (const port of a.ports) {
    const other = b.ports.find(({ number }) => number === port.number);
    if (other !== undefined) return [port, other];
  }
  return null;
};

/** For each claim the oldest other that `clash` objects to. */
function findClashes(
  context: CheckContext,
  clash: (claim: Claim, older: Claim) => { readonly path: string; readonly what: string } | null,
): readonly Found[] {
  return claimsByHost(context).flatMap((claims) =>
    claims.flatMap((claim, index): readonly Found[] => {
      for (const older of claims.slice(0, index)) {
        if (older.entry === claim.entry || !meet(claim, older)) continue;
        const found = clash(claim, older);
        if (found === null) continue;
        const message = `${nameOf(older.entry.meta.ref)} declares ${claim.host} ${found.what}.`;
        return [{ object: claim.entry.meta.ref, path: found.path, message }];
      }
      return [];
    }),
  );
}

const protocolOf = ({ protocol }: Port): string => parseProtocol(protocol) ?? protocol;

export const sameHost: Check = {
  code: "MT0501",
  severity: "warning",
  title: "two ServiceEntries of one namespace for one host and port",
  meaning: "Clients that see both get one of them, and which one is not written anywhere.",
  advice: "Make one of the two.",
  sources: { kiali: "KIA1211" },
  needs: ["serviceEntries"],
  reads: [],
  find: (context) =>
    findClashes(context, (claim, older) => {
      const ports = sharedPort(claim.entry, older.entry);
      // Teams that each declare api.github.com in their own namespace mean the same, and their own comes first.
      if (ports === null || namespaceOf(claim.entry) !== namespaceOf(older.entry)) return null;
      if (protocolOf(ports[0]) !== protocolOf(ports[1])) return null;
      return { path: `spec.hosts[${claim.index}]`, what: `on port ${ports[0].number} too` };
    }),
};

export const otherProtocol: Check = {
  code: "MT0502",
  severity: "warning",
  title: "two ServiceEntries for one host and port with different protocols",
  meaning:
    "Whether a client's proxy reads requests there or only connections depends on which of the two it gets.",
  advice: "Give both the protocol that the host speaks.",
  sources: { kiali: "KIA1212" },
  needs: ["serviceEntries"],
  reads: [],
  find: (context) =>
    findClashes(context, (claim, older) => {
      const ports = sharedPort(claim.entry, older.entry);
      if (ports === null || protocolOf(ports[0]) === protocolOf(ports[1])) return null;
      const [own, other] = ports;
      const at = claim.entry.ports.indexOf(own);
      return {
        path: `spec.ports[${at}].protocol`,
        what: `on port ${own.number} as ${other.protocol}, and this one as ${own.protocol}`,
      };
    }),
};

interface NamedPort {
  readonly object: ResourceRef;
  readonly path: string;
  readonly protocol: string;
}

export const unknownProtocol: Check = {
  code: "MT0503",
  severity: "error",
  title: "port of a Gateway or ServiceEntry with an unknown protocol",
  meaning:
    "In these kinds the field `protocol` decides, whatever the port's name. The webhook refuses a word that Istio does not know.",
  advice: "Write HTTP, HTTPS, GRPC, HTTP2, MONGO, TCP or TLS.",
  sources: { kiali: "KIA0601" },
  needs: [],
  reads: ["gateways", "serviceEntries"],
  find: ({ registry }) => {
    const ports: readonly NamedPort[] = [
      ...registry.lists.gateways.flatMap(({ meta, servers }) =>
        servers.map(({ port }, index) => ({
          object: meta.ref,
          path: `spec.servers[${index}].port.protocol`,
          protocol: port.protocol,
        })),
      ),
      ...registry.lists.serviceEntries.flatMap((entry) =>
        entry.ports.map(({ protocol }, index) => ({
          object: entry.meta.ref,
          path: `spec.ports[${index}].protocol`,
          protocol,
        })),
      ),
    ];
    return ports
      .filter(({ protocol }) => protocol !== "" && parseProtocol(protocol) === null)
      .map(({ object, path, protocol }) => ({
        object,
        path,
        message: `Istio knows no protocol ${protocol}.`,
      }));
  },
};
