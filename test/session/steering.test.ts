import { afterEach, describe, expect, test } from "vitest";
import { keys } from "../support/terminal.ts";
import { steeredSession, type SteeredSession } from "../support/steeredSession.ts";

let session: SteeredSession | null = null;

afterEach(async () => {
  await session?.stop();
  session = null;
});

/** Where a hand rests between two keys that answer: longer than the silence that a yes needs. */
const pause = (ms = 600): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The traffic page of catalog, with the cursor on version-v2 of the second rule. */
async function onV2(options: Parameters<typeof steeredSession>[0] = {}): Promise<SteeredSession> {
  session = await steeredSession(options);
  await session.sees("webapp");
  session.press(":traffic catalog", keys.enter);
  await session.sees(/version-v2\s.*10 %/);
  for (let row = 0; row < 9 && !/▸\s+version-v2 +10 /.test(session.screen()); row += 1) {
    session.press("j");
    await pause(100);
  }
  await session.sees(/▸\s+version-v2 +10 /);
  return session;
}

/** A page with every key in it that opens, answers or ends something, but for those that leave the program. */
const page = Array.from({ length: 60 }, () => "w20\ryY0\rYyz\ryZm5\ryo\ryp\ry catalog\r").join("");

describe("taking traffic off a bad version", () => {
  test("takes five keys, arrives, and one more with its answer puts every byte back", async () => {
    const app = await onV2();
    const before = app.route();
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("0");
    app.press(keys.enter);
    await app.sees(/dry run: accepted[\s\S]*y/);
    await pause();
    app.press("y");
    await pause();
    app.press("Y");
    await app.sees("applied");
    expect(app.weights()).toEqual([[null], [100, 0]]);
    app.press(keys.escape);
    await app.sees(/version-v2 +0 +0 %/);
    app.press("z");
    await app.sees(/dry run: accepted[\s\S]*y/);
    await pause();
    app.press("y");
    await pause();
    app.press("Y");
    await app.sees("applied");
    expect(app.route()).toEqual(before);
  }, 90_000);
});

/** Answers the question on the screen, and closes what came of it. */
async function yes(app: SteeredSession): Promise<void> {
  await app.sees("dry run: accepted", 30_000);
  await pause();
  app.press("y");
  await app.sees(/applied[\s\S]*journal: /, 30_000);
  app.press(keys.escape);
  await pause(300);
}

describe("a shift by half", () => {
  test("is seen to arrive on the screen, beside its rule and below it, and is undone from there", async () => {
    const app = await onV2();
    const before = app.route();
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("=", keys.enter);
    await yes(app);
    await app.sees(/→ catalog, rule 2 of 2.*: applied/);
    // The cohort of rule 1 is on v2 as well: whether 52.5 % agrees with 50 is chance, and grows less likely with n.
    await app.sees(
      /catalog, rule 2 of 2, (agrees after )?\d+ (s|min): applied; \d+ % ±\d+ observed of 50 %/,
      130_000,
    );
    expect(app.screen()).toMatch(/since the shift, \d+ (s|min): version-v1 .* of 50 %, version-v2 .*, n \d+/);
    app.press("c");
    await pause();
    expect(app.screen()).not.toContain("observed of 50 %");
    app.press("z");
    await yes(app);
    expect(app.route()).toEqual(before);
  }, 240_000);
});

describe("the journal on the screen", () => {
  test("shows what was done, undoes the older of two, and does it again", async () => {
    const app = await onV2();
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("=", keys.enter);
    await yes(app);
    app.press("m");
    await app.sees("Mirror: catalog");
    app.press("2", "5", keys.enter);
    await yes(app);
    const mirrored = JSON.stringify(app.route());
    expect(mirrored).toContain("mirrorPercentage");
    app.press(":journal", keys.enter);
    await app.sees(
      /mirror +istioinaction\/catalog .*in effect[\s\S]*shift +istioinaction\/catalog .*in effect/,
    );
    app.press("j", "z");
    await app.sees("undo shift istioinaction/catalog");
    await yes(app);
    await app.sees(/undo +.*can redo[\s\S]*mirror +.*in effect[\s\S]*shift +.*undone/);
    expect(app.weights()[1]).toEqual([90, 10]);
    expect(JSON.stringify(app.route())).toContain("mirrorPercentage");
    app.press("Z");
    await app.sees("redo shift istioinaction/catalog");
    await yes(app);
    expect(JSON.stringify(app.route())).toBe(mirrored);
    app.press("G", keys.enter);
    await app.sees("What was sent");
    app.press(" ");
    await app.sees(/kubectl --context coolstore -n istioinaction/);
  }, 240_000);
});

