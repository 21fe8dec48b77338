import { millis, perSecond, ratio } from "../../mesh/units.ts";
import { apps, traffic } from "./coolstore/apps.ts";
import { canary } from "./coolstore/canary.ts";
import { platform } from "./coolstore/platform.ts";
import type { Answering, Behaviour, Call, Scenario, Source } from "./scenario.ts";

const request: Call = {
  host: "",
  port: 80,
  speaks: "http",
  method: "GET",
  path: "/",
  headers: {},
  times: 1,
  onlyFor: "",
  needed: true,
  requestBytes: 480,
  tcp: null,
};

/** Latency in ms at the median and at the 95th percentile. */
function answering(p50: number, p95: number, errors = 0): Answering {
  return { p50: millis(p50), p95: millis(p95), errors: ratio(errors), responseBytes: 1800 };
}

function behaviour(answers: Answering, ...calls: readonly Call[]): Behaviour {
  return { ...answers, calls, forwards: ["x-istio-cohort"] };
}

/** Connections of a pool that closes each after half a minute. */
const database: Call = {
  ...request,
  host: "postgres",
  port: 5432,
  speaks: "tcp",
  times: 0.05,
  tcp: { lasts: millis(30_000), toServer: 9_000, toClient: 70_000 },
};

const behaviours: Readonly<Record<string, Behaviour>> = {
  "istioinaction/webapp": behaviour(
    answering(4, 11),
    { ...request, host: "catalog.istioinaction", path: "/items", onlyFor: "/api/catalog" },
    { ...request, host: "recommendation", path: "/top", times: 0.6, onlyFor: "/api/catalog", needed: false },
    { ...request, host: "forum.istioinaction", path: "/api/users", onlyFor: "/api/users" },
  ),
  "istioinaction/catalog": behaviour(answering(12, 28), database),
  "istioinaction/catalog-v2": behaviour(
    {
      ...answering(55, 240, 0.04),
      troubles: { period: millis(210_000), lasts: millis(80_000), errors: ratio(0.35), slower: 3 },
    },
    database,
  ),
  "istioinaction/forum": behaviour(answering(6, 15), {
    ...request,
    host: "jsonplaceholder.typicode.com",
    path: "/users",
  }),
  "istioinaction/recommendation-primary": behaviour(answering(18, 40)),
  "istioinaction/recommendation": behaviour(answering(16, 38)),
};

const visitor: Call = { ...request, host: "webapp.istioinaction.io" };

/** Through the ingress gateway. */
function visits(rate: number, call: Partial<Call>): Source {
  return {
    at: { is: "gateway", workload: "istio-system/istio-ingressgateway" },
    rate: perSecond(rate),
    swing: ratio(0.15),
    call: { ...visitor, ...call },
  };
}

/** Chapter 5 of Istio in Action in the middle of its story: catalog v2 at 10 %, forum still reaching out through PassthroughCluster. */
export const coolstore: Scenario = {
  name: "coolstore",
  manifests: [...platform, ...apps, ...traffic, ...canary],
  behaviours,
  outside: { "jsonplaceholder.typicode.com": { ...answering(65, 160, 0.002), responseBytes: 5600 } },
  sources: [
    visits(9.5, { path: "/api/catalog" }),
    visits(0.5, { path: "/api/catalog", headers: { "x-istio-cohort": "internal" } }),
    visits(2, { path: "/api/users" }),
    {
      at: { is: "workload", workload: "default/batch-report" },
      rate: perSecond(0.6),
      swing: ratio(0),
      call: { ...request, host: "catalog.istioinaction", path: "/items" },
    },
  ],
  releases: [{ namespace: "istioinaction", deployment: "recommendation", pause: millis(120_000) }],
};
