/** What STRICT for a namespace would do to those who call it: by the policies as they would be, and by who came in plaintext. */
import { knownMesh, type KnownMesh } from "./build/knownMesh.ts";
import type { KnownWorkload } from "./build/knownWorkloads.ts";
import type { Declared } from "./declared/declared.ts";
import type { PeerAuthentication } from "./declared/security.ts";
import type { WorkloadKey } from "./model/keys.ts";
import type { EffectiveMtls } from "./model/security.ts";
import { instant, millis, type Millis } from "./units.ts";

/** A caller that works by the hour is not in less. */
export const leastOver: Millis = millis(60 * 60_000);

/** What arrived over the time that was asked about, by the word of the servers' proxies and of waypoints. */
export interface ArrivedCount {
  /** `null`: whoever called did not say who it is: no proxy, or plaintext of TCP. */
  readonly from: WorkloadKey | null;
  readonly to: WorkloadKey;
  readonly what: "requests" | "connections";
  readonly security: "mutual_tls" | "none" | "unknown";
  readonly count: number;
}

export interface PlaintextCaller {
  readonly from: WorkloadKey | null;
  readonly to: WorkloadKey;
  readonly what: ArrivedCount["what"];
  /** Over the time that was asked about; about, for Prometheus extrapolates. */
  readonly count: number;
  /** Of the server, once the namespace is STRICT; `null`: the server is not known to the cluster. */
  readonly after: EffectiveMtls | null;
  /** `some ports`: metrics name no port, and a policy of the workload exempts some. `stays`: a policy of the workload has the last word, or its proxy enforces nothing. */
  readonly verdict: "cut off" | "some ports" | "stays" | "unknown";
}

export interface StrictPreview {
  readonly namespace: string;
  /** It is the root namespace: STRICT there is for the mesh. */
  readonly isMesh: boolean;
  readonly over: Millis;
  /** Those who would be cut off first, then by count. */
  readonly callers: readonly PlaintextCaller[];
  /** Workloads with a proxy at which nothing arrived that anybody counted: not called, or not scraped. */
  readonly unseen: readonly WorkloadKey[];
  /** Workloads without a proxy: nothing is enforced there. */
  readonly withoutProxy: readonly WorkloadKey[];
  /** Part of what arrived whose proxy did not say how it travelled. */
  readonly unnamed: number;
}

/** @param over the time that `arrived` is about. */
export function strictPreview(
  declared: Declared,
  namespace: string,
  arrived: readonly ArrivedCount[],
  over: Millis,
): StrictPreview {
  const now = knownMesh(declared);
  const isMesh = namespace === now.registry.settings.rootNamespace;
  const after = knownMesh(withStrict(declared, namespace));
  const inside = [...after.workloads.values()].filter((one) => isMesh || one.namespace === namespace);
  const mine = arrived
    .filter(({ to }) => isMesh || to.startsWith(`${namespace}/`))
    .map((one) => (isPlainAtTunnel(one, after) ? { ...one, security: "none" as const } : one));
  const seen = new Set(mine.map(({ to }) => to));
  const all = mine.reduce((sum, { count }) => sum + count, 0);
  const unnamed = mine.reduce((sum, { count, security }) => sum + (security === "unknown" ? count : 0), 0);
  return {
    namespace,
    isMesh,
    over,
    callers: inOrder(mine.filter(({ security }) => security === "none").map((one) => callerOf(one, after))),
    unseen: inside.filter((one) => hasProxy(one) && !seen.has(one.key)).map(({ key }) => key),
    withoutProxy: inside.filter(({ proxy }) => proxy === "none").map(({ key }) => key),
    unnamed: all === 0 ? 0 : unnamed / all,
  };
}

/** ztunnel says of what came without HBONE that it does not know: the program may encrypt by itself. STRICT refuses it all the same (istio.md 4.2, 5). */
const isPlainAtTunnel = ({ security, to, what }: ArrivedCount, { workloads }: KnownMesh): boolean =>
  security === "unknown" && what === "connections" && workloads.get(to)?.proxy === "ambient";

const hasProxy = ({ proxy, client }: KnownWorkload): boolean =>
  client.is !== "gateway" && (proxy === "sidecar" || proxy === "ambient");

/** Of several policies of a namespace without a selector the oldest counts: this one takes the place of them all. */
function withStrict(declared: Declared, namespace: string): Declared {
  const strict: PeerAuthentication = {
    meta: {
      ref: {
        group: "security.istio.io",
        version: "v1",
        kind: "PeerAuthentication",
        namespace,
        name: "default",
      },
      created: instant(0),
      labels: {},
      annotations: {},
      owners: [],
    },
    selector: null,
    mode: "STRICT",
    portLevelMtls: {},
  };
  const others = declared.peerAuthentications.filter(
    ({ meta, selector }) => selector !== null || meta.ref.namespace !== namespace,
  );
  return { ...declared, peerAuthentications: [strict, ...others] };
}

function callerOf({ from, to, what, count }: ArrivedCount, after: KnownMesh): PlaintextCaller {
  const server = after.workloads.get(to);
  if (server === undefined) return { from, to, what, count, after: null, verdict: "unknown" };
  return { from, to, what, count, after: server.mtls, verdict: verdictOf(server) };
}

function verdictOf({ proxy, mtls }: KnownWorkload): PlaintextCaller["verdict"] {
  if (proxy === "none") return "stays";
  const others = Object.values(mtls.ports);
  if (mtls.mode === "STRICT") return others.length === 0 ? "cut off" : "some ports";
  return others.includes("STRICT") ? "some ports" : "stays";
}

const ranks: Readonly<Record<PlaintextCaller["verdict"], number>> = {
  "cut off": 0,
  "some ports": 1,
  unknown: 2,
  stays: 3,
};

const inOrder = (callers: readonly PlaintextCaller[]): readonly PlaintextCaller[] =>
  callers.toSorted(
    (a, b) => ranks[a.verdict] - ranks[b.verdict] || b.count - a.count || (a.to < b.to ? -1 : 1),
  );
