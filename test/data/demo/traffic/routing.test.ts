import { expect, test } from "vitest";
import { custom, service } from "../../../../src/data/demo/scenarios/objects.ts";
import { answersIn, fourSigma, smallMesh, subsetsOf, to, virtualService } from "./smallMesh.ts";

const source = { reporter: "source", source_workload: "caller" };
const destination = { reporter: "destination", source_workload: "caller" };
const v1 = { destination_workload: "api" };
const v2 = { destination_workload: "api-v2" };

test.each([
  { weights: [90, 10], share: 0.1 },
  { weights: [7, 3], share: 0.3 },
  { weights: [20, 20], share: 0.5 },
  { weights: [150, 50], share: 0.25 },
])("weights $weights are ratios: v2 gets $share of the requests", async ({ weights, share }) => {
  const mesh = smallMesh({
    objects: [virtualService([{ route: [to("v1", weights[0]), to("v2", weights[1])] }])],
  });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const got = await mesh.requests({ ...source, ...v2 });
  // 20 a second for 300 s.
  expect(Math.abs(all - 6000)).toBeLessThan(4 * Math.sqrt(6000));
  expect(Math.abs(got - all * share)).toBeLessThan(fourSigma(all, share));
});

test("a weight that is changed in the store moves the share at the next tick", async () => {
  const mesh = smallMesh({ objects: [virtualService([{ route: [to("v1", 90), to("v2", 10)] }])] });
  mesh.pass(60);
  mesh.store.apply(virtualService([{ route: [to("v1", 50), to("v2", 50)] }]));
  await mesh.reset();
  mesh.pass(60);
  const all = await mesh.requests(source);
  const got = await mesh.requests({ ...source, ...v2 });
  expect(Math.abs(got - all / 2)).toBeLessThan(fourSigma(all, 0.5));
});

test("a missing weight among several counts as 0, a weight on a single destination counts for nothing", async () => {
  const several = smallMesh({ objects: [virtualService([{ route: [to("v1", 90), to("v2")] }])] });
  several.pass(60);
  expect(await several.requests({ ...source, ...v2 })).toBe(0);
  const single = smallMesh({ objects: [virtualService([{ route: [to("v2", 0)] }])] });
  single.pass(60);
  expect(await single.requests({ ...source, ...v2 })).toBe(await single.requests(source));
});

test("without a VirtualService every ready pod of the Service takes its part", async () => {
  const mesh = smallMesh();
  mesh.pass(300);
  const all = await mesh.requests(source);
  expect(Math.abs((await mesh.requests({ ...source, ...v2 })) - all / 2)).toBeLessThan(fourSigma(all, 0.5));
});

const cohort = { match: [{ headers: { "x-istio-cohort": { exact: "internal" } } }], route: [to("v2")] };

test("a request with the header of rule 1 goes to v2, all others by rule 2", async () => {
  const objects = [virtualService([cohort, { route: [to("v1")] }])];
  const internal = smallMesh({ objects, call: { headers: { "x-istio-cohort": "internal" } } });
  internal.pass(60);
  expect(await internal.requests(v1)).toBe(0);
  expect(await internal.requests({ ...source, ...v2 })).toBeGreaterThan(0);
  const others = smallMesh({ objects });
  others.pass(60);
  expect(await others.requests(v2)).toBe(0);
  expect(await others.requests({ ...source, ...v1 })).toBeGreaterThan(0);
});

test("a request that no rule takes is answered 404 NR by the caller's own proxy", async () => {
  const mesh = smallMesh({ objects: [virtualService([cohort])] });
  mesh.pass(30);
  const refused = { ...source, response_code: "404", response_flags: "NR", destination_workload: "unknown" };
  expect(await mesh.requests(refused)).toBe(await mesh.requests({}));
  expect(await mesh.requests(refused)).toBeGreaterThan(0);
});