describe("a terminal that answers nothing", () => {
  test("takes the y that comes once the frame has left and it was quiet", async () => {
    const app = await onV2({ isMute: true });
    // It has ten seconds to answer once before nothing is expected of it.
    await pause(11_000);
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("=", keys.enter);
    await app.sees(/dry run: accepted[\s\S]*apply\?/, 30_000);
    await pause();
    app.press("y");
    await app.sees("applied", 30_000);
    expect(app.weights()[1]).toEqual([50, 50]);
  }, 60_000);
});

describe("a program that is killed between a write and its outcome", () => {
  test("leaves an entry that the next start explains for as long as nobody has read it, and that can be undone", async () => {
    const app = await onV2();
    const before = app.route();
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("=", keys.enter);
    await yes(app);
    await app.cutOff();
    const next = app.again();
    await next.sees(/! shift istioinaction\/catalog, rule 2.* was interrupted\. It was applied/, 30_000);
    // Longer than any flash.
    await pause(8000);
    next.press(":journal", keys.enter);
    await next.sees(/1 line of the journal holds no whole record[\s\S]*shift +.*applied +in effect/);
    expect(next.screen()).toContain("It was applied");
    next.press("c");
    await pause();
    expect(next.screen()).not.toContain("! shift");
    next.press("z");
    await next.sees("dry run: accepted", 30_000);
    await pause();
    next.press("y");
    await next.sees(/applied[\s\S]*journal: /, 30_000);
    expect(app.route()).toEqual(before);
  }, 120_000);
});

describe("what was not asked for is not written", () => {
  const untouched = (app: SteeredSession, before: unknown): void => {
    expect(app.route()).toEqual(before);
    expect(app.journals()).toEqual([]);
  };

  test("w20 and enter in one write, and a y at once behind it", async () => {
    const app = await onV2();
    const before = app.route();
    app.press("w20\r");
    app.press("y");
    await app.sees(/dry run: accepted/);
    await pause(1500);
    untouched(app, before);
    expect(app.screen()).toContain("dry run: accepted");
  }, 60_000);

  test("w 2 0 enter and y typed into a line that stalls", async () => {
    const app = await onV2();
    const before = app.route();
    app.hold();
    for (const key of ["w", "2", "0", keys.enter, "y"]) {
      app.press(key);
      await pause(120);
    }
    app.release();
    await app.sees(/dry run: accepted/, 30_000);
    await pause(1500);
    untouched(app, before);
  }, 60_000);

  test("a y alone, typed long after the frame with the question left, into a link that stalls on its way to the terminal", async () => {
    const app = await onV2();
    const before = app.route();
    app.press("w");
    await app.sees("Weights: catalog");
    app.press("+");
    await pause();
    app.stall();
    app.press(keys.enter);
    // Time for the plan, for the frame to leave, for the silence behind it, and for a second try.
    await pause(4000);
    app.press("y");
    await pause(4000);
    app.press("y");
    await pause(1000);
    untouched(app, before);
    app.resume();
    await app.sees(/dry run: accepted[\s\S]*apply\?/);
    await pause(1000);
    untouched(app, before);
    app.press("y");
    await app.sees("applied");
    expect(app.route()).not.toEqual(before);
  }, 60_000);

  test.each(["view", "editor", "question"])(
    "a page pasted into the %s, bracketed or raw",
    async (where) => {
      const app = await onV2();
      const before = app.route();
      if (where !== "view") app.press("w");
      if (where === "question") {
        app.press("+", keys.enter);
        await app.sees(/dry run: accepted/);
        await pause();
      }
      app.press(`\u001b[200~${page}\u001b[201~`);
      await pause();
      untouched(app, before);
      app.press(page);
      await pause(2000);
      untouched(app, before);
    },
    60_000,
  );
});
