/** Istio's Gateways: who serves them, and what two of them both claim. */
import { nameOf } from "../declared/meta.ts";
import type { Gateway, GatewayServer } from "../declared/routing.ts";
import { hostsOverlap } from "../resolve/hosts.ts";
import { hasLabels, isEmpty } from "../resolve/labels.ts";
import { workloadsWith } from "../resolve/workloadIndex.ts";
import { labelsIn } from "./anyObject.ts";
import type { Check, CheckContext, Found } from "./check.ts";

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
      const byAge = gateways.toSorted((a, b) => a.meta.created - b.meta.created);
      return byAge.flatMap((gateway, index) => clashesOf(gateway, byAge.slice(0, index)));
    });
  },
};

const sorted = (selector: Gateway["selector"]): Gateway["selector"] =>
  Object.fromEntries(Object.entries(selector).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A host without its namespace. */
const bare = (host: string): string => host.slice(host.indexOf("/") + 1);

/** At most one for each server: the worst. */
function clashesOf(gateway: Gateway, older: readonly Gateway[]): readonly Found[] {
  return gateway.servers.flatMap((server, index): readonly Found[] => {
    const clashes = older.flatMap((other) => other.servers.flatMap((one) => clashOf(server, one, other)));
    const worst = clashes.find(({ same }) => same) ?? clashes[0];
    if (worst === undefined) return [];
    const { host, with: hosts, other, same } = worst;
    const what = same ? `serves ${host} too` : `serves ${hosts}, which overlaps with ${host}`;
    const message = `${nameOf(other.meta.ref)} ${what}, on port ${server.port.number} of the same proxies.`;
    const path = `spec.servers[${index}].hosts`;
    return [{ object: gateway.meta.ref, path, message, ...(same ? {} : { severity: "info" as const }) }];
  });
}

interface Clash {
  readonly host: string;
  readonly with: string;
  readonly other: Gateway;
  readonly same: boolean;
}

function clashOf(a: GatewayServer, b: GatewayServer, other: Gateway): readonly Clash[] {
  if (a.port.number !== b.port.number) return [];
  return a.hosts.flatMap((host) =>
    b.hosts
      .filter((one) => meet(host, one))
      .map((one) => ({ host: bare(host), with: bare(one), other, same: bare(one) === bare(host) })),
  );
}

/** `ns/host`: hosts of VirtualServices in different namespaces do not meet. */
function meet(a: string, b: string): boolean {
  const [x, y] = [a, b].map((host) => (host.includes("/") ? host.slice(0, host.indexOf("/")) : "*"));
  return (x === "*" || y === "*" || x === y) && hostsOverlap(bare(a), bare(b));
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
  reads: ["gatewayApiRoutes"],
  find: ({ registry, covers }) => {
    if (covers("virtualServices", null) === "no") return [];
    const bound = new Set(
      registry.lists.virtualServices.flatMap(({ gateways, meta }) =>
        (gateways ?? []).map((name) => (name.includes("/") ? name : `${meta.ref.namespace ?? ""}/${name}`)),
      ),
    );
    return registry.lists.gateways.flatMap(({ meta, servers }): readonly Found[] => {
      const name = `${meta.ref.namespace ?? ""}/${meta.ref.name}`;
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
