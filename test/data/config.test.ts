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
    '/home/config.yaml: "refesh" is no setting; known are prometheus, refresh, window, traces, levels, keys.',
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
  ["traces: 5", '"traces" must be text.'],
  [
    "traces: 'jaeger.example/{service}'",
    '"traces" must begin with http:// or https:// and the name of a host',
  ],
  ["traces: 'javascript:alert(1)'", '"traces" must begin with http:// or https://'],
  ["traces: 'https://{namespace}.example/'", '"traces" must begin with http:// or https://'],
  [
    "traces: 'https://a.example/{svc}'",
    '"traces" has a place {svc}; known are {service}, {namespace}, {workload}, {app}.',
  ],
  ["traces: 'https://a.example/{service'", '"traces" has a { or } without the other.'],
  [
    "traces: 'https://me:secret@a.example/'",
    '"traces" holds a user or a password, which would stand on the screen.',
  ],
  ['traces: "https://a.example/\\x1b[2J"', '"traces" holds a blank or a character that cannot be seen.'],
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

test("an address of traces is kept as it was written, and no password in a wrong one gets into a message", () => {
  const written = "https://jaeger.example/search?service={app}.{namespace}&limit=20";
  expect(parseConfig(`traces: "${written}"`, "config.yaml")).toMatchObject({
    ok: true,
    value: { traces: written },
  });
  const wrong = parseConfig("traces: 'https://me:secret@a.example/'", "config.yaml");
  expect(JSON.stringify(wrong)).not.toContain("secret");
});
