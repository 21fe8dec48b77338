import {
  missingWaypoint,
  policyElsewhere,
  policyWithoutWaypoint,
  routeElsewhere,
  routeWithoutWaypoint,
  unwillingWaypoint,
} from "./ambient.ts";
import { exportedToNobody, selectsNoWorkload } from "./anyObject.ts";
import {
  enforcedByNobody,
  identityWithoutMtls,
  layer7AtZtunnel,
  noHttpMethod,
  unknownNamespace,
} from "./authorizationPolicies.ts";
import { missingRouting, missingTarget } from "./canaries.ts";
import type { Check, CheckText } from "./check.ts";
import {
  demandedByNobody,
  losesMtls,
  mtlsToDisabled,
  mtlsToNoProxy,
  notMtlsUnderStrict,
} from "./clientTls.ts";
import { hidesSubsets, hostOfNobody, lostInMerge } from "./destinationRuleHosts.ts";
import { ejectsNobody } from "./ejection.ts";
import * as gatewayApi from "./gatewayApi.ts";
import * as gateways from "./gateways.ts";
import { unknownMeshMode, unknownSidecarMode } from "./outboundModes.ts";
import * as peers from "./peerAuthentications.ts";
import { plaintextUnderStrict } from "./plaintextCallers.ts";
import { tokensAtZtunnel, tokensOptional } from "./requestAuthentications.ts";
import * as destinations from "./routeDestinations.ts";
import { ignoredWeight, sameTwice, zeroSum } from "./routeWeights.ts";
import { missingDelegate, shadowedMatch, unreachableRule } from "./ruleReach.ts";
import { otherProtocol, sameHost, unknownProtocol } from "./serviceEntries.ts";
import { noSuchTargetPort, portWithoutProtocol, unknownAppProtocol } from "./servicePorts.ts";
import * as sidecars from "./sidecars.ts";
import { subsetOfEverybody, subsetOfNobody } from "./subsets.ts";
import { hostNotServed, missingGateway, neverAsked, secondCatchAll } from "./virtualServiceHosts.ts";

/** Every check of what is declared, in the order of their codes. */
export const checks: readonly Check[] = [
  exportedToNobody,
  selectsNoWorkload,
  destinations.missingSubset,
  destinations.noEndpoints,
  zeroSum,
  ignoredWeight,
  destinations.unknownHost,
  missingGateway,
  sameTwice,
  neverAsked,
  secondCatchAll,
  unreachableRule,
  shadowedMatch,
  destinations.missingMirror,
  hostNotServed,
  missingDelegate,
  destinations.portOfNobody,
  destinations.ambiguousPort,
  routeWithoutWaypoint,
  routeElsewhere,
  missingWaypoint,
  unwillingWaypoint,
  peers.secondWide,
  peers.secondForWorkload,
  notMtlsUnderStrict,
  mtlsToDisabled,
  peers.strictWithoutAuto,
  mtlsToNoProxy,
  peers.strictInDisabled,
  peers.selectorInRoot,
  peers.portsWithoutSelector,
  demandedByNobody,
  hostOfNobody,
  subsetOfNobody,
  subsetOfEverybody,
  lostInMerge,
  hidesSubsets,
  losesMtls,
  ejectsNobody,
  policyWithoutWaypoint,
  policyElsewhere,
  gateways.sameListener,
  gateways.gatewayOfNobody,
  gateways.gatewayWithoutRoute,
  sameHost,
  otherProtocol,
  unknownProtocol,
  sidecars.secondSidecar,
  sidecars.secondSidecarForWorkload,
  sidecars.egressOfNobody,
  sidecars.selectorInRoot,
  sidecars.openPolicy,
  unknownSidecarMode,
  identityWithoutMtls,
  unknownNamespace,
  noHttpMethod,
  enforcedByNobody,
  layer7AtZtunnel,
  tokensOptional,
  tokensAtZtunnel,
  gatewayApi.missingParent,
  gatewayApi.missingBackend,
  gatewayApi.notAccepted,
  gatewayApi.sameListener,
  portWithoutProtocol,
  unknownAppProtocol,
  noSuchTargetPort,
  unknownMeshMode,
  missingTarget,
  missingRouting,
];

/** The one that parsers find (src/data/kubernetes/parse/raw.ts). */
const unreadable: CheckText = {
  code: "MT0001",
  severity: "error",
  title: "object that cannot be read",
  meaning:
    "A field has another type than its kind allows. istiod skips an object that it cannot convert; so does this program, and what the object would say is missing everywhere else.",
  advice: "Correct the field that the message names.",
  sources: { istioctl: "IST0106" },
};

const alike: ReadonlyMap<string, readonly string[]> = new Map(
  [unreadable, ...checks, plaintextUnderStrict].map(({ code, sources: { kiali, istioctl } }) => [
    code,
    [kiali, istioctl].flatMap((codes) => codes?.split(", ") ?? []),
  ]),
);

/** Codes of Kiali (KIAnnnn) and `istioctl analyze` (ISTnnnn) for the same; empty: neither looks for it. */
export const alikeOf = (code: string): readonly string[] => alike.get(code) ?? [];

/** All that a code can stand for, for docs/checks.md: also what parsers and traffic find. */
export const described: readonly CheckText[] = [unreadable, ...checks, plaintextUnderStrict].toSorted(
  (a, b) => (a.code < b.code ? -1 : 1),
);
