/** Two control planes with a tag each, and a namespace that follows either (istio.md 1, row 55). */
import type { Manifest } from "../../kube/objects.ts";
import { answering, calls, program } from "../calls.ts";
import { meshConfigOf } from "../istioPlatform.ts";
import { namespace, service, workload } from "../objects.ts";
import { all, having, lacking, playing, type Variant } from "../variant.ts";

const system = "istio-system";

interface Installed {
  readonly revision: string;
  readonly tag: string;
  readonly version: string;
}

function installed({ revision, tag, version }: Installed): readonly Manifest[] {
  const labels = { app: "istiod", istio: "pilot", "istio.io/rev": revision };
  return [
    workload({
      namespace: system,
      name: `istiod-${revision}`,
      labels: { ...labels, "sidecar.istio.io/inject": "false" },
      selects: ["app", "istio.io/rev"],
      replicas: 1,
      image: `docker.io/istio/pilot:${version}`,
      port: 15010,
      portName: "grpc-xds",
    }),
    ...[
      { name: `istiod-${revision}`, labels },
      { name: `istiod-revision-tag-${tag}`, labels: { ...labels, "istio.io/tag": tag } },
    ].map((one) =>
      service({
        namespace: system,
        ...one,
        selector: { app: "istiod", "istio.io/rev": revision },
        ports: [{ name: "grpc-xds", port: 15010, targetPort: 15010 }],
      }),
    ),
    meshConfigOf(revision),
  ];
}

const app = (place: string, version: string): readonly Manifest[] => [
  workload({
    namespace: place,
    name: `helloworld-${version}`,
    labels: { app: "helloworld", version },
    replicas: 1,
    image: `docker.io/istio/examples-helloworld-${version}:1.0`,
    port: 5000,
    serviceAccount: "default",
  }),
  service({
    namespace: place,
    name: "helloworld",
    selector: { app: "helloworld" },
    ports: [{ name: "http", port: 5000, targetPort: 5000 }],
  }),
];

export const revisions: Variant = {
  name: "revisions",
  says: "Two revisions of istiod with a tag each: default follows prod-stable, and a namespace tries prod-canary.",
  of: all(
    lacking("Deployment", "istiod", "helloworld-v2"),
    lacking("Service", "istiod"),
    lacking("ConfigMap", "istio"),
    having(
      ...installed({ revision: "1-27-1", tag: "prod-stable", version: "1.27.1" }),
      ...installed({ revision: "1-28-0", tag: "prod-canary", version: "1.28.0" }),
      namespace("default", { "istio.io/rev": "prod-stable" }),
      namespace("trial", { "istio.io/rev": "prod-canary" }),
      ...app("trial", "v2"),
    ),
    playing({
      behaviours: { "trial/helloworld-v2": program(answering(72, 120)) },
      sources: ["helloworld", "helloworld.trial"].map((host) =>
        calls("default/curl", 3, { host, port: 5000, path: "/hello" }),
      ),
    }),
  ),
};
