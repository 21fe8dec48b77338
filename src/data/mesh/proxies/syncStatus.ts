/** Which proxies have what istiod sent them, by istiod's own books: its `/debug/syncz` (pilot/pkg/xds/debug.go, `SyncStatus`). */
import type { Instant } from "../units.ts";
import type { IstiodPod } from "./istiodPods.ts";
import { fields, items, text } from "./looseJson.ts";
import { rfc3339 } from "./rfc3339.ts";

/**
 * - `synced`: the proxy acknowledged the last thing sent. - `stale`: it has not, or not yet. - `rejected`: it refused it, and keeps what it had.
 * - `not sent`: it asked, and there was nothing to send: a gateway without a route, a sidecar without extensions.
 */
export type XdsState = "synced" | "stale" | "rejected" | "not sent";

/** One type of configuration that a proxy subscribed to. */
export interface XdsSync {
  /** CDS, LDS, RDS, EDS, ECDS, or the last part of another type's URL. */
  readonly type: string;
  readonly state: XdsState;
  /** `null`: never, or an istiod that does not say. */
  readonly sentAt: Instant | null;
  /** The proxy's words; `null` where it did not reject. */
  readonly error: string | null;
}

/** One proxy, by the istiod that serves it. Texts are cleaned. */
export interface ProxySync {
  /** `namespace/pod`. */
  readonly key: string;
  readonly namespace: string;
  readonly pod: string;
  readonly cluster: string;
  /** `sidecar`, `router` (a gateway), `waypoint`, `ztunnel`; "" where an older istiod does not say. */
  readonly type: string;
  readonly version: string;
  readonly istiod: IstiodPod;
  /** In the order of `xdsTypes`, others after them. */
  readonly xds: readonly XdsSync[];
}

/** In the order in which Envoy needs them. */
export const xdsTypes = ["CDS", "LDS", "EDS", "RDS", "ECDS"] as const;

const prefix = "type.googleapis.com/";

/** Short names by the part of a type URL that tells them apart. */
const byUrl: Readonly<Record<string, string>> = {
  "envoy.config.cluster.v3.Cluster": "CDS",
  "envoy.config.listener.v3.Listener": "LDS",
  "envoy.config.endpoint.v3.ClusterLoadAssignment": "EDS",
  "envoy.config.route.v3.RouteConfiguration": "RDS",
  "envoy.config.core.v3.TypedExtensionConfig": "ECDS",
  "envoy.extensions.transport_sockets.tls.v3.Secret": "SDS",
  "istio.networking.nds.v1.NameTable": "NDS",
  "istio.mesh.v1alpha1.ProxyConfig": "PCDS",
  "istio.workload.Address": "WDS",
  "istio.workload.Workload": "WDS",
  "istio.security.Authorization": "WADS",
};

/** Fields of older istiods, which list five types, subscribed or not. */
const older: readonly (readonly [type: string, field: string])[] = [
  ["CDS", "cluster"],
  ["LDS", "listener"],
  ["EDS", "endpoint"],
  ["RDS", "route"],
  ["ECDS", "extensionconfig"],
];

/** The proxies of one istiod. What is no list is none; an entry without the name of a pod is left out. */
export function parseSyncz(answer: unknown, istiod: IstiodPod): readonly ProxySync[] {
  return items(answer).flatMap((entry) => {
    const read = fields(entry);
    // A node's ID is pod.namespace, and a namespace has no dot.
    const id = text(read["proxy"]);
    const dot = id.lastIndexOf(".");
    if (dot <= 0) return [];
    const [pod, namespace] = [id.slice(0, dot), id.slice(dot + 1)];
    return [
      {
        key: `${namespace}/${pod}`,
        namespace,
        pod,
        cluster: text(read["cluster_id"]),
        type: text(read["proxy_type"]),
        version: text(read["istio_version"]) || text(read["proxy_version"]),
        istiod,
        xds: xdsOf(read),
      },
    ];
  });
}

function xdsOf(read: Readonly<Record<string, unknown>>): readonly XdsSync[] {
  const resources = Object.entries(fields(read["resources"]));
  if (resources.length === 0) {
    return older.map(([type, field]) =>
      syncOf(type, { sent: read[`${field}_sent`], acked: read[`${field}_acked`] }),
    );
  }
  return resources
    .map(([url, status]) => syncOf(typeName(url), fields(status)))
    .toSorted((a, b) => rankOf(a.type) - rankOf(b.type) || (a.type < b.type ? -1 : 1));
}

function typeName(url: string): string {
  const name = url.startsWith(prefix) ? url.slice(prefix.length) : url;
  return Object.hasOwn(byUrl, name) ? (byUrl[name] ?? name) : text(name.slice(name.lastIndexOf(".") + 1));
}

const rankOf = (type: string): number => {
  const at = xdsTypes.findIndex((one) => one === type);
  return at === -1 ? xdsTypes.length : at;
};

function syncOf(type: string, status: Readonly<Record<string, unknown>>): XdsSync {
  const error = text(status["lastError"]);
  const sentAt = rfc3339(text(status["sentTime"]));
  return { type, state: stateOf(status, error), sentAt, error: error === "" ? null : error };
}

/** As istioctl reads it (istioctl/pkg/writer/pilot/status.go): nonces, and an error that no later answer took back. */
function stateOf(status: Readonly<Record<string, unknown>>, error: string): XdsState {
  const [sent, acked] = [text(status["sent"]), text(status["acked"])];
  if (error !== "") return "rejected";
  if (sent === "") return "not sent";
  return sent === acked ? "synced" : "stale";
}

const severity: readonly XdsState[] = ["rejected", "stale", "synced", "not sent"];

/** The worst of all types; `not sent` where there are none. */
export function worstOf({ xds }: Pick<ProxySync, "xds">): XdsState {
  return severity.find((state) => xds.some((one) => one.state === state)) ?? "not sent";
}
