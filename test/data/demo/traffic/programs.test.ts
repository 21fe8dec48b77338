import { expect, test } from "vitest";
import { service } from "../../../../src/data/demo/scenarios/objects.ts";
import type { Behaviour } from "../../../../src/data/demo/scenarios/scenario.ts";
import { millis, ratio } from "../../../../src/data/mesh/units.ts";
import { answersIn, call, fourSigma, smallMesh, to, virtualService } from "./smallMesh.ts";

const source = { reporter: "source" };

/** An api that calls a backend of its own for each request. */
const backend = service({
  namespace: "shop",
  name: "backend",
  selector: { app: "caller" },
  ports: [{ name: "http", port: 80, targetPort: 8080 }],
});
const withBackend = (behaviour: Partial<Behaviour>, of: Behaviour): Readonly<Record<string, Behaviour>> => ({
  "shop/api": { ...answersIn(10), ...behaviour },
  "shop/api-v2": { ...answersIn(10), ...behaviour },
  "shop/caller": of,
});
const toBackend = { ...call, host: "backend" };
const fromApi = { ...source, destination_service_name: "backend" };
const fromCaller = { ...source, destination_service_name: "api" };

test("a program's calls come on top of its own time: 10 ms and twice 30 ms are 70 ms for its caller", async () => {
  const calls = [{ ...toBackend, times: 2 }];
  const mesh = smallMesh({ objects: [backend], behaviours: withBackend({ calls }, answersIn(30)) });
  mesh.pass(60);
  const requests = await mesh.requests(fromCaller);
  expect(await mesh.requests(fromApi)).toBe(2 * requests);
  const sum = await mesh.total("istio_request_duration_milliseconds_sum", fromCaller);
  expect(sum / requests).toBeCloseTo(70, 6);
});

test("0.3 calls for each request are 0.3 on average", async () => {
  const calls = [{ ...toBackend, times: 0.3 }];
  const mesh = smallMesh({ objects: [backend], behaviours: withBackend({ calls }, answersIn(1)) });
  mesh.pass(120);
  const requests = await mesh.requests(fromCaller);
  expect(Math.abs((await mesh.requests(fromApi)) - 0.3 * requests)).toBeLessThan(fourSigma(requests, 0.3));
});

test.each([
  { needed: true, failed: 1 },
  { needed: false, failed: 0 },
])("a failing backend fails its caller only where it is needed: $needed", async ({ needed, failed }) => {
  const calls = [{ ...toBackend, needed }];
  const mesh = smallMesh({ objects: [backend], behaviours: withBackend({ calls }, answersIn(1, 1)) });
  mesh.pass(20);
  const requests = await mesh.requests(fromCaller);
  expect(requests).toBeGreaterThan(0);
  expect(await mesh.requests({ ...fromCaller, response_code: "500" })).toBe(failed * requests);
});

test("a program calls for some paths only, and hands on just the headers that it forwards", async () => {
  const route = virtualService([
    { match: [{ headers: { cohort: { exact: "internal" } } }], route: [to("v2")] },
    { route: [to("v1")] },
  ]);
  const behaviours = (forwards: readonly string[]): Readonly<Record<string, Behaviour>> => ({
    "shop/caller": { ...answersIn(1), forwards, calls: [{ ...call, onlyFor: "/api" }] },
    "shop/api": answersIn(1),
    "shop/api-v2": answersIn(1),
  });
  const visit = { host: "backend", path: "/api/x", headers: { cohort: "internal" } };
  const from = { is: "workload", workload: "shop/caller" } as const;
  const forwarding = smallMesh({
    objects: [backend, route],
    behaviours: behaviours(["cohort"]),
    call: visit,
    from,
  });
  forwarding.pass(20);
  expect(await forwarding.requests({ ...source, destination_workload: "api" })).toBe(0);
  expect(await forwarding.requests({ ...source, destination_workload: "api-v2" })).toBeGreaterThan(0);
  const silent = smallMesh({ objects: [backend, route], behaviours: behaviours([]), call: visit, from });
  silent.pass(20);
  expect(await silent.requests({ ...source, destination_workload: "api-v2" })).toBe(0);
  expect(await silent.requests({ ...source, destination_workload: "api" })).toBeGreaterThan(0);
  const elsewhere = smallMesh({
    objects: [backend, route],
    behaviours: behaviours([]),
    call: { ...visit, path: "/health" },
    from,
  });
  elsewhere.pass(20);
  expect(await elsewhere.requests({ ...source, destination_service_name: "api" })).toBe(0);
});

