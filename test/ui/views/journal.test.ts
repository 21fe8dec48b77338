import { describe, expect, test } from "vitest";
import type { Entry } from "../../../src/actions/journalEntry.ts";
import { fail, ok } from "../../../src/data/mesh/result.ts";
import { currentPage } from "../../../src/ui/state/uiState.ts";
import type { WorldOptions } from "../../support/dashboard.ts";
import { steeredDashboard, type SteeredDashboard } from "../../support/fakeSteering.ts";
import { entryOf } from "../../support/journalFixture.ts";
import { refOf } from "../../support/meshFixture.ts";

async function journalOf(
  entries: readonly Entry[],
  { damaged = 0, ...options }: WorldOptions & { readonly damaged?: number } = {},
): Promise<SteeredDashboard> {
  const app = steeredDashboard({ journal: ok({ entries, damaged }) }, options);
  app.press(":journal", "enter");
  await app.settle();
  return app;
}

const rows = (app: SteeredDashboard): readonly string[] =>
  app
    .screen()
    .split("\n")
    .filter((line) => /\d\d-\d\d \d\d:\d\d:\d\d/.test(line))
    .map((line) => line.replace("▸", " ").trim().replace(/ +/g, " "));

/** A shift, its undo; another shift after it that was refused. */
const shift = entryOf("aaaa", 1, { user: "alice" });
const undo = entryOf("bbbb", 2, { kind: "undo", root: "aaaa" });
const redo = entryOf("cccc", 3, { kind: "redo", root: "aaaa" });
const refused = entryOf("dddd", 4, { ended: "refused" });
const other = entryOf("eeee", 5);

