import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";

const absent = realPrometheusAbsent();
const END = 1_700_000_040_000;
const at = String(END / 1000);

/** What does not parse, or has types that do not fit: 400 bad_data with both, and the place that Prometheus names. */
const badQueries: readonly string[] = [
  "",
  "   ",
  "# nothing",
  "sum(",
  "a{",
  "a[5m",
  "rate(a[5m)",
  "a{x}",
  "a{x=}",
  "a{x=1}",
  `a{x="1"`,
  `a{x="1}`,
  `"abc`,
  "'a\nb'",
  "a b",
  "a +",
  "* a",
  "a ++",
  "(a",
  "a)",
  "a]",
  "a}",
  "foo(1)",
  "holt(a)",
  "a[60]",
  "a[5]",
  "a[]",
  "a[5x]",
  "a[0s]",
  "a[1m30]",
  "1m",
  "a offset 5",
  "a offset",
  "a > b > bool",
  "bool",
  "on",
  "sum by x (a)",
  "sum(a, b)",
  "sum()",
  "topk(a)",
  "topk(1)",
  "topk(a, a)",
  `topk("1", a)`,
  "count_values(1, a)",
  "rate(a)",
  "rate(1)",
  "rate(sum(a)[1m])",
  "a[1m][1m]",
  "sum(a)[1m]",
  "1[1m]",
  "a offset 1m [1m]",
  "sum(a) offset 1m",
  "a offset 1m offset 2m",
  "rate(a[1m], 1)",
  "rate()",
  "time(1)",
  "round(a, 1, 2)",
  "round()",
  "label_replace(a, b, c, d, e)",
  `label_replace(a, "b")`,
  "abs(1)",
  "scalar(1)",
  "vector(a)",
  `abs("x")`,
  "histogram_quantile(a, a)",
  "1 > 2",
  "1 and 2",
  "a and 1",
  "1 or a",
  "a + bool b",
  "a and bool b",
  `a + "x"`,
  "a[1m] + 1",
  "-a[1m]",
  `-"x"`,
  "1 + on(x) 2",
  "a + on(x) 1",
  "a and on(x) group_left b",
  "a + on(x) group_left(x) b",
  `a{x=~"["}`,
  `a{x=~"("}`,
  `a{x=~"a**"}`,
  `a{x=~"(?=a)"}`,
  `a{x=~"\\\\1"}`,
  `a{x=~"a{1001}"}`,
  `a{x=~"[z-a]"}`,
  `a{x=~"\\\\y"}`,
  `a{x=~"*"}`,
  `a{x!~"["}`,
  `a{x="\\q"}`,
  `{x=""}`,
  "{}",
  `{x=~".*"}`,
  `{x!="1"}`,
  `a{__name__="b"}`,
  "{a}",
  'a{1="x"}',
  "a{x='1' y='2'}",
  "a{,}",
  "a=b",
  "a == = b",
  "a =~ b",
  "a ! b",
  "a &  b",
  "a; b",
  "a @",
  "1_000",
  "0x",
  "1e",
  "a.b",
  "žluť",
  "a\n+\n+\n",
  "a +\n  foo(b)",
  "sum(a) by",
  "sum by (a b) (c)",
  "sum without (1) (c)",
  "a offset -",
  "a[5m:",
  "a[5m] offset 1m offset 1m",
];

/** Accepted by the real one and beyond ours: refused with a reason, never answered with a wrong number. */
const beyondOurs: readonly (readonly [string, string])[] = [
  ["a @ 1700000000", "@ modifier"],
  ["rate(a[5m:1m])", "subqueries"],
  ["sum_over_time(a[5m:])", "subqueries"],
  ["sin(a)", "sin()"],
  ["predict_linear(a[1m], 10)", "predict_linear()"],
  ["quantile_over_time(0.5, a[1m])", "quantile_over_time()"],
  ["absent_over_time(a[1m])", "absent_over_time()"],
];

/** Only versions after 2.42 know these: refused, because a query has to work on both. */
const tooNew: readonly string[] = [
  "rate(a[60])",
  '{"a"}',
  'a{"x"="1"}',
  'sum by ("x") (a)',
  "limitk(1, a)",
  "a </ 1",
  "a + fill(0) b",
  "rate(a[1m] smoothed)",
  "rate(a[1m] anchored)",
  "a[1m + 1m]",
  "info(a)",
];