test("two programs that call each other come to an end", async () => {
  const mesh = smallMesh({
    objects: [backend],
    behaviours: withBackend({ calls: [toBackend] }, { ...answersIn(1), calls: [call] }),
    rate: 1,
  });
  mesh.pass(10);
  expect(await mesh.requests(source)).toBeGreaterThan(0);
});

test("gRPC errors travel in HTTP 200, with the status beside it", async () => {
  const grpc = service({
    namespace: "shop",
    name: "api",
    selector: { app: "api" },
    ports: [{ name: "grpc-api", port: 80, targetPort: 8080 }],
  });
  const behaviours = { "shop/api": answersIn(1, 0.25), "shop/api-v2": answersIn(1, 0.25) };
  const mesh = smallMesh({ objects: [grpc], behaviours, call: { speaks: "grpc" } });
  mesh.pass(120);
  const all = await mesh.requests({ ...source, request_protocol: "grpc", response_code: "200" });
  expect(await mesh.requests(source)).toBe(all);
  const failed = await mesh.requests({ ...source, grpc_response_status: "13" });
  expect(Math.abs(failed - all / 4)).toBeLessThan(fourSigma(all, 1 / 4));
  expect(await mesh.requests({ ...source, grpc_response_status: "0" })).toBe(all - failed);
});

test("half of the answers take less than p50, one in twenty more than p95", async () => {
  const slow = { ...answersIn(0), p50: millis(100), p95: millis(500) };
  const mesh = smallMesh({ behaviours: { "shop/api": slow, "shop/api-v2": slow } });
  mesh.pass(300);
  const bucket = "istio_request_duration_milliseconds_bucket";
  const all = await mesh.total(bucket, { ...source, le: "+Inf" });
  expect(Math.abs((await mesh.total(bucket, { ...source, le: "100" })) - all / 2)).toBeLessThan(
    fourSigma(all, 0.5),
  );
  expect(Math.abs((await mesh.total(bucket, { ...source, le: "500" })) - all * 0.95)).toBeLessThan(
    fourSigma(all, 0.95),
  );
});

test("troubles come and go by the clock: 10 s of errors in every 60 s", async () => {
  const behaviour: Behaviour = {
    ...answersIn(10),
    troubles: { period: millis(60_000), lasts: millis(10_000), errors: ratio(1), slower: 4 },
  };
  // The small mesh begins at midnight, which is the start of a period.
  const mesh = smallMesh({ behaviours: { "shop/api": behaviour, "shop/api-v2": behaviour } });
  mesh.pass(10);
  expect(await mesh.requests({ ...source, response_code: "500" })).toBe(await mesh.requests(source));
  const sum = await mesh.total("istio_request_duration_milliseconds_sum", source);
  expect(sum / (await mesh.requests(source))).toBeCloseTo(40, 6);
  await mesh.reset();
  mesh.pass(50);
  expect(await mesh.requests({ ...source, response_code: "500" })).toBe(0);
});

test("a rule that redirects or answers itself never asks the api", async () => {
  const redirect = smallMesh({ objects: [virtualService([{ redirect: { authority: "elsewhere" } }])] });
  redirect.pass(10);
  expect(await redirect.requests({ ...source, response_code: "301" })).toBe(await redirect.requests({}));
  const direct = smallMesh({ objects: [virtualService([{ directResponse: { status: 418 } }])] });
  direct.pass(10);
  expect(await direct.requests({ ...source, response_code: "418" })).toBe(await direct.requests({}));
  expect(await direct.requests({})).toBeGreaterThan(0);
});

test.each([
  { rewrite: { uri: "/things" }, called: false },
  { rewrite: { authority: "api.example" }, called: true },
])("a rewrite of $rewrite: is /items still the path that the program sees? $called", async (row) => {
  const { rewrite, called } = row;
  const route = virtualService([{ match: [{ uri: { prefix: "/items" } }], rewrite, route: [to("v1")] }]);
  const behaviours = withBackend({ calls: [{ ...toBackend, onlyFor: "/items" }] }, answersIn(1));
  const mesh = smallMesh({ objects: [backend, route], behaviours, call: { path: "/items" } });
  mesh.pass(20);
  const requests = await mesh.requests(fromCaller);
  expect(requests).toBeGreaterThan(0);
  expect(await mesh.requests(fromApi)).toBe(called ? requests : 0);
});
