import type { Behaviour, Call, Scenario } from "./scenario.ts";
import { answering, program, request, visits } from "./calls.ts";
import { apps, atGateway, gateway, leading, namespace, pages, port, rules } from "./bookinfo/objects.ts";
import { bookinfoVariants } from "./bookinfo/variants.ts";
import { istioPlatform } from "./istioPlatform.ts";
import type { Story } from "./variant.ts";

const asks = (host: string, path: string): Call => ({ ...request, host, port, path });

/** Every program hands on who is signed in. */
function handsOn(behaviour: Behaviour): Behaviour {
  return { ...behaviour, forwards: ["end-user"] };
}

const reviews = (p50: number, ...called: readonly Call[]): Behaviour =>
  handsOn(program(answering(p50, 3 * p50), ...called));

const ratings: Call = { ...asks("ratings", "/ratings/0"), needed: false };

const base: Scenario = {
  name: "bookinfo",
  manifests: [
    ...istioPlatform(namespace),
    ...apps,
    ...rules,
    gateway({ port: { number: 80, name: "http", protocol: "HTTP" } }),
    atGateway(leading(pages, "productpage")),
  ],
  behaviours: {
    "bookinfo/productpage-v1": handsOn(
      program(
        answering(12, 30),
        { ...asks("details", "/details/0"), needed: false },
        { ...asks("reviews", "/reviews/0"), needed: false },
      ),
    ),
    "bookinfo/details-v1": handsOn(program(answering(4, 9))),
    "bookinfo/reviews-v1": reviews(6),
    "bookinfo/reviews-v2": reviews(9, ratings),
    "bookinfo/reviews-v3": reviews(9, ratings),
    "bookinfo/ratings-v1": handsOn(program(answering(3, 7))),
  },
  outside: {},
  sources: [
    visits(5, { host: "bookinfo.com", path: "/productpage" }),
    visits(1, { host: "bookinfo.com", path: "/productpage", headers: { "end-user": "jason" } }),
  ],
  releases: [],
};

/** Istio's Bookinfo and the tasks that use it (istio.md 1, rows 25 to 34, 45 and 53). */
export const bookinfo: Story = { base, variants: bookinfoVariants };
