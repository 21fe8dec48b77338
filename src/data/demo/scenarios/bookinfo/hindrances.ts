/** What holds Bookinfo's requests up or keeps them out (istio.md 1, rows 31 to 34 and 45). */
import type { Manifest } from "../../kube/objects.ts";
import { answering, calls, program, request } from "../calls.ts";
import { custom, namespace as namespaceObject, service, workload } from "../objects.ts";
import { all as changes, having, playing, type Variant } from "../variant.ts";
import { all, jason, namespace, port, route, rule } from "./objects.ts";

/** Somebody outside of the mesh who calls two of its services. */
const legacy: Variant["of"] = changes(
  having(
    workload({
      namespace: "legacy",
      name: "report",
      labels: { app: "report" },
      replicas: 1,
      image: "curlimages/curl",
      port: 8080,
    }),
    namespaceObject("legacy"),
  ),
  (base) => ({
    ...base,
    sources: [
      ...base.sources,
      ...["details", "reviews"].map((app) =>
        calls("legacy/report", 1, { host: `${app}.${namespace}`, port, path: `/${app}/0` }),
      ),
    ],
  }),
);

/** A service of the mesh in another namespace. */
const audit: readonly Manifest[] = [
  namespaceObject("audit", { "istio-injection": "enabled" }),
  workload({
    namespace: "audit",
    name: "audit",
    labels: { app: "audit", version: "v1" },
    replicas: 1,
    image: "registry.example/audit:1",
    port: 8080,
  }),
  service({
    namespace: "audit",
    name: "audit",
    selector: { app: "audit" },
    ports: [{ name: "http", port: 80, targetPort: 8080 }],
  }),
];

export const hindrances: readonly Variant[] = [
  {
    name: "timeout",
    says: "Reviews must answer in half a second, and ratings are delayed by two: 504 UT.",
    of: having(
      route("reviews", { ...(all("reviews", "v2", { timeout: "0.5s" }) as object) }),
      route(
        "ratings",
        all("ratings", "v1", { fault: { delay: { percentage: { value: 100 }, fixedDelay: "2s" } } }),
      ),
    ),
  },
  {
    name: "fault-delay",
    says: "Jason's ratings come seven seconds late.",
    of: having(
      route("reviews", all("reviews", "v2", jason), all("reviews", "v1")),
      route(
        "ratings",
        all("ratings", "v1", {
          ...jason,
          fault: { delay: { percentage: { value: 100 }, fixedDelay: "7s" } },
        }),
        all("ratings", "v1"),
      ),
    ),
  },
  {
    name: "fault-abort",
    says: "Jason's ratings are 500, and never reach the service.",
    of: having(
      route("reviews", all("reviews", "v2", jason), all("reviews", "v1")),
      route(
        "ratings",
        all("ratings", "v1", { ...jason, fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } } }),
        all("ratings", "v1"),
      ),
    ),
  },
  {
    name: "pool",
    says: "A hundred connections are all that a caller may open to v1.",
    of: having(
      rule("reviews", {
        subsets: [
          {
            name: "v1",
            labels: { version: "v1" },
            trafficPolicy: { connectionPool: { tcp: { maxConnections: 100 } } },
          },
          ...["v2", "v3"].map((name) => ({ name, labels: { version: name } })),
        ],
      }),
    ),
  },
  {
    name: "plaintext-caller",
    says: "A caller without a sidecar reads details and reviews in plaintext.",
    of: legacy,
  },
  {
    name: "strict-reviews",
    says: "Only callers with a certificate of the mesh reach reviews: the one without a sidecar reads details alone.",
    of: changes(
      legacy,
      having(
        custom("PeerAuthentication", {
          namespace,
          name: "reviews-strict",
          spec: { selector: { matchLabels: { app: "reviews" } }, mtls: { mode: "STRICT" } },
        }),
      ),
    ),
  },
  {
    name: "port-foo",
    says: "The port of details is named foo, which says no protocol: proxies have to guess it.",
    of: having(
      service({
        namespace,
        name: "details",
        labels: { app: "details", service: "details" },
        selector: { app: "details" },
        ports: [{ name: "foo", port, targetPort: port }],
      }),
    ),
  },
  {
    name: "sidecar-egress",
    says: "Proxies import their own namespace and Istio's, and nothing else: a service elsewhere is passthrough.",
    of: changes(
      having(
        custom("Sidecar", {
          namespace,
          name: "default",
          spec: { egress: [{ hosts: ["./*", "istio-system/*"] }] },
        }),
        ...audit,
      ),
      playing({
        behaviours: {
          "audit/audit": program(answering(2, 5)),
          "bookinfo/details-v1": program(answering(4, 9), {
            ...request,
            host: "audit.audit",
            path: "/seen",
            needed: false,
          }),
        },
      }),
    ),
  },
];
