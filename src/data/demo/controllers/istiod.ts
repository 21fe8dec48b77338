import type { Registry } from "prom-client";
import type { KubeObject } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import { randomOf } from "../traffic/random.ts";
import { gaugeIn, SeriesHistogram } from "../traffic/series.ts";

/** Kinds whose change istiod pushes to proxies. */
const pushed: ReadonlySet<string> = new Set([
  "VirtualService",
  "DestinationRule",
  "Gateway",
  "ServiceEntry",
  "Sidecar",
  "PeerAuthentication",
  "AuthorizationPolicy",
  "Service",
  "EndpointSlice",
  "ConfigMap",
  "HTTPRoute",
  "GRPCRoute",
  "TCPRoute",
  "TLSRoute",
]);

const managed = "gateway.istio.io/managed";
const waypoints = "istio.io-mesh-controller";

/** Has the pod a proxy that istiod pushes to? Gateways of Istio's own charts are left out. */
function isTold({ metadata: { annotations, labels } }: KubeObject): boolean {
  const isTunnel = labels?.["app"] === "ztunnel" || labels?.[managed] === waypoints;
  return isTunnel || annotations?.["sidecar.istio.io/status"] !== undefined;
}

/** Of `pilot_proxy_convergence_time`, in seconds (pilot/pkg/xds/monitoring.go). */
const bounds = [0.1, 0.5, 1, 3, 5, 10, 20, 30];

/** Metrics of the control plane: versions, and how long proxies took to get what changed. */
export function startIstiod(
  store: ObjectStore,
  registry: Registry,
  seed: number,
): { step(): void; stop(): void } {
  const build = gaugeIn(registry, "istio_build", "Istio component build info", ["component", "tag"]);
  build.set({ component: "pilot", tag: "1.27.1" }, 1);
  build.set({ component: "proxy", tag: "1.27.1" }, 1);
  // The one cluster whose stats a proxy exports unless told otherwise (istio.md 1, row 59).
  const discovery = gaugeIn(
    registry,
    "envoy_cluster_internal_upstream_rq",
    "Requests to a cluster by origin; of all clusters only that of discovery is exported by default.",
    ["cluster_name", "response_code"],
  );
  discovery.set({ cluster_name: "xds-grpc", response_code: "200" }, 1);
  const convergence = new SeriesHistogram(
    registry,
    "pilot_proxy_convergence_time",
    "Delay in seconds between config change and a proxy receiving all required configuration.",
    bounds,
  ).slot({});
  // Its own draws: what istiod does must not change which requests fail.
  const random = randomOf(seed ^ 0x1571);
  let changed = false;
  const stop = store.subscribe(({ kind }) => {
    if (pushed.has(kind.kind)) changed = true;
  });
  return {
    stop,
    step() {
      if (!changed) return;
      changed = false;
      const proxies = store.list({ group: "", kind: "Pod" }).filter(isTold);
      for (let proxy = 0; proxy < proxies.length; proxy += 1) {
        convergence.observe(0.12 * Math.exp(0.6 * random.normal()));
      }
    },
  };
}
