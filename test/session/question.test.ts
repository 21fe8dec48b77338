import { constants } from "node:os";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { catalogPath, startCommandLine, weightsOf, type CommandLine } from "../support/commandLine.ts";
import { keys, startMeshtop, type TerminalSession } from "../support/terminal.ts";

let line: CommandLine;
const sessions: TerminalSession[] = [];
beforeAll(async () => {
  line = await startCommandLine();
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.kill("SIGKILL");
});
afterAll(() => line.stop());

const shift = ["shift", "istioinaction/catalog"] as const;
const weights = async () => weightsOf(await line.object(catalogPath), 1);

function ask(...args: readonly string[]): TerminalSession {
  const session = startMeshtop([...args, ...line.where], { environment: line.environment });
  sessions.push(session);
  return session;
}

/** Weights of the test's own, so that every shift is one: 90 to 10 in the beginning. */
const to = (v1: number): readonly string[] => [`version-v1=${v1}`, `version-v2=${100 - v1}`];
const split = (v1: number) => ({ "version-v1": v1, "version-v2": 100 - v1 });

describe("The question on a terminal", () => {
  test("shows the weights and the diff, and y writes", async () => {
    const session = ask(...shift, ...to(80));
    const screen = await session.sees("apply? [y/N]");
    expect(screen).toMatch(/version-v1 +90 \(90 %\) +-> +80 \(80 %\)/);
    expect(screen).toMatch(/\+ +weight: 80/);
    session.press("y", keys.enter);
    expect((await session.ended).exitCode).toBe(0);
    expect(session.output()).toContain("Applied: shift istioinaction/catalog");
    expect(await weights()).toEqual(split(80));
  });

  test.each([
    ["n", ["n", keys.enter]],
    ["enter alone", [keys.enter]],
    ["another word", ["yup", keys.enter]],
    ["a page of text that begins with a y", ["y is\nthe first\nof many", keys.enter]],
    ["the end of the input", ["\u0004"]],
  ])("is answered no by %s", async (_what, pressed) => {
    const begin = await weights();
    const session = ask(...shift, ...to(70));
    await session.sees("apply? [y/N]");
    session.press(...pressed);
    expect((await session.ended).exitCode).toBe(1);
    expect(session.output()).toContain("Nothing was written: the answer was not yes.");
    expect(await weights()).toEqual(begin);
  });

  test("is not answered by what was typed before it, with or without its enter", async () => {
    const begin = await weights();
    for (const early of [["y", keys.enter, "y", keys.enter], ["y"]]) {
      const session = ask(...shift, ...to(60));
      session.press(...early);
      await session.sees("apply? [y/N]");
      session.press(keys.enter);
      expect((await session.ended).exitCode).toBe(1);
    }
    expect(await weights()).toEqual(begin);
  });

  test("of everything or nothing takes the name of the service, and y is no answer to it", async () => {
    const begin = await weights();
    const first = ask(...shift, ...to(0));
    await first.sees("this is all or nothing; type catalog or meshtop-demo to apply:");
    first.press("y", keys.enter);
    expect((await first.ended).exitCode).toBe(1);
    expect(await weights()).toEqual(begin);
    const second = ask(...shift, ...to(0));
    await second.sees("to apply:");
    second.press("catalog", keys.enter);
    expect((await second.ended).exitCode).toBe(0);
    expect(await weights()).toEqual(split(0));
  });

  test("in a protected context takes its name", async () => {
    await line.seenAs("prod-eu");
    for (const [answer, code] of [
      ["y", 1],
      ["prod-us", 1],
      ["prod-eu", 0],
    ] as const) {
      const session = ask(...shift, ...to(50));
      await session.sees("context prod-eu is protected; type catalog or prod-eu to apply:");
      session.press(answer, keys.enter);
      expect((await session.ended).exitCode).toBe(code);
    }
    await line.seenAs("meshtop-demo");
    expect(await weights()).toEqual(split(50));
  });

  test("is left by ctrl-c", async () => {
    const begin = await weights();
    const session = ask(...shift, ...to(40));
    await session.sees("apply? [y/N]");
    session.press(keys.ctrlC);
    expect((await session.ended).signal).toBe(constants.signals.SIGINT);
    expect(await weights()).toEqual(begin);
  });

  test("is not asked where --yes answers it", async () => {
    const session = ask(...shift, ...to(40), "--yes");
    expect((await session.ended).exitCode).toBe(0);
    expect(session.output()).not.toContain("apply?");
    expect(await weights()).toEqual(split(40));
  });
});
