import type { DeclaredLists } from "../../mesh/declared/declared.ts";
import type { Meta } from "../../mesh/declared/meta.ts";
import type { Destination } from "../../mesh/declared/routing.ts";
import { matchesHost, resolveHost } from "../../mesh/resolve/hosts.ts";

/** A Service that routes or policies speak of and that nobody declares. */
export interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly { readonly port: number; readonly protocol: "http" | "tcp" }[];
  /** Subsets that routes send to. */
  readonly subsets: readonly string[];
}

interface Mention {
  readonly host: string;
  readonly port: number | null;
  readonly subset: string | null;
  readonly protocol: "http" | "tcp";
}

/** Services of this cluster that are named, and neither declared as such nor in a ServiceEntry. */
export function wantedServices(lists: DeclaredLists): readonly Wanted[] {
  const declared = new Set(lists.services.map(({ meta }) => hostOf(meta)));
  const entries = lists.serviceEntries.flatMap(({ hosts }) => hosts);
  const byHost = Map.groupBy(mentionsIn(lists), ({ host }) => host);
  return [...byHost].flatMap(([host, mentions]): readonly Wanted[] => {
    const [, name, namespace] = /^([^.*]+)\.([^.*]+)\.svc\.cluster\.local$/.exec(host) ?? [];
    if (name === undefined || namespace === undefined) return [];
    if (declared.has(host) || entries.some((pattern) => matchesHost(pattern, host))) return [];
    const ports = new Map(
      mentions.flatMap(({ port, protocol }) => (port === null ? [] : [[port, protocol] as const])),
    );
    if (ports.size === 0) ports.set(80, "http");
    return [
      {
        namespace,
        name,
        ports: [...ports].map(([port, protocol]) => ({ port, protocol })),
        subsets: [...new Set(mentions.flatMap(({ subset }) => subset ?? []))],
      },
    ];
  });
}

const hostOf = ({ ref }: Meta): string => `${ref.name}.${ref.namespace ?? "default"}.svc.cluster.local`;

function mentionsIn(lists: DeclaredLists): readonly Mention[] {
  return [...inVirtualServices(lists), ...inDestinationRules(lists), ...inGatewayApi(lists)];
}

function inVirtualServices({ virtualServices }: DeclaredLists): readonly Mention[] {
  return virtualServices.flatMap(({ meta, hosts, http, tcp, tls }) => {
    const mention = (protocol: Mention["protocol"], { host, port, subset }: Destination): Mention => ({
      host: resolveHost(host, meta.ref.namespace ?? ""),
      port,
      subset,
      protocol,
    });
    return [
      ...hosts.map((host) => mention("http", { host, port: null, subset: null })),
      ...http.flatMap(({ destinations, mirrors }) =>
        [...destinations, ...mirrors].map(({ destination }) => mention("http", destination)),
      ),
      ...[...tcp, ...tls].flatMap(({ destinations }) =>
        destinations.map(({ destination }) => mention("tcp", destination)),
      ),
    ];
  });
}

const inDestinationRules = ({ destinationRules }: DeclaredLists): readonly Mention[] =>
  destinationRules.map(({ meta, host }) => ({
    host: resolveHost(host, meta.ref.namespace ?? ""),
    port: null,
    subset: null,
    protocol: "http",
  }));

function inGatewayApi({ gatewayApiRoutes }: DeclaredLists): readonly Mention[] {
  return gatewayApiRoutes.flatMap(({ meta, kind, parents, rules }) => {
    const protocol = kind === "HTTPRoute" || kind === "GRPCRoute" ? ("http" as const) : ("tcp" as const);
    const backends = rules.flatMap((rule) => [
      ...rule.backends,
      ...rule.mirrors.map(({ backend }) => backend),
    ]);
    return [...backends, ...parents]
      .filter((one) => one.kind === "Service")
      .map(({ namespace, name, port }) => ({
        host: `${name}.${namespace ?? meta.ref.namespace ?? "default"}.svc.cluster.local`,
        port,
        subset: null,
        protocol,
      }));
  });
}
