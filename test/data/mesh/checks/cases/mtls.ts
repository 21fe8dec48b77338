/** PeerAuthentications, and DestinationRules against them. */
import { instant } from "../../../../../src/data/mesh/units.ts";
import type { Declared } from "../../../../../src/data/mesh/declared/declared.ts";
import type { ClientTlsMode } from "../../../../../src/data/mesh/declared/routing.ts";
import type { PeerAuthentication } from "../../../../../src/data/mesh/declared/security.ts";
import { shopOf, v1, webapp } from "../../../../support/builtMesh.ts";
import {
  destinationRule,
  meshConfig,
  meta,
  namespace,
  peerAuthentication,
  podsOf,
  trafficPolicy,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const younger = (at: string) => ({ meta: meta("PeerAuthentication", at, { created: instant(2000) }) });
const peers = (...list: readonly PeerAuthentication[]): Partial<Declared> => ({ peerAuthentications: list });
const policy = peerAuthentication;
const catalog = { selector: { app: "catalog" } };

const sending = (mode: ClientTlsMode, host = "catalog") => ({
  destinationRules: [
    destinationRule(
      "shop/catalog",
      {},
      {
        host,
        trafficPolicy: trafficPolicy({ tls: { mode, credentialName: null } }),
      },
    ),
  ],
});
const strict = peers(policy("shop/default", "STRICT"));
const disabled = peers(policy("shop/default", "DISABLE"));
const manual = { meshConfigs: [meshConfig({ enableAutoMtls: false })] };
const bare = {
  namespaces: [namespace("shop"), namespace("istio-system")],
  pods: [v1, webapp].flatMap((one) => podsOf(one, 1, {})),
};

export const mtlsCases: readonly CheckCase[] = [
  {
    fault: "a second policy for a namespace with another mode",
    code: "MT0202",
    at: "PeerAuthentication shop/late",
    ...inShop(
      peers(policy("shop/default", "STRICT"), policy("shop/late", "PERMISSIVE", younger("shop/late"))),
      strict,
    ),
  },
  {
    fault: "a second policy for a namespace that says the same",
    code: "MT0202",
    at: "PeerAuthentication shop/late",
    severity: "warning",
    ...inShop(
      peers(policy("shop/default", "STRICT"), policy("shop/late", "STRICT", younger("shop/late"))),
      strict,
    ),
  },
  {
    fault: "two policies that select one workload",
    code: "MT0203",
    at: "PeerAuthentication shop/late spec.selector",
    ...inShop(
      peers(
        policy("shop/catalog", "PERMISSIVE", catalog),
        policy("shop/late", "STRICT", { ...younger("shop/late"), selector: { version: "v1" } }),
      ),
      peers(
        policy("shop/catalog", "PERMISSIVE", catalog),
        policy("shop/late", "STRICT", { ...younger("shop/late"), selector: { app: "webapp" } }),
      ),
    ),
  },
  {
    fault: "a policy for pods that do not exist",
    code: "MT0003",
    at: "PeerAuthentication shop/catalog spec.selector",
    ...inShop(
      peers(policy("shop/catalog", "STRICT", { selector: { app: "catalogue" } })),
      peers(policy("shop/catalog", "STRICT", catalog)),
    ),
  },
  {
    fault: "plaintext by a DestinationRule to a STRICT namespace",
    code: "MT0205",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    ...inShop({ ...strict, ...sending("DISABLE") }, { ...strict, ...sending("ISTIO_MUTUAL") }),
  },
  {
    fault: "plaintext by a DestinationRule for every host, in a mesh that is STRICT",
    code: "MT0205",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    ...inShop(
      { ...peers(policy("istio-system/default", "STRICT")), ...sending("DISABLE", "*.local") },
      { ...peers(policy("istio-system/default", "PERMISSIVE")), ...sending("DISABLE", "*.local") },
    ),
  },
  {
    fault: "mTLS by a DestinationRule to a namespace that refuses it",
    code: "MT0206",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    // Without any policy servers take both.
    ...inShop({ ...disabled, ...sending("ISTIO_MUTUAL") }, { ...manual, ...sending("ISTIO_MUTUAL") }),
  },
  {
    fault: "mTLS by a DestinationRule for a namespace in which nothing demands it, without automatic mTLS",
    code: "MT0213",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    severity: "info",
    ...inShop(
      { ...manual, ...sending("ISTIO_MUTUAL", "*.shop.svc.cluster.local") },
      {
        ...manual,
        ...peers(policy("shop/default", "PERMISSIVE")),
        ...sending("ISTIO_MUTUAL", "*.shop.svc.cluster.local"),
      },
    ),
  },
  {
    fault: "the same for the whole mesh",
    code: "MT0213",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    severity: "info",
    ...inShop({ ...manual, ...sending("ISTIO_MUTUAL", "*.local") }, sending("ISTIO_MUTUAL", "*.local")),
  },
  {
    fault: "STRICT without automatic mTLS or a DestinationRule",
    code: "MT0207",
    at: "PeerAuthentication shop/default spec.mtls.mode",
    ...inShop(
      { ...manual, ...strict },
      { ...manual, ...strict, ...sending("ISTIO_MUTUAL", "*.shop.svc.cluster.local") },
    ),
  },
  {
    fault: "mTLS by a DestinationRule to a pod without a proxy",
    code: "MT0209",
    at: "DestinationRule shop/catalog spec.trafficPolicy.tls",
    faulty: shopOf({ ...bare, ...sending("ISTIO_MUTUAL") }, [v1, webapp]),
    mended: shopOf({ ...bare, ...sending("DISABLE") }, [v1, webapp]),
  },
  {
    fault: "a STRICT workload in a namespace that says DISABLE",
    code: "MT0210",
    at: "PeerAuthentication shop/catalog spec.mtls.mode",
    ...inShop(
      peers(policy("shop/default", "DISABLE"), policy("shop/catalog", "STRICT", catalog)),
      peers(policy("shop/default", "PERMISSIVE"), policy("shop/catalog", "STRICT", catalog)),
    ),
  },
  {
    fault: "a selector in the root namespace",
    code: "MT0211",
    at: "PeerAuthentication istio-system/catalog spec.selector",
    ...inShop(
      peers(policy("istio-system/catalog", "STRICT", catalog)),
      peers(policy("shop/catalog", "STRICT", catalog)),
    ),
  },
  {
    fault: "ports without a selector",
    code: "MT0212",
    at: "PeerAuthentication shop/catalog spec.portLevelMtls",
    ...inShop(
      peers(policy("shop/catalog", "STRICT", { portLevelMtls: { 8080: "DISABLE" } })),
      peers(policy("shop/catalog", "STRICT", { ...catalog, portLevelMtls: { 8080: "DISABLE" } })),
    ),
  },
];
