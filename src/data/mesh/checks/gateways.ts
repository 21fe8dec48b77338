/** Istio's Gateways: who serves them, and what two of them both claim. */
import { nameOf } from "../declared/meta.ts";
import type { Gateway, GatewayServer } from "../declared/routing.ts";
import { olderFirst } from "../resolve/age.ts";
import { matchesHost } from "../resolve/hosts.ts";
import { hasLabels, isEmpty } from "../resolve/labels.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import { labelsIn } from "./anyObject.ts";
import type { Check, CheckContext, Found } from "./check.ts";
import { routeLists } from "./routeRules.ts";

export const sameListener: Check = {
  code: "MT0401",
  severity: "warning",
  title: "two Gateways for one host on one port",
  meaning:
    "Both configure the same proxies. Of two TLS servers for one host the younger is skipped; of plain ones the routes are put together. Where the hosts only overlap, the more specific one takes its requests from the other, and it is `info`.",
  advice: "Keep the host in one Gateway and bind both VirtualServices to that.",
  sources: { kiali: "KIA0301", istioctl: "IST0145" },
  needs: ["gateways"],
  reads: [],
  find: ({ registry }) => {
    const bySelector = Map.groupBy(registry.lists.gateways, ({ selector }) => labelsIn(sorted(selector)));
    return [...bySelector.values()].flatMap((gateways) => {
      const byAge = gateways.toSorted(olderFirst);
      return byAge.flatMap((gateway, index) => [
        ...clashesOf(gateway, byAge.slice(0, index)),
        ...lossesOf(
          gateway,
          byAge.filter((other) => other !== gateway),
        ),
      ]);
    });
  },
};

const sorted = (selector: Gateway["selector"]): Gateway["selector"] =>
  Object.fromEntries(Object.entries(selector).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A host without its namespace. */
const bare = (host: string): string => host.slice(host.indexOf("/") + 1);

/** Hosts that an older Gateway has too: one finding for each server. */
function clashesOf(gateway: Gateway, older: readonly Gateway[]): readonly Found[] {
  return findPairs(
    gateway,
    older,
    (own, other) => own === other,
    (pair) => ({
      message: `${nameOf(pair.other.meta.ref)} serves ${pair.own} too, on port ${pair.port} of the same proxies.`,
    }),
  );
}

/** Wider hosts of which another Gateway takes a part. */
function lossesOf(gateway: Gateway, others: readonly Gateway[]): readonly Found[] {
  const takes = (own: string, other: string): boolean => own !== other && matchesHost(own, other);
  return findPairs(gateway, others, takes, (pair) => ({
    message: `Requests for ${pair.theirs} go to ${nameOf(pair.other.meta.ref)}, which serves it on port ${pair.port} of the same proxies, and never here.`,
    severity: "info",
  }));
}

interface Pair {
  readonly own: string;
  readonly theirs: string;
  readonly other: Gateway;
  readonly port: number;
}

/** At most one finding for each server of `gateway`. */
function findPairs(
  gateway: Gateway,
  others: readonly Gateway[],
  meets: (own: string, other: string) => boolean,
  says: (pair: Pair) => Pick<Found, "message" | "severity">,
): readonly Found[] {
  return gateway.servers.flatMap(({ port, hosts }, index): readonly Found[] => {
    const pairs = others.flatMap((other) =>
      serversOn(other, port.number).flatMap((server) =>
        hosts.flatMap((host) =>
          server.hosts
            .filter((one) => mayMeet(host, one) && meets(bare(host), bare(one)))
            .map((one): Pair => ({ own: bare(host), theirs: bare(one), other, port: port.number })),
        ),
      ),
    );
    const [pair] = pairs;
    if (pair === undefined) return [];
    return [{ object: gateway.meta.ref, path: `spec.servers[${index}].hosts`, ...says(pair) }];
  });
}

const serversOn = ({ servers }: Gateway, port: number): readonly GatewayServer[] =>
  servers.filter((server) => server.port.number === port);

/** `ns/host`: hosts of VirtualServices in different namespaces do not meet. */
function mayMeet(a: string, b: string): boolean {
  const [x, y] = [a, b].map((host) => (host.includes("/") ? host.slice(0, host.indexOf("/")) : "*"));
  return x === "*" || y === "*" || x === y;
}

/** Pods too, for a gateway may be run by what is no Deployment. */
function isServed({ registry }: CheckContext, { selector }: Gateway): boolean {
  if (isEmpty(selector)) return true;
  const { byLabel } = registry.workloads;
  return (
    [...byLabel.keys()].some(
      (namespace) => workloadsWith(registry.workloads, namespace, selector).length > 0,
    ) || registry.lists.pods.some(({ meta }) => hasLabels(meta.labels, selector))
  );
}

export const gatewayOfNobody: Check = {
  code: "MT0402",
  severity: "error",
  title: "Gateway whose selector no workload matches",
  meaning: "No proxy has its listeners: callers find the port closed, or another Gateway's answer.",
  advice: "Compare the selector with the labels of the gateway's pods.",
  sources: { kiali: "KIA0302", istioctl: "IST0101" },
  needs: ["gateways", "workloads"],
  reads: ["pods"],
  find: (context) => {
    const { covers, registry } = context;
    if (covers("workloads", null) !== "yes" || covers("pods", null) !== "yes") return [];
    return registry.lists.gateways
      .filter((gateway) => !isServed(context, gateway))
      .map(({ meta, selector }) => ({
        object: meta.ref,
        path: "spec.selector",
        message: `No workload has the labels ${labelsIn(selector)}; nobody listens.`,
      }));
  },
};

/** East-west gateways route by SNI and need no VirtualService. */
const routesItself = ({ tlsMode }: GatewayServer): boolean => tlsMode === "AUTO_PASSTHROUGH";

export const gatewayWithoutRoute: Check = {
  code: "MT0403",
  severity: "warning",
  title: "Gateway without a route",
  meaning:
    "Its proxies listen, and no VirtualService tells them where to send: every request gets 404, flag NR.",
  advice: "Bind a VirtualService to it (spec.gateways), with one of its hosts.",
  sources: {},
  needs: ["gateways", "virtualServices"],
  reads: routeLists,
  find: ({ known, registry, covers }) => {
    const bound = new Set(
      registry.lists.virtualServices.flatMap(({ gateways, meta }) =>
        (gateways ?? []).map((name) => (name.includes("/") ? name : `${meta.ref.namespace ?? ""}/${name}`)),
      ),
    );
    return registry.lists.gateways.flatMap(({ meta, servers }): readonly Found[] => {
      const name = `${meta.ref.namespace ?? ""}/${meta.ref.name}`;
      // Of files, only those that hold routes for the namespace can tell that there is none.
      const place = known.declared.fromFiles === true ? meta.ref.namespace : null;
      if (covers("virtualServices", place) !== "yes") return [];
      if (bound.has(name) || registry.routes.gateways.has(name) || servers.every(routesItself)) return [];
      const hosts = servers.flatMap((server) => server.hosts).join(", ");
      return [
        {
          object: meta.ref,
          path: "",
          message: `No VirtualService is bound to it; requests for ${hosts} get 404 (NR).`,
        },
      ];
    });
  },
};
