import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { keys, startMeshtop, startShell, type TerminalSession } from "../support/terminal.ts";

const ctrlZ = "\u001a";
let session: TerminalSession | null = null;

afterEach(async () => {
  session?.kill("SIGKILL");
  await session?.ended;
});

test("ctrl-z gives the shell its terminal, and fg brings the whole screen back", async () => {
  const shell = startShell(["demo", "coolstore"], { columns: 100, rows: 24 });
  session = shell;
  shell.press(shell.command, keys.enter);
  await shell.sees("webapp", 30_000);
  shell.press(ctrlZ);
  await shell.sees(/Stopped|Suspended/, 30_000);
  expect(shell.onAlternateScreen()).toBe(false);
  shell.press("echo from the shell | tr a-z A-Z", keys.enter);
  await shell.sees("FROM THE SHELL");
  shell.press("fg", keys.enter);
  await shell.sees(/demo coolstore {2}all namespaces[\s\S]*SERVICE[\s\S]*istiod[\s\S]*filter/, 30_000);
  expect(shell.onAlternateScreen()).toBe(true);
  shell.press("?");
  await shell.sees("help services");
  shell.press("?", keys.ctrlC);
  await shell.sees("FROM THE SHELL");
}, 120_000);

test("a stop by somebody else's signal, then fg: the whole screen is back, and so are the keys", async () => {
  const shell = startShell(["demo", "coolstore"], { columns: 100, rows: 24 });
  session = shell;
  shell.press(shell.command, keys.enter);
  const before = await shell.sees("webapp", 30_000);
  process.kill(Number(readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, "utf8")), "SIGTSTP");
  await shell.sees(/Stopped|Suspended/, 30_000);
  // Not every shell takes the terminal out of raw mode: a line feed is an enter in both.
  shell.press("echo from the shell | tr a-z A-Z", "\n");
  await shell.sees("FROM THE SHELL");
  shell.press("fg", "\n");
  await shell.sees(/demo coolstore {2}all namespaces[\s\S]*SERVICE[\s\S]*istiod[\s\S]*filter/, 30_000);
  expect(shell.screen().split("\n")[2]).toBe(before.split("\n")[2]);
  // Without an enter: raw again.
  shell.press("?");
  await shell.sees("help services");
  shell.press("?", keys.ctrlC);
  await shell.sees("$");
  shell.press("echo back again | tr a-z A-Z", keys.enter);
  await shell.sees("BACK AGAIN");
  expect(shell.onAlternateScreen()).toBe(false);
}, 120_000);

test.each([
  ["by ctrl-z", (shell: TerminalSession): void => shell.press(ctrlZ)],
  [
    "by somebody else's signal",
    ({ pid }: TerminalSession): void =>
      void process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")), "SIGTSTP"),
  ],
])(
  "stopped %s, and the terminal resized meanwhile: what is painted fits it",
  async (_how, stop) => {
    const shell = startShell(["demo", "coolstore"], { columns: 100, rows: 24 });
    session = shell;
    shell.press(shell.command, keys.enter);
    await shell.sees("webapp", 30_000);
    stop(shell);
    await shell.sees(/Stopped|Suspended/, 30_000);
    shell.resize(60, 16);
    shell.press("fg", "\n");
    const footer = /^( demo coolstore.*\n)(?:.*\n){14} enter open .*help$/;
    const screen = await shell.sees(footer, 30_000);
    expect(Math.max(...screen.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  },
  60_000,
);

test("where no shell could wake it, ctrl-z leaves it as it is", async () => {
  session = startMeshtop(["demo", "coolstore"], { columns: 100, rows: 24 });
  await session.sees("webapp", 30_000);
  session.press(ctrlZ);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  session.press("?");
  await session.sees("help services");
}, 60_000);
