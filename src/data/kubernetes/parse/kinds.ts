/** The kinds that meshtop lists and watches, most wanted first. */
import type { DeclaredLists } from "../../mesh/declared/declared.ts";
import { readEndpoints, readEndpointSlice, readService } from "./core.ts";
import { readCanaryEvent } from "./canaryEvent.ts";
import { readCanary, readRollout } from "./delivery.ts";
import { readGatewayApiGateway, readRoute } from "./gatewayApi.ts";
import { readGateway, readServiceEntry, readSidecar } from "./istioNetworking.ts";
import {
  readAuthorizationPolicy,
  readRequestAuthentication,
  readPeerAuthentication,
  readTelemetry,
} from "./istioPolicy.ts";
import { readMeshConfig } from "./meshConfig.ts";
import type { RawObject } from "./raw.ts";
import { readDestinationRule } from "./trafficPolicy.ts";
import { readVirtualService } from "./virtualService.ts";
import { readWorkload } from "./workload.ts";

export interface Kind {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Versions whose shape we can read, best first. The server's word decides which of them is asked for. */
  readonly versions: readonly string[];
  /** The lists of `Declared` that an object of this kind can add to. */
  readonly lists: readonly (keyof DeclaredLists)[];
  /** What one object adds to them. */
  readonly read: (object: RawObject) => Partial<DeclaredLists>;
  /** Asked for as PartialObjectMetadata: the whole objects would be too many bytes. */
  readonly metadataOnly: boolean;
  /** Watched by name (`metadata.name=NAME`), never as a whole: ConfigMaps of strangers are none of our business. */
  readonly byName: boolean;
  /** Only where the server does not serve this resource. */
  readonly insteadOf: string | null;
  /** Narrows what is listed and watched; `null`: all of the kind. */
  readonly fieldSelector: string | null;
}

type Reading = Pick<Kind, "lists" | "read">;
type Extras = Partial<Pick<Kind, "namespaced" | "metadataOnly" | "byName" | "insteadOf" | "fieldSelector">>;

function kind(name: string, resource: string, versions: readonly string[], rest: Reading & Extras): Kind {
  const [plural = "", ...group] = resource.split(".");
  return {
    group: group.join("."),
    plural,
    kind: name,
    namespaced: true,
    versions,
    metadataOnly: false,
    byName: false,
    insteadOf: null,
    fieldSelector: null,
    ...rest,
  };
}

const istio = ["v1", "v1beta1", "v1alpha3"];
const security = ["v1", "v1beta1"];
const core = ["v1"];
const httpRoute = ["v1", "v1beta1"];
const l4Route = ["v1", "v1alpha3", "v1alpha2"];

