import { expect, test } from "vitest";
import { levelOf } from "../../src/actions/guard.ts";
import { emptyConfig, parseConfig } from "../../src/data/config.ts";

test("an empty file sets nothing", () => {
  expect(parseConfig("", "config.yaml")).toEqual({ ok: true, value: emptyConfig });
  expect(parseConfig("# nothing yet\n", "config.yaml")).toEqual({ ok: true, value: emptyConfig });
});

test("settings are kept, the others stay as they are by default", () => {
  const config = parseConfig(
    [
      "prometheus:",
      "  url: https://thanos.example/prom",
      "  headers: { X-Scope-OrgID: team-a }",
      "  metrics: { requests: 'workload:istio_requests_total' }",
      "refresh: 10s",
      "keys: { quit: [Q], help: [] }",
    ].join("\n"),
    "config.yaml",
  );
  expect(config).toMatchObject({
    ok: true,
    value: {
      prometheus: {
        url: "https://thanos.example/prom",
        headers: { "X-Scope-OrgID": "team-a" },
        metrics: { requests: "workload:istio_requests_total" },
        tokenFile: null,
      },
      refresh: 10_000,
      window: null,
      keys: { quit: ["Q"], help: [] },
    },
  });
});

test.each([
  [
    "refesh: 5s",
    '/home/config.yaml: "refesh" is no setting; known are prometheus, refresh, window, levels, keys.',
  ],
  ["prometheus: { urll: x }", '"prometheus.urll" is no setting'],
  ["prometheus: { url: 5 }", '/home/config.yaml: "prometheus.url" must be text.'],
  ["keys: { quit: q }", '"keys" must be a map of lists of keys'],
  ["refresh: fast", '"refresh" must be a duration such as 30s or 5m.'],
  ["levels: { prod: open }", '"levels" must be a list of maps with context and level.'],
  ["levels: [{ context: '(', level: open }]", '"levels[0].context" must be a regular expression.'],
  [
    "levels: [{ context: a, level: open }, { context: b, level: readonly }]",
    '"levels[1].level" must be one of read-only, protected, open.',
  ],
  ["levels: [{ context: a }]", '"levels[0].level" is missing.'],
  ["levels: [{ contxt: a, level: open }]", '"levels[0].contxt" is no setting; known are context, level.'],
  ["- a", "the file must hold a map of settings"],
  ["prometheus:\n  url: [", "the YAML cannot be read at line 2"],
])("%j is refused by file and field", (source, says) => {
  const config = parseConfig(source, "/home/config.yaml");
  expect(config.ok).toBe(false);
  if (!config.ok) expect(config.error.message).toContain(says);
});

test("levels keep their order, because the first that fits decides", () => {
  const config = parseConfig(
    "levels:\n  - { context: ^prod-, level: read-only }\n  - { context: eu, level: protected }\n",
    "config.yaml",
  );
  expect(config).toMatchObject({
    ok: true,
    value: {
      levels: [
        { context: /^prod-/u, level: "read-only" },
        { context: /eu/u, level: "protected" },
      ],
    },
  });
  if (!config.ok) return;
  expect(levelOf("prod-eu", config.value.levels)).toBe("read-only");
  expect(levelOf("stage-eu", config.value.levels)).toBe("protected");
  expect(levelOf("stage-us", config.value.levels)).toBe("open");
});
