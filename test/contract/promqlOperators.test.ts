import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSame, startWorlds, type PrometheusWorlds } from "../support/prometheusWorlds.ts";
import { realPrometheusAbsent } from "../support/realPrometheus.ts";
import type { SeriesOfSamples } from "../support/remoteWrite.ts";

const absent = realPrometheusAbsent();
const END = 1_700_000_040_000;

function now(name: string, labels: Readonly<Record<string, string>>, value: number): SeriesOfSamples {
  return { labels: { __name__: name, ...labels }, samples: [[END, value]] };
}

const samples: readonly SeriesOfSamples[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((value) =>
    now("a", { x: String(value % 2), y: String(value % 4), z: String(value) }, value),
  ),
  ...[10, 0, -30].map((value, index) => now("b", { x: String(index), site: `s${index}` }, value)),
  ...[1.5, -1.5, 2.5, NaN, Infinity, -Infinity, 0, 1e-7, 1e22].map((value, index) =>
    now("odd", { i: String(index) }, value),
  ),
  now("ties", { i: "a" }, 1),
  now("ties", { i: "b" }, 1),
  now("ties", { i: "c" }, 2),
  now("ties", { i: "d" }, 1),
  now(
    "text",
    { path: "/api/v1/items", quote: 'say "hi"\\ \n', dotted: "a.b.c", empty: "", utf: "žluť 🐎" },
    1,
  ),
  now("text", { path: "/api/v2/items" }, 2),
  now("text", { path: "line\nbreak" }, 3),
  now("text", { path: "\r" }, 4),
  now("same", { k: "1" }, 1),
  now("other", { k: "1" }, 2),
  ...["0.1", "1", "1.0", "10", "+Inf"].map((le, index) =>
    now("h_bucket", { le, of: "spelt twice" }, 10 * (index + 1)),
  ),
  ...["0.1", "1", "10"].map((le, index) => now("h_bucket", { le, of: "no top" }, 10 * (index + 1))),
  ...["-1", "0", "1", "+Inf"].map((le, index) => now("h_bucket", { le, of: "below zero" }, 10 * (index + 1))),
  ...["1", "2", "4", "+Inf"].map((le, index) =>
    now("h_bucket", { le, of: "not monotonic" }, [5, 3, 9, 8][index] ?? 0),
  ),
  ...["1", "2", "+Inf"].map((le) => now("h_bucket", { le, of: "empty" }, 0)),
  ...["1", "2", "+Inf"].map((le, index) => now("h_bucket", { le, of: "beyond" }, [1, 1, 100][index] ?? 0)),
  now("h_bucket", { le: "+Inf", of: "only top" }, 7),
  now("h_bucket", { le: "none", of: "unreadable" }, 7),
  now("h_bucket", { le: "1e+1", of: "exponent" }, 3),
  now("h_bucket", { le: "+Inf", of: "exponent" }, 4),
];

const arithmetic = ["+", "-", "*", "/", "%", "^", "atan2"];
const comparisons = ["==", "!=", ">", "<", ">=", "<="];

