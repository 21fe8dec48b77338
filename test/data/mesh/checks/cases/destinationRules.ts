/** Hosts, subsets and limits of DestinationRules. */
import { instant } from "../../../../../src/data/mesh/units.ts";
import type { TrafficPolicy } from "../../../../../src/data/mesh/declared/routing.ts";
import { shopOf } from "../../../../support/builtMesh.ts";
import {
  destinationRule,
  peerAuthentication,
  meshConfig,
  meta,
  namespace,
  outlierDetection,
  rule,
  to,
  trafficPolicy,
  virtualService,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const versions = { v1: { version: "v1" }, v2: { version: "v2" } };
const younger = (at: string) => ({ meta: meta("DestinationRule", at, { created: instant(2000) }) });
const split = (...subsets: readonly string[]) => [
  virtualService("shop/catalog", [rule(subsets.map((name) => to("catalog", name, 50)))]),
];
const ejecting = (maxEjectionPercent: number | null, more: object = {}): Partial<TrafficPolicy> => ({
  outlierDetection: outlierDetection({ maxEjectionPercent, ...more }),
});
const withPolicy = (policy: Partial<TrafficPolicy>) => ({
  destinationRules: [destinationRule("shop/catalog", versions, { trafficPolicy: trafficPolicy(policy) })],
});
const mutual = trafficPolicy({ tls: { mode: "ISTIO_MUTUAL", credentialName: null } });
const manual = [meshConfig({ enableAutoMtls: false })];
const wide = (at: string, host: string) => destinationRule(at, {}, { host, trafficPolicy: mutual });

const both = [
  namespace("shop", { "istio-injection": "enabled" }),
  namespace("web"),
  namespace("istio-system"),
];

export const destinationRuleCases: readonly CheckCase[] = [
  {
    fault: "a DestinationRule for a name with a dot that is no full name",
    code: "MT0301",
    at: "DestinationRule shop/catalog spec.host",
    ...inShop(
      { destinationRules: [destinationRule("shop/catalog", {}, { host: "catalog.shop" })] },
      { destinationRules: [destinationRule("shop/catalog", {}, { host: "catalog.shop.svc.cluster.local" })] },
    ),
  },
  {
    fault: "a subset in use whose labels no pod has",
    code: "MT0302",
    at: "DestinationRule shop/catalog spec.subsets[1]",
    ...inShop(
      {
        destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "2" } })],
        virtualServices: split("v1", "v2"),
      },
      { destinationRules: [destinationRule("shop/catalog", versions)], virtualServices: split("v1", "v2") },
    ),
  },
  {
    fault: "a subset without pods that no route uses",
    code: "MT0302",
    at: "DestinationRule shop/catalog spec.subsets[2]",
    severity: "info",
    ...inShop(
      {
        destinationRules: [destinationRule("shop/catalog", { ...versions, v3: { version: "v3" } })],
        virtualServices: split("v1", "v2"),
      },
      { destinationRules: [destinationRule("shop/catalog", versions)], virtualServices: split("v1", "v2") },
    ),
  },
  {
    fault: "a subset without labels in a split",
    code: "MT0303",
    at: "DestinationRule shop/catalog spec.subsets[1]",
    ...inShop(
      {
        destinationRules: [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: {} })],
        virtualServices: split("v1", "v2"),
      },
      // Alone it is Istio's own way to write a policy for an egress gateway.
      { destinationRules: [destinationRule("shop/catalog", { all: {} })] },
    ),
  },
  {
    fault: "a subset that an older DestinationRule defines too",
    code: "MT0304",
    at: "DestinationRule shop/late spec.subsets[0]",
    ...inShop(
      {
        destinationRules: [
          destinationRule("shop/catalog", { v1: { version: "v1" } }),
          destinationRule(
            "shop/late",
            { v1: { version: "v2" } },
            { ...younger("shop/late"), host: "catalog" },
          ),
        ],
      },
      {
        destinationRules: [
          destinationRule("shop/catalog", { v1: { version: "v1" } }),
          destinationRule(
            "shop/late",
            { v2: { version: "v2" } },
            { ...younger("shop/late"), host: "catalog" },
          ),
        ],
      },
    ),
  },
  {
    fault: "a policy for a host that an older DestinationRule has one for",
    code: "MT0304",
    at: "DestinationRule shop/late spec.trafficPolicy",
    ...inShop(
      {
        destinationRules: [
          destinationRule("shop/catalog", {}, { trafficPolicy: trafficPolicy(ejecting(100)) }),
          destinationRule(
            "shop/late",
            {},
            { ...younger("shop/late"), host: "catalog", trafficPolicy: trafficPolicy(ejecting(50)) },
          ),
        ],
      },
      withPolicy(ejecting(50)),
    ),
  },
  {
    fault: "a DestinationRule for every host of another namespace, which hides subsets in use there",
    code: "MT0305",
    at: "DestinationRule web/all spec.host",
    ...inShop(
      {
        namespaces: both,
        destinationRules: [
          destinationRule("shop/catalog", versions),
          wide("web/all", "*.shop.svc.cluster.local"),
        ],
        virtualServices: split("v1", "v2"),
      },
      {
        namespaces: both,
        destinationRules: [
          destinationRule("shop/catalog", versions),
          // Defines what the routes use.
          destinationRule("web/catalog", versions, { host: "catalog.shop.svc.cluster.local" }),
        ],
        virtualServices: split("v1", "v2"),
      },
    ),
  },
  {
    fault: "a DestinationRule that drops the mTLS of a wider one, where nothing else asks for it",
    code: "MT0306",
    at: "DestinationRule shop/catalog spec.trafficPolicy",
    ...inShop(
      {
        meshConfigs: manual,
        // Without a policy this would be MT0213 beside it.
        peerAuthentications: [peerAuthentication("shop/default", "PERMISSIVE")],
        destinationRules: [
          wide("shop/all", "*.shop.svc.cluster.local"),
          destinationRule("shop/catalog", versions),
        ],
      },
      // Automatic mTLS makes up for it: Kiali's KIA0204 would warn all the same.
      {
        destinationRules: [
          wide("shop/all", "*.shop.svc.cluster.local"),
          destinationRule("shop/catalog", versions),
        ],
      },
    ),
  },
  {
    fault: "the default of 10 % of two hosts",
    code: "MT0307",
    at: "DestinationRule shop/catalog spec.trafficPolicy.outlierDetection",
    ...inShop(withPolicy(ejecting(null)), withPolicy(ejecting(50))),
  },
  {
    fault: "outlier detection with every detector off",
    code: "MT0307",
    at: "DestinationRule shop/catalog spec.trafficPolicy.outlierDetection",
    ...inShop(
      withPolicy(ejecting(100, { consecutive5xxErrors: 0 })),
      withPolicy(ejecting(100, { consecutive5xxErrors: 0, consecutiveGatewayErrors: 3 })),
    ),
  },
  {
    fault: "an exportTo that names no namespace",
    code: "MT0002",
    at: "DestinationRule shop/catalog spec.exportTo[1]",
    faulty: shopOf({
      destinationRules: [destinationRule("shop/catalog", versions, { exportTo: [".", "webb"] })],
    }),
    mended: shopOf({
      destinationRules: [destinationRule("shop/catalog", versions, { exportTo: [".", "istio-system"] })],
    }),
  },
];
