/** Istio's task "Locality load balancing": helloworld in three zones of two regions, and a caller in one of them (istio.md 1, row 54). */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, calls, program } from "../calls.ts";
import { custom, workload } from "../objects.ts";
import { all, having, lacking, playing, type Variant } from "../variant.ts";

const namespace = "default";

/** The caller's own, another of its region, and one far away. */
const zones = ["eu-central-1a", "eu-central-1b", "us-east-1a"] as const;

const inZone = (zone: string): Manifest =>
  workload({
    namespace,
    name: `helloworld-${zone}`,
    labels: { app: "helloworld", version: zone },
    replicas: 1,
    image: "docker.io/istio/examples-helloworld-v1:1.0",
    port: 5000,
    serviceAccount: "default",
    zone,
  });

const outlierDetection: Json = { consecutive5xxErrors: 1, interval: "1s", baseEjectionTime: "60s" };

const rule = (policy: Readonly<Record<string, Json>>): Manifest =>
  custom("DestinationRule", {
    namespace,
    name: "helloworld",
    spec: {
      host: "helloworld",
      trafficPolicy: {
        loadBalancer: { simple: "ROUND_ROBIN", localityLbSetting: { enabled: true } },
        ...policy,
      },
    },
  });

const spread = (near: { readonly errors: number }, policy: Readonly<Record<string, Json>>): Variant["of"] =>
  all(
    lacking("Deployment", "helloworld-v1", "helloworld-v2", "curl"),
    lacking("Gateway", "helloworld-gateway"),
    lacking("VirtualService", "helloworld"),
    having(
      ...zones.map(inZone),
      workload({
        namespace,
        name: "curl",
        labels: { app: "curl" },
        replicas: 1,
        image: "curlimages/curl",
        port: 8080,
        zone: zones[0],
      }),
      rule(policy),
    ),
    playing({
      behaviours: {
        "default/helloworld-eu-central-1a": program(answering(70, 110, near.errors)),
        "default/helloworld-eu-central-1b": program(answering(75, 120)),
        "default/helloworld-us-east-1a": program(answering(160, 230)),
      },
      sources: [calls("default/curl", 5, { host: "helloworld", port: 5000, path: "/hello" })],
    }),
  );

export const locality: readonly Variant[] = [
  {
    name: "locality",
    says: "With outlier detection a caller stays in its own zone.",
    of: spread(
      { errors: 0 },
      { outlierDetection: { ...(outlierDetection as object), maxEjectionPercent: 100 } },
    ),
  },
  {
    name: "locality-failover",
    says: "The pod of the caller's zone always fails and is ejected: the next zone of the region takes over.",
    of: spread(
      { errors: 1 },
      { outlierDetection: { ...(outlierDetection as object), maxEjectionPercent: 100 } },
    ),
  },
  {
    name: "locality-without-outlier",
    says: "Locality is asked for without outlier detection: nothing is preferred, and all zones share.",
    of: spread({ errors: 0 }, {}),
  },
];
