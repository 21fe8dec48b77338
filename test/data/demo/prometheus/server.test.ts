import { afterAll, beforeAll, expect, test } from "vitest";
import { startPrometheusServer, type PrometheusServer } from "../../../../src/data/demo/prometheus/server.ts";
import { createTsdb } from "../../../../src/data/demo/prometheus/tsdb.ts";

const NOW = 1_700_000_040_500;
let server: PrometheusServer;

beforeAll(async () => {
  const tsdb = createTsdb();
  tsdb.append({ __name__: "up", job: "istio-proxies" }, NOW - 500, 1);
  server = await startPrometheusServer({ clock: () => NOW, tsdb });
});
afterAll(async () => {
  await server.stop();
});

test("a vector comes as Prometheus' JSON, at the clock's time where none is given", async () => {
  const answer = await fetch(`${server.url}/api/v1/query?query=up`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  expect(await answer.json()).toEqual({
    status: "success",
    data: {
      resultType: "vector",
      result: [{ metric: { __name__: "up", job: "istio-proxies" }, value: [1700000040.5, "1"] }],
    },
  });
});

test("a form in the body is read before the address", async () => {
  const body = new URLSearchParams({ query: "2" });
  const answer = await fetch(`${server.url}/api/v1/query?query=1`, { method: "POST", body });
  expect(await answer.json()).toMatchObject({ data: { result: [1700000040.5, "2"] } });
});

test("a form that is too large is refused", async () => {
  const body = new URLSearchParams({ query: "x".repeat(11 * 1024 * 1024) });
  const answer = await fetch(`${server.url}/api/v1/query`, { method: "POST", body });
  expect(answer.status).toBe(400);
});

test.each(["/", "/api/v1/write", "/api/v1/label/a%E0/values", "/api/v1/query/"])(
  "%s answers, and not with data",
  async (path) => {
    const answer = await fetch(`${server.url}${path}`);
    expect([400, 404]).toContain(answer.status);
  },
);

test("other methods are not allowed in", async () => {
  expect((await fetch(`${server.url}/api/v1/query?query=1`, { method: "DELETE" })).status).toBe(404);
});

test("stop ends it while a client keeps its connection", async () => {
  const other = await startPrometheusServer({ clock: () => NOW, tsdb: createTsdb() });
  await (await fetch(`${other.url}/-/ready`)).text();
  await other.stop();
  await expect(fetch(`${other.url}/-/ready`)).rejects.toThrow();
});
