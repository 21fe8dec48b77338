/** What Flagger has made of Deployment recommendation: everything but the Canary and the target is generated and owned by it. */
import type { Manifest } from "../../kube/objects.ts";
import { custom, workload } from "../objects.ts";
import { flaggerObjects, ownedBy } from "./flaggerObjects.ts";

const shop = "istioinaction";
const apex = "recommendation";

const image = "registry.example/recommendation";

export const canary: readonly Manifest[] = [
  {
    ...custom("Canary", {
      namespace: shop,
      name: apex,
      spec: {
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: apex },
        progressDeadlineSeconds: 60,
        service: {
          name: apex,
          port: 80,
          targetPort: 8080,
          portName: "http",
          gateways: ["mesh"],
          hosts: [apex],
        },
        analysis: {
          interval: "45s",
          threshold: 5,
          maxWeight: 50,
          stepWeight: 10,
          metrics: [
            { name: "request-success-rate", thresholdRange: { min: 99 }, interval: "1m" },
            { name: "request-duration", thresholdRange: { max: 500 }, interval: "30s" },
          ],
        },
      },
    }),
    ...{
      status: {
        phase: "Succeeded",
        canaryWeight: 0,
        failedChecks: 0,
        iterations: 0,
        lastAppliedSpec: "5d8c3b21",
      },
    },
  },
  workload({
    namespace: shop,
    name: apex,
    labels: { app: apex },
    replicas: 0,
    image: `${image}:1.8.0`,
    port: 8080,
  }),
  workload({
    namespace: shop,
    name: `${apex}-primary`,
    labels: { app: `${apex}-primary` },
    replicas: 2,
    image: `${image}:1.7.2`,
    port: 8080,
    serviceAccount: apex,
    meta: ownedBy(apex),
  }),
  ...flaggerObjects({ namespace: shop, canary: apex, apex, targetPort: 8080 }),
];
