/** Catalog under Flagger, as the chapter releases it: only what webapp calls gets the weights (istio.md 1, rows 9 to 12). */
import type { Json } from "../../../mesh/json.ts";
import { millis } from "../../../mesh/units.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, request } from "../calls.ts";
import { custom, workload } from "../objects.ts";
import { all, having, lacking, playing, type Variant } from "../variant.ts";
import { flaggerObjects, ownedBy } from "./flaggerObjects.ts";

const shop = "istioinaction";
const apex = "catalog";
const fromWebapp: Json = { sourceLabels: { app: "webapp" } };

/** Flagger's built-in checks: hardly an error, and answers within half a second. */
const builtInMetrics: Json = [
  { name: "request-success-rate", thresholdRange: { min: 99 }, interval: "1m" },
  { name: "request-duration", thresholdRange: { max: 500 }, interval: "30s" },
];

export interface ReleasePlan {
  /** As in the Canary, without metrics, which are the built-in ones. */
  readonly analysis: Readonly<Record<string, Json>>;
  /** Of the new version; none unless told. */
  readonly errors?: number;
  /** Seconds from the end of a run to the next image; a minute and a half unless told. */
  readonly pause?: number;
}

const canaryOf = (analysis: ReleasePlan["analysis"]): Manifest =>
  custom("Canary", {
    namespace: shop,
    name: "catalog-release",
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: apex },
      progressDeadlineSeconds: 60,
      revertOnDeletion: true,
      service: {
        name: apex,
        port: 80,
        targetPort: 3000,
        portName: "http",
        gateways: ["mesh"],
        hosts: [apex],
      },
      analysis: { ...analysis, metrics: builtInMetrics },
    },
  });

const side = (name: string, replicas: number, meta: Readonly<Record<string, Json>>): Manifest =>
  workload({
    namespace: shop,
    name,
    labels: { app: name, version: "v1" },
    selects: ["app"],
    replicas,
    image: "istioinaction/catalog:1.2.0",
    port: 3000,
    serviceAccount: "catalog",
    meta,
  });

const generatedFor = ({ match }: ReleasePlan["analysis"]): readonly Manifest[] => [
  side(apex, 0, {}),
  side(`${apex}-primary`, 2, ownedBy("catalog-release")),
  ...flaggerObjects({
    namespace: shop,
    canary: "catalog-release",
    apex,
    targetPort: 3000,
    ...(match === undefined ? {} : { match }),
  }),
];

const succeeded = {
  status: {
    phase: "Succeeded",
    canaryWeight: 0,
    failedChecks: 0,
    iterations: 0,
    lastAppliedSpec: "5d8c3b21",
  },
};

const items = { ...request, host: "catalog.istioinaction", path: "/items" };

/** Catalog under a Canary with this analysis, instead of two versions that are there all the time. */
export function releasing({ analysis, errors = 0, pause = 90 }: ReleasePlan): Variant["of"] {
  return all(
    lacking("Deployment", "catalog-v2"),
    lacking("DestinationRule", apex),
    lacking("PeerAuthentication", "catalog-plaintext-callers"),
    having({ ...canaryOf(analysis), ...succeeded }, ...generatedFor(analysis)),
    playing({
      behaviours: {
        "istioinaction/catalog": { ...answering(14, 30, errors), calls: [], forwards: [] },
        "istioinaction/catalog-primary": { ...answering(12, 28), calls: [], forwards: [] },
        "istioinaction/forum": { ...answering(6, 15), calls: [items], forwards: [] },
      },
    }),
    (base) => ({
      ...base,
      sources: base.sources.filter(({ at }) => at.is === "gateway"),
      releases: [{ namespace: shop, deployment: apex, pause: millis(pause * 1000) }],
    }),
  );
}

/** @param errors of the new version. */
export const catalogRelease = (errors: number): Variant["of"] =>
  releasing({
    analysis: { interval: "45s", threshold: 5, maxWeight: 50, stepWeight: 10, match: [fromWebapp] },
    errors,
  });
