/** The small mesh with an Argo Rollout `basket` between two Services, and a caller that uses it. */
import type { KubeObject, Manifest } from "../../../../src/data/demo/kube/objects.ts";
import type { ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import { custom, service } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { answersIn } from "../traffic/smallMesh.ts";

const namespace = "shop";
const ports = [{ name: "http", port: 80, targetPort: 8080 }];

type Fields = Readonly<Record<string, Json>>;

const fiveSteps: readonly Json[] = [
  { setWeight: 20 },
  { pause: {} },
  { setWeight: 60 },
  { pause: { duration: "30s" } },
  { setWeight: 80 },
];

const template = (version: string): Json => ({
  metadata: { labels: { app: "basket", version } },
  spec: { containers: [{ name: "basket", image: `basket:${version}`, ports: [{ containerPort: 8080 }] }] },
});

const betweenServices: Fields = {
  canaryService: "basket-canary",
  stableService: "basket-stable",
  trafficRouting: { istio: { virtualService: { name: "basket", routes: ["main"] } } },
};

/** Objects of the Rollout; @param canary replaces fields of `spec.strategy.canary`. */
export function basket(canary: Fields = {}): readonly Manifest[] {
  const strategy = { canary: { steps: fiveSteps, ...betweenServices, ...canary } };
  const to = (name: string, weight: number): Json => ({ destination: { host: name }, weight });
  return [
    custom("Rollout", {
      namespace,
      name: "basket",
      spec: {
        replicas: 5,
        selector: { matchLabels: { app: "basket" } },
        template: template("v1"),
        strategy,
      },
    }),
    ...["basket", "basket-stable", "basket-canary"].map((name) =>
      service({ namespace, name, selector: { app: "basket" }, ports }),
    ),
    custom("VirtualService", {
      namespace,
      name: "basket",
      spec: {
        hosts: ["basket"],
        http: [{ name: "main", route: [to("basket-stable", 100), to("basket-canary", 0)] }],
      },
    }),
  ];
}

export const basketWishes = {
  objects: basket(),
  behaviours: { "shop/basket": answersIn(10) },
  call: { host: "basket" },
};

export const rolloutName = { group: "argoproj.io", kind: "Rollout", namespace, name: "basket" } as const;

export function objectIn(store: ObjectStore, group: string, kind: string, name: string): KubeObject {
  const object = store.get({ group, kind, namespace, name });
  if (object === null) throw new Error(`There is no ${kind} ${name}.`);
  return object;
}

export const rolloutIn = (store: ObjectStore): KubeObject =>
  objectIn(store, "argoproj.io", "Rollout", "basket");

export const statusIn = (store: ObjectStore): Record<string, unknown> =>
  rolloutIn(store)["status"] as Record<string, unknown>;

/** As `kubectl patch` would, on the object or on its status. */
export function patch(store: ObjectStore, part: "spec" | "status", fields: Fields): void {
  const rollout = rolloutIn(store);
  const next: KubeObject = { ...rollout, [part]: { ...(rollout[part] as object), ...fields } };
  store.apply(next, "kubectl-patch");
}

export const release = (store: ObjectStore, version: string): void => {
  patch(store, "spec", { template: template(version) });
};

/** Weights of the rule: stable, canary. */
export function weightsIn(store: ObjectStore): readonly number[] {
  const { http } = objectIn(store, "networking.istio.io", "VirtualService", "basket")["spec"] as {
    http: readonly { route: readonly { weight: number }[] }[];
  };
  return http.flatMap(({ route }) => route.map(({ weight }) => weight));
}

/** Ready pods by version. */
export function podsIn(store: ObjectStore): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { metadata } of store.list({ group: "", kind: "Pod" })) {
    if (metadata.labels?.["app"] !== "basket") continue;
    const version = metadata.labels["version"] ?? "";
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}