test("mirrored copies are reported by the destination and by nobody else", async () => {
  const mirrored = virtualService([
    { route: [to("v1")], mirror: { host: "api", subset: "v2" }, mirrorPercentage: { value: 40 } },
  ]);
  const mesh = smallMesh({ objects: [mirrored] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const copies = await mesh.requests({ ...destination, ...v2 });
  expect(await mesh.requests({ ...source, ...v2 })).toBe(0);
  expect(await mesh.requests({ ...destination, ...v1 })).toBe(all);
  expect(Math.abs(copies - all * 0.4)).toBeLessThan(fourSigma(all, 0.4));
});

test("a mirror without a percentage copies everything", async () => {
  const mesh = smallMesh({
    objects: [virtualService([{ route: [to("v1")], mirror: { host: "api", subset: "v2" } }])],
  });
  mesh.pass(30);
  expect(await mesh.requests({ ...destination, ...v2 })).toBe(await mesh.requests({ ...source, ...v1 }));
});

test("a subset that no DestinationRule defines is 503 NC at the source, and nothing arrives", async () => {
  const mesh = smallMesh({ objects: [virtualService([{ route: [to("v3")] }])] });
  mesh.pass(30);
  const sent = await mesh.requests({ ...source, response_code: "503", response_flags: "NC" });
  expect(sent).toBeGreaterThan(0);
  expect(await mesh.requests({})).toBe(sent);
  expect(
    await mesh.requests({ destination_canonical_revision: "latest", destination_workload: "unknown" }),
  ).toBe(sent);
});

test("a destination port that the Service does not have is 503 NC, too", async () => {
  const route = [{ destination: { host: "api", port: { number: 81 } } }];
  const mesh = smallMesh({ objects: [virtualService([{ route }])] });
  mesh.pass(20);
  expect(await mesh.requests({ ...source, response_flags: "NC" })).toBeGreaterThan(0);
  expect(await mesh.requests({ ...source, response_flags: "NC" })).toBe(await mesh.requests({}));
});

test("each port of a Service has its own protocol", async () => {
  const ports = [
    { name: "tcp-admin", port: 9000, targetPort: 8080 },
    { name: "http", port: 80, targetPort: 8080 },
  ];
  const mesh = smallMesh({
    objects: [service({ namespace: "shop", name: "api", selector: { app: "api" }, ports })],
  });
  mesh.pass(20);
  expect(await mesh.requests(source)).toBeGreaterThan(0);
});

test("a wildcard DestinationRule in the caller's namespace hides the owner's subsets", async () => {
  const mesh = smallMesh({
    objects: [
      virtualService([{ route: [{ destination: { host: "api.shop.svc.cluster.local", subset: "v1" } }] }]),
      custom("DestinationRule", {
        namespace: "guest",
        name: "all",
        spec: { host: "*.local", trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
      }),
      {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "guest", labels: { "istio-injection": "enabled" } },
      },
      ...guestCaller,
    ],
    from: { is: "workload", workload: "guest/guest" },
    call: { host: "api.shop" },
  });
  mesh.pass(30);
  const all = await mesh.requests({ source_workload: "guest" });
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ source_workload: "guest", response_flags: "NC" })).toBe(all);
});

const guestCaller = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "guest", namespace: "guest" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "guest" } },
      template: { metadata: { labels: { app: "guest" } }, spec: { containers: [] } },
    },
  },
];

test("a subset without ready pods is 503 UH at the source", async () => {
  const mesh = smallMesh({ objects: [virtualService([{ route: [to("v2")] }])] });
  mesh.pass(5);
  const deployment = mesh.store.get({
    group: "apps",
    kind: "Deployment",
    namespace: "shop",
    name: "api-v2",
  })!;
  mesh.store.apply({ ...deployment, ...{ spec: { ...(deployment["spec"] as object), replicas: 0 } } });
  await mesh.reset();
  mesh.pass(30);
  const all = await mesh.requests({});
  expect(all).toBeGreaterThan(0);
  expect(await mesh.requests({ ...source, response_code: "503", response_flags: "UH" })).toBe(all);
});

