/** Helloworld under an Argo Rollout instead of two Deployments. */
import type { Json } from "../../../mesh/json.ts";
import { millis } from "../../../mesh/units.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, program } from "../calls.ts";
import { custom, service } from "../objects.ts";
import { all, having, lacking, type Variant } from "../variant.ts";

const namespace = "default";
const name = "helloworld";

const steps: readonly Json[] = [
  { setWeight: 25 },
  { pause: { duration: "60s" } },
  { setWeight: 50 },
  { pause: {} },
  { setWeight: 75 },
  { pause: { duration: "60s" } },
];

const image = "docker.io/istio/examples-helloworld:1.0.0";

const object = custom("Rollout", {
  namespace,
  name,
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name, image, ports: [{ name: "http", containerPort: 5000, protocol: "TCP" }] }],
      },
    },
    strategy: {
      canary: {
        canaryService: `${name}-canary`,
        stableService: `${name}-stable`,
        trafficRouting: { istio: { virtualService: { name, routes: ["primary"] } } },
        steps,
      },
    },
  },
});

const sides: readonly Manifest[] = ["stable", "canary"].map((side) =>
  service({
    namespace,
    name: `${name}-${side}`,
    selector: { app: name },
    ports: [{ name: "http", port: 5000, targetPort: 5000 }],
  }),
);

const to = (side: string, weight: number): Json => ({
  destination: { host: `${name}-${side}`, port: { number: 5000 } },
  weight,
});

const route = custom("VirtualService", {
  namespace,
  name,
  spec: {
    hosts: ["*"],
    gateways: ["helloworld-gateway"],
    http: [{ name: "primary", route: [to("stable", 100), to("canary", 0)] }],
  },
});

/** The next image comes a minute after the end of the last run. */
export const rollout: Variant["of"] = all(
  lacking("Deployment", "helloworld-v1", "helloworld-v2"),
  having(object, ...sides, route),
  (base) => ({
    ...base,
    behaviours: { ...base.behaviours, [`${namespace}/${name}`]: program(answering(70, 110)) },
    releases: [{ namespace, deployment: name, pause: millis(60_000) }],
  }),
);