describe("the journal", () => {
  test("lists the newest entry first: when, who, what, on which object, how it ended and what it is now", async () => {
    const app = await journalOf([shift, undo, refused]);
    expect(rows(app)).toEqual([
      "11-21 03:04:05 oncall shift istioinaction/catalog VirtualService refused - dddd",
      "11-21 03:02:05 oncall undo istioinaction/catalog VirtualService applied can redo bbbb",
      "11-21 03:01:05 alice shift istioinaction/catalog VirtualService applied undone aaaa",
    ]);
  });

  test("knows what later entries made of earlier ones", async () => {
    const app = await journalOf([shift, undo, redo, other, entryOf("ffff", 6, { ended: null })]);
    const now = rows(app).map((row) => /VirtualService (?:\S+) (.+) \w+$/.exec(row)?.[1]);
    // Open, in effect, the redo in effect, the undo that it took back, and the shift that is in effect through the redo.
    expect(now).toEqual(["open", "in effect", "in effect", "redone", "undone"]);
  });

  test("is filtered and sorted like any table", async () => {
    const app = await journalOf([shift, undo, refused]);
    app.press("/alice", "enter");
    expect(rows(app)).toHaveLength(1);
    expect(app.screen()).toContain("journal 1 of 3");
    app.press("esc", "U");
    expect(rows(app)[0]).toContain("alice");
    app.press("/version-v1 90 -> 50", "enter");
    expect(rows(app)).toHaveLength(3);
  });

  test("of one namespace has the entries that wrote there, and says where the others are", async () => {
    const mesh = refOf("ConfigMap", "istio-system", "istio");
    const patch = { do: "create", ref: mesh, manifest: {} } as const;
    const app = await journalOf([shift, entryOf("gggg", 7, { plan: { patches: [patch] } })]);
    app.press("1");
    expect(rows(app)).toHaveLength(1);
    expect(app.screen()).toContain("journal 1 of 2");
    const none = await journalOf([shift]);
    none.press("2");
    expect(none.screen()).toContain("No entry of the journal is about namespace istio-system; 0 shows all");
  });

  test("says that it is empty and what it is for", async () => {
    const app = await journalOf([]);
    expect(app.screen()).toContain("Nothing was changed from here yet.");
    app.press("z");
    expect(app.flash()).toBe("The cursor is on no entry of the journal.");
    app.press("enter", "d", "y");
    expect(currentPage(app.program.state()).view).toBe("journal");
  });

  test("counts torn lines and shows the others", async () => {
    const app = await journalOf([shift], { damaged: 2 });
    expect(app.screen()).toContain("2 lines of the journal hold no whole record");
    expect(rows(app)).toHaveLength(1);
  });

  test("that can't be read says why, and ctrl-r reads it again", async () => {
    const app = steeredDashboard({
      journal: fail("The journal /x can't be read (EACCES). Check its owner."),
    });
    app.press(":journal", "enter");
    await app.settle();
    expect(app.screen()).toContain("The journal /x can't be read (EACCES).");
    const before = app.asked.length;
    app.press("ctrl-r");
    expect(app.asked.slice(before)).toEqual(["journal"]);
  });

  test("paints no escape that stands in an entry", async () => {
    const app = await journalOf([
      entryOf("\u001b[2J", 1, { user: "o\u202encall", reason: "\u001b]0;x\u0007" }),
    ]);
    const seen = [app.screen()];
    app.press("enter");
    seen.push(app.screen());
    // eslint-disable-next-line no-control-regex -- escapes are what must not be there
    for (const screen of seen) expect(screen.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

describe("z and Z in the journal", () => {
  test("z takes the entry under the cursor back, not the newest one", async () => {
    const app = await journalOf([shift, other]);
    app.press("j", "z");
    expect(app.asked.at(-1)).toBe("undo aaaa");
  });

  test("z on a shift that was redone takes the redo back", async () => {
    const app = await journalOf([shift, undo, redo]);
    app.press("G", "z");
    expect(app.asked.at(-1)).toBe("undo cccc");
  });

  test("Z on the undo, or on what it undid, makes that again", async () => {
    const app = await journalOf([shift, undo]);
    app.press("Z");
    expect(app.asked.at(-1)).toBe("redo bbbb");
    app.press("esc", "j", "Z");
    expect(app.asked.at(-1)).toBe("redo bbbb");
  });

  test("they act on the entry that is open, too", async () => {
    const app = await journalOf([shift, other]);
    app.press("j", "enter", "z");
    expect(app.asked.at(-1)).toBe("undo aaaa");
  });

  test.each([
    ["z", [shift, undo], "j", "Entry aaaa was undone already."],
    ["z", [shift, undo], "k", "Entry bbbb is an undo itself: Z makes again what it took back."],
    ["z", [refused], "k", "Entry dddd changed nothing: there is nothing to take back."],
    ["Z", [refused], "k", "Entry dddd changed nothing: there is nothing to take back."],
    ["Z", [other], "k", "Entry eeee is in effect: there is nothing to redo."],
    [
      "Z",
      [shift, undo, other],
      "G",
      "Only the undo that was made last can be redone. Something was changed after it.",
    ],
    [
      "z",
      [entryOf("ffff", 6, { ended: null })],
      "k",
      "Entry ffff has no known outcome yet: ctrl-r looks again, and the next start finds it out by reading.",
    ],
  ] as const)("%s says plainly why not", async (key, entries, to, sentence) => {
    const app = await journalOf(entries);
    app.press(to);
    const before = app.asked.length;
    app.press(key);
    expect(app.flash()).toBe(sentence);
    expect(app.asked.slice(before)).toEqual([]);
  });
});

describe("an entry in full", () => {
  const all = async (entry: Entry): Promise<string> => {
    const app = await journalOf([entry]);
    app.program.dispatch({ is: "resize", columns: 120, rows: 120 });
    app.press("enter");
    return app.screen();
  };

  test("has who, from where, why, both versions, what was sent and what takes it back", async () => {
    const screen = await all(entryOf("aaaa", 1, { reason: "INC-204" }));
    for (const words of [
      "entry aaaa",
      "oncall on bastion, process 4711",
      "ssh 192.0.2.7 50022 192.0.2.1 22",
      "oidc:oncall",
      "INC-204",
      "41 before, 42 after",
      "in effect; z takes it back",
    ])
      expect(screen).toContain(words);
    expect(screen).toMatch(
      /replace \/spec\/http\/1\/route\/0\/weight 50\n[\s\S]*replace \/spec\/http\/1\/route\/0\/weight 90/,
    );
  });

  test("has the command that does the same, which a shell takes as it is copied", async () => {
    const screen = await all(shift);
    const [, command = ""] = /kubectl \(.*\n([\s\S]*?)\n\n/.exec(screen) ?? [];
    expect(command).toMatch(/^ +kubectl --context 'prod eu' -n istioinaction patch virtualservices/);
    const [, json = ""] = /-p '([\s\S]*)'$/.exec(command) ?? [];
    expect(JSON.parse(json)).toContainEqual({
      op: "replace",
      path: "/spec/http/1/route/0/weight",
      value: 50,
    });
  });

  test("that was cut off says that nobody knows yet", async () => {
    expect(await all(entryOf("ffff", 6, { ended: null }))).toContain("nobody knows yet");
  });
});
