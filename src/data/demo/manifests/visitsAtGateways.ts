/** Clients outside: for each host that a gateway serves and a route is bound to, a request for each rule. */
import type { DeclaredLists } from "../../mesh/declared/declared.ts";
import type { GatewayServer, VirtualService } from "../../mesh/declared/routing.ts";
import { commonHost, resolveGateway, resolveHost, serviceHost } from "../../mesh/resolve/hosts.ts";
import { hasLabels } from "../../mesh/resolve/labels.ts";
import { millis, perSecond, ratio } from "../../mesh/units.ts";
import { request } from "../scenarios/calls.ts";
import type { Call, Source } from "../scenarios/scenario.ts";
import { requestsFor } from "./requestsFor.ts";

export interface Visits {
  readonly sources: readonly Source[];
  /** FQDNs that these requests are routed to. */
  readonly reached: readonly string[];
}

/** Requests a second through one gateway to one host, over all rules. */
const rate = 12;
const platform = {
  key: "istio-system/istio-ingressgateway",
  labels: { app: "istio-ingressgateway", istio: "ingressgateway" },
};

export function visitsAtGateways(lists: DeclaredLists): Visits {
  const istio = lists.virtualServices.map((route) => ({
    sources: visitsOf(route, lists),
    reached: [...route.http, ...route.tcp, ...route.tls].flatMap(({ destinations }) =>
      destinations.map(({ destination }) => resolveHost(destination.host, route.meta.ref.namespace ?? "")),
    ),
  }));
  const kube = lists.gatewayApiRoutes.map((route) => ({
    sources: kubeVisits(route, lists),
    reached: route.rules.flatMap(({ backends }) =>
      backends.map(({ namespace, name }) => serviceHost(namespace ?? route.meta.ref.namespace ?? "", name)),
    ),
  }));
  const met = [...istio, ...kube].filter(({ sources }) => sources.length > 0);
  return {
    sources: met.flatMap(({ sources }) => sources),
    reached: met.flatMap(({ reached }) => reached),
  };
}

function visitsOf(route: VirtualService, lists: DeclaredLists): readonly Source[] {
  const names = (route.gateways ?? []).map((name) => resolveGateway(name, route.meta.ref.namespace ?? ""));
  return lists.gateways.flatMap(({ meta, selector, servers }) => {
    const name = `${meta.ref.namespace ?? ""}/${meta.ref.name}`;
    if (!names.includes(name)) return [];
    const candidates = [
      platform,
      ...lists.workloads.map((one) => ({
        key: `${one.meta.ref.namespace ?? ""}/${one.meta.ref.name}`,
        labels: one.template.labels,
      })),
    ];
    const pods = candidates.find(({ labels }) => hasLabels(labels, selector));
    return pods === undefined ? [] : servers.flatMap((server) => visitsAt(pods.key, server, route));
  });
}

/** A name under a wildcard. */
const under = (host: string): string => (host === "*" ? "www.example.com" : host.replace(/^\*\.?/, "www."));

const shared = (a: readonly string[], b: readonly string[]): string | null => {
  for (const one of a)
    for (const other of b) {
      const host = commonHost(one.slice(one.indexOf("/") + 1), other);
      if (host !== null) return under(host);
    }
  return null;
};

function visitsAt(
  pods: string,
  { port, hosts, tlsMode }: GatewayServer,
  route: VirtualService,
): readonly Source[] {
  const host = shared(hosts, route.hosts);
  if (host === null) return [];
  const to = { host, port: port.number };
  const isPassed = tlsMode === "PASSTHROUGH" || port.protocol.toUpperCase() === "TLS";
  if (isPassed)
    return route.tls.length === 0 ? [] : [visit(pods, { ...to, speaks: "tls", tcp: connection }, rate)];
  if (/^(tcp|mongo|mysql|redis)$/i.test(port.protocol)) {
    const isBound = route.tcp.some(
      ({ matches }) =>
        matches.length === 0 || matches.some((match) => match.port === null || match.port === port.number),
    );
    return isBound ? [visit(pods, { ...to, speaks: "tcp", tcp: connection }, rate)] : [];
  }
  const asked = requestsFor(
    route.http,
    ({ gateways, port: only }) =>
      (gateways === null || gateways.some((name) => name !== "mesh")) &&
      (only === null || only === port.number),
  );
  const speaks = /^grpc/i.test(port.protocol) ? ("grpc" as const) : ("http" as const);
  return asked.map((one) => visit(pods, { ...to, ...one, speaks }, rate / asked.length));
}

function kubeVisits(
  { meta, kind, parents, hostnames, rules }: DeclaredLists["gatewayApiRoutes"][number],
  { gatewayApiGateways }: DeclaredLists,
): readonly Source[] {
  return parents.flatMap((parent) => {
    const namespace = parent.namespace ?? meta.ref.namespace ?? "";
    const gateway = gatewayApiGateways.find(
      (one) => one.meta.ref.name === parent.name && one.meta.ref.namespace === namespace,
    );
    if (parent.kind !== "Gateway" || gateway === undefined) return [];
    const pods = `${namespace}/${parent.name}-${gateway.className}`;
    return gateway.listeners
      .filter((one) => parent.sectionName === null || parent.sectionName === one.name)
      .flatMap((listener): readonly Source[] => {
        const host = shared([listener.hostname ?? "*"], hostnames.length === 0 ? ["*"] : hostnames);
        if (host === null) return [];
        const to = { host, port: listener.port };
        if (kind === "TCPRoute") return [visit(pods, { ...to, speaks: "tcp", tcp: connection }, rate)];
        if (kind === "TLSRoute") return [visit(pods, { ...to, speaks: "tls", tcp: connection }, rate)];
        const asked = requestsFor(rules, () => true);
        const speaks = kind === "GRPCRoute" ? ("grpc" as const) : ("http" as const);
        return asked.map((one) => visit(pods, { ...to, ...one, speaks }, rate / asked.length));
      });
  });
}

const connection = { lasts: millis(1000), toServer: 400, toClient: 900 };

const visit = (workload: string, call: Partial<Call>, times: number): Source => ({
  at: { is: "gateway", workload },
  rate: perSecond(times),
  swing: ratio(0.15),
  call: { ...request, ...call },
});
