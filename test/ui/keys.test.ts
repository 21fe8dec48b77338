import { describe, expect, test } from "vitest";
import { bindings, keyTable, standardKeys } from "../../src/ui/keys.ts";
import { keysPage } from "../../src/ui/keysPage.ts";
import { views } from "../../src/ui/views/index.ts";
import { dashboardOf } from "../support/dashboard.ts";

const dialogs = ["prompt", "weights", "mirror", "choice", "question"] as const;
const places = [...views.map(({ id }) => id), ...dialogs] as const;

describe("the table of bindings", () => {
  test.each(places)("binds no key twice in %s", (view) => {
    const keys = standardKeys.of(view).flatMap((binding) => binding.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test("names every binding once and says what it does", () => {
    const ids = bindings.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { description, short, footer } of bindings) {
      expect(description).toMatch(/\S/);
      if (footer !== undefined) expect(short.length, short).toBeLessThanOrEqual(12);
    }
  });

  test("knows the keys of k9s", () => {
    const keys = standardKeys.of("services").flatMap((binding) => binding.keys);
    expect(keys).toEqual(
      expect.arrayContaining([
        ..."jkhlgG0123456789dy:/?-q".split(""),
        ...["esc", "enter", "tab", "ctrl-f", "ctrl-b", "pgup", "pgdn", "home", "end", "ctrl-r", "ctrl-c"],
      ]),
    );
  });

  test("changes a mesh by w, m, o, p, z and Z alone, and none of them writes before a question was answered", () => {
    const steering = bindings.filter(({ group }) => group === "Steer").flatMap((binding) => binding.keys);
    expect(steering).toEqual(["w", "m", "o", "p", "z", "Z"]);
    for (const { id, event, views: where } of bindings) {
      const isAnswer = event("").is === "answer";
      if (isAnswer) expect(where, id).toEqual(["question"]);
    }
    for (const dangerous of ["x", "ctrl-d", "ctrl-k"])
      for (const { id } of views) expect(standardKeys.find(id, dangerous)).toBeUndefined();
  });

  test("is what docs/keys.md says", () => {
    const text = keysPage();
    for (const { description } of bindings) expect(text).toContain(description);
    expect(text).toContain("| down | `j` `down` | one row, node or line down | everywhere |");
  });

  test("is what the help of a view says, and only what works there", () => {
    const app = dashboardOf({ columns: 120, rows: 100 });
    app.press("?");
    expect(app.screen()).toContain("sort by RATE");
    expect(app.screen()).not.toContain("what the edges say");
    app.press("?", ":graph", "enter", "?");
    expect(app.screen()).toContain("what the edges say");
    expect(app.screen()).not.toContain("sort by RATE");
  });

  test("fills the footer with what can act now", () => {
    const app = dashboardOf({ columns: 120, rows: 24 });
    const footer = (): string => app.screen().trimEnd().split("\n").at(-1) ?? "";
    expect(footer()).toContain("enter open");
    expect(footer()).not.toContain("back");
    app.press("enter");
    expect(footer()).toContain("esc back");
    app.press("d");
    expect(footer()).not.toContain("n next match");
    app.press("/redy", "enter");
    expect(footer()).toContain("n next match");
  });
});

describe("the configuration", () => {
  const table = (changes: Readonly<Record<string, readonly string[]>>) => {
    const made = keyTable(changes);
    if (!made.ok) throw new Error(made.error);
    return made.value;
  };

  test("changes and removes keys", () => {
    const keys = table({ describe: ["D"], yaml: [] });
    expect(keys.find("graph", "D")?.id).toBe("describe");
    expect(keys.find("graph", "d")).toBeUndefined();
    expect(keys.find("graph", "y")).toBeUndefined();
  });

  test("keeps what a digit means when it moves to another key", () => {
    const keys = table({ namespace: [")", "!", "@"] });
    expect(keys.find("services", "@")?.event("@")).toEqual({ is: "digit", digit: 2 });
  });

  test.each([
    [{ quitt: ["x"] }, '"keys.quitt" is no binding; docs/keys.md lists them'],
    [{ describe: ["ctrl-q-z"] }, 'in "keys", "ctrl-q-z" is no key; keys are written as in docs/keys.md'],
    [{ describe: ["j"] }, 'in "keys", "j" is bound to both down and describe'],
  ])("%j is refused with a sentence", (changes, error) => {
    expect(keyTable(changes)).toEqual({ ok: false, error });
  });

  test("reaches the dashboard, its footer and its help", () => {
    const app = dashboardOf({ columns: 120, rows: 40 }, { keys: table({ describe: ["D"] }) });
    expect(app.screen()).toContain("D describe");
    app.press("d");
    expect(app.screen()).not.toContain("describe istioinaction");
  });
});

describe("a key that cannot act says why", () => {
  test.each([
    ["esc", "This is the first page; q leaves meshtop."],
    ["-", "There is no view before this one."],
    ["7", "There is no namespace 7; 0 shows all of them."],
    ["f", "f (focus) works in graph; ? has the keys here."],
  ])("%s: %s", (key, sentence) => {
    const app = dashboardOf({ columns: 100, rows: 24 });
    app.press(key);
    expect(app.screen()).toContain(sentence);
  });

  test("until six seconds have passed", () => {
    const app = dashboardOf({ columns: 100, rows: 24 });
    app.press("esc");
    app.pass(5999);
    expect(app.screen()).toContain("This is the first page");
    app.pass(1);
    expect(app.screen()).not.toContain("This is the first page");
  });
});

describe("text from the clipboard", () => {
  test("is no keys: a pasted page opens, filters and quits nothing", () => {
    const app = dashboardOf({ columns: 100, rows: 24 });
    const before = app.program.state().stack;
    app.program.paste("q\n:quit\njjj\nd\n");
    expect(app.program.state().stack).toBe(before);
    expect(app.calls).not.toContain("exit");
    expect(app.screen()).toContain("What was pasted is ignored");
  });

  test("goes into the line being typed, up to its first line break", () => {
    const app = dashboardOf({ columns: 100, rows: 24 });
    app.press("/");
    app.program.paste("catalog\nq");
    expect(app.screen()).toContain("/catalog");
    expect(app.screen()).not.toContain("webapp");
  });
});

test("a sentence about the page before goes with it", () => {
  const app = dashboardOf({ columns: 100, rows: 24 });
  app.press(":nosuch", "enter");
  expect(app.screen()).toContain("There is no command nosuch");
  app.press(":mtls", "enter");
  expect(app.screen()).not.toContain("There is no command nosuch");
});

test("the beginning of a command's name is enough where no other begins so", () => {
  const app = dashboardOf({ columns: 100, rows: 24 });
  app.press(":gr", "enter");
  expect(app.screen()).toContain("graph");
  expect(app.program.state().stack.at(-1)?.view).toBe("graph");
});