test("an abort of 25 % is that share of 500 FI at the source, and never reaches the api", async () => {
  const fault = { abort: { percentage: { value: 25 }, httpStatus: 500 } };
  const mesh = smallMesh({ objects: [virtualService([{ fault, route: [to("v1")] }])] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const aborted = await mesh.requests({ ...source, response_code: "500", response_flags: "FI" });
  expect(Math.abs(aborted - all / 4)).toBeLessThan(fourSigma(all, 0.25));
  expect(await mesh.requests(destination)).toBe(all - aborted);
});

test("a fixed delay is added to every request and flagged DI at the source alone", async () => {
  const fault = { delay: { percentage: { value: 100 }, fixedDelay: "2s" } };
  const mesh = smallMesh({ objects: [virtualService([{ fault, route: [to("v1")] }])] });
  mesh.pass(60);
  const delayed = { ...source, response_code: "200", response_flags: "DI" };
  const all = await mesh.requests(delayed);
  expect(all).toBe(await mesh.requests(source));
  // The api answers in 10 ms sharp.
  const sum = await mesh.total("istio_request_duration_milliseconds_sum", delayed);
  expect(sum / all).toBeCloseTo(2010, 6);
  expect(await mesh.requests({ ...destination, response_flags: "-" })).toBe(all);
});

test("a route's timeout ends slow requests as 504 UT at the source, and code 0 DC at the destination", async () => {
  const mesh = smallMesh({
    objects: [virtualService([{ timeout: "0.5s", retries: { attempts: 0 }, route: [to("v1")] }])],
    behaviours: { "shop/api": answersIn(800) },
  });
  mesh.pass(30);
  const late = { ...source, response_code: "504", response_flags: "UT" };
  const all = await mesh.requests(late);
  expect(all).toBeGreaterThan(0);
  expect(all).toBe(await mesh.requests(source));
  expect(await mesh.total("istio_request_duration_milliseconds_sum", late)).toBeCloseTo(500 * all, 3);
  expect(await mesh.requests({ ...destination, response_code: "0", response_flags: "DC" })).toBe(all);
});

test("two retries on 5xx leave errors^3 at the source, and the destination counts every try", async () => {
  const retries = { attempts: 2, retryOn: "5xx" };
  const mesh = smallMesh({
    objects: [virtualService([{ retries, route: [to("v1")] }])],
    behaviours: { "shop/api": answersIn(5, 0.5) },
  });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const failed = await mesh.requests({ ...source, response_code: "500", response_flags: "URX" });
  expect(Math.abs(failed - all / 8)).toBeLessThan(fourSigma(all, 1 / 8));
  // Tries for one request: 1 + 1/2 + 1/4, with a standard deviation below 1.
  expect(Math.abs((await mesh.requests(destination)) - all * 1.75)).toBeLessThan(4 * Math.sqrt(all));
});

test("what never left the caller is not tried again, whatever the route retries on", async () => {
  const retries = { attempts: 3, retryOn: "5xx,gateway-error" };
  const mesh = smallMesh({ objects: [virtualService([{ retries, route: [to("v3")] }])] });
  mesh.pass(20);
  expect(await mesh.requests({ ...source, response_flags: "NC" })).toBeGreaterThan(0);
  expect(await mesh.requests({ ...source, response_flags: "NC" })).toBe(await mesh.requests({}));
});

test("by default a 500 is not tried again", async () => {
  const mesh = smallMesh({ behaviours: { "shop/api": answersIn(5, 0.5), "shop/api-v2": answersIn(5, 0.5) } });
  mesh.pass(60);
  expect(await mesh.requests(destination)).toBe(await mesh.requests(source));
});

test("two Services as destinations are told apart by destination_service_name at the source", async () => {
  const services = ["v1", "v2"].map((version) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: `api-${version}`, namespace: "shop" },
    spec: { selector: { app: "api", version }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  }));
  const route = [
    { destination: { host: "api-v1" }, weight: 20 },
    { destination: { host: "api-v2" }, weight: 80 },
  ];
  const mesh = smallMesh({ objects: [...services, virtualService([{ route }]), subsetsOf()] });
  mesh.pass(300);
  const all = await mesh.requests(source);
  const second = await mesh.requests({ ...source, destination_service_name: "api-v2" });
  expect(Math.abs(second - all * 0.8)).toBeLessThan(fourSigma(all, 0.8));
  // A pod behind two Services reports the older one of its inbound cluster.
  expect(await mesh.requests({ ...destination, destination_service_name: "api" })).toBe(all);
});