/** Expressions of one subject; each is asked of both. */
const subjects: Readonly<Record<string, readonly string[]>> = {
  "arithmetic on scalars": arithmetic.flatMap((op) => [
    `7 ${op} 3`,
    `-7 ${op} 3`,
    `7 ${op} 0`,
    `0 ${op} 0`,
    `NaN ${op} 1`,
    `1 ${op} NaN`,
    `-1 ${op} Inf`,
    `Inf ${op} -Inf`,
  ]),
  "comparison of scalars": comparisons.flatMap((op) => [
    `1 ${op} bool 1`,
    `1 ${op} bool 2`,
    `NaN ${op} bool NaN`,
  ]),
  "precedence and signs": [
    "-2^2",
    "2^-1",
    "2^3^2",
    "-2^2*3",
    "2*-3",
    "1-1-1",
    "1 -2",
    "--1",
    "-+-2",
    "-(2)^2",
    "(-2)^2",
    "1+2*3-4/2%3",
    "+1",
    "-a",
    "+a",
    "- a ^ 2",
    "-a^-1",
    "2 ^ - 1",
    "a*2+1 > 5 and a < 9",
    "1 > bool 2 == bool 0",
    "a or b and same",
    "a unless b or same",
    "-1 ^ 0.5",
  ],
  numbers: [
    "0x1F",
    "010",
    "1e3",
    "1E-3",
    ".5",
    "Inf",
    "+inf",
    "-INF",
    "nan",
    "1e-7",
    "1e21",
    "123456789012345680000",
    "1e20",
    "0.1+0.2",
    "-0",
    "0 * -1",
    "1e400",
    "089",
  ],
  strings: [`"a\\x41\\n\\u017e\\101"`, `'it\\'s'`, "`raw \\n`", `"žluť"`, `"\\U0001F40E"`],
  "a vector with a scalar": [...arithmetic, ...comparisons].flatMap((op) => [
    `a ${op} 4`,
    `4 ${op} a`,
    `odd ${op} 2`,
    `2 ${op} odd`,
  ]),
  "a vector with a scalar as bool": comparisons.flatMap((op) => [
    `a ${op} bool 4`,
    `4 ${op} bool a`,
    `odd ${op} bool 0`,
  ]),
  "vectors one to one": [...arithmetic, ...comparisons].flatMap((op) => [
    `a ${op} a`,
    `a ${op} ignoring(z) a{z=~"[1-4]"}`.replace("a ", 'a{z=~"[5-8]"} '),
    `sum by (x) (a) ${op} on(x) b`,
    `odd ${op} odd`,
  ]),
  "vectors as bool": comparisons.flatMap((op) => [`a ${op} bool a`, `sum by (x) (a) ${op} bool on(x) b`]),
  "many to one": [
    "a / on(x) group_left b",
    "a / on(x) group_left(site) b",
    "b * on(x) group_right a",
    "b * on(x) group_right(site) a",
    "b - on(x) group_right(site) a",
    "a > on(x) group_left b",
    "b < on(x) group_right a",
    "b < bool on(x) group_right(site) a",
    "a / ignoring(y, z) group_left sum by (x) (a)",
    "a / ignoring(y, z) group_left() sum by (x) (a)",
    "a / on(x) group_left(nothing) b",
    "a * on(x) group_left(y) b",
  ],
  "set operators": ["and", "or", "unless"].flatMap((op) => [
    `a ${op} a{x="1"}`,
    `a ${op} on(x) b`,
    `a ${op} ignoring(y, z) b`,
    `b ${op} on(x) a`,
    `a ${op} on() b`,
    `a ${op} on() nothing`,
    `nothing ${op} on() a`,
    `a ${op} b ${op} same`,
    `(a > 4) ${op} (a < 6)`,
  ]),
  selectors: [
    "a",
    `a{x="1"}`,
    `a{x!="1"}`,
    `a{x=~"1|0"}`,
    `a{x!~"1"}`,
    `a{missing=""}`,
    `a{missing!=""}`,
    `a{missing=~".*"}`,
    `a{missing=~".+"}`,
    `{__name__="a",x="1"}`,
    `{__name__=~"a|b"}`,
    `{x="1"}`,
    `{__name__=~"a.*", x!=""}`,
    `a{x=~"1",}`,
    `a{x="1",x="0"}`,
    `a{z=~"[2-4]"}`,
    `a{z=~"1.*|8"}`,
    "nothing",
    `text{path=~"/api/v[0-9]+/items"}`,
    `text{path=~"/api"}`,
    `text{quote="say \\"hi\\"\\\\ \\n"}`,
    "text{dotted=~'a.b.c'}",
    "text{dotted=~'a\\\\.b\\\\.c'}",
    "text{utf='žluť 🐎'}",
    "text{utf=~'žluť .'}",
    "sum",
    "a # comment\n",
    "# first\n a",
    `a{x="1", # in between\n y="1"}`,
    "rate",
    `count{x="1"} or a`,
    "a offset 1s",
    "a offset -1s",
  ],
  "regular expressions": [
    "line.break",
    "line\\\\nbreak",
    "(?s)line.break",
    "(?i)LINE\\nBREAK",
    "line[[:space:]]break",
    "line\\\\sbreak",
    "line[^a-z]break",
    ".",
    "\\\\r",
    "[\\\\s]",
    "(?:/api/v1|/api/v2)/items",
    "/api/v(?P<version>\\\\d)/items",
    "/api/v\\\\d/items",
    "/api/\\\\w+/items",
    "/api/.{2}/items",
    "/api/.{2,}/items",
    "/api/.{1,1}/items",
    "/api/v[12]/items$",
    "^/api/v1/items",
    "\\\\Q/api/v1/items\\\\E",
    "/api\\\\/v1\\\\/items",
    "/api/v1/item[s-]",
    "/api/[\\\\w-]+/items",
    "\\\\x2fapi/v1/items",
    "/api/v1/items|",
    "",
    "/api/v1/items{",
    "a{,2}",
    "[]/a-z0-9]+",
    "\\\\/api\\\\/v1\\\\/items",
    "\\\\pN*.*",
    "/api/v1/\\\\bitems",
    "/api/v1/items\\\\z",
    "(a|/api)(/v1)?(/items)+?",
    "[/[:alpha:]0-9]+",
  ].map((regex) => `text{path=~"${regex}"}`),
  aggregation: ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"].flatMap((op) => [
    `${op}(a)`,
    `${op} by (x) (a)`,
    `${op}(a) by (x, y)`,
    `${op} without (z) (a)`,
    `${op} without () (a)`,
    `${op} by () (a)`,
    `${op} by (missing) (a)`,
    `${op}(odd)`,
    `${op}(odd{i=~"[0126]"})`,
    `${op}(nothing)`,
    `${op} by (__name__) ({__name__=~"a|b"})`,
    `${op} without (x, y, z) ({__name__=~"a|b"})`,
    `${op.toUpperCase()}(a)`,
  ]),
  "aggregation with a parameter": [
    "topk(3, a)",
    "topk(100, a)",
    "topk(0, a)",
    "topk(-1, a)",
    "topk(2.9, a)",
    "topk by (x) (1, a)",
    "topk(2, odd)",
    "bottomk(3, a)",
    "bottomk(4, odd)",
    "topk(2, ties)",
    "bottomk(2, ties)",
    "topk(1, ties)",
    "quantile(0.5, a)",
    "quantile by (x) (0.9, a)",
    "quantile(-1, a)",
    "quantile(2, a)",
    "quantile(NaN, a)",
    "quantile(0.3, odd)",
    `count_values("v", a)`,
    `count_values("v", odd)`,
    `count_values("x", a)`,
    `count_values by (x) ("v", a)`,
    `count_values without (y, z) ("v", a)`,
    "topk(scalar(same), a)",
    "topk(NaN, a)",
    "topk(1e30, a)",
    `count_values("no-name", a)`,
  ],
  "functions of a value": [
    "abs",
    "ceil",
    "floor",
    "exp",
    "sqrt",
    "ln",
    "log2",
    "log10",
    "sgn",
    "round",
    "absent",
    "timestamp",
    "sort",
    "sort_desc",
  ].flatMap((name) => [`${name}(odd)`, `${name}(a)`, `${name}(nothing)`, `${name}(a > 4)`]),
  "functions with parameters": [
    "round(a, 3)",
    "round(odd, 0.5)",
    "round(odd / 7, 0.1)",
    "clamp(a, 2, 5)",
    "clamp(a, 5, 2)",
    "clamp_min(a, 3)",
    "clamp_max(a, 3)",
    "clamp_min(odd, -1)",
    "clamp_max(odd, 1)",
    "clamp(odd, -1, 1)",
    "scalar(same)",
    "scalar(a)",
    "scalar(nothing)",
    "vector(1)",
    "vector(time())",
    "time()",
    "pi()",
    "time() - timestamp(a)",
    "timestamp(a + 0)",
    "vector(scalar(same) + 1)",
    "(time())",
    "-time()",
    "scalar(-same)",
    `absent(a{x="9", y=~"1"})`,
    `absent(nothing{x="9", x="8", y!="2"})`,
    "absent(sum(nothing))",
    `absent((nothing{x="1"}))`,
  ],
  "label_replace and label_join": [
    `label_replace(text, "version", "$1", "path", "/api/(v.)/items")`,
    `label_replace(text, "version", "\${1}x", "path", "/api/(v.)/items")`,
    `label_replace(text, "version", "$1x", "path", "/api/(v.)/items")`,
    `label_replace(text, "version", "$name", "path", "/api/(?P<name>v.)/items")`,
    `label_replace(text, "version", "$$ $", "path", "/api/(v.)/items")`,
    `label_replace(text, "path", "", "path", ".*api.*")`,
    `label_replace(text, "path", "same", "path", "(?s).*")`,
    `label_replace(a, "x", "y", "missing", "")`,
    `label_replace(a, "__name__", "renamed", "x", ".*")`,
    `label_replace(a, "bad-name", "y", "x", ".*")`,
    `label_replace(a, "x", "y", "x", "(")`,
    `label_join(a, "xy", "-", "x", "y", "missing")`,
    `label_join(a, "x", "-")`,
    `label_join(a, "bad-name", "-", "x")`,
    `label_join(a, "same", "", "x")`,
  ],
  histogram_quantile: ["0", "0.1", "0.5", "0.9", "0.99", "1", "-1", "2", "NaN"]
    .flatMap((q) => [
      `histogram_quantile(${q}, h_bucket)`,
      `histogram_quantile(${q}, sum by (le) (h_bucket))`,
    ])
    .concat([
      "histogram_quantile(0.5, a)",
      `histogram_quantile(0.5, {__name__=~"h_bucket|a"})`,
      "histogram_quantile(0.5, h_bucket * 0)",
      "histogram_quantile(0.9, h_bucket / 3)",
    ]),
  "names of results": [
    "a + 0",
    "a > 0",
    "-a",
    "abs(a)",
    "a and a",
    "a == a",
    "a == on(x, y, z) a",
    "a atan2 1",
    "a == bool 1",
    "sum by (__name__) (a)",
    "topk(1, a)",
    `{__name__=~"same|other"} + 0`,
    `-{__name__=~"same|other"}`,
    `abs({__name__=~"same|other"})`,
    `{__name__=~"same|other"} > 0`,
    `{__name__=~"same|other"} > bool 0`,
    `rate({__name__=~"same|other"}[1m])`,
    `last_over_time({__name__=~"same|other"}[1m])`,
    `max_over_time({__name__=~"same|other"}[1m])`,
    `same or other`,
    `sort({__name__=~"same|other"})`,
  ],
  "ambiguous matching": [
    "a + on(x) a",
    "a + on(x) b",
    "b + on(x) a",
    "a + b",
    "a * on() group_left a",
    "a * on(x) group_left(z) a",
    "a + ignoring(z) a",
    "b + on(x) group_left a",
    "a + on(x) group_left(z) a",
    "b + on() group_left(x) same",
    "a > on() same",
  ],
  "range vectors as they are": ["a[1m]", "odd[1s]", "nothing[5m]", "a[1m] offset 10s", "(a[1m])"],
};

