/** A caller and an api with two versions, for tests that change one thing of it and count what the proxies report. */
import { playScenario } from "../../../../src/data/demo/controllers/playScenario.ts";
import type { Manifest } from "../../../../src/data/demo/kube/objects.ts";
import { createBackend, type ObjectStore } from "../../../../src/data/demo/kube/store.ts";
import {
  configMap,
  custom,
  namespace,
  service,
  workload,
} from "../../../../src/data/demo/scenarios/objects.ts";
import type { Behaviour, Call, Scenario, Source } from "../../../../src/data/demo/scenarios/scenario.ts";
import type { Json } from "../../../../src/data/mesh/json.ts";
import { millis, perSecond, ratio } from "../../../../src/data/mesh/units.ts";

const begin = Date.UTC(2026, 0, 1);
const tickMs = 5000;

export const call: Call = {
  host: "api",
  port: 80,
  speaks: "http",
  method: "GET",
  path: "/",
  headers: {},
  times: 1,
  onlyFor: "",
  needed: true,
  requestBytes: 100,
  tcp: null,
};

/** Answers in just so many milliseconds, and without calls. */
export function answersIn(ms: number, errors = 0): Behaviour {
  return {
    p50: millis(ms),
    p95: millis(ms),
    errors: ratio(errors),
    responseBytes: 10,
    calls: [],
    forwards: [],
  };
}

export function meshConfig(text: string): Manifest {
  return configMap("istio-system", "istio", { mesh: text });
}

export function virtualService(http: readonly Json[], rest: Readonly<Record<string, Json>> = {}): Manifest {
  return custom("VirtualService", {
    namespace: "shop",
    name: "api",
    spec: { hosts: ["api"], http, ...rest },
  });
}

export function subsetsOf(spec: Readonly<Record<string, Json>> = {}): Manifest {
  const subsets = ["v1", "v2"].map((version) => ({ name: version, labels: { version } }));
  return custom("DestinationRule", {
    namespace: "shop",
    name: "api",
    spec: { host: "api", subsets, ...spec },
  });
}

export function to(subset: string, weight?: number): Json {
  return { destination: { host: "api", subset }, ...(weight === undefined ? {} : { weight }) };
}

/** One Service for each version of the api, for routes that know no subsets. */
export function versionServices(port: { readonly name: string; readonly port: number }): readonly Manifest[] {
  return ["v1", "v2"].map((version) =>
    service({
      namespace: "shop",
      name: `api-${version}`,
      selector: { app: "api", version },
      ports: [{ ...port, targetPort: 8080 }],
    }),
  );
}

const app = (name: string, labels: Readonly<Record<string, string>>, namespace = "shop"): Manifest =>
  workload({ namespace, name, labels, replicas: 2, image: `${name}:1`, port: 8080 });

const base: readonly Manifest[] = [
  namespace("istio-system"),
  namespace("shop", { "istio-injection": "enabled" }),
  namespace("plain"),
  meshConfig("outboundTrafficPolicy:\n  mode: ALLOW_ANY\n"),
  app("caller", { app: "caller", version: "v1" }),
  app("api", { app: "api", version: "v1" }),
  app("api-v2", { app: "api", version: "v2" }),
  app("old-caller", { app: "old-caller" }, "plain"),
  service({
    namespace: "shop",
    name: "api",
    selector: { app: "api" },
    ports: [{ name: "http", port: 80, targetPort: 8080 }],
  }),
  subsetsOf(),
];

export interface SmallMesh {
  readonly store: ObjectStore;
  /** Lets time pass, in whole ticks of 5 s. */
  pass(seconds: number): void;
  /** Requests of all series with these labels, since the last call of `reset`. */
  requests(labels: Readonly<Record<string, string>>): Promise<number>;
  /** The same for another counter, or for `_sum` and `_count` of a histogram. */
  total(metric: string, labels: Readonly<Record<string, string>>): Promise<number>;
  /** Starts counting anew. */
  reset(): Promise<void>;
}

export interface Wishes {
  /** Objects on top of the base; one of the same kind and name replaces it. */
  readonly objects?: readonly Manifest[];
  readonly behaviours?: Readonly<Record<string, Behaviour>>;
  readonly call?: Partial<Call>;
  /** Requests a second of the caller. */
  readonly rate?: number;
  readonly from?: Source["at"];
  readonly seed?: number;
}

/** The mesh as a scenario. */
export function smallScenario(wishes: Wishes = {}): Scenario {
  return {
    name: "small",
    manifests: [...base, ...(wishes.objects ?? [])],
    behaviours: wishes.behaviours ?? { "shop/api": answersIn(10), "shop/api-v2": answersIn(10) },
    outside: { "outside.example": answersIn(50) },
    sources: [
      {
        at: wishes.from ?? { is: "workload", workload: "shop/caller" },
        rate: perSecond(wishes.rate ?? 20),
        swing: ratio(0),
        call: { ...call, ...wishes.call },
      },
    ],
    releases: [],
  };
}

export function smallMesh(wishes: Wishes = {}): SmallMesh {
  let now = begin;
  const { store } = createBackend({ clock: () => now });
  const played = playScenario(smallScenario(wishes), store, wishes.seed ?? 1);
  let before = new Map<string, number>();
  const values = async (): Promise<Map<string, number>> => {
    const metrics = await played.registry.getMetricsAsJSON();
    return new Map(
      metrics.flatMap((metric) =>
        metric.values.map((sample): [string, number] => [
          JSON.stringify({
            ...sample.labels,
            __name__: "metricName" in sample ? sample.metricName : metric.name,
          }),
          sample.value,
        ]),
      ),
    );
  };
  const total: SmallMesh["total"] = async (metric, labels) => {
    const wanted = Object.entries({ ...labels, __name__: metric });
    let sum = 0;
    for (const [key, value] of await values()) {
      const has = JSON.parse(key) as Record<string, string>;
      if (wanted.every(([name, text]) => has[name] === text)) sum += value - (before.get(key) ?? 0);
    }
    return sum;
  };
  return {
    store,
    pass(seconds) {
      for (const end = now + seconds * 1000; now + tickMs <= end; now += tickMs)
        played.tick(now, now + tickMs);
    },
    total,
    requests: (labels) => total("istio_requests_total", labels),
    reset: async () => {
      before = await values();
    },
  };
}

/** How far a count of `n` draws with probability `p` strays from `n * p` in 1 of 16,000 runs at most: four standard deviations. */
export function fourSigma(n: number, p: number): number {
  return 4 * Math.sqrt(n * p * (1 - p));
}
