/** Destinations, mirrors and weights of routes. */
import { ingress, shopOf, v1, v2, webapp } from "../../../../support/builtMesh.ts";
import {
  backend,
  destinationRule,
  flaggerCanary,
  gateway,
  httpRoute,
  mirrorTo,
  rule,
  service,
  tcpRule,
  to,
  virtualService,
  workload,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const destinationRules = [destinationRule("shop/catalog", { v1: { version: "v1" }, v2: { version: "v2" } })];

/** VirtualService catalog with one rule. */
const routing = (...one: Parameters<typeof rule>) => ({
  destinationRules,
  virtualServices: [virtualService("shop/catalog", [rule(...one)])],
});
const healthy = routing([to("catalog", "v1", 90), to("catalog", "v2", 10)]);
const first = "VirtualService shop/catalog spec.http[0].route[0]";
const second = "VirtualService shop/catalog spec.http[0].route[1]";

const idle = workload("shop/catalog-v2", { app: "catalog", version: "v2" }, { ready: 0, desired: 0 });
const withPort = (host: string, port: number) => ({
  ...to(host),
  destination: { host, subset: null, port },
});

const port = (number: number, name: string) => ({
  ...service("shop/any").ports[0]!,
  port: number,
  name,
});
const twoPorts = (own: number) => [
  service("shop/catalog", { ports: [port(own, "http"), port(9090, "http-admin")] }),
];
const onGateway = { hosts: ["shop.example.com"], gateways: ["front"] };
const gateways = [gateway("shop/front", { istio: "ingressgateway" })];

export const routeCases: readonly CheckCase[] = [
  {
    fault: "a route to a subset that no DestinationRule defines",
    code: "MT0101",
    at: second,
    ...inShop(routing([to("catalog", "v1", 90), to("catalog", "v9", 10)]), healthy),
  },
  {
    fault: "a share for a subset whose workload is scaled to zero",
    code: "MT0102",
    at: second,
    faulty: shopOf(healthy, [v1, idle, webapp]),
    mended: shopOf(routing([to("catalog", "v1", 100), to("catalog", "v2", 0)]), [v1, idle, webapp]),
  },
  {
    fault: "a share for a Service without a ready pod",
    code: "MT0102",
    at: first,
    faulty: shopOf({ virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])])] }, [
      idle,
      webapp,
    ]),
    mended: shopOf({ virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])])] }, [
      v2,
      webapp,
    ]),
  },
  {
    fault: "weights that sum to 0",
    code: "MT0103",
    at: "VirtualService shop/catalog spec.http[0]",
    ...inShop(routing([to("catalog", "v1", 0), to("catalog", "v2", 0)]), healthy),
  },
  {
    fault: "backends of a Gateway API rule that all weigh nothing",
    code: "MT0103",
    at: "HTTPRoute shop/catalog spec.rules[0]",
    ...inShop(
      { gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends: [backend("catalog", 0)] }])] },
      { gatewayApiRoutes: [httpRoute("shop/catalog", [{ backends: [backend("catalog", 1)] }])] },
    ),
  },
  {
    fault: "a weight of 75 on the only destination of a rule",
    code: "MT0104",
    at: `${first}.weight`,
    ...inShop(routing([to("catalog", "v1", 75)]), routing([to("catalog", "v1", 100)])),
  },
  {
    fault: "a weight of 70 on the only destination of a rule that Flagger has not written",
    code: "MT0104",
    at: `${first}.weight`,
    ...inShop(routing([to("catalog", "v1", 70)]), {
      ...routing([to("catalog", "v1", 70)]),
      canaries: [{ ...flaggerCanary("shop/catalog"), targetRef: { kind: "Deployment", name: "catalog-v2" } }],
    }),
  },
  {
    fault: "a destination with a dot in it that is no full name",
    code: "MT0105",
    at: first,
    ...inShop(routing([to("catalog.shop")]), routing([to("catalog.shop.svc.cluster.local")])),
  },
  {
    fault: "a tcp rule to a host that nobody declares",
    code: "MT0105",
    at: "VirtualService shop/catalog spec.tcp[0].route[0]",
    ...inShop(
      { virtualServices: [virtualService("shop/catalog", [], { tcp: [tcpRule([to("nowhere")])] })] },
      { virtualServices: [virtualService("shop/catalog", [], { tcp: [tcpRule([to("catalog")])] })] },
    ),
  },
  {
    fault: "a gateway's route to a host that nobody declares",
    code: "MT0105",
    at: "VirtualService shop/catalog spec.http[0].route[0]",
    ...inShop(
      { gateways, virtualServices: [virtualService("shop/catalog", [rule([to("catlog")])], onGateway)] },
      { gateways, virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])], onGateway)] },
    ),
  },
  {
    fault: "one subset twice in a rule",
    code: "MT0107",
    at: second,
    ...inShop(routing([to("catalog", "v1", 90), to("catalog", "v1", 10)]), healthy),
  },
  {
    fault: "a mirror to a subset that nobody defines",
    code: "MT0112",
    at: "VirtualService shop/catalog spec.http[0].mirror",
    ...inShop(
      routing([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v9")] }),
      routing([to("catalog", "v1")], { mirrors: [mirrorTo("catalog", "v2")] }),
    ),
  },
  {
    fault: "a mirror to a host that nobody declares",
    code: "MT0112",
    at: "VirtualService shop/catalog spec.http[0].mirror",
    ...inShop(
      routing([to("catalog", "v1")], { mirrors: [mirrorTo("catalog-next")] }),
      // 0 % is a mirror that is switched off and remembered.
      routing([to("catalog", "v1")], { mirrors: [mirrorTo("catalog-next", null, 0)] }),
    ),
  },
  {
    fault: "a destination with the port of the container",
    code: "MT0116",
    at: first,
    ...inShop(routing([withPort("catalog", 8080)]), routing([withPort("catalog", 80)])),
  },
  {
    fault: "a gateway's route that leaves open which of two ports",
    code: "MT0117",
    at: first,
    faulty: shopOf(
      {
        gateways,
        services: twoPorts(8000),
        virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])], onGateway)],
      },
      [v1, ingress],
    ),
    // The gateway listens on 80, and so does the Service.
    mended: shopOf(
      {
        gateways,
        services: twoPorts(80),
        virtualServices: [virtualService("shop/catalog", [rule([to("catalog")])], onGateway)],
      },
      [v1, ingress],
    ),
  },
];
