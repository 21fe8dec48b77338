/** What Flagger has made of Deployment recommendation: everything but the Canary and the target is generated and owned by it. */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { custom, service, workload } from "../objects.ts";

const shop = "istioinaction";
const apex = "recommendation";

const owned: Readonly<Record<string, Json>> = {
  ownerReferences: [
    {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      name: apex,
      controller: true,
      blockOwnerDeletion: true,
    },
  ],
};

const ports = [{ name: "http", port: 80, targetPort: 8080 }];
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
    meta: owned,
  }),
  // Flagger points the apex Service at the primary once it is up.
  service({
    namespace: shop,
    name: apex,
    labels: { app: apex },
    selector: { app: `${apex}-primary` },
    ports,
    meta: owned,
  }),
  service({ namespace: shop, name: `${apex}-canary`, selector: { app: apex }, ports, meta: owned }),
  service({
    namespace: shop,
    name: `${apex}-primary`,
    selector: { app: `${apex}-primary` },
    ports,
    meta: owned,
  }),
  ...["canary", "primary"].map((side) =>
    custom("DestinationRule", {
      namespace: shop,
      name: `${apex}-${side}`,
      meta: owned,
      spec: { host: `${apex}-${side}` },
    }),
  ),
  custom("VirtualService", {
    namespace: shop,
    name: apex,
    meta: owned,
    spec: {
      gateways: ["mesh"],
      hosts: [apex],
      http: [
        {
          route: [
            { destination: { host: `${apex}-primary` }, weight: 100 },
            { destination: { host: `${apex}-canary` }, weight: 0 },
          ],
        },
      ],
    },
  }),
];
