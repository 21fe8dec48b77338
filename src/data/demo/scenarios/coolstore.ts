import { millis, ratio } from "../../mesh/units.ts";
import { answering, calls, request, visits } from "./calls.ts";
import { apps, traffic } from "./coolstore/apps.ts";
import { canary } from "./coolstore/canary.ts";
import { istioPlatform } from "./istioPlatform.ts";
import type { Answering, Behaviour, Call, Scenario } from "./scenario.ts";

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

const visitor = { host: "webapp.istioinaction.io" };

/** Chapter 5 of Istio in Action in the middle of its story: catalog v2 at 10 %, forum still reaching out through PassthroughCluster. */
export const coolstore: Scenario = {
  name: "coolstore",
  manifests: [...istioPlatform("istioinaction"), ...apps, ...traffic, ...canary],
  behaviours,
  outside: { "jsonplaceholder.typicode.com": { ...answering(65, 160, 0.002), responseBytes: 5600 } },
  sources: [
    visits(9.5, { ...visitor, path: "/api/catalog" }),
    visits(0.5, { ...visitor, path: "/api/catalog", headers: { "x-istio-cohort": "internal" } }),
    visits(2, { ...visitor, path: "/api/users" }),
    calls("default/batch-report", 0.6, { host: "catalog.istioinaction", path: "/items" }),
  ],
  releases: [{ namespace: "istioinaction", deployment: "recommendation", pause: millis(120_000) }],
};
