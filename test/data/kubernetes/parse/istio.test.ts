import { describe, expect, test } from "vitest";
import { declaredBy, findingFor } from "../support/parsed.ts";

const head = (group: string, kind: string): string =>
  `apiVersion: ${group}.istio.io/v1\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\nspec: `;

describe("a DestinationRule", () => {
  const read = (spec: string) =>
    declaredBy(head("networking", "DestinationRule") + spec).destinationRules![0]!;

  test("reads subsets and every block of a policy", () => {
    const rule = read(`
      host: web
      trafficPolicy:
        connectionPool: {tcp: {maxConnections: 100, connectTimeout: 30ms}, http: {http1MaxPendingRequests: 1, http2MaxRequests: 1000, maxRequestsPerConnection: 10, maxRetries: 3}}
        outlierDetection: {consecutive5xxErrors: 7, interval: 5m, baseEjectionTime: 15m, maxEjectionPercent: 100}
        loadBalancer: {consistentHash: {httpHeaderName: x-user}}
        tls: {mode: ISTIO_MUTUAL}
        portLevelSettings: [{port: {number: 9000}, tls: {mode: DISABLE}}]
      subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]`);
    expect(rule.trafficPolicy).toMatchObject({
      connectionPool: {
        maxConnections: 100,
        connectTimeout: 30,
        http1MaxPendingRequests: 1,
        http2MaxRequests: 1000,
        maxRequestsPerConnection: 10,
        maxRetries: 3,
      },
      outlierDetection: {
        consecutive5xxErrors: 7,
        consecutiveGatewayErrors: null,
        interval: 300_000,
        baseEjectionTime: 900_000,
        maxEjectionPercent: 100,
        minHealthPercent: null,
      },
      loadBalancer: { simple: null, consistentHash: "header x-user", locality: null },
      tls: { mode: "ISTIO_MUTUAL", credentialName: null },
      portLevelSettings: [{ port: 9000, tls: { mode: "DISABLE" }, connectionPool: null }],
    });
    expect(rule.subsets).toMatchObject([
      { name: "v1", labels: { version: "v1" }, trafficPolicy: null },
      { name: "v2", trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
    ]);
  });

  test("takes no notice of consecutiveErrors, which Istio ignores", () => {
    const { trafficPolicy } = read("{host: web, trafficPolicy: {outlierDetection: {consecutiveErrors: 1}}}");
    expect(trafficPolicy?.outlierDetection?.consecutive5xxErrors).toBeNull();
  });

  test("keeps a 0 apart from absence: 0 switches the ejection off", () => {
    const { trafficPolicy } = read(
      "{host: web, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 0}}}",
    );
    expect(trafficPolicy?.outlierDetection?.consecutive5xxErrors).toBe(0);
  });

  test("without a policy has none, and with an empty one has one without blocks", () => {
    expect(read("{host: web}").trafficPolicy).toBeNull();
    expect(read("{host: web, trafficPolicy: {}}").trafficPolicy).toMatchObject({
      tls: null,
      connectionPool: null,
    });
  });
});

describe("a Sidecar", () => {
  const read = (spec: string) => declaredBy(head("networking", "Sidecar") + spec).sidecars![0]!;

  test.each([
    ["{}", null],
    ["{outboundTrafficPolicy: {}}", { mode: null }],
    ["{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}", { mode: "REGISTRY_ONLY" }],
  ])("that says %s has the outbound policy %o", (spec, expected) => {
    expect(read(spec).outboundTrafficPolicy).toEqual(expected);
  });

  test("imports the hosts of all its listeners, or everything where it names none", () => {
    expect(read('{egress: [{hosts: ["./*"]}, {hosts: ["istio-system/*", "~/x"]}]}').egressHosts).toEqual([
      "./*",
      "istio-system/*",
      "~/x",
    ]);
    expect(read("{}").egressHosts).toBeNull();
  });

  test("speaks for its namespace where its selector is absent or empty", () => {
    expect(read("{}").workloadSelector).toBeNull();
    expect(read("{workloadSelector: {labels: {}}}").workloadSelector).toBeNull();
    expect(read("{workloadSelector: {labels: {app: a}}}").workloadSelector).toEqual({ app: "a" });
  });
});

describe("security", () => {
  test("reads modes, inherited ones as null, by port too", () => {
    const [policy] = declaredBy(
      `${head("security", "PeerAuthentication")}{selector: {matchLabels: {app: a}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: DISABLE}, 9090: {mode: UNSET}}}`,
    ).peerAuthentications!;
    expect(policy).toMatchObject({
      selector: { app: "a" },
      mode: "STRICT",
      portLevelMtls: { 8080: "DISABLE", 9090: null },
    });
    expect(declaredBy(`${head("security", "PeerAuthentication")}{}`).peerAuthentications).toMatchObject([
      { selector: null, mode: null },
    ]);
  });

  test("a mode that Istio does not know makes the object unreadable", () => {
    const finding = findingFor(`${head("security", "PeerAuthentication")}{mtls: {mode: STRIKT}}`);
    expect(finding).toMatchObject({ path: "spec.mtls.mode" });
    expect(finding.message).toContain("not one of UNSET, DISABLE, PERMISSIVE, STRICT");
  });

  test("an AuthorizationPolicy allows unless it says otherwise, and counts its rules", () => {
    expect(
      declaredBy(`${head("security", "AuthorizationPolicy")}{rules: [{}, {}]}`).authorizationPolicies,
    ).toMatchObject([{ action: "ALLOW", rules: 2 }]);
    expect(
      declaredBy(`${head("security", "AuthorizationPolicy")}{action: DENY}`).authorizationPolicies,
    ).toMatchObject([{ action: "DENY", rules: 0 }]);
  });

  test("an AuthorizationPolicy tells where it compares with identities, and with which methods", () => {
    const [policy] = declaredBy(
      `${head("security", "AuthorizationPolicy")}{rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}, {source: {principals: [a], notNamespaces: [b]}}], to: [{operation: {methods: [GET]}}], when: [{key: source.namespace, values: [c]}, {key: request.headers, values: [d]}]}]}`,
    ).authorizationPolicies!;
    expect(policy?.identities).toEqual([
      { path: "spec.rules[0].from[1].source.principals", field: "principals", values: ["a"] },
      { path: "spec.rules[0].from[1].source.notNamespaces", field: "notNamespaces", values: ["b"] },
      { path: "spec.rules[0].when[0]", field: "source.namespace", values: ["c"] },
    ]);
    expect(policy?.methods).toEqual([
      { path: "spec.rules[0].to[0].operation.methods", field: "methods", values: ["GET"] },
    ]);
  });

  test("a Telemetry tells whether access logging is switched off", () => {
    const read = (spec: string) =>
      declaredBy(head("telemetry", "Telemetry") + spec).telemetries![0]!.accessLogging;
    expect(read("{}")).toBeNull();
    expect(read("{accessLogging: [{providers: [{name: envoy}]}]}")).toEqual({
      disabled: false,
      providers: ["envoy"],
    });
    expect(read("{accessLogging: [{disabled: true}]}")).toEqual({ disabled: true, providers: [] });
  });

  test("a Telemetry tells how much is traced, and whether spans are sent, where it speaks of that", () => {
    const read = (spec: string) => declaredBy(head("telemetry", "Telemetry") + spec).telemetries![0]!.tracing;
    expect(read("{}")).toBeNull();
    expect(read("{tracing: [{randomSamplingPercentage: 12.5}]}")).toEqual({ sampling: 12.5, disabled: null });
    expect(read("{tracing: [{disableSpanReporting: true}]}")).toEqual({ sampling: null, disabled: true });
    expect(read("{tracing: [{providers: [{name: zipkin}], randomSamplingPercentage: 0}]}")).toEqual({
      sampling: 0,
      disabled: null,
    });
  });
});

describe("ServiceEntry and Gateway", () => {
  test("absent enums mean MESH_EXTERNAL and NONE", () => {
    const [entry] = declaredBy(
      `${head("networking", "ServiceEntry")}{hosts: [a.example], ports: [{number: 443, name: https, protocol: TLS}]}`,
    ).serviceEntries!;
    expect(entry).toMatchObject({
      hosts: ["a.example"],
      location: "MESH_EXTERNAL",
      resolution: "NONE",
      ports: [{ number: 443, targetPort: null }],
    });
  });

  test("reads servers with hosts as written", () => {
    const [gateway] = declaredBy(
      `${head("networking", "Gateway")}{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop/*.example"], tls: {mode: SIMPLE}}]}`,
    ).gateways!;
    expect(gateway).toMatchObject({
      selector: { istio: "ingressgateway" },
      servers: [{ hosts: ["shop/*.example"], tlsMode: "SIMPLE", port: { number: 443 } }],
    });
  });
});

describe("the mesh ConfigMap", () => {
  const read = (name: string, mesh: string | null, labels = "{}") =>
    declaredBy(
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: istio-system, labels: ${labels}}\ndata: ${mesh === null ? "{}" : JSON.stringify({ mesh })}`,
    ).meshConfigs!;

  test("reads what decides about outbound traffic, mTLS and defaults", () => {
    const yaml = [
      "# a comment",
      "outboundTrafficPolicy: {mode: REGISTRY_ONLY}",
      "enableAutoMtls: false",
      "rootNamespace: istio-config",
      "trustDomain: example.org",
      "accessLogFile: /dev/stdout",
      "defaultConfig: {tracing: {sampling: 50}}",
      "defaultServiceExportTo: ['.']",
      "discoverySelectors: [{matchLabels: {mesh: on}}]",
    ].join("\n");
    expect(read("istio", yaml)).toMatchObject([
      {
        revision: "default",
        outboundMode: "REGISTRY_ONLY",
        enableAutoMtls: false,
        rootNamespace: "istio-config",
        trustDomain: "example.org",
        accessLogFile: "/dev/stdout",
        tracingSampling: 50,
        defaultExportTo: { service: ["."], virtualService: ["*"], destinationRule: ["*"] },
        hasDiscoverySelectors: true,
      },
    ]);
  });

  test("that is empty means Istio's defaults", () => {
    expect(read("istio-1-27", "", "{istio.io/rev: 1-27}")).toMatchObject([
      {
        revision: "1-27",
        outboundMode: null,
        enableAutoMtls: true,
        trustDomain: "cluster.local",
        hasDiscoverySelectors: false,
      },
    ]);
  });

  test("a namesake of something else is not one", () => {
    expect(read("istio", null)).toEqual([]);
    expect(read("istio", null, "{istio.io/rev: default}")).toHaveLength(1);
  });

  test("whose YAML is broken is a finding with its line", () => {
    const finding = findingFor(
      `kind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: ${JSON.stringify({ mesh: "a: 1\nb: [\n" })}`,
    );
    expect(finding).toMatchObject({
      path: "data.mesh",
      object: { name: "istio", namespace: "istio-system" },
    });
    expect(finding.message).toMatch(/YAML that can't be parsed \(line [23]\)/);
  });
});
