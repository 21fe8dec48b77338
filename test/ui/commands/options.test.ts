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
    [
      ["get"],
      "get what? One of graph, services, routes, canaries, mtls, policies, breakers, proxies, egress, checks",
    ],
    [
      ["get", "pods"],
      'unknown view "pods"; known are graph, services, routes, canaries, mtls, policies, breakers, proxies, egress, checks',
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
    [["undo", "-f", "a.yaml"], "--filename is for check, demo and get, not for undo"],
    [["--variant", "90-10"], "--variant is for a simulated mesh: meshtop demo SCENARIO, or --demo SCENARIO"],
    [["preview-strict"], "preview-strict takes one namespace; the root namespace stands for the mesh"],
    [
      ["preview-strict", "shop", "-w", "30m"],
      "preview-strict looks at an hour at least: a caller that works by the hour is not in less",
    ],
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
    expect(parseCommand(["check", ...words])).toMatchObject({
      ok: true,
      value: { is: "check", options: { files } },
    });
  });
});

test("demo and get simulate the manifests that are named, alone or in a scenario", () => {
  expect(optionsFor("demo", "-f", "a.yaml")).toMatchObject({ demo: "files", files: ["a.yaml"] });
  expect(optionsFor("get", "graph", "-f", "a.yaml")).toMatchObject({ demo: "files", files: ["a.yaml"] });
  expect(optionsFor("demo", "bookinfo", "-f", "a.yaml")).toMatchObject({
    demo: "bookinfo",
    files: ["a.yaml"],
  });
  expect(optionsFor("demo")).toMatchObject({ demo: "coolstore", files: [] });
});

test("a variant goes with the scenario of demo and of --demo", () => {
  expect(optionsFor("demo", "bookinfo", "--variant", "90-10")).toMatchObject({
    demo: "bookinfo",
    variant: "90-10",
  });
  expect(optionsFor("get", "checks", "--demo", "bookinfo", "--variant", "90-10").variant).toBe("90-10");
  expect(optionsFor("demo").variant).toBeNull();
});

