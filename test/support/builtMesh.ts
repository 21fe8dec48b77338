/** Meshes built from short declarations, and ways to look into them. */
import { expect } from "vitest";
import { DetailOnDemand } from "../../src/data/mesh/build/serviceDetail.ts";
import { buildMesh } from "../../src/data/mesh/buildMesh.ts";
import type { Declared } from "../../src/data/mesh/declared/declared.ts";
import type { KubeWorkload } from "../../src/data/mesh/declared/core.ts";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Rule } from "../../src/data/mesh/model/route.ts";
import type { Service } from "../../src/data/mesh/model/service.ts";
import type { Telemetry } from "../../src/data/mesh/telemetry.ts";
import { instant, millis } from "../../src/data/mesh/units.ts";
import { declaredOf, namespace, podsOf, service, slice, workload } from "./declaredOf.ts";

const live = { is: "live", at: instant(0) } as const;

export function meshOf(declared: Declared, telemetry: Telemetry | null = null): Mesh {
  return buildMesh({
    declared,
    telemetry,
    sources: { kubernetes: live, prometheus: live },
    window: millis(60_000),
  });
}

/** Details are made when somebody asks: two say the same if what they answer does. A service of a fixture has a plain one. */
expect.addEqualityTesters([
  function sameDetail(a: unknown, b: unknown): boolean | undefined {
    if (!(a instanceof DetailOnDemand && b instanceof DetailOnDemand)) return undefined;
    return this.equals([a.routes, a.versions], [b.routes, b.versions]);
  },
]);

/** As JSON, with what is made when somebody asks. */
export const said = (part: unknown): string =>
  JSON.stringify(part, (_, value: unknown) => {
    if (!(value instanceof DetailOnDemand)) return value;
    return { routes: value.routes, versions: value.versions };
  });

/** A mesh of which somebody has looked at all: that of the next one is built with it, and keeps what stays the same. */
export function looked(mesh: Mesh): Mesh {
  for (const { detail } of mesh.services) {
    expect(detail.routes).toBe(detail.routes);
    expect(detail.versions).toBe(detail.versions);
  }
  const { graph } = mesh;
  expect(mesh.workloads).toBe(mesh.workloads);
  expect(graph.edges).toBe(graph.edges);
  expect(graph.pairs).toBe(graph.pairs);
  return mesh;
}

export function serviceOf(mesh: Mesh, key: string): Service {
  const found = mesh.services.find((one) => one.key === key);
  expect(found, key).toBeDefined();
  return found!;
}

/** Every rule of a service, in the order of its routes. */
export const rulesOf = (mesh: Mesh, key: string): readonly Rule[] =>
  serviceOf(mesh, key).detail.routes.flatMap(({ rules }) => rules);

/** "0.9 of 600" for each destination of a rule, `null` where nothing is claimed. */
export const observedIn = (rule: Rule | undefined): readonly (string | null)[] =>
  (rule?.destinations ?? []).map(({ observed }) =>
    observed === null ? null : `${Number(observed.share.toFixed(3))} of ${observed.requests}`,
  );

export const v1 = workload("shop/catalog-v1", { app: "catalog", version: "v1" });
export const v2 = workload("shop/catalog-v2", { app: "catalog", version: "v2" });
export const webapp = workload("shop/webapp", { app: "webapp" });
export const forum = workload("shop/forum", { app: "forum" });
export const ingress = workload("istio-system/istio-ingressgateway", { istio: "ingressgateway" });

/** Services over these workloads by label `app`, with their pods and slices, in namespaces that inject sidecars. */
export function shopOf(
  more: Partial<Declared> = {},
  workloads: readonly KubeWorkload[] = [v1, v2, webapp, forum, ingress],
): Declared {
  const apps = new Map<string, KubeWorkload[]>();
  for (const one of workloads) {
    const app = one.template.labels["app"];
    if (app !== undefined)
      apps.set(`${one.meta.ref.namespace ?? ""}/${app}`, [
        ...(apps.get(`${one.meta.ref.namespace ?? ""}/${app}`) ?? []),
        one,
      ]);
  }
  return declaredOf({
    namespaces: [namespace("shop", { "istio-injection": "enabled" }), namespace("istio-system")],
    workloads,
    pods: workloads.flatMap((one) => podsOf(one)),
    services: [...apps.keys()].map((at) => service(at)),
    endpointSlices: [...apps].map(([at, list]) =>
      slice(
        at,
        list.flatMap((one) => podsOf(one)),
      ),
    ),
    ...more,
  });
}
