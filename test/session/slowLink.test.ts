import { expect, test } from "vitest";
import { keys, startMeshtop } from "../support/terminal.ts";

const frameEnd = "\u001b[?2026l";

test("a terminal that stalls costs frames, and neither keys nor their order", async () => {
  const session = startMeshtop(["demo", "coolstore"]);
  await session.sees("catalog");
  const before = session.output().length;
  session.stall();
  // More pages than a pty and its reader have room for.
  const presses = 120;
  for (let press = 0; press < presses; press += 1) {
    session.press(press % 2 === 0 ? ":services\r" : ":mtls\r");
    await new Promise((done) => setTimeout(done, 20));
  }
  session.press(":traffic catalog", keys.enter, "jj");
  session.resume();
  await session.sees(/traffic istioinaction\/catalog/);
  // One frame for each of those pages would be at least that many.
  const frames = session.output().slice(before).split(frameEnd).length - 1;
  expect(frames).toBeLessThan(presses);
  session.press("q", "q");
  expect((await session.ended).exitCode).toBe(0);
  expect(session.onAlternateScreen()).toBe(false);
}, 60_000);

test("a dashboard that nobody reads goes on, and leaves when it is told to", async () => {
  const session = startMeshtop(["demo", "coolstore"]);
  await session.sees("catalog");
  session.stall();
  for (let press = 0; press < 120; press += 1) {
    session.press(press % 2 === 0 ? ":services\r" : ":mtls\r");
    await new Promise((done) => setTimeout(done, 10));
  }
  session.kill("SIGTERM");
  session.resume();
  await session.ended;
  // What the link still carries arrives after the program has ended.
  await expect.poll(() => session.onAlternateScreen(), { timeout: 10_000 }).toBe(false);
}, 60_000);