describe("An option of writing", () => {
  const change = ["shift", "shop/catalog", "v1=80", "v2=20"];
  const mirror = ["set-mirror", "shop/catalog", "v2"];
  const outbound = ["set-outbound", "REGISTRY_ONLY"];

  test.each([
    [
      ["get", "services", "--readonly"],
      "--readonly is for the dashboard and commands that write, not for get",
    ],
    [["journal", "--readonly"], "--readonly is for the dashboard and commands that write, not for journal"],
    [["get", "services", "--write"], "--write is for the dashboard and commands that write, not for get"],
    [["--dry-run"], "--dry-run is for commands that write, not for the dashboard"],
    [["journal", "--yes"], "--yes is for commands that write, not for journal"],
    [["get", "routes", "--reason", "x"], "--reason is for commands that write, not for get"],
    [[...mirror, "--wait"], "--wait is for shift, undo and redo, not for set-mirror"],
    [["canary", "pause", "shop/catalog", "--wait"], "--wait is for shift, undo and redo, not for canary"],
    [[...mirror, "--normalise"], "--normalise is for shift, not for set-mirror"],
    [["undo", "--rule", "1"], "--rule is for shift and set-mirror, not for undo"],
    [[...change, "--percent", "10"], "--percent is for set-mirror, not for shift"],
    [[...change, "--off"], "--off is for set-mirror, not for shift"],
    [[...mirror, "--mesh"], "--mesh is for set-outbound, not for set-mirror"],
    [[...change, "--workload", "shop/web"], "--workload is for set-outbound, not for shift"],
    [["undo", "--limit", "3"], "--limit is for journal, not for undo"],
    [[...change, "-A"], "--all-namespaces is for the dashboard, get and check, not for shift"],
  ])("is not another command's: %j", (argv, error) => {
    expect(parseCommand(argv)).toEqual({ ok: false, error });
  });

  test.each([
    [[...change, "--readonly", "--write"], "--readonly and --write contradict each other"],
    [[...change, "--write=soon"], '--write takes a duration such as 15m, not "soon"'],
    [[...change, "--write="], '--write takes a duration such as 15m, not ""'],
    [[...change, "--yes="], "--yes= names no context; leave the = away, or name it"],
    [[...change, "--dry-run=no"], "Option '--dry-run' does not take an argument"],
    [[...change, "--wait", "--dry-run"], "--wait and --dry-run contradict each other"],
    [[...change, "--wait", "30s"], "--wait takes its duration behind =: --wait=30s"],
    [["undo", "--write", "5m"], "--write takes its duration behind =: --write=5m"],
    [[...change, "--wait=0s"], '--wait takes a duration such as 2m, not "0s"'],
    [[...change, "--reason"], "Option '--reason <value>' argument missing"],
    [[...change, "--rule", "0"], '--rule takes a number from 1, or [OBJECT:][PROTOCOL:]N, not "0"'],
    [[...change, "--rule", "first"], '--rule takes a number from 1, or [OBJECT:][PROTOCOL:]N, not "first"'],
    [[...change, "-o", "dot"], "-o dot draws the graph only; use table, json or yaml for shift"],
    [[...mirror, "--percent", "101"], '--percent takes a number from 0 to 100, not "101"'],
    [[...mirror, "--percent", "1e1"], '--percent takes a number from 0 to 100, not "1e1"'],
    [[...mirror, "--off"], "--off takes no subset and no --percent"],
    [["set-mirror", "shop/catalog", "--off", "--percent", "1"], "--off takes no subset and no --percent"],
    [outbound, "set-outbound is for one of --mesh, --namespace NAME and --workload NAMESPACE/NAME"],
    [
      [...outbound, "--mesh", "-n", "shop"],
      "set-outbound is for one of --mesh, --namespace NAME and --workload NAMESPACE/NAME",
    ],
    [
      [...outbound, "--mesh", "--workload", "shop/web"],
      "set-outbound is for one of --mesh, --namespace NAME and --workload NAMESPACE/NAME",
    ],
    [["journal", "--limit", "0"], '--limit takes a number from 1, not "0"'],
    [
      ["journal", "--demo", "coolstore"],
      "a simulated mesh ends with the command that started it, and its journal too",
    ],
  ])("is refused with a sentence where it makes no sense: %j", (argv, error) => {
    expect(parseCommand(argv)).toEqual({ ok: false, error });
  });

  test.each([
    [["shift"], "shift what? meshtop shift NAMESPACE/SERVICE v1=80 v2=20"],
    [["shift", "shop/catalog"], "shift what? meshtop shift NAMESPACE/SERVICE v1=80 v2=20"],
    [
      ["shift", "shop/catalog", "v1:80"],
      'a weight is a name and a whole number, as in v1=80; "v1:80" is none',
    ],
    [
      ["shift", "shop/catalog", "v1=8.5"],
      'a weight is a name and a whole number, as in v1=80; "v1=8.5" is none',
    ],
    [
      ["shift", "shop/catalog", "v1=80%"],
      'a weight is a name and a whole number, as in v1=80; "v1=80%" is none',
    ],
    [["shift", "shop/catalog", "v1=80", "v1=20"], "v1 is given two weights"],
    [
      ["set-mirror"],
      "set-mirror takes a service and a subset, NAMESPACE/SERVICE SUBSET, or NAMESPACE/SERVICE --off",
    ],
    [
      ["set-mirror", "shop/catalog"],
      "set-mirror to which subset? Or --percent P for the one that is there, or --off",
    ],
    [["set-outbound"], "set-outbound takes one mode: ALLOW_ANY or REGISTRY_ONLY"],
    [["set-outbound", "DENY", "--mesh"], 'unknown mode "DENY"; known are ALLOW_ANY, REGISTRY_ONLY'],
    [["declare-host"], "declare-host takes one host of the outside"],
    [["declare-host", "api.example.com"], "declare-host to which namespace? Say --namespace NAME"],
    [["canary"], "canary what? One of pause, resume, next, promote, abort, retry, rollback"],
    [["canary", "pause"], "canary pause takes one canary: NAMESPACE/NAME"],
    [
      ["canary", "stop", "shop/catalog"],
      'unknown canary command "stop"; known are pause, resume, next, promote, abort, retry, rollback',
    ],
    [["undo", "a", "b"], "undo takes one entry of the journal"],
    [["redo", "a", "b"], "redo takes one entry of the journal"],
    [["journal", "all"], 'journal takes no words, not "all"'],
  ])("and the words of a command that are not whole: %j", (argv, error) => {
    expect(parseCommand(argv)).toEqual({ ok: false, error });
  });

  test.each([
    ["2", 2],
    ["tcp:2", { object: null, protocol: "tcp", number: 2 }],
    ["catalog-ingress:1", { object: "catalog-ingress", protocol: null, number: 1 }],
    ["shop/tcp:http:12", { object: "shop/tcp", protocol: "http", number: 12 }],
  ])("--rule %s names a rule", (written, rule) => {
    for (const argv of [change, mirror])
      expect(parseCommand([...argv, "--rule", written])).toMatchObject({
        ok: true,
        value: { wish: { rule } },
      });
  });

  test("is read as it is meant", () => {
    const argv = [...change, "--wait", "--yes", "--normalise", "--rule", "2", "--reason", "INC-204"];
    expect(parseCommand(argv)).toMatchObject({
      ok: true,
      value: {
        is: "write",
        wish: { is: "shift", service: "shop/catalog", weights: { v1: 80, v2: 20 }, rule: 2, normalise: true },
        writing: { dryRun: false, yes: { context: null }, reason: "INC-204", wait: 120_000 },
      },
    });
    expect(parseCommand(["undo", "--wait=30s", "--yes=prod"])).toMatchObject({
      ok: true,
      value: { wish: { is: "undo", id: null }, writing: { wait: 30_000, yes: { context: "prod" } } },
    });
  });
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
