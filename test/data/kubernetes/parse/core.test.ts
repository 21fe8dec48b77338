import { describe, expect, test } from "vitest";
import { declaredBy } from "../support/parsed.ts";

const head = (apiVersion: string, kind: string, meta = "name: web, namespace: shop"): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {${meta}}\n`;

describe("a Service", () => {
  const read = (spec: string) => declaredBy(`${head("v1", "Service")}spec: ${spec}`).services![0]!;

  test("keeps a named target port, and none where it is the port itself", () => {
    const { ports } = read(
      "{ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 81}, {port: 82, targetPort: 8082}, {port: 53, protocol: UDP}]}",
    );
    expect(ports.map(({ targetPort }) => targetPort)).toEqual(["http", null, 8082, null]);
    expect(ports[3]).toMatchObject({ name: "", transport: "UDP" });
  });

  test("tells headless and external ones, and those whose endpoints are written by hand", () => {
    expect(read("{clusterIP: None}")).toMatchObject({ headless: true, selector: null });
    expect(read("{type: ExternalName, externalName: a.example}")).toMatchObject({
      type: "ExternalName",
      externalName: "a.example",
    });
    expect(read("{selector: {app: web}}")).toMatchObject({
      headless: false,
      selector: { app: "web" },
      type: "ClusterIP",
    });
  });
});

describe("endpoints", () => {
  const labels = "name: web-x, namespace: shop, labels: {kubernetes.io/service-name: web}";

  test("a slice of v1 says node and zone in fields, and is ready where it says nothing", () => {
    const slices = declaredBy(
      `${head("discovery.k8s.io/v1", "EndpointSlice", labels)}addressType: IPv4\nendpoints: [{addresses: [10.0.0.1], nodeName: n1, zone: z1, targetRef: {kind: Pod, name: web-1}}, {addresses: [10.0.0.2], conditions: {ready: false}}]`,
    ).endpointSlices;
    expect(slices).toMatchObject([
      {
        service: "web",
        endpoints: [
          { address: "10.0.0.1", ready: true, pod: "web-1", node: "n1", zone: "z1" },
          { address: "10.0.0.2", ready: false, pod: null, node: null, zone: null },
        ],
      },
    ]);
  });

  test("a slice of v1beta1 says them in its topology", () => {
    const slices = declaredBy(
      `${head("discovery.k8s.io/v1beta1", "EndpointSlice", labels)}endpoints: [{addresses: [10.0.0.1], topology: {kubernetes.io/hostname: n1, topology.kubernetes.io/zone: z1}}]`,
    ).endpointSlices;
    expect(slices).toMatchObject([{ endpoints: [{ node: "n1", zone: "z1" }] }]);
  });

  test("Endpoints become a slice for each subset", () => {
    const slices = declaredBy(
      `${head("v1", "Endpoints")}subsets: [{addresses: [{ip: 10.0.0.1, targetRef: {kind: Pod, name: web-1}}], notReadyAddresses: [{ip: 10.0.0.2}]}, {addresses: [{ip: 10.0.0.3}]}]`,
    ).endpointSlices!;
    expect(slices.map(({ endpoints }) => endpoints.map(({ address, ready }) => [address, ready]))).toEqual([
      [
        ["10.0.0.1", true],
        ["10.0.0.2", false],
      ],
      [["10.0.0.3", true]],
    ]);
  });
});

describe("workloads", () => {
  const template =
    "{metadata: {labels: {app: web, version: v1}}, spec: {containers: [{ports: [{containerPort: 8080, name: http}, {containerPort: 9090}]}]}}";

  test.each([
    ["a percentage", "tracing:\n  sampling: 12.5", 12.5],
    ["JSON, which is YAML", '{"tracing": {"sampling": 100}}', 100],
    ["nothing of tracing", "concurrency: 2", undefined],
    ["no YAML, which hides no workload", "tracing: [", undefined],
    ["a percentage in words", "tracing: {sampling: all}", undefined],
  ])("the ProxyConfig in a pod template's annotation says how much is traced: %s", (_, config, expected) => {
    const object = `${head("apps/v1", "Deployment")}spec: {template: {metadata: {annotations: {proxy.istio.io/config: ${JSON.stringify(config)}}}}}`;
    expect(declaredBy(object).workloads![0]!.template.tracingSampling).toBe(expected);
  });

  test.each(["Deployment", "StatefulSet"])("a %s wants one pod where it does not say how many", (kind) => {
    const [workload] = declaredBy(
      `${head("apps/v1", kind)}spec: {selector: {matchLabels: {app: web}}, template: ${template}}`,
    ).workloads!;
    expect(workload).toMatchObject({
      kind,
      desired: 1,
      ready: 0,
      selector: { app: "web" },
      template: { labels: { app: "web", version: "v1" } },
      containerPorts: [
        { name: "http", port: 8080 },
        { name: "", port: 9090 },
      ],
    });
  });

  test("a DaemonSet wants what the scheduler says", () => {
    const [workload] = declaredBy(
      `${head("apps/v1", "DaemonSet")}spec: {template: ${template}}\nstatus: {desiredNumberScheduled: 3, numberReady: 2}`,
    ).workloads!;
    expect(workload).toMatchObject({ kind: "DaemonSet", desired: 3, ready: 2 });
  });

  test("a Rollout is a workload and a delivery at once", () => {
    const read = declaredBy(
      `${head("argoproj.io/v1alpha1", "Rollout")}spec: {replicas: 4, template: ${template}, strategy: {canary: {steps: [{setWeight: 20}, {pause: {}}, {pause: {duration: 1m30s}}, {pause: {duration: 20}}, {pause: {duration: "40"}}], canaryService: web-canary, stableService: web-stable, trafficRouting: {istio: {virtualService: {name: web, routes: [primary]}, destinationRule: {name: web, canarySubsetName: canary, stableSubsetName: stable}}}}}}\nstatus: {phase: Paused, currentStepIndex: 1, controllerPause: true, pauseConditions: [{reason: InconclusiveAnalysisRun, startTime: "2026-11-21T07:00:00Z"}, {reason: CanaryPauseStep, startTime: "2026-11-21T08:00:00Z"}], readyReplicas: 4, canary: {weights: {canary: {weight: 20}, stable: {weight: 80}}}}`,
    );
    expect(read.workloads).toMatchObject([{ kind: "Rollout", desired: 4, ready: 4 }]);
    expect(read.rollouts).toMatchObject([
      {
        phase: "Paused",
        stepIndex: 1,
        steps: [
          { setWeight: 20, name: "setWeight", pause: null },
          { setWeight: null, name: "pause", pause: { duration: null } },
          // A duration, or seconds in either spelling.
          ...[90_000, 20_000, 40_000].map((duration) => ({ name: "pause", pause: { duration } })),
        ],
        // The controller's pause is no person's.
        paused: false,
        pausedSince: Date.UTC(2026, 10, 21, 8),
        virtualServices: [{ name: "web", routes: ["primary"] }],
        destinationRule: { name: "web", canarySubset: "canary", stableSubset: "stable" },
        weights: { canary: 20, stable: 80 },
      },
    ]);
  });
});

describe("a Canary", () => {
  test("reads the analysis with Flagger's defaults", () => {
    const [canary] = declaredBy(
      `${head("flagger.app/v1beta1", "Canary")}spec: {targetRef: {kind: Deployment, name: web}, analysis: {sessionAffinity: {cookieName: flagger-cookie, maxAge: 21600}, stepWeight: 10, maxWeight: 50, metrics: [{name: request-success-rate, interval: 1m, thresholdRange: {min: 99}}, {name: latency, templateRef: {name: latency}, thresholdRange: {max: 500}}], webhooks: [{type: rollout, name: load}]}}\nstatus: {phase: Progressing, canaryWeight: 20, failedChecks: 1, lastTransitionTime: "2026-11-21T08:00:00Z", conditions: [{type: Promoted, message: "New revision detected"}]}`,
    ).canaries!;
    expect(canary).toMatchObject({
      apex: "web",
      suspend: false,
      analysis: {
        interval: 60_000,
        threshold: 1,
        stepWeight: 10,
        maxWeight: 50,
        stepWeights: [],
        sessionCookie: "flagger-cookie",
        metrics: [
          { min: 99, max: null, interval: 60_000, isTemplate: false },
          { name: "latency", max: 500, isTemplate: true },
        ],
        webhooks: [{ type: "rollout", name: "load" }],
      },
      status: {
        phase: "Progressing",
        canaryWeight: 20,
        failedChecks: 1,
        lastTransition: Date.UTC(2026, 10, 21, 8),
        message: "New revision detected",
      },
    });
  });

  test("that Flagger has not seen has an empty phase, and its apex can have a name of its own", () => {
    const [canary] = declaredBy(
      `${head("flagger.app/v1beta1", "Canary")}spec: {targetRef: {kind: Deployment, name: web}, service: {name: shop-web}}`,
    ).canaries!;
    expect(canary).toMatchObject({
      apex: "shop-web",
      status: { phase: "", canaryWeight: 0, lastTransition: null, message: null },
    });
  });
});

describe("Gateway API", () => {
  const route = (kind: string, spec: string, status = "{}") =>
    declaredBy(`${head("gateway.networking.k8s.io/v1", kind)}spec: ${spec}\nstatus: ${status}`)
      .gatewayApiRoutes![0]!;

  test("an HTTPRoute keeps absent weights absent and fills in what the spec defaults", () => {
    const read = route(
      "HTTPRoute",
      `{parentRefs: [{name: gate}, {group: "", kind: Service, name: web, port: 80}], hostnames: [a.example], rules: [{matches: [{path: {value: /x}, headers: [{name: h, value: v}, {name: h, value: ignored}], method: GET}], backendRefs: [{name: web, port: 80}, {name: web-v2, port: 80, weight: 0}], filters: [{type: URLRewrite}, {type: RequestMirror, requestMirror: {backendRef: {name: shadow}, fraction: {numerator: 1, denominator: 8}}}]}]}`,
      "{parents: [{conditions: [{type: Accepted, status: 'True'}, {type: ResolvedRefs, status: 'False'}]}]}",
    );
    expect(read.parents).toMatchObject([
      { group: "gateway.networking.k8s.io", kind: "Gateway", name: "gate", namespace: null },
      { group: "", kind: "Service", name: "web", port: 80 },
    ]);
    expect(read.rules[0]).toMatchObject({
      matches: [{ uri: { prefix: "/x" }, method: { exact: "GET" }, headers: { h: { exact: "v" } } }],
      backends: [
        { group: "", kind: "Service", name: "web", weight: null },
        { name: "web-v2", weight: 0 },
      ],
      mirrors: [{ backend: { name: "shadow" }, percent: 12.5, percentField: "fraction", at: 1 }],
      redirect: false,
    });
    expect(read).toMatchObject({ accepted: true, resolvedRefs: false });
  });

  test("no controller has spoken: neither accepted nor refused", () => {
    expect(route("TCPRoute", "{rules: [{backendRefs: [{name: db}]}]}")).toMatchObject({
      accepted: null,
      resolvedRefs: null,
      kind: "TCPRoute",
    });
  });

  test.each([
    ["{service: shop.Cart, method: Add}", { exact: "/shop.Cart/Add" }],
    ["{service: shop.Cart}", { prefix: "/shop.Cart/" }],
    ["{method: Add}", { regex: "/[^/]+/Add" }],
    ["{type: RegularExpression, service: 'shop.*'}", { regex: "/shop.*/[^/]+" }],
  ])("a GRPCRoute that matches %s matches the path of the call", (method, uri) => {
    expect(
      route("GRPCRoute", `{rules: [{matches: [{method: ${method}}]}]}`).rules[0]?.matches[0]?.uri,
    ).toEqual(uri);
  });

  test("a Gateway's listeners", () => {
    const [gateway] = declaredBy(
      `${head("gateway.networking.k8s.io/v1", "Gateway")}spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example"}], infrastructure: {labels: {a: b}}}`,
    ).gatewayApiGateways!;
    expect(gateway).toMatchObject({
      className: "istio",
      listeners: [{ name: "http", hostname: "*.example", port: 80 }],
      infrastructureLabels: { a: "b" },
    });
  });
});

