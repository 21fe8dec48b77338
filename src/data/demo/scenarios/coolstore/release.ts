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

const release = custom("Canary", {
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
    analysis: {
      interval: "45s",
      threshold: 5,
      maxWeight: 50,
      stepWeight: 10,
      match: [fromWebapp],
      metrics: [
        { name: "request-success-rate", thresholdRange: { min: 99 }, interval: "1m" },
        { name: "request-duration", thresholdRange: { max: 500 }, interval: "30s" },
      ],
    },
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

const generated: readonly Manifest[] = [
  side(apex, 0, {}),
  side(`${apex}-primary`, 2, ownedBy("catalog-release")),
  ...flaggerObjects({
    namespace: shop,
    canary: "catalog-release",
    apex,
    targetPort: 3000,
    match: fromWebapp,
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

/** @param errors of the new version. */
export function catalogRelease(errors: number): Variant["of"] {
  return all(
    lacking("Deployment", "catalog-v2"),
    lacking("DestinationRule", apex),
    lacking("PeerAuthentication", "catalog-plaintext-callers"),
    having({ ...release, ...succeeded }, ...generated),
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
      releases: [{ namespace: shop, deployment: apex, pause: millis(90_000) }],
    }),
  );
}
