import type { Json } from "../../mesh/json.ts";
import type { Manifest } from "../kube/objects.ts";
import { answering, calls, program, visits } from "./calls.ts";
import { istioPlatform } from "./istioPlatform.ts";
import { clusters } from "./helloworld/clusters.ts";
import { locality } from "./helloworld/locality.ts";
import { revisions } from "./helloworld/revisions.ts";
import { rollout } from "./helloworld/rollout.ts";
import { custom, kubeGateway, service, workload } from "./objects.ts";
import type { Scenario, Source } from "./scenario.ts";
import { all, having, lacking, playing, type Story, type Variant } from "./variant.ts";

const namespace = "default";
const ports = [{ name: "http", port: 5000, targetPort: 5000 }];
const labels = { app: "helloworld", service: "helloworld" };
const versions = ["v1", "v2"] as const;

const apps: readonly Manifest[] = [
  ...versions.map((version) =>
    workload({
      namespace,
      name: `helloworld-${version}`,
      labels: { app: "helloworld", version },
      replicas: 1,
      image: `docker.io/istio/examples-helloworld-${version}:1.0`,
      port: 5000,
      serviceAccount: "default",
    }),
  ),
  workload({
    namespace,
    name: "curl",
    labels: { app: "curl" },
    replicas: 1,
    image: "curlimages/curl",
    port: 8080,
  }),
  service({ namespace, name: "helloworld", labels, selector: { app: "helloworld" }, ports }),
];

/** One Service for each version, for routes without subsets. */
const perVersion = versions.map((version) =>
  service({ namespace, name: `helloworld-${version}`, selector: { app: "helloworld", version }, ports }),
);

const gateway = custom("Gateway", {
  namespace,
  name: "helloworld-gateway",
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
  },
});

const subsets = custom("DestinationRule", {
  namespace,
  name: "helloworld",
  spec: {
    host: "helloworld",
    subsets: versions.map((name) => ({ name, labels: { version: name } })),
  },
});

const atGateway = (...route: readonly Json[]): Manifest =>
  custom("VirtualService", {
    namespace,
    name: "helloworld",
    spec: {
      hosts: ["*"],
      gateways: ["helloworld-gateway"],
      http: [{ match: [{ uri: { exact: "/hello" } }], route }],
    },
  });

const to = (host: string, rest: Readonly<Record<string, Json>>, weight: number): Json => ({
  destination: { host, port: { number: 5000 }, ...rest },
  weight,
});

const bySubset = (one: number, other: number): Variant["of"] =>
  having(
    subsets,
    atGateway(to("helloworld", { subset: "v1" }, one), to("helloworld", { subset: "v2" }, other)),
  );

const hello = { path: "/hello", port: 80, host: "hello.example" };

const base: Scenario = {
  name: "helloworld",
  manifests: [
    ...istioPlatform(namespace),
    ...apps,
    gateway,
    atGateway({ destination: { host: "helloworld", port: { number: 5000 } } }),
  ],
  behaviours: {
    "default/helloworld-v1": program(answering(70, 110)),
    "default/helloworld-v2": program(answering(72, 120)),
    "default/curl": program(answering(1, 2)),
  },
  outside: {},
  sources: [visits(5, hello)],
  releases: [],
};

const split = (one: number, other: number): Json => ({
  backendRefs: [one, other].map((weight, i) => ({
    name: `helloworld-${versions[i] ?? ""}`,
    port: 5000,
    weight,
  })),
});

const fromCurl: Source = calls("default/curl", 5, { host: "helloworld", port: 5000, path: "/hello" });

/** Istio's objects out, the Gateway API's in. */
function kubeRoute(weights: readonly [number, number], match: Json): Variant["of"] {
  const spec = {
    parentRefs: [{ name: "helloworld-gateway" }],
    rules: [{ matches: [match], ...(split(...weights) as object) }],
  };
  return all(
    lacking("Gateway", "helloworld-gateway"),
    lacking("VirtualService", "helloworld"),
    having(
      ...perVersion,
      kubeGateway(namespace, "helloworld-gateway", { name: "http", port: 80, protocol: "HTTP" }),
      custom("HTTPRoute", { namespace, name: "helloworld", spec }),
    ),
    playing({
      sources: [{ ...visits(5, hello), at: { is: "gateway", workload: "default/helloworld-gateway-istio" } }],
    }),
  );
}

const exactHello: Json = { path: { type: "Exact", value: "/hello" } };

/** Istio's helloworld sample, and the questions that people ask about it (istio.md 1, rows 47 to 51). */
export const helloworld: Story = {
  base,
  variants: [
    {
      name: "90-10",
      says: "Weights 90 and 10 on two subsets, at the gateway.",
      of: bySubset(90, 10),
    },
    {
      name: "50-50",
      says: "Weights 50 and 50 on two subsets, at the gateway.",
      of: bySubset(50, 50),
    },
    {
      name: "subsets",
      says: "Weights 70 and 30 on two subsets behind a wildcard gateway.",
      of: bySubset(70, 30),
    },
    {
      name: "services",
      says: "Two Services are the destinations, with 20 and 80 and no subset.",
      of: having(...perVersion, atGateway(to("helloworld-v1", {}, 20), to("helloworld-v2", {}, 80))),
    },
    {
      name: "gateway-api",
      says: "An HTTPRoute on a Gateway of the Gateway API, 90 to 10.",
      of: kubeRoute([90, 10], exactHello),
    },
    {
      name: "gateway-api-50-50",
      says: "An HTTPRoute on a Gateway of the Gateway API, 50 to 50.",
      of: kubeRoute([50, 50], exactHello),
    },
    {
      name: "mesh-api",
      says: "An HTTPRoute on the Service itself steers callers inside of the mesh, 90 to 10.",
      of: all(
        having(
          ...perVersion,
          custom("HTTPRoute", {
            namespace,
            name: "helloworld",
            spec: {
              parentRefs: [{ group: "", kind: "Service", name: "helloworld", port: 5000 }],
              rules: [split(90, 10)],
            },
          }),
        ),
        playing({ sources: [fromCurl] }),
      ),
    },
    {
      name: "round-robin",
      says: "Callers inside of the mesh, and no route at all: the pods share.",
      of: all(lacking("VirtualService", "helloworld"), playing({ sources: [fromCurl] })),
    },
    {
      name: "rollout",
      says: "An Argo Rollout goes to a quarter, to a half, and waits there for somebody.",
      of: rollout,
    },
    ...locality,
    revisions,
    clusters,
  ],
};
