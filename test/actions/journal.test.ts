import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { openJournal, stateDirectory } from "../../src/actions/journal.ts";
import {
  entriesOf,
  lineOf,
  readLines,
  redoable,
  undoable,
  type Ended,
  type Intent,
  type JournalRecord,
} from "../../src/actions/journalEntry.ts";
import { inFolder, origin } from "../support/writePath.ts";

const ref = {
  group: "networking.istio.io",
  version: "v1",
  kind: "VirtualService",
  namespace: "shop",
  name: "catalog",
};
const patch = {
  do: "edit",
  ref,
  subresource: null,
  uid: "u",
  resourceVersion: "7",
  pinned: true,
  guards: [],
  edits: [{ op: "set", path: "/spec/http/0/route/0/weight", was: 90, now: 10 }],
} as const;

const intent = (id: string, more: Partial<Intent> = {}): Intent => ({
  record: "intent",
  id,
  at: "2026-01-01T00:00:00.000Z",
  kind: "change",
  root: id,
  origin,
  reason: null,
  summary: `shift ${id}`,
  change: { kind: "undo", redo: false, entry: id },
  weights: [],
  grave: false,
  patches: [{ patch, sends: [], inverse: [] }],
  ...more,
});
const ended = (id: string, more: Partial<Ended> = {}): Ended => ({
  record: "outcome",
  id,
  at: "2026-01-01T00:00:01.000Z",
  is: "applied",
  message: "Applied.",
  steps: ["applied"],
  explained: false,
  ...more,
});
const done = (id: string, more: Partial<Intent> = {}): readonly JournalRecord[] => [
  intent(id, more),
  ended(id),
];