describe.skipIf(absent !== null)(`refusals, ours and a real Prometheus' (${absent ?? "present"})`, () => {
  let worlds: PrometheusWorlds;
  beforeAll(async () => {
    worlds = await startWorlds(() => END);
    await worlds.write(
      ["1", "2"].flatMap((x) =>
        ["a", "b"].map((name) => ({
          labels: { __name__: name, x, y: "1" },
          samples: [[END, Number(x)]] as const,
        })),
      ),
    );
  });
  afterAll(async () => {
    await worlds.stop();
  });

  test.each(badQueries)("%j is bad data", async (query) => {
    const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: at });
    expect([real.status, real.body.errorType]).toEqual([400, "bad_data"]);
    expect([embedded.status, embedded.body.errorType, embedded.body.status]).toEqual([
      400,
      "bad_data",
      "error",
    ]);
    expect(embedded.body.error).toMatch(/^invalid parameter "query": \d+:\d+: parse error: ./);
    const range = await worlds.ask("/api/v1/query_range", { query, start: at, end: at, step: "1" });
    expect([range.embedded.status, range.embedded.body.errorType]).toEqual([400, "bad_data"]);
    expect(range.embedded.body.error).toMatch(/^\d+:\d+: parse error: ./);
    expect(range.real.status).toBe(400);
  });

  test.each([
    "sum(",
    "rate(a)",
    "1 > 2",
    "a offset 1m [1m]",
    "rate(a[1m], 1)",
    "{}",
    `a{__name__="b"}`,
    "topk(1)",
    "a + bool b",
    "abs(1)",
    "",
    `abs("x")`,
    "sum(a) offset 1m",
    "1 and 2",
  ])("%j is refused in Prometheus' own words", async (query) => {
    const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: at });
    expect(embedded.body).toEqual(real.body);
  });

  test.each(beyondOurs)("%s is beyond the embedded one, which says so", async (query, what) => {
    const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: at });
    expect(real.status).toBe(200);
    expect([embedded.status, embedded.body.errorType]).toEqual([422, "execution"]);
    expect(embedded.body.error).toContain(what);
  });

  test.each(tooNew)("%s is refused as 2.42 refuses it", async (query) => {
    const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: at });
    expect(real.status).toBe(400);
    expect(embedded.status).toBeGreaterThanOrEqual(400);
  });

  test.each([
    "a + on(y) b",
    "a + on(y) group_left b",
    "b * on(y) group_right a",
    "a * on(x) group_left(y) a * on(y) group_left a",
    `{__name__=~"a|b"} + 0`,
    'a{x="1"} + on(y) group_left(x) b',
    "topk(NaN, a)",
    `label_replace(a, "x", "same", "x", ".*")`,
    `label_replace(a, "1x", "", "x", "")`,
  ])("%s cannot be evaluated: 422, with Prometheus' words", async (query) => {
    const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: at });
    expect([real.status, real.body.errorType]).toEqual([422, "execution"]);
    expect(embedded).toEqual(real);
  });

  test.each([
    ["/api/v1/query", { query: "a", time: "yesterday" }],
    ["/api/v1/query", { query: "a", timeout: "soon" }],
    ["/api/v1/query_range", { query: "a", start: "", end: at, step: "1" }],
    ["/api/v1/query_range", { query: "a", start: at, end: "", step: "1" }],
    ["/api/v1/query_range", { query: "a", start: at, end: at, step: "" }],
    ["/api/v1/query_range", { query: "a", start: at, end: at, step: "0" }],
    ["/api/v1/query_range", { query: "a", start: at, end: at, step: "-1" }],
    ["/api/v1/query_range", { query: "a", start: at, end: "1", step: "1" }],
    ["/api/v1/query_range", { query: "a", start: "0", end: at, step: "1" }],
    ["/api/v1/query_range", { query: "a[1m]", start: at, end: at, step: "1" }],
    ["/api/v1/query_range", { query: `"a"`, start: at, end: at, step: "1" }],
    ["/api/v1/series", {}],
    ["/api/v1/series", { "match[]": "{}" }],
    ["/api/v1/series", { "match[]": "a{" }],
    ["/api/v1/series", { "match[]": "a", start: "x" }],
    ["/api/v1/labels", { "match[]": "{}" }],
    ["/api/v1/labels", { "match[]": "sum(a)" }],
    ["/api/v1/labels", { "match[]": "a", end: "x" }],
  ])("%s with %j is refused alike", async (path, parameters) => {
    const { real, embedded } = await worlds.ask(path, parameters);
    expect(real.status).toBe(400);
    expect([embedded.status, embedded.body.errorType]).toEqual([400, real.body.errorType]);
  });

  test("times and steps are read as Prometheus reads them", async () => {
    for (const time of [
      at,
      `${at}.5`,
      "2023-11-14T22:14:00Z",
      "2023-11-14T23:14:00.123+01:00",
      "1.70000004e9",
      `${at}.4996`,
    ]) {
      const { real, embedded } = await worlds.ask("/api/v1/query", { query: "time()", time, timeout: "1m" });
      expect(embedded.body).toEqual(real.body);
    }
    for (const step of ["30", "30s", "0.5m".replace("0.5m", "1m"), "7.5"]) {
      const span = { start: String(END / 1000 - 60), end: at, step };
      expect(await worlds.sameRange("time()", span)).toMatchObject({ status: "success" });
    }
  });

  test("GET and POST ask the same, and a query without a time is answered at the clock's", async () => {
    const get = await fetch(`${worlds.embedded}/api/v1/query?query=time()`);
    expect(get.headers.get("content-type")).toBe("application/json");
    expect(await get.json()).toMatchObject({ data: { result: [END / 1000, String(END / 1000)] } });
  });

  test.each(["/", "/api/v1/nothing", "/api/v2/query", "/api/v1/label/x", "/-/nothing"])(
    "%s is nowhere",
    async (path) => {
      const ours = await fetch(`${worlds.embedded}${path}`, { redirect: "manual" });
      expect(ours.status).toBe(404);
      await ours.text();
    },
  );

  test.each(["/-/ready", "/-/healthy"])("%s answers as Prometheus does", async (path) => {
    const [ours, theirs] = await Promise.all([
      fetch(`${worlds.embedded}${path}`),
      fetch(`${worlds.real}${path}`),
    ]);
    expect([ours.status, await ours.text()]).toEqual([theirs.status, await theirs.text()]);
  });

  test("buildinfo has the version whose rules apply", async () => {
    const answer = await fetch(`${worlds.embedded}/api/v1/status/buildinfo`);
    expect(await answer.json()).toMatchObject({ status: "success", data: { version: "2.42.0" } });
  });
});
