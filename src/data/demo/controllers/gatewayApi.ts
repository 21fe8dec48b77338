/** istiod's part in the Gateway API: it deploys the Gateways of its class, and tells what it makes of routes in their status. */
import type { Labels } from "../../mesh/declared/meta.ts";
import type { Json } from "../../mesh/json.ts";
import { GATEWAY_NAME } from "../../mesh/resolve/client.ts";
import { fieldsAt, listAt, numberAt, textAt } from "../kube/fields.ts";
import { sameJson, type JsonObject, type KubeObject, type Manifest } from "../kube/objects.ts";
import type { ObjectStore } from "../kube/store.ts";
import { service, workload } from "../scenarios/objects.ts";
import { acceptedAs, listening } from "./gatewayApiStatus.ts";
import { visitEach } from "./visitEach.ts";

const group = "gateway.networking.k8s.io";
const kinds = {
  gateway: { group, kind: "Gateway" },
  gatewayClass: { group, kind: "GatewayClass" },
  service: { group: "", kind: "Service" },
  deployment: { group: "apps", kind: "Deployment" },
} as const;
const routeKinds = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute"].map((kind) => ({ group, kind }));

const causes: ReadonlySet<string> = new Set(["Gateway", "Service", ...routeKinds.map(({ kind }) => kind)]);

/** What istiod makes of the Gateways of a class (`classInfos` in pilot/pkg/config/kube/gateway/deploymentcontroller.go). */
interface GatewayClass {
  readonly name: string;
  readonly controller: string;
  /** Label `gateway.istio.io/managed` of its pods. */
  readonly managed: string;
  readonly serviceType: "LoadBalancer" | "ClusterIP";
  /** Of what is deployed; empty: it has the name of the Gateway. */
  readonly suffix: string;
  /** Further labels of its pods. */
  readonly labels: Labels;
}

const classes: readonly GatewayClass[] = [
  {
    name: "istio",
    controller: "istio.io/gateway-controller",
    managed: "istio.io-gateway-controller",
    serviceType: "LoadBalancer",
    suffix: "-istio",
    labels: {},
  },
  {
    name: "istio-waypoint",
    controller: "istio.io/mesh-controller",
    managed: "istio.io-mesh-controller",
    serviceType: "ClusterIP",
    suffix: "",
    labels: { "istio.io/dataplane-mode": "none" },
  },
];
const manager = "pilot-discovery";

export interface GatewayApiController {
  /** Cheap when nothing changed. */
  reconcile(now: number): void;
  stop(): void;
}

export function controlGatewayApi(store: ObjectStore): GatewayApiController {
  let stale = true;
  const unsubscribe = store.subscribe(({ kind }) => {
    if (causes.has(kind.kind)) stale = true;
  });
  return {
    reconcile(now) {
      if (!stale) return;
      const gateways: KubeObject[] = [];
      visitEach(store.list(kinds.gateway), (gateway) => {
        const ours = classes.find(({ name }) => name === textAt(gateway, "spec", "gatewayClassName"));
        if (ours === undefined) return;
        gateways.push(gateway);
        declareClass(store, ours);
        deploy(store, ours, gateway, now);
      });
      removeOrphans(store, gateways);
      for (const kind of routeKinds)
        visitEach(store.list(kind), (route) => putStatus(store, acceptedAs(store, route, gateways, now)));
      stale = false;
    },
    stop: unsubscribe,
  };
}

function declareClass(store: ObjectStore, { name, controller }: GatewayClass): void {
  if (store.get({ ...kinds.gatewayClass, namespace: null, name }) !== null) return;
  const spec = { controllerName: controller };
  const manifest = { apiVersion: `${group}/v1`, kind: "GatewayClass", metadata: { name } };
  store.apply({ ...manifest, ...{ spec } }, manager);
}

