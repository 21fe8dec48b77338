/** Bookinfo's routes (istio.md 1, rows 25 to 29), and all other pages of its story. */
import type { Json } from "../../../mesh/json.ts";
import type { Manifest } from "../../kube/objects.ts";
import { visits } from "../calls.ts";
import { all as changes, having, playing, type Variant } from "../variant.ts";
import { ambient } from "./ambient.ts";
import { hindrances } from "./hindrances.ts";
import { neighbours } from "./neighbours.ts";
import { rights } from "./rights.ts";
import { all, atGateway, gateway, jason, leading, pages, route, rule, weighted } from "./objects.ts";

const reviews = (...http: readonly Json[]): Variant["of"] => having(route("reviews", ...http));

const pinned: readonly Manifest[] = ["productpage", "details", "reviews", "ratings"].map((app) =>
  route(app, all(app, "v1")),
);

const browsing = (path: string, rate: number) => visits(rate, { host: "bookinfo.com", path });

export const bookinfoVariants: readonly Variant[] = [
  { name: "all-v1", says: "Every service is pinned to v1.", of: having(...pinned) },
  {
    name: "reviews-90-10",
    says: "A tenth of the reviews comes from v2.",
    of: reviews(weighted("reviews", { v1: 90, v2: 10 })),
  },
  {
    name: "reviews-50-v3",
    says: "Half of the reviews comes from v3.",
    of: reviews(weighted("reviews", { v1: 50, v3: 50 })),
  },
  {
    name: "jason",
    says: "Who is signed in as jason sees v2, everybody else v1.",
    of: reviews(all("reviews", "v2", jason), all("reviews", "v1")),
  },
  {
    name: "jason-weights",
    says: "Weights 75 and 25 on single destinations mean nothing: each takes all of its rule.",
    of: reviews(
      { ...jason, ...(weighted("reviews", { v2: 75 }) as object) },
      weighted("reviews", { v3: 25 }),
    ),
  },
  {
    name: "prefixes",
    says: "Paths of one host lead to three services.",
    of: changes(
      having(
        atGateway(
          leading([{ uri: { prefix: "/reviews" } }], "reviews"),
          leading([{ uri: { prefix: "/ratings" } }], "ratings"),
          leading(pages, "productpage"),
        ),
      ),
      playing({
        sources: [browsing("/productpage", 3), browsing("/reviews/0", 2), browsing("/ratings/0", 1)],
      }),
    ),
  },
  {
    name: "balancers",
    says: "Subsets have load balancers of their own.",
    of: having(
      rule("reviews", {
        trafficPolicy: { loadBalancer: { simple: "RANDOM" } },
        subsets: [
          { name: "v1", labels: { version: "v1" } },
          {
            name: "v2",
            labels: { version: "v2" },
            trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
          },
          { name: "v3", labels: { version: "v3" } },
        ],
      }),
    ),
  },
  {
    name: "https",
    says: "The gateway ends TLS with a certificate of its own.",
    of: changes(
      having(
        gateway({
          port: { number: 443, name: "https", protocol: "HTTPS" },
          tls: { mode: "SIMPLE", credentialName: "bookinfo-credential" },
          hosts: ["bookinfo.com"],
        }),
      ),
      playing({ sources: [visits(6, { host: "bookinfo.com", path: "/productpage", port: 443 })] }),
    ),
  },
  ...hindrances,
  ...neighbours,
  ...rights,
  ...ambient,
];
