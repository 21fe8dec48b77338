import { afterEach, describe, expect, test, vi } from "vitest";
import type { TerminalOptions, TerminalSession } from "../support/terminal.ts";
import { keys, startMeshtop } from "../support/terminal.ts";

const sessions: TerminalSession[] = [];

function dashboard(options: TerminalOptions = {}, ...args: readonly string[]): TerminalSession {
  const session = startMeshtop(["demo", "coolstore", ...args], options);
  sessions.push(session);
  return session;
}

afterEach(() => {
  for (const session of sessions.splice(0)) session.kill("SIGKILL");
});

/** What a shell finds after the program: the normal screen, a visible cursor, no bracketed paste. */
async function expectRestored(session: TerminalSession): Promise<void> {
  // The last bytes may still be on their way through the emulator when the process is gone.
  await vi.waitFor(() => {
    expect(session.onAlternateScreen()).toBe(false);
    const output = session.output();
    expect(output.lastIndexOf("\u001b[?25h")).toBeGreaterThan(output.lastIndexOf("\u001b[?25l"));
    expect(session.terminal.modes.bracketedPasteMode).toBe(false);
    expect(session.terminal.modes.mouseTrackingMode).toBe("none");
  });
}

describe("the dashboard on the simulated coolstore", () => {
  test("opens, visits each view and comes back", async () => {
    const session = dashboard();
    await session.sees("webapp");
    expect(session.onAlternateScreen()).toBe(true);
    for (const [command, shows] of [
      [":graph", "catalog"],
      [":services", "SERVICE"],
      [":canaries", "recommendation"],
      [":mtls", "PERMISSIVE"],
      [":breakers", "catalog"],
      [":egress", "jsonplaceholder.typicode.com"],
    ] as const) {
      session.press(command, keys.enter);
      await session.sees(shows);
    }
    session.press(":traffic catalog", keys.enter);
    await session.sees("x-istio-cohort");
    await session.sees("version-v2");
    session.press(keys.escape);
    await session.sees("jsonplaceholder.typicode.com");
    session.press("?");
    await session.sees(/help/i);
    session.press(":q", keys.enter);
    expect((await session.ended).exitCode).toBe(0);
    await expectRestored(session);
  });

  test("filters services, and says how many are left", async () => {
    const session = dashboard();
    session.press(":services", keys.enter);
    await session.sees("forum");
    session.press("/cata", keys.enter);
    await session.sees(/services 1 of \d+ \/cata/);
    await session.sees("catalog");
    await session.sees(/^(?![\s\S]*\bforum\b)/);
    session.press(keys.escape);
    await session.sees("forum");
  });

  test("keeps its columns while a filter of wide characters is typed", async () => {
    const session = dashboard();
    session.press(":services", keys.enter);
    await session.sees("forum");
    session.press("/カタログ", keys.enter);
    await session.sees(/services 0 of \d+ \/カタログ .*worst first/);
    // Were they counted as one cell each, the rule would end four cells further on, out of the screen.
    const title = session.terminal.buffer.active.getLine(2);
    expect(title?.getCell(119)?.getChars()).toBe("─");
    expect(title?.translateToString(true)).toMatch(/worst first ─$/);
  });

  test("shows the weight of catalog's versions beside the share that was observed", async () => {
    const session = dashboard();
    await session.sees("webapp");
    session.press(":traffic catalog", keys.enter);
    await session.sees(/version-v1\s.*90 %/);
    // 90/10 by weight, and every request that carries the cohort header goes to v2.
    await session.sees(/version-v2\s.*10 %/);
  });

  test.each([
    [80, 24],
    [120, 40],
    [60, 15],
    [200, 60],
  ])("fits %i x %i and survives being resized at any moment", async (columns, rows) => {
    const session = dashboard({ columns: 100, rows: 30 });
    await session.sees("webapp");
    session.resize(columns, rows);
    session.press(":services", keys.enter);
    await session.sees("catalog");
    session.resize(20, 5);
    session.press("j", "j", "k");
    session.resize(columns, rows);
    await session.sees("catalog");
  });
});

describe("every way out leaves the terminal as it was", () => {
  test.each([
    ["q", 0],
    [keys.ctrlC, 0],
  ])("by the key %j", async (key, code) => {
    const session = dashboard();
    await session.sees("webapp");
    session.press(key);
    expect((await session.ended).exitCode).toBe(code);
    await expectRestored(session);
  });

  test.each(["SIGTERM", "SIGHUP", "SIGINT"])("by %s", async (signal) => {
    const session = dashboard();
    await session.sees("webapp");
    session.kill(signal);
    await session.ended;
    await expectRestored(session);
  });

  test("by a terminal that goes away, within seconds", async () => {
    const session = dashboard();
    await session.sees("webapp");
    session.hangUp();
    const late = new Promise<"late">((resolve) => setTimeout(resolve, 5_000, "late"));
    expect(await Promise.race([session.ended, late])).not.toBe("late");
    expect(() => process.kill(session.pid, 0)).toThrow("ESRCH");
  });
});

describe("odd terminals", () => {
  test.each([
    ["--ascii", {}, ["--ascii"]],
    ["LANG=C", { LANG: "C" }, []],
    ["LC_ALL=POSIX before a UTF-8 LANG", { LC_ALL: "POSIX" }, []],
  ])("%s draws with ASCII only", async (_, environment, args) => {
    const session = dashboard({ environment }, ...args);
    await session.sees("webapp");
    for (const [command, shows] of [
      [":graph", "forum"],
      [":services", "SERVICE"],
      [":traffic catalog", "Answered by"],
      [":mtls", "PERMISSIVE"],
      ["?", "help"],
    ] as const) {
      session.press(command, keys.enter);
      await session.sees(shows);
      // eslint-disable-next-line no-control-regex -- the range is the claim
      expect(session.screen()).toMatch(/^[\u0000-\u007f]*$/);
    }
  });

  test("NO_COLOR leaves every colour out", async () => {
    const session = dashboard({ environment: { NO_COLOR: "1" } });
    await session.sees("webapp");
    // eslint-disable-next-line no-control-regex -- escape sequences are the point
    expect(session.output()).not.toMatch(/\u001b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m/);
  });

  test("TERM=dumb is told what works there", async () => {
    const session = dashboard({ environment: { TERM: "dumb" } });
    expect((await session.ended).exitCode).toBe(2);
    expect(session.output()).toContain("meshtop get services");
  });
});
