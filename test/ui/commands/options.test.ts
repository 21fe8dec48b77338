import { describe, expect, test } from "vitest";
import { parseSpan } from "../../../src/data/mesh/duration.ts";
import { optionNames } from "../../../src/ui/commands/optionRows.ts";
import { parseCommand } from "../../../src/ui/commands/parseCommand.ts";
import { usage } from "../../../src/ui/commands/usage.ts";

function optionsFor(...argv: string[]) {
  const command = parseCommand(argv);
  if (!command.ok || !("options" in command.value))
    throw new Error(command.ok ? command.value.is : command.error);
  return command.value.options;
}

describe("a command line", () => {
  test("without words opens the dashboard on the current context", () => {
    expect(parseCommand([])).toMatchObject({
      ok: true,
      value: { is: "dashboard", options: { context: null, demo: null } },
    });
  });

  test("demo opens the coolstore, or the scenario that is named", () => {
    expect(optionsFor("demo").demo).toBe("coolstore");
    expect(optionsFor("demo", "bookinfo").demo).toBe("bookinfo");
  });

  test("get takes a view, a namespace and a format, in any order", () => {
    expect(parseCommand(["get", "-n", "shop", "services", "-o", "json"])).toMatchObject({
      ok: true,
      value: { is: "get", view: "services", options: { namespace: "shop", output: "json", timeout: 10_000 } },
    });
  });

  test("a header may be given more than once", () => {
    const options = optionsFor(
      "--prometheus-header",
      "X-Scope-OrgID: a",
      "--prometheus-header",
      "X-Other: b",
    );
    expect(options.prometheusHeaders).toEqual(["X-Scope-OrgID: a", "X-Other: b"]);
  });

  test.each([
    [["gett"], 'unknown command "gett"; try meshtop --help'],
    [["get"], "get what? One of graph, services, routes, canaries, mtls, breakers, egress, checks"],
    [
      ["get", "pods"],
      'unknown view "pods"; known are graph, services, routes, canaries, mtls, breakers, egress, checks',
    ],
    [["get", "services", "-o", "dot"], "-o dot draws the graph only; use table, json or yaml for services"],
    [
      ["get", "services", "-o", "xml"],
      'unknown output format "xml"; known are table, json, yaml, dot, mermaid',
    ],
    [["--refresh", "fast"], '--refresh takes a duration such as 30s or 5m, not "fast"'],
    [["--seed", "-"], '--seed takes a whole number, not "-"'],
    [["check", "a.yaml"], 'check takes no words, not "a.yaml"; files stand behind -f'],
    [["check", "-o", "dot"], "-o dot draws the graph only; use table, json or yaml for check"],
    [
      ["check", "-f", "a.yaml", "--demo", "coolstore"],
      "-f checks manifests alone, and --demo a simulated mesh: which of them?",
    ],
    [["check", "-f"], "Option '-f, --filename <value>' argument missing"],
    [["get", "services", "-f", "a.yaml"], "--filename is for check, not for get"],
    [["--variant", "90-10"], "--variant is for a simulated mesh: meshtop demo SCENARIO, or --demo SCENARIO"],
    [["demo", "a", "b"], 'demo takes one scenario, not "a b"'],
    [["--contxt", "x"], "Unknown option '--contxt'"],
  ])("%j is refused with a sentence", (argv, error) => {
    expect(parseCommand(argv)).toEqual({ ok: false, error });
  });
});

describe("-f", () => {
  test.each([
    [["-f", "a.yaml"], ["a.yaml"]],
    // As a shell writes out `-f *.yaml`.
    [
      ["-f", "a.yaml", "b.yaml", "c"],
      ["a.yaml", "b.yaml", "c"],
    ],
    [
      ["-f", "a.yaml", "b.yaml", "-o", "json"],
      ["a.yaml", "b.yaml"],
    ],
    [
      ["-f", "a.yaml", "-n", "shop", "--filename", "b.yaml", "c.yaml"],
      ["a.yaml", "b.yaml", "c.yaml"],
    ],
    [
      ["--filename=a.yaml", "-f", "-"],
      ["a.yaml", "-"],
    ],
    [[], []],
  ])("%j names the files %j", (words, files) => {
    expect(parseCommand(["check", ...words])).toMatchObject({ ok: true, value: { is: "check", files } });
  });
});

test("a variant goes with the scenario of demo and of --demo", () => {
  expect(optionsFor("demo", "bookinfo", "--variant", "90-10")).toMatchObject({
    demo: "bookinfo",
    variant: "90-10",
  });
  expect(optionsFor("get", "checks", "--demo", "bookinfo", "--variant", "90-10").variant).toBe("90-10");
  expect(optionsFor("demo").variant).toBeNull();
});

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["1m30s", 90_000],
  ["2h", 7_200_000],
  ["0s", null],
  ["5", null],
  ["-5s", null],
  ["5 s", null],
])("%s is a span of %j ms", (written, ms) => {
  expect(parseSpan(written)).toBe(ms);
});

test("--help names every option", () => {
  const text = usage();
  for (const name of optionNames) expect(text).toContain(`--${name}`);
});
