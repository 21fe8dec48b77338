import type { Declared, DeclaredLists, KindStatus } from "../declared/declared.ts";

export type ListName = keyof DeclaredLists;

/**
 * Is everything known that a list can hold for a namespace (`null`: for the whole cluster)?
 *
 * `no`: it is forbidden or still loading, so an object that is not in the list may exist all the same. `unlisted`: the objects come
 * from files, and these hold none of the kind for this namespace.
 */
type Coverage = "yes" | "no" | "unlisted";

export type Covers = (list: ListName, namespace: string | null) => Coverage;

const workloads = ["deployments.apps", "statefulsets.apps", "daemonsets.apps", "rollouts.argoproj.io"];

/** The resources that fill a list, as `KindStatus` names them. */
const resources: Readonly<Record<ListName, readonly string[]>> = {
  namespaces: ["namespaces"],
  services: ["services"],
  endpointSlices: ["endpointslices.discovery.k8s.io", "endpoints"],
  workloads,
  pods: ["pods"],
  virtualServices: ["virtualservices.networking.istio.io"],
  destinationRules: ["destinationrules.networking.istio.io"],
  gateways: ["gateways.networking.istio.io"],
  serviceEntries: ["serviceentries.networking.istio.io"],
  sidecars: ["sidecars.networking.istio.io"],
  peerAuthentications: ["peerauthentications.security.istio.io"],
  authorizationPolicies: ["authorizationpolicies.security.istio.io"],
  requestAuthentications: ["requestauthentications.security.istio.io"],
  canaryEvents: ["events"],
  telemetries: ["telemetries.telemetry.istio.io"],
  canaries: ["canaries.flagger.app"],
  rollouts: ["rollouts.argoproj.io"],
  gatewayApiRoutes: [
    "httproutes.gateway.networking.k8s.io",
    "grpcroutes.gateway.networking.k8s.io",
    "tcproutes.gateway.networking.k8s.io",
    "tlsroutes.gateway.networking.k8s.io",
  ],
  gatewayApiGateways: ["gateways.gateway.networking.k8s.io"],
  meshConfigs: ["configmaps"],
};

/** What the statuses of `declared` say. A kind of which they say nothing is taken as read. */
export function coverageOf({ kinds, fromFiles }: Pick<Declared, "kinds" | "fromFiles">): Covers {
  const byKind = new Map<string, KindStatus[]>();
  for (const status of kinds) byKind.set(status.kind, [...(byKind.get(status.kind) ?? []), status]);
  return (list, namespace) => {
    const statuses = resources[list].flatMap((kind) => byKind.get(kind) ?? []);
    if (fromFiles === true) {
      return statuses.some((status) => status.namespace === namespace) ? "yes" : "unlisted";
    }
    return statuses.every((status) => isRead(status, namespace)) ? "yes" : "no";
  };
}

function isRead({ state, namespace: only }: KindStatus, namespace: string | null): boolean {
  if (state.is === "absent") return true;
  if (state.is === "forbidden" || state.is === "loading") return false;
  return only === null || only === namespace;
}

/** Can nothing of these lists be read, in no namespace? */
export function lackOf(
  { kinds, fromFiles }: Pick<Declared, "kinds" | "fromFiles">,
  lists: readonly ListName[],
): readonly string[] {
  if (fromFiles === true) return [];
  const wanted = new Set(lists.flatMap((list) => resources[list]));
  return kinds
    .filter(({ kind, state }) => wanted.has(kind) && (state.is === "forbidden" || state.is === "loading"))
    .map(({ kind }) => kind);
}

/** What can be read, as one text. */
export const readableIn = ({ kinds, fromFiles }: Pick<Declared, "kinds" | "fromFiles">): string =>
  [
    fromFiles === true ? "files" : "cluster",
    ...kinds.map(({ kind, namespace, state }) => `${kind} ${namespace ?? "*"} ${state.is}`),
  ].join("\n");
