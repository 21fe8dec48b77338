/** Catalog under Flagger, as the chapter releases it: only what webapp calls gets the weights (istio.md 1, rows 9 to 12). */
import type { Json } from "../../../mesh/json.ts";
import { millis } from "../../../mesh/units.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, request } from "../calls.ts";
import { custom, service, workload } from "../objects.ts";
import { all, having, lacking, playing, type Variant } from "../variant.ts";

const shop = "istioinaction";
const apex = "catalog";
const ports = [{ name: "http", port: 80, targetPort: 3000 }];
const fromWebapp: Json = { sourceLabels: { app: "webapp" } };

const owned: Readonly<Record<string, Json>> = {
  ownerReferences: [
    {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      name: "catalog-release",
      controller: true,
      blockOwnerDeletion: true,
    },
  ],
};

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

const to = (name: string, weight: number): Json => ({ destination: { host: `${apex}-${name}` }, weight });

const generated: readonly Manifest[] = [
  side(apex, 0, {}),
  side(`${apex}-primary`, 2, owned),
  ...[
    { name: apex, app: `${apex}-primary` },
    { name: `${apex}-primary`, app: `${apex}-primary` },
    { name: `${apex}-canary`, app: apex },
  ].map(({ name, app }) => service({ namespace: shop, name, selector: { app }, ports, meta: owned })),
  ...["primary", "canary"].map((name) =>
    custom("DestinationRule", {
      namespace: shop,
      name: `${apex}-${name}`,
      meta: owned,
      spec: { host: `${apex}-${name}` },
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
        { match: [fromWebapp], route: [to("primary", 100), to("canary", 0)] },
        { route: [to("primary", 100)] },
      ],
    },
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
