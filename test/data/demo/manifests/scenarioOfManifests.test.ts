/** Somebody's manifests at work: what is loaded, what is made up, who calls whom. */
import { resolve } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { startDemo, type Demo } from "../../../../src/data/demo/startDemo.ts";
import { scenarioOfManifests } from "../../../../src/data/demo/manifests/scenarioOfManifests.ts";
import { readManifestFiles } from "../../../../src/data/manifestFiles.ts";
import type { Mesh } from "../../../../src/data/mesh/model/mesh.ts";
import { manifestFolder, samplesAbsent } from "../../../support/istioSampleFiles.ts";
import { meshIn } from "../../../support/storyMesh.ts";

const running: Demo[] = [];
afterEach(async () => {
  for (const demo of running.splice(0)) await demo.stop();
});

interface Played {
  readonly mesh: Mesh;
  readonly remarks: readonly string[];
  /** `from > to`, as the graph has it, of edges with traffic. */
  readonly edges: readonly string[];
}

async function played(documents: readonly unknown[], scenario = "files"): Promise<Played> {
  const at = Date.UTC(2026, 0, 1);
  const demo = await startDemo({ scenario, own: { documents, namespace: "shop" }, seed: 1, clock: () => at });
  if (!demo.ok) throw new Error(demo.error.message);
  running.push(demo.value);
  const { mesh } = await meshIn(demo.value, at);
  const edges = mesh.graph.edges
    .filter(({ traffic }) => (traffic.requests?.rate ?? traffic.connections?.opened ?? 0) > 0)
    .map(({ from, to }) => `${from} > ${to}`);
  return { mesh, remarks: demo.value.remarks, edges: edges.sort() };
}

const deployment = (name: string, labels: object, container: object = {}) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "x", ...container }] } },
  },
});
const service = (name: string, port: object = { name: "http", port: 80 }) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { selector: { app: name }, ports: [port] },
});
const istio = (kind: string, name: string, spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name },
  spec,
});

const absent = samplesAbsent();

describe.skipIf(absent !== null)(`Istio's samples${absent === null ? "" : ` (${absent})`}`, () => {
  const inFiles = (...names: readonly string[]) => {
    const read = readManifestFiles(names.map((name) => resolve(manifestFolder, `${name}.yaml`)));
    if (!read.ok) throw new Error(read.error.message);
    return played(read.value);
  };

  test("a split of versions alone gets its Service, its subsets, its pods and a caller", async () => {
    const { mesh, edges, remarks } = await inFiles("bookinfo-reviews-90-10");
    expect(edges).toEqual([
      "service:shop/reviews > workload:shop/reviews-v1",
      "service:shop/reviews > workload:shop/reviews-v2",
      "workload:shop/client > service:shop/reviews",
    ]);
    expect(remarks).toEqual([
      "Made up, for these files do not have it: Service shop/reviews, Deployment shop/reviews-v1, Deployment shop/reviews-v2, DestinationRule shop/reviews, Deployment shop/client.",
    ]);
    expect(mesh.findings).toEqual([]);
    const split = mesh.services.find(({ key }) => key === "shop/reviews")?.detail.routes[0]?.rules[0]
      ?.destinations;
    // Nine of ten requests, within what chance allows of some 350 of them.
    expect(split?.map(({ share }) => share)).toEqual([0.9, 0.1]);
    expect(split?.[0]?.observed?.share).toBeGreaterThan(0.8);
  });

  test("an app with a gateway is visited through it, and each Service behind it is called", async () => {
    const { edges, remarks } = await inFiles("bookinfo", "bookinfo-gateway", "bookinfo-destination-rules");
    expect(edges).toContain("workload:istio-system/istio-ingressgateway > service:shop/productpage");
    expect(edges).toContain("workload:shop/client > service:shop/ratings");
    expect(remarks).toEqual(["Made up, for these files do not have it: Deployment shop/client."]);
  });

  test("connections of tcp are split by their weights at the gateway's own port", async () => {
    const { mesh, edges } = await inFiles("tcp-echo-20-v2");
    expect(edges).toContain("workload:istio-system/istio-ingressgateway > service:shop/tcp-echo");
    const versions = mesh.services.find(({ name }) => name === "tcp-echo")?.detail.versions;
    expect(versions?.map(({ version }) => version)).toEqual(["v1", "v2"]);
  });

  test("a fault of the files stays one: subsets that their own Service lacks are not made up", async () => {
    const { mesh } = await inFiles("bookinfo", "bookinfo-reviews-90-10");
    expect(mesh.findings.map(({ code }) => code)).toEqual(["MT0101", "MT0101"]);
  });
});

test("an address in a container's environment is a call, and a Service that is called needs no other caller", async () => {
  const { edges } = await played([
    deployment("web", { app: "web" }, { env: [{ name: "STOCK", value: "http://stock.shop:8080/api" }] }),
    service("web"),
    deployment("stock", { app: "stock" }),
    service("stock", { name: "http", port: 8080 }),
  ]);
  expect(edges).toEqual([
    "service:shop/stock > workload:shop/stock",
    "service:shop/web > workload:shop/web",
    "workload:shop/client > service:shop/web",
    "workload:shop/web > service:shop/stock",
  ]);
});