describe("pods", () => {
  const pod = (name: string, set: string, labels: string): string =>
    [
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\n  labels: ${labels}`,
      `  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: ${set}, controller: true}]\n`,
    ].join("\n");
  const read = (...pods: readonly string[]) => pods.flatMap((one) => declaredBy(one).pods ?? []);

  test("of one workload hold one set of labels and one owner between them", () => {
    const [a, b] = read(
      pod("web-1", "web-5c7", "{app: web, version: v1}"),
      pod("web-2", "web-5c7", "{app: web, version: v1}"),
    );
    expect(a!.meta.labels).toEqual({ app: "web", version: "v1" });
    expect(b!.meta.labels).toBe(a!.meta.labels);
    expect(b!.meta.owners).toBe(a!.meta.owners);
  });

  test("that differ in a value, in a name, or in having one more each have their own", () => {
    const labels = ["{app: web}", "{app: api}", "{run: api}", "{run: api, app: api}", "{}"];
    const pods = read(...labels.map((own, at) => pod(`pod-${at}`, `set-${at}`, own)));
    expect(pods.map(({ meta }) => meta.labels)).toEqual([
      { app: "web" },
      { app: "api" },
      { run: "api" },
      { run: "api", app: "api" },
      {},
    ]);
    expect(pods.map(({ meta }) => meta.owners[0]?.name)).toEqual([
      "set-0",
      "set-1",
      "set-2",
      "set-3",
      "set-4",
    ]);
  });
});
