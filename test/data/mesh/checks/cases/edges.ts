/** Where the mesh ends: Gateways, ServiceEntries, Sidecars, the outbound policy. */
import { instant } from "../../../../../src/data/mesh/units.ts";
import type { Gateway, ServiceEntry } from "../../../../../src/data/mesh/declared/routing.ts";
import { shopOf, v1, webapp } from "../../../../support/builtMesh.ts";
import {
  gateway,
  meshConfig,
  meta,
  rule,
  serviceEntry,
  sidecar,
  to,
  virtualService,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const younger = (kind: string, at: string) => ({ meta: meta(kind, at, { created: instant(2000) }) });
const selector = { istio: "ingressgateway" };
const front = gateway("shop/front", selector, ["shop.example.com"]);
const late = (host: string): Gateway => ({
  ...gateway("shop/late", selector, [host]),
  ...younger("Gateway", "shop/late"),
});
const bound = (...gateways: readonly string[]) => [
  virtualService("shop/catalog", [rule([to("catalog")])], {
    hosts: ["shop.example.com"],
    gateways: [...gateways],
  }),
];

const port = (protocol: string) => ({ number: 443, name: "api", protocol, targetPort: null });
const api = (at: string, protocol: string, more: Partial<ServiceEntry> = {}) =>
  serviceEntry(at, ["api.example.com"], { ports: [port(protocol)], ...more });
const lateApi = (protocol: string, at = "shop/late") => api(at, protocol, younger("ServiceEntry", at));

const lateSidecar = younger("Sidecar", "shop/late");
const shopWorkloads = { app: "catalog" };

export const edgeCases: readonly CheckCase[] = [
  {
    fault: "two Gateways for one host on one port",
    code: "MT0401",
    at: "Gateway shop/late spec.servers[0].hosts",
    ...inShop(
      { gateways: [front, late("shop.example.com")], virtualServices: bound("front", "late") },
      { gateways: [front], virtualServices: bound("front") },
    ),
  },
  {
    fault: "a Gateway for every host beside one for a host of it",
    code: "MT0401",
    at: "Gateway shop/late spec.servers[0].hosts",
    severity: "info",
    ...inShop(
      { gateways: [front, late("*")], virtualServices: bound("front", "late") },
      {
        gateways: [
          front,
          {
            ...late("*"),
            servers: [{ ...late("*").servers[0]!, port: { number: 8080, name: "http", protocol: "HTTP" } }],
          },
        ],
        virtualServices: bound("front", "late"),
      },
    ),
  },
  {
    fault: "a Gateway for pods that do not exist",
    code: "MT0402",
    at: "Gateway shop/front spec.selector",
    faulty: shopOf({ gateways: [front], virtualServices: bound("front") }, [v1, webapp]),
    mended: shopOf({ gateways: [front], virtualServices: bound("front") }),
  },
  {
    fault: "a Gateway that no VirtualService is bound to",
    code: "MT0403",
    at: "Gateway shop/front",
    ...inShop({ gateways: [front] }, { gateways: [front], virtualServices: bound("front") }),
  },
  {
    fault: "two ServiceEntries of one namespace for one host and port",
    code: "MT0501",
    at: "ServiceEntry shop/late spec.hosts[0]",
    ...inShop(
      { serviceEntries: [api("shop/api", "TLS"), lateApi("TLS")] },
      // Each team declares it for itself.
      { serviceEntries: [api("shop/api", "TLS"), lateApi("TLS", "web/late")] },
    ),
  },
  {
    fault: "two ServiceEntries that disagree about the protocol",
    code: "MT0502",
    at: "ServiceEntry web/late spec.ports[0].protocol",
    ...inShop(
      { serviceEntries: [api("shop/api", "TLS"), lateApi("HTTP", "web/late")] },
      // Nobody sees both.
      {
        serviceEntries: [
          api("shop/api", "TLS", { exportTo: ["."] }),
          { ...lateApi("HTTP", "web/late"), exportTo: ["."] },
        ],
      },
    ),
  },
  {
    fault: "a protocol that Istio does not know",
    code: "MT0503",
    at: "ServiceEntry shop/api spec.ports[0].protocol",
    ...inShop(
      { serviceEntries: [api("shop/api", "HTTP/2")] },
      { serviceEntries: [api("shop/api", "http2")] },
    ),
  },
  {
    fault: "two Sidecars for one namespace",
    code: "MT0601",
    at: "Sidecar shop/late",
    ...inShop(
      { sidecars: [sidecar("shop/default"), sidecar("shop/late", lateSidecar)] },
      {
        sidecars: [
          sidecar("shop/default"),
          sidecar("shop/late", { ...lateSidecar, workloadSelector: shopWorkloads }),
        ],
      },
    ),
  },
  {
    fault: "two Sidecars for one workload",
    code: "MT0602",
    at: "Sidecar shop/late spec.workloadSelector",
    ...inShop(
      {
        sidecars: [
          sidecar("shop/catalog", { workloadSelector: shopWorkloads }),
          sidecar("shop/late", { ...lateSidecar, workloadSelector: { version: "v1" } }),
        ],
      },
      {
        sidecars: [
          sidecar("shop/catalog", { workloadSelector: { version: "v1" } }),
          sidecar("shop/late", { ...lateSidecar, workloadSelector: { version: "v2" } }),
        ],
      },
    ),
  },
  {
    fault: "an egress host that is no full name",
    code: "MT0603",
    at: "Sidecar shop/default spec.egress",
    ...inShop(
      { sidecars: [sidecar("shop/default", { egressHosts: ["./catalog", "istio-system/*"] })] },
      {
        sidecars: [
          sidecar("shop/default", { egressHosts: ["./catalog.shop.svc.cluster.local", "istio-system/*"] }),
        ],
      },
    ),
  },
  {
    fault: "a selector in a Sidecar of the root namespace",
    code: "MT0604",
    at: "Sidecar istio-system/catalog spec.workloadSelector",
    ...inShop(
      { sidecars: [sidecar("istio-system/catalog", { workloadSelector: shopWorkloads })] },
      { sidecars: [sidecar("istio-system/default")] },
    ),
  },
  {
    fault: "an outbound policy without a mode",
    code: "MT0605",
    at: "Sidecar shop/default spec.outboundTrafficPolicy",
    ...inShop(
      { sidecars: [sidecar("shop/default", { outboundTrafficPolicy: { mode: null } })] },
      { sidecars: [sidecar("shop/default", { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } })] },
    ),
  },
  {
    fault: "an outbound mode that only the mesh knows",
    code: "MT0606",
    at: "Sidecar shop/default spec.outboundTrafficPolicy.mode",
    ...inShop(
      { sidecars: [sidecar("shop/default", { outboundTrafficPolicy: { mode: "ALLOW_ANY_DYNAMIC_DNS" } })] },
      { sidecars: [sidecar("shop/default", { outboundTrafficPolicy: { mode: "ALLOW_ANY" } })] },
    ),
  },
  {
    fault: "a mesh configuration with REGISTER_ONLY",
    code: "MT1001",
    at: "ConfigMap istio-system/istio data.mesh",
    ...inShop(
      { meshConfigs: [meshConfig({ outboundMode: "REGISTER_ONLY" })] },
      { meshConfigs: [meshConfig({ outboundMode: "REGISTRY_ONLY" })] },
    ),
  },
];