describe.skipIf(absent !== null)(
  `PromQL by subject, ours and a real Prometheus' (${absent ?? "present"})`,
  () => {
    let worlds: PrometheusWorlds;
    beforeAll(async () => {
      worlds = await startWorlds(() => END);
      await worlds.write(samples);
    });
    afterAll(async () => {
      await worlds.stop();
    });

    test.each(Object.entries(subjects))("%s", async (_subject, expressions) => {
      const found: string[] = [];
      for (const expression of expressions) {
        for (const at of [END, END + 300_000, END + 300_001]) {
          await worlds
            .same(expression, at)
            .catch((error: unknown) => found.push(`${expression} @ ${at - END}: ${String(error)}`));
        }
      }
      expect(found).toEqual([]);
    });

    test("sorted results come in order", async () => {
      for (const query of [
        "sort(a)",
        "sort_desc(a)",
        "sort(odd)",
        "sort_desc(odd)",
        "topk(5, a)",
        "bottomk(5, odd)",
      ]) {
        const { real, embedded } = await worlds.ask("/api/v1/query", { query, time: String(END / 1000) });
        expect(embedded.body.data).toEqual(real.body.data);
      }
    });

    test("values are written digit for digit as Prometheus writes them", async () => {
      const { real, embedded } = await worlds.ask("/api/v1/query", {
        query: "odd",
        time: String(END / 1000),
      });
      expect(embedded.body).toEqual(real.body);
    });

    test("a scalar as a graph is one series without labels", async () => {
      const span = { start: String(END / 1000 - 60), end: String(END / 1000), step: "7.5" };
      for (const query of ["time()", "1", "vector(time())", "a > 4", "nothing", "-odd"])
        await worlds.sameRange(query, span);
      const { real, embedded } = await worlds.ask("/api/v1/query_range", { query: "a[1m]", ...span });
      expectSame(embedded, real, "a[1m]");
    });
  },
);