test("a workload that nothing selects is the caller, and each rule gets requests that fit it", async () => {
  const { mesh, remarks } = await played([
    deployment("web", { app: "web", version: "v1" }),
    service("web"),
    deployment("sleep", { app: "sleep" }),
    istio("VirtualService", "web", {
      hosts: ["web"],
      http: [
        {
          match: [{ headers: { user: { exact: "me" } }, uri: { prefix: "/a" } }],
          route: [{ destination: { host: "web" } }],
          fault: { abort: { percentage: { value: 100 }, httpStatus: 418 } },
        },
        { route: [{ destination: { host: "web" } }] },
      ],
    }),
  ]);
  expect(remarks).toEqual([]);
  const called = mesh.graph.edges.filter(({ from }) => from === "workload:shop/sleep");
  const codes = called.map(({ traffic }) => traffic.requests?.codes?.["418"] ?? 0);
  const rates = called.map(({ traffic }) => traffic.requests?.rate ?? 0);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  // Two rules, half of the requests each.
  expect(sum(codes) / sum(rates)).toBeCloseTo(0.5, 1);
});

test("a host outside answers whoever may call it", async () => {
  const { edges } = await played([
    istio("ServiceEntry", "api", {
      hosts: ["api.example.com"],
      ports: [{ number: 443, name: "tls", protocol: "TLS" }],
      resolution: "DNS",
      location: "MESH_EXTERNAL",
    }),
  ]);
  expect(edges).toEqual(["workload:shop/client > external:api.example.com"]);
});

test("a gateway that was installed under another name gets pods", async () => {
  const { edges } = await played([
    istio("Gateway", "front", {
      selector: { istio: "front" },
      servers: [{ port: { number: 8443, name: "https", protocol: "HTTPS" }, hosts: ["*.example.org"] }],
    }),
    istio("VirtualService", "web", {
      hosts: ["web.example.org"],
      gateways: ["front"],
      http: [{ route: [{ destination: { host: "web" } }] }],
    }),
  ]);
  expect(edges).toEqual([
    "service:shop/web > workload:shop/web",
    "workload:istio-system/front > service:shop/web",
  ]);
});

test("a scenario of meshtop's takes objects in the place of its own", async () => {
  const base = await played([], "helloworld");
  const changed = await played(
    [
      {
        ...istio("Gateway", "helloworld-gateway", { selector: { istio: "nobody" }, servers: [] }),
        metadata: { name: "helloworld-gateway", namespace: "default" },
      },
    ],
    "helloworld",
  );
  expect(base.mesh.findings).toEqual([]);
  expect(changed.mesh.findings.map(({ code }) => code)).toContain("MT0402");
});

test("output of kubectl is as good as a file: what the server wrote is left out, and what it makes again", async () => {
  const { mesh, remarks } = await played([
    {
      apiVersion: "v1",
      kind: "List",
      items: [
        {
          ...service("web"),
          metadata: {
            name: "web",
            namespace: "shop",
            uid: "x",
            resourceVersion: "7",
            creationTimestamp: "2020-01-01T00:00:00Z",
          },
          status: { loadBalancer: {} },
        },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "web-1", ownerReferences: [{ kind: "ReplicaSet", name: "web" }] },
        },
        { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly" } },
      ],
    },
  ]);
  expect(remarks[0]).toBe("Not simulated: CronJob.");
  expect(mesh.services.some(({ key }) => key === "shop/web")).toBe(true);
});

test("files with nothing of a mesh are refused by a sentence", () => {
  expect(
    scenarioOfManifests(
      [{ kind: "Kustomization", apiVersion: "kustomize.config.k8s.io/v1", metadata: { name: "a" } }],
      "shop",
    ),
  ).toMatchObject({
    ok: false,
    error: { message: "There is nothing to simulate in these files. Not simulated: Kustomization." },
  });
});

test("no document is too strange", () => {
  const name = fc.constantFrom("web", "b", "", 7);
  const spec = fc.object({
    key: fc.constantFrom("hosts", "http", "route", "match", "servers", "selector", "template", "ports"),
    maxDepth: 4,
  });
  const kinds = fc.constantFrom(
    ["v1", "Service"],
    ["apps/v1", "Deployment"],
    ["networking.istio.io/v1", "VirtualService"],
    ["networking.istio.io/v1", "Gateway"],
    ["networking.istio.io/v1", "ServiceEntry"],
    ["gateway.networking.k8s.io/v1", "HTTPRoute"],
    ["flagger.app/v1beta1", "Canary"],
  );
  const object = fc
    .tuple(kinds, name, spec)
    .map(([[apiVersion, kind], own, body]) => ({ apiVersion, kind, metadata: { name: own }, spec: body }));
  fc.assert(
    fc.property(fc.array(fc.oneof(object, fc.anything()), { maxLength: 4 }), (documents) => {
      expect(scenarioOfManifests(documents, "shop")).toHaveProperty("ok");
    }),
    { numRuns: 60 },
  );
});