export const kinds: readonly Kind[] = [
  kind("Service", "services", core, {
    lists: ["services"],
    read: (object) => ({ services: [readService(object)] }),
  }),
  kind("Deployment", "deployments.apps", core, {
    lists: ["workloads"],
    read: (object) => ({ workloads: [readWorkload("Deployment", object)] }),
  }),
  kind("VirtualService", "virtualservices.networking.istio.io", istio, {
    lists: ["virtualServices"],
    read: (object) => ({ virtualServices: [readVirtualService(object)] }),
  }),
  kind("DestinationRule", "destinationrules.networking.istio.io", istio, {
    lists: ["destinationRules"],
    read: (object) => ({ destinationRules: [readDestinationRule(object)] }),
  }),
  kind("EndpointSlice", "endpointslices.discovery.k8s.io", ["v1", "v1beta1"], {
    lists: ["endpointSlices"],
    read: (object) => ({ endpointSlices: readEndpointSlice(object) }),
  }),
  kind("Endpoints", "endpoints", core, {
    lists: ["endpointSlices"],
    read: (object) => ({ endpointSlices: readEndpoints(object) }),
    insteadOf: "endpointslices.discovery.k8s.io",
  }),
  kind("Canary", "canaries.flagger.app", ["v1beta1"], {
    lists: ["canaries"],
    read: (object) => ({ canaries: [readCanary(object)] }),
  }),
  kind("Event", "events", core, {
    lists: ["canaryEvents"],
    read: (object) => ({ canaryEvents: readCanaryEvent(object) }),
    // Why Flagger halts stands in no status (istio.md 7.1); all other events are none of our business.
    fieldSelector: "involvedObject.kind=Canary",
  }),
  kind("PeerAuthentication", "peerauthentications.security.istio.io", security, {
    lists: ["peerAuthentications"],
    read: (object) => ({ peerAuthentications: [readPeerAuthentication(object)] }),
  }),
  kind("ConfigMap", "configmaps", core, {
    lists: ["meshConfigs"],
    read: (object) => ({ meshConfigs: readMeshConfig(object) }),
    byName: true,
  }),
  kind("Gateway", "gateways.networking.istio.io", istio, {
    lists: ["gateways"],
    read: (object) => ({ gateways: [readGateway(object)] }),
  }),
  kind("ServiceEntry", "serviceentries.networking.istio.io", istio, {
    lists: ["serviceEntries"],
    read: (object) => ({ serviceEntries: [readServiceEntry(object)] }),
  }),
  kind("Sidecar", "sidecars.networking.istio.io", istio, {
    lists: ["sidecars"],
    read: (object) => ({ sidecars: [readSidecar(object)] }),
  }),
  kind("HTTPRoute", "httproutes.gateway.networking.k8s.io", httpRoute, {
    lists: ["gatewayApiRoutes"],
    read: (object) => ({ gatewayApiRoutes: [readRoute("HTTPRoute", object)] }),
  }),
  kind("GRPCRoute", "grpcroutes.gateway.networking.k8s.io", ["v1", "v1alpha2"], {
    lists: ["gatewayApiRoutes"],
    read: (object) => ({ gatewayApiRoutes: [readRoute("GRPCRoute", object)] }),
  }),
  kind("TCPRoute", "tcproutes.gateway.networking.k8s.io", l4Route, {
    lists: ["gatewayApiRoutes"],
    read: (object) => ({ gatewayApiRoutes: [readRoute("TCPRoute", object)] }),
  }),
  kind("TLSRoute", "tlsroutes.gateway.networking.k8s.io", l4Route, {
    lists: ["gatewayApiRoutes"],
    read: (object) => ({ gatewayApiRoutes: [readRoute("TLSRoute", object)] }),
  }),
  kind("Gateway", "gateways.gateway.networking.k8s.io", httpRoute, {
    lists: ["gatewayApiGateways"],
    read: (object) => ({ gatewayApiGateways: [readGatewayApiGateway(object)] }),
  }),
  kind("Rollout", "rollouts.argoproj.io", ["v1alpha1"], {
    lists: ["rollouts", "workloads"],
    read: (object) => ({ rollouts: [readRollout(object)], workloads: [readWorkload("Rollout", object)] }),
  }),
  kind("StatefulSet", "statefulsets.apps", core, {
    lists: ["workloads"],
    read: (object) => ({ workloads: [readWorkload("StatefulSet", object)] }),
  }),
  kind("DaemonSet", "daemonsets.apps", core, {
    lists: ["workloads"],
    read: (object) => ({ workloads: [readWorkload("DaemonSet", object)] }),
  }),
  kind("Namespace", "namespaces", core, {
    namespaced: false,
    lists: ["namespaces"],
    read: ({ meta }) => ({ namespaces: [{ meta }] }),
  }),
  kind("AuthorizationPolicy", "authorizationpolicies.security.istio.io", security, {
    lists: ["authorizationPolicies"],
    read: (object) => ({ authorizationPolicies: [readAuthorizationPolicy(object)] }),
  }),
  kind("RequestAuthentication", "requestauthentications.security.istio.io", security, {
    lists: ["requestAuthentications"],
    read: (object) => ({ requestAuthentications: [readRequestAuthentication(object)] }),
  }),
  kind("Telemetry", "telemetries.telemetry.istio.io", ["v1", "v1alpha1"], {
    lists: ["telemetries"],
    read: (object) => ({ telemetries: [readTelemetry(object)] }),
  }),
  kind("Pod", "pods", core, {
    lists: ["pods"],
    read: ({ meta }) => ({ pods: [{ meta }] }),
    metadataOnly: true,
  }),
];

/** `virtualservices.networking.istio.io`, as `kubectl api-resources` and RBAC messages name it. */
export function resourceName(kind: Pick<Kind, "group" | "plural">): string {
  return kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
}

/** `/apis/apps/v1`, `/api/v1`. */
export function groupPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}
