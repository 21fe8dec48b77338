import { describe, expect } from "vitest";
import type { Mesh } from "../../src/data/mesh/model/mesh.ts";
import type { Requests } from "../../src/data/mesh/traffic.ts";
import { parseTraceTemplate } from "../../src/data/mesh/traceLink.ts";
import { traceLines } from "../../src/ui/views/traces.ts";
import { refusalsOf } from "../../src/data/mesh/refusals.ts";
import { policyRows, suspectWords } from "../../src/ui/columns/policies.ts";
import { serviceOf } from "../support/builtMesh.ts";
import { describedService, describedWorkload, workloadOf } from "../support/described.ts";
import { row } from "../support/row.ts";
import { meshOfStory } from "../support/storyMesh.ts";

/** Requests of one caller to one service. */
function asked({ graph }: Mesh, caller: string, service: string): Requests {
  const edge = graph.edges.find(
    ({ from, to }) => from === `workload:${caller}` && to === `service:${service}`,
  );
  expect(edge, `${caller} calls ${service}`).toBeDefined();
  return edge!.traffic.requests!;
}

const refused = ({ codes, rate }: Requests): number => (codes!["403"] ?? 0) / rate;

describe("what is told to a proxy", () => {
  row(
    20,
    "the access log is on or off for each workload, with its provider and the object that decided",
    async () => {
      const mesh = await meshOfStory("coolstore", "access-log");
      const logs = ["istioinaction/webapp", "istioinaction/forum", "istio-system/istio-ingressgateway"].map(
        (key) => {
          const { is, providers, from } = workloadOf(mesh, key).accessLog!;
          return [is, providers, typeof from === "string" ? from : from.name];
        },
      );
      expect(logs).toEqual([
        ["on", ["envoy"], "webapp"],
        ["off", [], "quiet"],
        ["on", ["otel"], "mesh-default"],
      ]);
      expect(describedWorkload(mesh, "istioinaction/webapp")).toMatch(
        /access log +on \(envoy\), from Telemetry istioinaction\/webapp/,
      );
      // Without any Telemetry, accessLogFile of the mesh decides.
      const base = workloadOf(await meshOfStory("coolstore"), "istioinaction/webapp").accessLog!;
      expect(base).toMatchObject({
        is: "on",
        providers: ["envoy"],
        from: { kind: "ConfigMap", name: "istio" },
      });
    },
  );

  row(
    57,
    "how many requests are traced stands with each workload, Istio's 1 % where nobody says otherwise, and the configured address leads to a service's traces",
    async () => {
      const mesh = await meshOfStory("coolstore", "tracing");
      const traced = ["istioinaction/webapp", "istioinaction/forum"].map(
        (key) => workloadOf(mesh, key).tracing!.sampling,
      );
      expect(traced).toEqual([25, 1]);
      expect(describedWorkload(mesh, "istioinaction/webapp")).toMatch(
        /tracing +25 % of the requests that begin here, from Telemetry istioinaction\/webapp-traces/,
      );
      expect(describedWorkload(mesh, "istioinaction/forum")).toMatch(
        /tracing +1 % of the requests that begin here, Istio's default/,
      );
      const template = parseTraceTemplate("https://jaeger.example/search?service={app}.{namespace}");
      const service = serviceOf(mesh, "istioinaction/catalog");
      const traces = template.ok ? template.value : null;
      const lines = traceLines(service, { mesh, traces, size: { columns: 120, rows: 40 } });
      expect(lines.flat().map(({ link }) => link)).toContain(
        "https://jaeger.example/search?service=catalog.istioinaction",
      );
    },
  );

  row(
    31,
    "a Sidecar's imports stand with its workloads, and a service beyond them is passthrough",
    async () => {
      const mesh = await meshOfStory("bookinfo", "sidecar-egress");
      expect(workloadOf(mesh, "bookinfo/details-v1").imports).toMatchObject({
        hosts: ["./*", "istio-system/*"],
        from: { kind: "Sidecar", namespace: "bookinfo", name: "default" },
      });
      expect(workloadOf(mesh, "audit/audit").imports).toBeNull();
      expect(describedWorkload(mesh, "bookinfo/details-v1")).toMatch(/imports +\.\/\*, istio-system\/\*/);
      const outside = mesh.egress.hosts.map(({ from, kind, host }) => [from, kind, host]);
      expect(outside).toEqual([["bookinfo/details-v1", "passthrough", "audit.audit"]]);
    },
  );

  row(29, "a Gateway that ends TLS stands with its port, mode and credential", async () => {
    const mesh = await meshOfStory("bookinfo", "https");
    expect(mesh.gateways.map(({ key, workloads, listeners }) => ({ key, workloads, listeners }))).toEqual([
      {
        key: "bookinfo/bookinfo-gateway",
        workloads: ["istio-system/istio-ingressgateway"],
        listeners: [
          {
            port: 443,
            protocol: "HTTPS",
            hosts: ["bookinfo.com"],
            tls: "SIMPLE",
            credential: "bookinfo-credential",
          },
        ],
      },
    ]);
    expect(describedService(mesh, "bookinfo/productpage")).toContain(
      "bookinfo/bookinfo-gateway: 443 HTTPS SIMPLE (bookinfo-credential) for bookinfo.com",
    );
  });

  row(
    30,
    "client certificates for a host outside are TLS of a DestinationRule, and not mTLS of the mesh",
    async () => {
      const mesh = await meshOfStory("bookinfo", "external-mtls");
      const outside = serviceOf(mesh, "bookinfo/ext-svc.example.com");
      expect(outside.clientTls).toMatchObject({
        mode: "MUTUAL",
        from: { kind: "DestinationRule", name: "ext-svc" },
      });
      expect(outside.lock).toEqual({ state: "unknown", mtls: null, predicted: null });
      expect(describedService(mesh, outside.key)).toMatch(
        /callers use +MUTUAL \(TLS that is not the mesh's\)/,
      );
    },
  );
});

describe("AuthorizationPolicy", () => {
  row(
    46,
    "policies are counted on the workload that enforces them, what they refuse is 403 without a flag, or a connection without a byte",
    async () => {
      const mesh = await meshOfStory("bookinfo", "viewers");
      const counts = ["ratings-v1", "details-v1"].map((name) =>
        workloadOf(mesh, `bookinfo/${name}`).authorization.map(({ ref, action, rules }) => [
          ref.name,
          action,
          rules,
        ]),
      );
      expect(counts).toEqual([
        [["allow-nothing", "ALLOW", 0]],
        [
          ["allow-nothing", "ALLOW", 0],
          ["details-viewer", "ALLOW", 1],
        ],
      ]);
      expect(refused(asked(mesh, "bookinfo/reviews-v3", "bookinfo/ratings"))).toBe(1);
      expect(refused(asked(mesh, "bookinfo/productpage-v1", "bookinfo/reviews"))).toBe(0);
      // UAEX is what an authorizer outside of the proxy would leave; Envoy's own rules leave nothing.
      expect(asked(mesh, "bookinfo/reviews-v3", "bookinfo/ratings").flags).toEqual({});
      expect(describedWorkload(mesh, "bookinfo/ratings-v1")).toMatch(/answers 403 +[34]\.\d\/s/);
    },
  );

  row(46, "DENY comes before ALLOW, and takes by a header", async () => {
    const mesh = await meshOfStory("bookinfo", "deny-jason");
    const reviews = asked(mesh, "bookinfo/productpage-v1", "bookinfo/reviews");
    // One of six visitors is jason.
    expect(Math.abs(refused(reviews) - 1 / 6)).toBeLessThan(0.04);
  });

  row(
    46,
    "a database that lets nobody in is a TCP edge on which connections open and carry nothing",
    async () => {
      const mesh = await meshOfStory("bookinfo", "mongo-denied");
      const { connections, requests } = serviceOf(mesh, "bookinfo/mongodb").traffic;
      expect(requests).toBeNull();
      expect(connections!.opened).toBeGreaterThan(0.9);
      expect([connections!.received, connections!.sent]).toEqual([0, 0]);
    },
  );

  row(
    66,
    "policies stand by action for each namespace and workload, the 403s beside them, and who may have refused is named as far as that is known",
    async () => {
      const told = (mesh: Mesh): readonly unknown[] =>
        policyRows(mesh, { namespace: null }).map((one) => [
          one.name,
          ...(["ALLOW", "DENY"] as const).map(
            (action) => one.policies.filter((policy) => policy.action === action).length,
          ),
          (one.refusals.forbidden ?? 0) > 0 ? "403" : "",
          one.workload === null ? "" : suspectWords(refusalsOf(one.workload).suspects),
        ]);
      expect(told(await meshOfStory("bookinfo", "viewers"))).toEqual([
        ["bookinfo", 4, 0, "403", ""],
        ["details-v1", 2, 0, "", "not allowed by allow-nothing, details-viewer"],
        ["productpage-v1", 2, 0, "", "not allowed by allow-nothing, productpage-viewer"],
        ["ratings-v1", 1, 0, "403", "not allowed by allow-nothing"],
        ...["v1", "v2", "v3"].map((version) => [
          `reviews-${version}`,
          ...[2, 0, "", "not allowed by allow-nothing, reviews-viewer"],
        ]),
      ]);
      const jason = await meshOfStory("bookinfo", "deny-jason");
      expect(told(jason).slice(0, 2)).toEqual([
        ["bookinfo", 1, 1, "403", ""],
        ["reviews-v1", 1, 1, "403", "DENY no-jason, ALLOW reviews-viewer"],
      ]);
      expect(describedWorkload(jason, "bookinfo/reviews-v1")).toMatch(
        /may be +DENY no-jason, ALLOW reviews-viewer, or the program itself: the access log names the policy/,
      );
    },
  );

  row(
    67,
    "tokens that are proved and asked for by no policy are optional: a bad one is 401, none at all comes in, and that is a finding",
    async () => {
      const mesh = await meshOfStory("httpbin", "jwt-optional");
      const { tokens } = workloadOf(mesh, "default/httpbin-v1");
      expect(tokens).toMatchObject({ demand: "none", issuers: ["testing@secure.istio.io"], by: [] });
      const bad = asked(mesh, "default/fortio", "default/httpbin");
      expect(bad.codes!["401"]! / bad.rate).toBeCloseTo(1, 2);
      expect(asked(mesh, "default/sleep", "default/httpbin").codes).toEqual({});
      expect(mesh.findings.map(({ code, object }) => [code, object.name])).toEqual([
        ["MT0706", "jwt-example"],
      ]);
      const asking = await meshOfStory("httpbin", "jwt");
      expect(workloadOf(asking, "default/httpbin-v1").tokens).toMatchObject({
        demand: "required",
        by: [{ kind: "AuthorizationPolicy", name: "require-jwt" }],
      });
      expect(describedWorkload(asking, "default/httpbin-v1")).toMatch(
        /tokens +required, by AuthorizationPolicy default\/require-jwt/,
      );
      expect(asking.findings).toEqual([]);
    },
  );

  row(46, "a claim of a token lets one caller in, and another without a token is refused", async () => {
    const mesh = await meshOfStory("httpbin", "jwt");
    expect(refused(asked(mesh, "default/sleep", "default/httpbin"))).toBe(0);
    expect(refused(asked(mesh, "default/fortio", "default/httpbin"))).toBe(1);
  });
});

describe("balancing", () => {
  row(39, "a hash of the source address pins a caller to one version, and that is no drift", async () => {
    const mesh = await meshOfStory("fleetman", "sticky");
    const staff = serviceOf(mesh, "default/fleetman-staff-service");
    expect(staff.balancing!.sticky).toBe("source IP");
    expect(describedService(mesh, staff.key)).toMatch(/balancing +sticky: source IP/);
    // The one pod of api-gateway calls, and always gets the same one of two pods.
    const shares = staff.detail.versions.map(({ share }) => share!.share).toSorted();
    expect(staff.subsets[0]!.workloads).toHaveLength(2);
    expect(shares.at(-1)).toBe(1);
    const [to] = staff.detail.routes[0]!.rules[0]!.destinations;
    expect([to!.share, to!.observed!.share, to!.problem]).toEqual([1, 1, null]);
    expect(mesh.findings).toEqual([]);
  });

  row(
    54,
    "by locality a caller stays in its zone, goes to the next when that fails, and shares all of them without outlierDetection",
    async () => {
      const told: unknown[] = [];
      for (const variant of ["locality", "locality-failover", "locality-without-outlier"]) {
        const { balancing, detail } = serviceOf(
          await meshOfStory("helloworld", variant),
          "default/helloworld",
        );
        expect(balancing!.zones).toEqual({ "eu-central-1a": 1, "eu-central-1b": 1, "us-east-1a": 1 });
        const most = detail.versions.filter(({ share }) => share!.share > 0.2).map(({ version }) => version);
        told.push([balancing!.locality, most.toSorted()]);
      }
      expect(told).toEqual([
        ["near first", ["eu-central-1a"]],
        ["near first", ["eu-central-1b"]],
        ["no failover", ["eu-central-1a", "eu-central-1b", "us-east-1a"]],
      ]);
    },
  );
});
