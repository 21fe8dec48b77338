import { expect, test } from "vitest";
import { istiodPods } from "../../../../src/data/mesh/proxies/istiodPods.ts";
import type { Declared } from "../../../../src/data/mesh/declared/declared.ts";
import { declaredOf, meta, service, slice } from "../../../support/declaredOf.ts";

const pod = (at: string, labels: Readonly<Record<string, string>> = {}) => ({
  meta: meta("Pod", at, { labels }),
});
const [a, b, c] = [pod("istio-system/a"), pod("istio-system/b"), pod("istio-system/c")];
const istiod = (name: string, revision: string) => {
  const labels = { app: "istiod", "istio.io/rev": revision };
  const at = `istio-system/${name}`;
  return service(at, { meta: meta("Service", at, { labels }), selector: labels });
};
const names = (declared: Declared) => istiodPods(declared).map(({ name, revision }) => `${name} ${revision}`);

test("every ready pod behind a Service of istiod is asked, each once, by its revision", () => {
  const declared = declaredOf({
    services: [
      istiod("istiod-1-27", "1-27"),
      istiod("istiod-revision-tag-prod", "1-27"),
      istiod("istiod-1-28", "1-28"),
    ],
    endpointSlices: [
      slice("istio-system/istiod-1-27", [a, b], [b]),
      slice("istio-system/istiod-revision-tag-prod", [a]),
      slice("istio-system/istiod-1-28", [c]),
    ],
  });
  expect(names(declared)).toEqual(["a 1-27", "c 1-28"]);
});

test("where endpoints can't be read, pods with istiod's label are asked", () => {
  const labels = { app: "istiod", "istio.io/rev": "1-27" };
  const pods = [pod("istio-system/a", labels), pod("shop/web", { app: "web" })];
  expect(names(declaredOf({ pods }))).toEqual(["a 1-27"]);
});

test("a mesh whose control plane is elsewhere has none to ask", () => {
  expect(names(declaredOf({ services: [service("shop/web")] }))).toEqual([]);
});
