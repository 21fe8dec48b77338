/** Each way in which Flagger can release catalog, besides weights for some callers (istio.md 7.1). */
import type { Json } from "../../../mesh/json.ts";
import { answering } from "../calls.ts";
import { service, workload } from "../objects.ts";
import { all, having, playing, type Variant } from "../variant.ts";
import { releasing } from "./release.ts";

const shop = "istioinaction";
const tester = "flagger-loadtester";

/** Flagger's own, which answers the webhooks. */
const withLoadtester: Variant["of"] = all(
  having(
    workload({
      namespace: shop,
      name: tester,
      labels: { app: tester },
      replicas: 1,
      image: "ghcr.io/fluxcd/flagger-loadtester:0.36.0",
      port: 8080,
    }),
    service({
      namespace: shop,
      name: tester,
      labels: { app: tester },
      selector: { app: tester },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
    }),
  ),
  playing({
    behaviours: { [`${shop}/${tester}`]: { ...answering(1, 2), calls: [], forwards: [] } },
  }),
);

/** @param path of the loadtester: `/gate/halt` is shut. */
const gate = (type: string, name: string, path: string): Json => ({
  type,
  name,
  url: `http://${tester}.${shop}${path}`,
});

const acceptance: Json = {
  type: "pre-rollout",
  name: "acceptance-test",
  url: `http://${tester}.${shop}/`,
  timeout: "30s",
  metadata: { type: "bash", cmd: `curl -sf http://catalog-canary.${shop}/items` },
};

/** Twelve requests a second for a minute. */
const loadTest: Json = {
  type: "rollout",
  name: "load-test",
  url: `http://${tester}.${shop}/`,
  metadata: { cmd: `hey -z 1m -q 6 -c 2 http://catalog-canary.${shop}/items` },
};

const pace = { interval: "45s", threshold: 5 } as const;
const byTens = { ...pace, maxWeight: 50, stepWeight: 10 } as const;

export const strategyVariants: readonly Variant[] = [
  {
    name: "ab-test",
    says: "Only the cohort internal gets the new catalog, all of its requests, until it has passed five iterations.",
    of: releasing({
      analysis: {
        ...pace,
        iterations: 5,
        match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }],
      },
    }),
  },
  {
    name: "blue-green",
    says: "Nobody gets the new catalog but a load test, until it has passed five iterations; then everybody does at once.",
    of: all(
      withLoadtester,
      releasing({
        analysis: { interval: "30s", threshold: 5, iterations: 5, webhooks: [acceptance, loadTest] },
        pause: 120,
      }),
    ),
  },
  {
    name: "blue-green-mirror",
    says: "Half of catalog's requests are copied to its new version for five iterations; then everybody gets it at once.",
    of: releasing({ analysis: { ...pace, iterations: 5, mirror: true, mirrorWeight: 50 }, pause: 45 }),
  },
  {
    name: "canary-mirror",
    says: "The new catalog gets copies for one check, then 5, 20 and 50 % of the requests, and the primary takes them back by thirties.",
    of: releasing({
      analysis: { ...pace, mirror: true, stepWeights: [5, 20, 50], stepWeightPromotion: 30 },
    }),
  },
  {
    name: "session-affinity",
    says: "Whoever was once answered by the new catalog stays with it, by a cookie, while its weight goes up.",
    of: releasing({
      analysis: { ...byTens, sessionAffinity: { cookieName: "catalog-session", maxAge: 3600 } },
    }),
  },
  {
    name: "gated",
    says: "Two gates are open, and the one before the promotion is shut: the new catalog stays at 50 % until somebody opens it.",
    of: all(
      withLoadtester,
      releasing({
        analysis: {
          ...byTens,
          webhooks: [
            gate("confirm-rollout", "release-window", "/gate/approve"),
            gate("confirm-traffic-increase", "peak-hours", "/gate/approve"),
            gate("confirm-promotion", "owner", "/gate/halt"),
            gate("rollback", "emergency-stop", "/rollback/check"),
          ],
        },
      }),
    ),
  },
  {
    name: "gated-rollout",
    says: "The gate before the rollout is shut: Flagger has seen the new catalog, and scales nothing up.",
    of: all(
      withLoadtester,
      releasing({
        analysis: { ...byTens, webhooks: [gate("confirm-rollout", "release-window", "/gate/halt")] },
      }),
    ),
  },
  {
    name: "acceptance-fails",
    says: "The new catalog always answers 500: its acceptance test fails before anybody gets it, and the fifth time ends the run.",
    of: all(
      withLoadtester,
      releasing({ analysis: { ...byTens, webhooks: [acceptance] }, errors: 1, pause: 120 }),
    ),
  },
];