describe("The file of a journal", () => {
  test("is made at the first record, for its owner alone, and a context with slashes is one file in its folder", async () => {
    await inFolder(async (directory) => {
      const journal = openJournal(directory, "arn:aws:eks:eu-1:123:cluster/../prod");
      expect((await journal.read()).ok).toBe(true);
      expect(existsSync(journal.path)).toBe(false);
      expect((await journal.append(intent("a"))).ok).toBe(true);
      expect(statSync(journal.path).mode & 0o777).toBe(0o600);
      expect(statSync(join(directory, "journal")).mode & 0o777).toBe(0o700);
      expect(journal.path.startsWith(join(directory, "journal/"))).toBe(true);
      expect(journal.path.slice(directory.length + "/journal/".length)).not.toContain("/");
    });
  });

  test("is on the disk, and at first its name in the folder, too, before a record counts as written", async () => {
    await inFolder(async (directory) => {
      const probe = await open(directory);
      const handles = Object.getPrototypeOf(probe) as typeof probe;
      await probe.close();
      const sync = vi.spyOn(handles, "sync");
      try {
        const journal = openJournal(directory, "test");
        await journal.append(intent("a"));
        expect(sync).toHaveBeenCalledTimes(2);
        await journal.append(ended("a"));
        expect(sync).toHaveBeenCalledTimes(3);
        sync.mockRejectedValueOnce(Object.assign(new Error("I/O error"), { code: "EIO" }));
        expect(await journal.append(intent("b"))).toMatchObject({
          ok: false,
          error: { message: expect.stringMatching(/EIO/) as string },
        });
      } finally {
        sync.mockRestore();
      }
    });
  });

  test("that others could read is closed to them", async () => {
    await inFolder(async (directory) => {
      const journal = openJournal(directory, "test");
      await journal.append(intent("a"));
      chmodSync(journal.path, 0o644);
      await journal.append(ended("a"));
      expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    });
  });

  test("cut anywhere keeps every record before the cut, tells of the damage, and takes new records", async () => {
    const records = [intent("a", { reason: 'line\nbreak \u2028 "quoted"' }), ended("a"), intent("b")];
    const lines = records.map(lineOf);
    const whole = Buffer.from(lines.join(""));
    const ends = lines.map((_, i) => Buffer.byteLength(lines.slice(0, i + 1).join("")));
    await inFolder(async (directory) => {
      const journal = openJournal(directory, "test");
      for (let size = 1; size < whole.length; size += 7) {
        mkdirSync(join(directory, "journal"), { recursive: true });
        writeFileSync(journal.path, whole);
        truncateSync(journal.path, size);
        await journal.append(intent("new"));
        const state = await journal.read();
        const kept = ends.filter((end) => end - 1 <= size).length;
        const ids = new Set([...records.slice(0, kept).map(({ id }) => id), "new"]);
        expect(state.ok && state.value.entries.map((entry) => entry.intent.id)).toEqual([...ids]);
        const torn = !ends.includes(size) && !ends.includes(size + 1);
        expect(state.ok && state.value.damaged).toBe(torn ? 1 : 0);
      }
    });
  });

  test("a torn line with another one run into it loses nothing but itself", () => {
    const torn = lineOf(intent("a")).slice(0, 50);
    const { records, damaged } = readLines(`${torn}${lineOf(intent("b"))}`);
    expect([records.map(({ id }) => id), damaged]).toEqual([["b"], 1]);
  });

  test("whatever stands in the file, reading it gives records and a count, and never throws", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(lineOf(intent("a"))))), (lines) => {
        const { records } = readLines(lines.join("\n"));
        expect(entriesOf(records).length).toBeLessThanOrEqual(records.length);
      }),
    );
  });

  test("a disk that refuses is an error with advice, and no exception", async () => {
    await inFolder(async (directory) => {
      writeFileSync(join(directory, "journal"), "a file where the folder should be");
      const answer = await openJournal(directory, "test").append(intent("a"));
      expect(answer).toMatchObject({ ok: false, error: { kind: "config" } });
      expect(!answer.ok && answer.error.advice).toMatch(/XDG_STATE_HOME/);
      expect(await openJournal(directory, "test").read()).toMatchObject({ ok: false });
    });
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk is one too", async () => {
    await inFolder(async (directory) => {
      mkdirSync(join(directory, "journal"));
      symlinkSync("/dev/full", join(directory, "journal", "test.jsonl"));
      expect(await openJournal(directory, "test").append(intent("a"))).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(/can't be written \(ENOSPC\)/) as string },
      });
    });
  });

  const script = fileURLToPath(new URL("../support/writeJournal.ts", import.meta.url));
  const inShell = (words: string, ...more: readonly string[]) =>
    spawnSync("sh", ["-c", words, "sh", ...more], { encoding: "utf8" });
  /** A run of the script on a small disk of its own, which is mounted where nobody else sees it; then what is on it. */
  const mounted = (options: string, directory: string) =>
    inShell(
      `unshare -m sh -c 'mount -t tmpfs -o size=32k tmpfs "$1" && mkdir "$1/journal" && mount -o remount,${options} "$1" && { "$2" "$3" "$1" a 20; cat "$1/journal/test.jsonl" 2>/dev/null; }' sh "$@"`,
      directory,
      process.execPath,
      script,
    ).stdout;
  const mayMount = inShell("unshare -m mount -t tmpfs tmpfs /mnt").status === 0;

  test.skipIf(!mayMount)("a disk that can only be read is named, and nothing is on it", async () => {
    await inFolder((directory) => {
      expect(mounted("ro", directory)).toMatch(
        /^0 written\. The journal .* can't be written \(EROFS\)\.\s*$/,
      );
      return Promise.resolve();
    });
  });

  test.skipIf(!mayMount)(
    "a disk that fills up keeps whatever it took, and refuses the next one",
    async () => {
      await inFolder((directory) => {
        const [said = "", ...lines] = mounted("rw", directory).split("\n");
        const [, count = "0"] =
          /^(\d+) written\. The journal .* can't be written \((?:ENOSPC|the disk is full)\)\.$/.exec(said) ??
          [];
        expect(Number(count)).toBeGreaterThan(0);
        const { records, damaged } = readLines(lines.join("\n"));
        expect(records.map(({ id }) => id)).toEqual(
          Array.from({ length: Number(count) }, (_, i) => `a-${i}`),
        );
        // What was begun and did not fit is seen for what it is.
        expect(damaged).toBeLessThanOrEqual(1);
        return Promise.resolve();
      });
    },
  );

  const nobody = 65_534;
  const canBeNobody =
    process.getuid?.() === 0 && spawnSync(process.execPath, ["--version"], { uid: nobody }).status === 0;
  test.skipIf(!canBeNobody)("a folder of somebody else is named with the reason", async () => {
    await inFolder((directory) => {
      chmodSync(directory, 0o755);
      const { stdout } = spawnSync(process.execPath, [script, directory, "a", "1"], {
        uid: nobody,
        encoding: "utf8",
      });
      expect(stdout).toMatch(/^0 written\. The journal .* can't be written \(EACCES\)\.\s*$/);
      return Promise.resolve();
    });
  });

  test("two contexts whose names begin alike are two files, however long and odd they are", () => {
    const path = (context: string) => openJournal("/state", context).path;
    const long = "arn:aws:eks:eu-central-1:123456789012:cluster/".repeat(9);
    const names = [`${long}a`, `${long}b`, `${long}\ud800`, "ä".repeat(100), "ä".repeat(101), "prod"].map(
      path,
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^\/state\/journal\/[^/]{1,220}\.jsonl$/);
    expect(path("prod")).toBe("/state/journal/prod.jsonl");
  });

  test("two processes that write at once lose no line", async () => {
    await inFolder(async (directory) => {
      const write = (name: string) =>
        new Promise<number | null>((resolve) => {
          const child = spawn(process.execPath, [script, directory, name, "60"], { stdio: "inherit" });
          child.on("exit", resolve);
        });
      expect(await Promise.all(["one", "two", "three"].map(write))).toEqual([0, 0, 0]);
      const state = await openJournal(directory, "test").read();
      expect(state.ok && state.value.damaged).toBe(0);
      const ids = state.ok ? state.value.entries.map((entry) => entry.intent.id) : [];
      for (const name of ["one", "two", "three"]) {
        expect(ids.filter((id) => id.startsWith(`${name}-`))).toEqual(
          Array.from({ length: 60 }, (_, i) => `${name}-${i}`),
        );
      }
    });
  });

  test("lies where XDG says, and a relative path does not count", () => {
    expect(stateDirectory({ XDG_STATE_HOME: "/state" }, "/home/me")).toBe("/state/meshtop");
    expect(stateDirectory({ XDG_STATE_HOME: "state" }, "/home/me")).toBe("/home/me/.local/state/meshtop");
    expect(stateDirectory({}, "/home/me")).toBe("/home/me/.local/state/meshtop");
  });

  test("holds one line for each record", async () => {
    await inFolder(async (directory) => {
      const journal = openJournal(directory, "test");
      await Promise.all(["a", "b", "c"].map((id) => journal.append(intent(id))));
      expect(readFileSync(journal.path, "utf8").trimEnd().split("\n")).toHaveLength(3);
    });
  });
});