/** A Gateway with an address of its own is one that somebody else runs (Istio docs, "Manual deployment"). */
function deploy(store: ObjectStore, ours: GatewayClass, gateway: KubeObject, now: number): void {
  if (listAt(gateway, "spec", "addresses").length === 0) {
    const { namespace = "default" } = gateway.metadata;
    for (const wanted of [deploymentOf(ours, gateway, namespace), serviceOf(ours, gateway, namespace)]) {
      const { name } = wanted.metadata;
      const kind = wanted.kind === "Service" ? kinds.service : kinds.deployment;
      const before = store.get({ ...kind, namespace, name });
      // People scale what runs; only the listeners are told again.
      if (before === null) store.apply(wanted, manager);
      else if (kind === kinds.service && !hasPortsOf(before, wanted)) store.apply(wanted, manager);
    }
  }
  putStatus(store, listening(gateway, now));
}

function hasPortsOf(one: KubeObject, other: Manifest): boolean {
  return sameJson([...listAt(one, "spec", "ports")], [...listAt({ ...other }, "spec", "ports")]);
}

function deploymentOf(ours: GatewayClass, gateway: KubeObject, namespace: string): Manifest {
  const name = gateway.metadata.name + ours.suffix;
  const labels = {
    "sidecar.istio.io/inject": "false",
    "service.istio.io/canonical-name": name,
    "service.istio.io/canonical-revision": "latest",
    [GATEWAY_NAME]: gateway.metadata.name,
    "gateway.istio.io/managed": ours.managed,
    ...ours.labels,
  };
  return workload({
    namespace,
    name,
    labels,
    selects: [GATEWAY_NAME],
    replicas: 1,
    image: "docker.io/istio/proxyv2:1.27.1",
    port: 15021,
    portName: "status-port",
    meta: ownedBy(gateway),
  });
}

function serviceOf(ours: GatewayClass, gateway: KubeObject, namespace: string): Manifest {
  const listeners = listAt(gateway, "spec", "listeners").map((listener) => {
    const port = numberAt(listener, "port") ?? 0;
    const appProtocol = (textAt(listener, "protocol") ?? "tcp").toLowerCase();
    return { name: textAt(listener, "name") ?? "", port, targetPort: port, appProtocol };
  });
  // Several listeners may share a port.
  const ports = listeners.filter(({ port }, i) => listeners.findIndex((one) => one.port === port) === i);
  return service({
    namespace,
    name: gateway.metadata.name + ours.suffix,
    type: ours.serviceType,
    labels: { [GATEWAY_NAME]: gateway.metadata.name, "gateway.istio.io/managed": ours.managed },
    selector: { [GATEWAY_NAME]: gateway.metadata.name },
    ports: [{ name: "status-port", port: 15021, targetPort: 15021 }, ...ports],
    meta: ownedBy(gateway),
  });
}

function ownedBy({ apiVersion, kind, metadata }: KubeObject): JsonObject {
  const { name, uid = "" } = metadata;
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] };
}

/** The garbage collector's work for what Gateways owned. */
function removeOrphans(store: ObjectStore, gateways: readonly KubeObject[]): void {
  const alive = new Set<Json>(gateways.map(({ metadata }) => metadata.uid ?? ""));
  for (const kind of [kinds.deployment, kinds.service]) {
    for (const object of store.list(kind)) {
      const { name, namespace = "default" } = object.metadata;
      const owner = listAt(object, "metadata", "ownerReferences").find(
        (one) => textAt(one, "kind") === "Gateway" && textAt(one, "apiVersion")?.startsWith(group) === true,
      );
      if (owner !== undefined && !alive.has(textAt(owner, "uid"))) store.delete({ ...kind, namespace, name });
    }
  }
}

/** Writes nothing where only the time would change. */
function putStatus(store: ObjectStore, object: KubeObject): void {
  const { namespace = "default", name } = object.metadata;
  const before = store.get({ group, kind: object.kind, namespace, name });
  if (before === null || sameJson(timeless(before), timeless(object))) return;
  store.apply(object, manager);
}

function timeless(object: KubeObject): Json {
  return JSON.parse(
    JSON.stringify(fieldsAt(object, "status"), (key, value: unknown) =>
      key === "lastTransitionTime" ? undefined : value,
    ),
  ) as Json;
}
