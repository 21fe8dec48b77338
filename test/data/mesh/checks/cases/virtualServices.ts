/** Hosts, gateways and the order of rules of VirtualServices. */
import { instant } from "../../../../../src/data/mesh/units.ts";
import {
  gateway,
  httpMatch,
  meta,
  mirrorTo,
  rule,
  to,
  virtualService,
} from "../../../../support/declaredOf.ts";
import { inShop, type CheckCase } from "./checkCase.ts";

const gateways = [gateway("shop/front", { istio: "ingressgateway" }, ["shop.example.com"])];
const outside = { hosts: ["shop.example.com"], gateways: ["front"] };
const toCatalog = [rule([to("catalog")])];
const byPath = (prefix: string, host: string) =>
  rule([to(host)], { matches: [httpMatch({ uri: { prefix } })] });
const younger = (at: string) => ({ meta: meta("VirtualService", at, { created: instant(2000) }) });
const cohort = { "x-cohort": { exact: "internal" } };

/** VirtualService catalog with these rules. */
const ordered = (...rules: readonly ReturnType<typeof rule>[]) => ({
  virtualServices: [virtualService("shop/catalog", rules)],
});

export const virtualServiceCases: readonly CheckCase[] = [
  {
    fault: "a VirtualService on a Gateway that does not exist",
    code: "MT0106",
    at: "VirtualService shop/catalog spec.gateways[1]",
    ...inShop(
      {
        gateways,
        virtualServices: [
          virtualService("shop/catalog", toCatalog, {
            ...outside,
            gateways: ["front", "istio-system/public"],
          }),
        ],
      },
      { gateways, virtualServices: [virtualService("shop/catalog", toCatalog, outside)] },
    ),
  },
  {
    fault: "a match for a Gateway that does not exist",
    code: "MT0106",
    at: "VirtualService shop/catalog spec.http[0].match[0].gateways[0]",
    ...inShop(
      ordered(rule([to("forum")], { matches: [httpMatch({ gateways: ["front"] })] }), rule([to("catalog")])),
      ordered(
        rule([to("forum")], { matches: [httpMatch({ sourceLabels: { app: "webapp" } })] }),
        rule([to("catalog")]),
      ),
    ),
  },
  {
    fault: "a younger VirtualService for a host that an older one has",
    code: "MT0108",
    at: "VirtualService shop/late spec.hosts[0]",
    ...inShop(
      {
        virtualServices: [
          virtualService("shop/catalog", [byPath("/items", "catalog")]),
          virtualService("shop/late", toCatalog, { ...younger("shop/late"), hosts: ["catalog"] }),
        ],
      },
      // The first is for clients of another label: the others come to the second.
      {
        virtualServices: [
          virtualService("shop/catalog", [
            rule([to("forum")], { matches: [httpMatch({ sourceLabels: { app: "webapp" } })] }),
          ]),
          virtualService("shop/late", toCatalog, { ...younger("shop/late"), hosts: ["catalog"] }),
        ],
      },
    ),
  },
  {
    fault: "a second catch-all for one host of a gateway",
    code: "MT0109",
    at: "VirtualService shop/late spec.http[0]",
    ...inShop(
      {
        gateways,
        virtualServices: [
          virtualService("shop/catalog", toCatalog, outside),
          virtualService("shop/late", [rule([to("forum")])], { ...younger("shop/late"), ...outside }),
        ],
      },
      // Gateways put the rules of several together; a path comes before the catch-all of an older one.
      {
        gateways,
        virtualServices: [
          virtualService("shop/catalog", toCatalog, outside),
          virtualService("shop/late", [byPath("/forum", "forum")], { ...younger("shop/late"), ...outside }),
        ],
      },
    ),
  },
  {
    fault: "a rule behind one without a match",
    code: "MT0110",
    at: "VirtualService shop/catalog spec.http[1]",
    ...inShop(
      ordered(rule([to("catalog")]), byPath("/forum", "forum")),
      ordered(byPath("/forum", "forum"), rule([to("catalog")])),
    ),
  },
  {
    fault: "a narrower path behind a wider one",
    code: "MT0111",
    at: "VirtualService shop/catalog spec.http[1]",
    ...inShop(
      ordered(byPath("/items", "catalog"), byPath("/items/new", "forum")),
      ordered(byPath("/items/new", "forum"), byPath("/items", "catalog")),
    ),
  },
  {
    fault: "one of two matches that an earlier rule takes",
    code: "MT0111",
    at: "VirtualService shop/catalog spec.http[1].match[0]",
    ...inShop(
      ordered(
        byPath("/items", "catalog"),
        rule([to("forum")], {
          matches: [
            httpMatch({ uri: { exact: "/items/7" }, headers: cohort }),
            httpMatch({ uri: { prefix: "/posts" } }),
          ],
        }),
      ),
      // Only with the header is it the earlier rule's.
      ordered(
        rule([to("catalog")], { matches: [httpMatch({ uri: { prefix: "/items" }, headers: cohort })] }),
        rule([to("forum")], { matches: [httpMatch({ uri: { exact: "/items/7" } })] }),
      ),
    ),
  },
  {
    fault: "a host that its Gateway does not serve",
    code: "MT0113",
    at: "VirtualService shop/catalog spec.hosts[1]",
    ...inShop(
      {
        gateways,
        virtualServices: [
          virtualService("shop/catalog", toCatalog, {
            hosts: ["shop.example.com", "shop.example.org"],
            gateways: ["front"],
          }),
        ],
      },
      { gateways, virtualServices: [virtualService("shop/catalog", toCatalog, outside)] },
    ),
  },
  {
    fault: "a delegate that does not exist",
    code: "MT0115",
    at: "VirtualService shop/catalog spec.http[0].delegate",
    ...inShop(ordered(rule([], { delegate: { name: "inner", namespace: null } })), {
      virtualServices: [
        virtualService("shop/catalog", [rule([], { delegate: { name: "inner", namespace: null } })]),
        virtualService("shop/inner", [rule([to("catalog")], { mirrors: [mirrorTo("forum")] })], {
          hosts: [],
        }),
      ],
    }),
  },
];
