import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { meshInFiles, readManifestFiles } from "../../src/data/manifestFiles.ts";
import { instant } from "../../src/data/mesh/units.ts";

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

const now = instant(Date.UTC(2026, 0, 1));

test("files make a mesh in which nothing else is known: its findings, and no traffic", () => {
  const path = file(
    "split.yaml",
    JSON.stringify({
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "web" },
      spec: {
        hosts: ["web"],
        http: [
          {
            route: [
              { destination: { host: "web" }, weight: 0 },
              { destination: { host: "other" }, weight: 0 },
            ],
          },
        ],
      },
    }),
  );
  const read = meshInFiles([path], "shop", now);
  if (!read.ok) throw new Error(read.error.message);
  expect(read.value.missing).toEqual([]);
  expect(read.value.mesh.findings).toMatchObject([
    {
      code: "MT0103",
      severity: "error",
      object: { namespace: "shop", name: "web" },
      path: "spec.http[0]",
    },
  ]);
});

test("files without an object of a mesh are said to be such: silence would read like a clean bill", () => {
  const path = file("kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\n");
  expect(meshInFiles([path], "shop", now)).toMatchObject({
    ok: true,
    value: { missing: ["These files hold no object that a mesh is made of."], mesh: { findings: [] } },
  });
});

test("a file's name paints nothing: what a terminal would act on is not in the sentence", () => {
  const path = file("evil\u001b[31m.yaml", "kind: A\nspec: [a\n");
  const read = readManifestFiles([path]);
  // eslint-disable-next-line no-control-regex -- escapes are what must not be there
  expect(read.ok ? "\u001b" : read.error.message).not.toMatch(/\u001b/);
});
