import { expect, test } from "vitest";
import type { GatewayApiGateway } from "../../../../src/data/mesh/declared/gatewayApi.ts";
import type { Labels } from "../../../../src/data/mesh/declared/meta.ts";
import { waypointOf } from "../../../../src/data/mesh/resolve/waypoints.ts";
import { gatewayApiGateway, namespace } from "../../../support/declaredOf.ts";
import { registry } from "./builders.ts";

const use = "istio.io/use-waypoint";
const useNamespace = "istio.io/use-waypoint-namespace";
const waypointFor = "istio.io/waypoint-for";
const ingressUse = "istio.io/ingress-use-waypoint";

type Listener = GatewayApiGateway["listeners"][number];
const tunnel: Listener = { name: "mesh", hostname: null, port: 15008, protocol: "HBONE" };

function waypoint(at: string, labels: Labels = {}, admits?: Listener["admits"]): GatewayApiGateway {
  const listeners = [admits === undefined ? tunnel : { ...tunnel, admits }];
  const made = gatewayApiGateway(at, { className: "istio-waypoint", listeners });
  return { ...made, meta: { ...made.meta, labels } };
}

interface Told {
  readonly space?: Labels;
  readonly own?: Labels;
  readonly gateways?: readonly GatewayApiGateway[];
  readonly headless?: boolean;
  readonly readable?: boolean;
}

const asked = ({ space = {}, own = {}, gateways = [], headless = false, readable = true }: Told) =>
  waypointOf(
    registry({
      namespaces: [namespace("shop", { team: "blue", ...space }), namespace("infra")],
      gatewayApiGateways: gateways,
    }),
    { namespace: "shop", labels: own, headless },
    () => readable,
  );

const said = (told: Told): string | null => {
  const found = asked(told);
  return found === null ? null : `${found.gateway} ${found.takes}`;
};

const near = waypoint("shop/waypoint");
const named = { [use]: "waypoint" };
const shared = { ...named, [useNamespace]: "infra" };

test.each<[string, Told, string | null]>([
  ["nobody asks for one", { gateways: [near] }, null],
  ["its namespace asks", { space: named, gateways: [near] }, "shop/waypoint yes"],
  ["it asks itself", { own: named, gateways: [near] }, "shop/waypoint yes"],
  [
    "its own word counts before its namespace's",
    { space: { [use]: "other" }, own: named, gateways: [near] },
    "shop/waypoint yes",
  ],
  ["it opts out of its namespace's", { space: named, own: { [use]: "none" }, gateways: [near] }, null],
  ["there is no such Gateway", { own: named }, "shop/waypoint no"],
  [
    "there may be such a Gateway, and nobody may read them",
    { own: named, readable: false },
    "shop/waypoint unknown",
  ],
  [
    "it is for Services by label",
    { own: named, gateways: [waypoint("shop/waypoint", { [waypointFor]: "service" })] },
    "shop/waypoint yes",
  ],
  [
    "it is for all",
    { own: named, gateways: [waypoint("shop/waypoint", { [waypointFor]: "all" })] },
    "shop/waypoint yes",
  ],
  [
    "it is for pods alone",
    { own: named, gateways: [waypoint("shop/waypoint", { [waypointFor]: "workload" })] },
    "shop/waypoint no",
  ],
  [
    "it is for nobody",
    { own: named, gateways: [waypoint("shop/waypoint", { [waypointFor]: "none" })] },
    "shop/waypoint no",
  ],
  [
    "callers dial the pods of a headless Service",
    { own: named, gateways: [near], headless: true },
    "shop/waypoint no",
  ],
  [
    "it is another namespace's, which admits its own alone",
    { own: shared, gateways: [waypoint("infra/waypoint")] },
    "infra/waypoint no",
  ],
  [
    "it is another namespace's, which admits all",
    { own: shared, gateways: [waypoint("infra/waypoint", {}, { from: "All", labels: null })] },
    "infra/waypoint yes",
  ],
  [
    "it is another namespace's, which admits by label",
    {
      own: shared,
      gateways: [waypoint("infra/waypoint", {}, { from: "Selector", labels: { team: "blue" } })],
    },
    "infra/waypoint yes",
  ],
  [
    "it is another namespace's, which admits others",
    {
      own: shared,
      gateways: [waypoint("infra/waypoint", {}, { from: "Selector", labels: { team: "red" } })],
    },
    "infra/waypoint no",
  ],
  [
    "it is another namespace's, which admits by expressions",
    { own: shared, gateways: [waypoint("infra/waypoint", {}, { from: "Selector", labels: null })] },
    "infra/waypoint unknown",
  ],
  [
    "the namespace names another namespace's",
    { space: shared, gateways: [waypoint("infra/waypoint", {}, { from: "All", labels: null })] },
    "infra/waypoint yes",
  ],
])("%s", (_, told, expected) => {
  expect(said(told)).toBe(expected);
});

test.each<[string, Told, boolean]>([
  ["without the label gateways go past", { own: named }, false],
  ["the Service may ask for it", { own: { ...named, [ingressUse]: "True" } }, true],
  ["so may the namespace", { space: { [ingressUse]: "true" }, own: named }, true],
  [
    "the Service's word counts before it",
    { space: { [ingressUse]: "true" }, own: { ...named, [ingressUse]: "false" } },
    false,
  ],
])("ingress: %s", (_, told, expected) => {
  expect(asked({ gateways: [near], ...told })?.ingress).toBe(expected);
});
