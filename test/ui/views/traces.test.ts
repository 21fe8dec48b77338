import { describe, expect, test } from "vitest";
import { parseTraceTemplate, type TraceTemplate } from "../../../src/data/mesh/traceLink.ts";
import { themeFor } from "../../../src/ui/paint/theme.ts";
import { toAnsi } from "../../../src/ui/paint/toAnsi.ts";
import { terminalTraits } from "../../../src/ui/terminalTraits.ts";
import { dashboardOf, type Dashboard } from "../../support/dashboard.ts";

function dashboard(template: string | null, columns = 100): Dashboard {
  const parsed = template === null ? null : parseTraceTemplate(template);
  const traces: TraceTemplate | null = parsed?.ok === true ? parsed.value : null;
  return dashboardOf({ columns, rows: 60 }, { session: { traces } });
}

const jaeger = "https://jaeger.example/search?service={app}.{namespace}";

describe("the traces of a service", () => {
  test("stand in its description as an address for its names, and a terminal with links leads there", () => {
    const shown = dashboard(jaeger);
    shown.press(":services /^catalog", "enter", "d");
    const url = "https://jaeger.example/search?service=catalog.istioinaction";
    expect(shown.screen()).toMatch(/open +https:\/\/jaeger\.example\/search\?service=catalog\.istioinaction/);
    const line = shown.lines().find((one) => one.some(({ link }) => link !== undefined))!;
    const linked = `\u001b]8;;${url}\u001b\\${url}\u001b]8;;\u001b\\`;
    const plainTheme = { color: "none", unicode: true } as const;
    expect(toAnsi(line, themeFor({ ...plainTheme, links: true }))).toContain(`m${linked}`);
    expect(toAnsi(line, themeFor(plainTheme))).not.toContain("\u001b]8");
  });

  test("are shown whole by t, in as many lines as it takes", () => {
    const shown = dashboard(`${jaeger}&${"x".repeat(150)}`, 60);
    shown.press(":services /^catalog", "enter", "t");
    expect(shown.screen()).toContain("traces istioinaction/catalog");
    const url = `https://jaeger.example/search?service=catalog.istioinaction&${"x".repeat(150)}`;
    expect(shown.screen().replace(/\n /g, "")).toContain(url);
  });

  test("without an address are a hint where to write one", () => {
    const shown = dashboard(null);
    shown.press(":services /^catalog", "enter", "t");
    expect(shown.screen().replace(/\s+/g, " ")).toContain(
      "No address is known: set traces in meshtop/config.yaml, such as https://jaeger.example/search?service={app}.{namespace}",
    );
  });
});

test("a link is no link where its address could end it early", () => {
  const theme = themeFor({ color: "none", unicode: true, links: true });
  expect(toAnsi([{ text: "x", link: "https://a.example/\u001b\\" }], theme)).toBe("x");
});

test.each([
  [{ TERM: "xterm-256color" }, true],
  [{ TERM: "tmux-256color" }, true],
  [{ TERM: "xterm-256color", VTE_VERSION: "4601" }, false],
  [{ TERM: "xterm-256color", VTE_VERSION: "7006" }, true],
  [{ TERM: "screen" }, false],
  [{ TERM: "linux" }, false],
  [{}, false],
])("a terminal of %j has links: %s", (environment, links) => {
  expect(terminalTraits(environment, { ascii: false, noColor: false }).links).toBe(links);
});
