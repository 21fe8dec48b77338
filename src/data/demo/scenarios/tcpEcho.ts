import type { Json } from "../../mesh/json.ts";
import { millis } from "../../mesh/units.ts";
import type { Manifest } from "../kube/objects.ts";
import { answering, calls, program, visits } from "./calls.ts";
import { ingressService, istioPlatform } from "./istioPlatform.ts";
import { custom, kubeGateway, service, workload } from "./objects.ts";
import type { Scenario } from "./scenario.ts";
import { all, having, lacking, playing, type Story } from "./variant.ts";

const namespace = "tcp-echo";
/** Of the gateway, as Istio's task has it. */
const raw = { name: "tcp", port: 31400 };

const app = (name: string, labels: Readonly<Record<string, string>>, image: string): Manifest =>
  workload({ namespace, name, labels, replicas: 1, image, port: 9000, serviceAccount: "default" });

const ports = [
  { name: "tcp", port: 9000, targetPort: 9000 },
  { name: "tcp-other", port: 9001, targetPort: 9001 },
];

const apps: readonly Manifest[] = [
  ...["v1", "v2"].map((version) =>
    app(`tcp-echo-${version}`, { app: "tcp-echo", version }, "docker.io/istio/tcp-echo-server:1.3"),
  ),
  app("curl", { app: "curl" }, "curlimages/curl"),
  service({
    namespace,
    name: "tcp-echo",
    labels: { app: "tcp-echo", service: "tcp-echo" },
    selector: { app: "tcp-echo" },
    ports,
  }),
];

const gateway = custom("Gateway", {
  namespace,
  name: "tcp-echo-gateway",
  spec: {
    selector: { istio: "ingressgateway" },
    servers: [{ port: { number: raw.port, name: raw.name, protocol: "TCP" }, hosts: ["*"] }],
  },
});

const rule = custom("DestinationRule", {
  namespace,
  name: "tcp-echo-destination",
  spec: {
    host: "tcp-echo",
    subsets: ["v1", "v2"].map((name) => ({ name, labels: { version: name } })),
  },
});

/** One destination needs no weight; the port is the Service's. */
function to(weights: Readonly<Record<string, number>>): Json {
  const several = Object.keys(weights).length > 1;
  return {
    route: Object.entries(weights).map(([subset, weight]): Json => ({
      destination: { host: "tcp-echo", port: { number: 9000 }, subset },
      ...(several ? { weight } : {}),
    })),
  };
}

const routed = (weights: Readonly<Record<string, number>>): Manifest =>
  custom("VirtualService", {
    namespace,
    name: "tcp-echo",
    spec: {
      hosts: ["*"],
      gateways: ["tcp-echo-gateway"],
      tcp: [{ match: [{ port: raw.port }], ...(to(weights) as object) }],
    },
  });

/** A line of text and its echo; the client hangs up after a second. */
const line = {
  speaks: "tcp",
  requestBytes: 30,
  tcp: { lasts: millis(1000), toServer: 30, toClient: 34 },
} as const;

const base: Scenario = {
  name: "tcp-echo",
  manifests: [
    ...istioPlatform(namespace).map((one) =>
      one.kind === "Service" && one.metadata.name === "istio-ingressgateway" ? ingressService(raw) : one,
    ),
    ...apps,
    gateway,
    rule,
    routed({ v1: 80, v2: 20 }),
  ],
  behaviours: {
    "tcp-echo/tcp-echo-v1": program(answering(1, 2)),
    "tcp-echo/tcp-echo-v2": program(answering(1, 2)),
    "tcp-echo/curl": program(answering(1, 2)),
  },
  outside: {},
  sources: [visits(6, { ...line, host: "echo.example", port: raw.port })],
  releases: [],
};

/** One Service for each version: the Gateway API knows no subsets. */
const perVersion = ["v1", "v2"].map((version) =>
  service({ namespace, name: `tcp-echo-${version}`, selector: { app: "tcp-echo", version }, ports }),
);

const throughKubeGateway = all(
  lacking("Gateway", "tcp-echo-gateway"),
  lacking("VirtualService", "tcp-echo"),
  lacking("DestinationRule", "tcp-echo-destination"),
  having(
    ...perVersion,
    kubeGateway(namespace, "tcp-echo-gateway", { ...raw, protocol: "TCP" }),
    custom("TCPRoute", {
      namespace,
      name: "tcp-echo",
      spec: {
        parentRefs: [{ name: "tcp-echo-gateway", sectionName: raw.name }],
        rules: [
          {
            backendRefs: [
              { name: "tcp-echo-v1", port: 9000, weight: 80 },
              { name: "tcp-echo-v2", port: 9000, weight: 20 },
            ],
          },
        ],
      },
    }),
  ),
  playing({
    sources: [
      {
        ...visits(6, { ...line, host: "echo.example", port: raw.port }),
        at: { is: "gateway", workload: "tcp-echo/tcp-echo-gateway-istio" },
      },
    ],
  }),
);

/** Istio's task "TCP traffic shifting" (istio.md 1, row 52). */
export const tcpEcho: Story = {
  base,
  variants: [
    {
      name: "all-v1",
      says: "Every connection goes to v1.",
      of: having(routed({ v1: 100 })),
    },
    {
      name: "mesh",
      says: "A caller inside of the mesh opens connections by the same weights, without a gateway.",
      of: all(
        having(
          custom("VirtualService", {
            namespace,
            name: "tcp-echo",
            spec: { hosts: ["tcp-echo"], tcp: [{ ...(to({ v1: 80, v2: 20 }) as object) }] },
          }),
        ),
        playing({ sources: [calls("tcp-echo/curl", 6, { ...line, host: "tcp-echo", port: 9000 })] }),
      ),
    },
    {
      name: "gateway-api",
      says: "A TCPRoute on a Gateway of the Gateway API splits between two Services.",
      of: throughKubeGateway,
    },
  ],
};
