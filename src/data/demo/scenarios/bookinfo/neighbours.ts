/** Bookinfo with something beside it: a database, a host outside, the Gateway API (istio.md 1, rows 30 and 53). */
import { millis } from "../../../mesh/units.ts";
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { answering, program, request, visits } from "../calls.ts";
import { custom, kubeGateway, service } from "../objects.ts";
import { all as changes, having, lacking, playing, type Variant } from "../variant.ts";
import { all, namespace, port, route, rule, version } from "./objects.ts";

/** The database behind ratings v2: plain TCP. */
const mongo: readonly Manifest[] = [
  version("ratings", "v2"),
  version("mongodb", "v1", 27017),
  service({
    namespace,
    name: "mongodb",
    labels: { app: "mongodb", service: "mongodb" },
    selector: { app: "mongodb" },
    ports: [{ name: "mongo", port: 27017, targetPort: 27017 }],
  }),
  rule("ratings", { subsets: ["v1", "v2"].map((name) => ({ name, labels: { version: name } })) }),
  route("ratings", all("ratings", "v2")),
  route("reviews", all("reviews", "v3")),
];

const mongoCall = {
  ...request,
  host: "mongodb",
  port: 27017,
  speaks: "tcp" as const,
  times: 0.2,
  tcp: { lasts: millis(20_000), toServer: 2_400, toClient: 9_000 },
};

export const withMongo = changes(
  having(...mongo),
  playing({
    behaviours: {
      "bookinfo/ratings-v2": program(answering(3, 7), mongoCall),
      "bookinfo/mongodb-v1": program(answering(1, 3)),
    },
  }),
);

const extService: readonly Manifest[] = [
  custom("ServiceEntry", {
    namespace,
    name: "ext-svc",
    spec: {
      hosts: ["ext-svc.example.com"],
      location: "MESH_EXTERNAL",
      resolution: "DNS",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    },
  }),
  custom("DestinationRule", {
    namespace,
    name: "ext-svc",
    spec: {
      host: "ext-svc.example.com",
      trafficPolicy: {
        tls: {
          mode: "MUTUAL",
          clientCertificate: "/etc/certs/client.pem",
          privateKey: "/etc/certs/client-key.pem",
          caCertificates: "/etc/certs/root.pem",
        },
      },
    },
  }),
];

const perVersion = ["v1", "v2"].map((name) =>
  service({
    namespace,
    name: `reviews-${name}`,
    selector: { app: "reviews", version: name },
    ports: [{ name: "http", port, targetPort: port }],
  }),
);

const matchOf = (path: string): Json => ({ path: { type: "PathPrefix", value: path } });

const withGatewayApi = changes(
  lacking("Gateway", "bookinfo-gateway"),
  lacking("VirtualService", "bookinfo"),
  having(
    ...perVersion,
    kubeGateway(namespace, "bookinfo-gateway", { name: "http", port: 80, protocol: "HTTP" }),
    custom("HTTPRoute", {
      namespace,
      name: "bookinfo",
      spec: {
        parentRefs: [{ name: "bookinfo-gateway" }],
        rules: [
          {
            matches: ["/productpage", "/static", "/api/v1/products"].map(matchOf),
            backendRefs: [{ name: "productpage", port }],
          },
        ],
      },
    }),
    custom("HTTPRoute", {
      namespace,
      name: "reviews",
      spec: {
        parentRefs: [{ group: "", kind: "Service", name: "reviews", port }],
        rules: [
          {
            backendRefs: [
              { name: "reviews-v1", port, weight: 90 },
              { name: "reviews-v2", port, weight: 10 },
            ],
          },
        ],
      },
    }),
  ),
  playing({
    sources: [
      {
        ...visits(6, { host: "bookinfo.com", path: "/productpage" }),
        at: { is: "gateway", workload: "bookinfo/bookinfo-gateway-istio" },
      },
    ],
  }),
);

export const neighbours: readonly Variant[] = [
  {
    name: "external-mtls",
    says: "Details asks a host outside, with client certificates that are not the mesh's.",
    of: changes(
      having(...extService),
      playing({
        behaviours: {
          "bookinfo/details-v1": program(answering(4, 9), {
            ...request,
            host: "ext-svc.example.com",
            path: "/books",
          }),
        },
      }),
    ),
  },
  {
    name: "mongo",
    says: "Ratings v2 keeps its data in MongoDB, over plain TCP.",
    of: withMongo,
  },
  {
    name: "gateway-api",
    says: "The Gateway API leads in, and an HTTPRoute on reviews gives v2 a tenth.",
    of: withGatewayApi,
  },
];
