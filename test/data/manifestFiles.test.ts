import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readManifestFiles } from "../../src/data/manifestFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "manifests-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test("a folder stands for its manifests and those of its folders, by name; other files are left alone", () => {
  file("all/b.yml", "kind: B\n---\nkind: C\n");
  file("all/a/deep.json", '{"kind": "A"}');
  file("all/notes.md", "- no: [manifest");
  expect(readManifestFiles([join(folder, "all")])).toEqual({
    ok: true,
    value: [{ kind: "A" }, { kind: "B" }, { kind: "C" }],
  });
});

test("text that is no YAML is refused with its line", () => {
  const path = file("wrong.yaml", "kind: A\nspec:\n  hosts: [a\n");
  const read = readManifestFiles([path]);
  expect(read).toMatchObject({ ok: false, error: { kind: "config", advice: "Correct the file." } });
  expect(read.ok ? "" : read.error.message).toMatch(/wrong\.yaml, line [34]: this is no YAML/u);
});

test("a file that is not there is refused by its name", () => {
  expect(readManifestFiles([join(folder, "gone.yaml")])).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/gone\.yaml: there is no such file\.$/u) as string },
  });
});