describe("What undo and redo mean", () => {
  const undone = (root: string, id: string) => done(id, { kind: "undo", root });
  const redone = (root: string, id: string) => done(id, { kind: "redo", root });
  const ids = (...records: readonly (readonly JournalRecord[])[]) => {
    const entries = entriesOf(records.flat());
    return [undoable(entries)?.intent.id ?? null, redoable(entries)?.intent.id ?? null];
  };

  test.each([
    ["nothing was done", [], [null, null]],
    ["one change", [done("a")], ["a", null]],
    ["two changes", [done("a"), done("b")], ["b", null]],
    ["the last one undone", [done("a"), done("b"), undone("b", "c")], ["a", "c"]],
    ["both undone, newest first", [done("a"), done("b"), undone("b", "c"), undone("a", "d")], [null, "d"]],
    ["undone and done again", [done("a"), undone("a", "b"), redone("a", "c")], ["c", null]],
    [
      "an older change undone and done again after a newer one",
      [done("a"), done("b"), undone("a", "c"), redone("a", "d")],
      ["d", null],
    ],
    ["something new after an undo", [done("a"), undone("a", "b"), done("c")], ["c", null]],
    [
      "a change that was refused",
      [done("a"), [intent("b"), ended("b", { is: "refused", steps: ["refused"] })]],
      ["a", null],
    ],
    ["a change whose writer died", [done("a"), [intent("b")]], ["a", null]],
    [
      "an undo that was refused",
      [
        done("a"),
        [intent("b", { kind: "undo", root: "a" }), ended("b", { is: "conflict", steps: ["refused"] })],
      ],
      ["a", null],
    ],
    ["a part that stayed", [[intent("a"), ended("a", { is: "conflict", steps: ["stayed"] })]], ["a", null]],
  ] as const)("%s", (_case, records, expected) => {
    expect(ids(...records)).toEqual(expected);
  });

  test("by the id of the change, also after it was done again", () => {
    const entries = entriesOf([...done("a"), ...undone("a", "b"), ...redone("a", "c"), ...done("d")]);
    expect(undoable(entries, "a")?.intent.id).toBe("c");
    expect(undoable(entries, "d")?.intent.id).toBe("d");
    expect(undoable(entries, "b")).toBeNull();
  });
});
