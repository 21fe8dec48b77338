import { describe, expect, test } from "vitest";
import { createFence, type Fence } from "../../src/ui/fence.ts";

interface Scene extends Fence {
  /** What a terminal would be asked, in order; "again" for a frame that is sent once more. */
  readonly sent: readonly string[];
  /** What happened to questions. */
  readonly told: readonly string[];
  readonly ask: (name: string) => void;
  /** The terminal answers what it was asked as the n-th, from 0. */
  readonly answer: (nth: number) => void;
  readonly pass: (ms: number) => void;
  /** What the terminal takes, or the way to it. */
  readonly taken: () => Promise<void>;
}

const escape = "\u001b";
const asking = new RegExp(`^${escape}\\[(\\d+;\\d+)H${escape}\\[6n$`);

/** @param isStuck nothing is taken. */
function sceneOf(isStuck = false): Scene {
  const sent: string[] = [];
  const told: string[] = [];
  const timers = new Set<{ due: number; readonly fn: () => void }>();
  let now = 0;
  const fence = createFence({
    painter: {
      behind: (text) => {
        sent.push(text);
        return isStuck ? new Promise(() => undefined) : Promise.resolve();
      },
      again: () => sent.push("again"),
    },
    clock: {
      every: (ms, fn) => {
        const timer = { due: now + ms, fn };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    pause: () => Promise.resolve("long"),
  });
  return {
    ...fence,
    sent,
    told,
    ask: (name) =>
      fence.guard({ seen: () => told.push(`${name} seen`), waits: () => told.push(`${name} waits`) }),
    answer: (nth) => fence.answered(asking.exec(sent[nth] ?? "")?.[1] ?? "none"),
    pass: (ms) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
        if (next === undefined) break;
        now = next.due;
        timers.delete(next);
        next.fn();
      }
      now = end;
    },
    taken: async () => {
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    },
  };
}

describe("Where the terminal answers", () => {
  test("a question is seen when it has answered for this question, and not before", async () => {
    const scene = sceneOf();
    scene.probe();
    scene.ask("first");
    await scene.taken();
    scene.answer(0);
    expect(scene.told).toEqual([]);
    scene.answer(1);
    expect(scene.told).toEqual(["first seen"]);
  });

  test("a late answer for a question that is gone says nothing of the next one", async () => {
    const scene = sceneOf();
    scene.ask("first");
    scene.ask("second");
    await scene.taken();
    scene.answer(0);
    expect(scene.told).toEqual([]);
    scene.answer(1);
    scene.answer(1);
    expect(scene.told).toEqual(["second seen"]);
  });

  test("asks are told apart, hundreds of them, and none is in row 1 or off the smallest screen", () => {
    const scene = sceneOf();
    for (let n = 0; n < 300; n += 1) scene.probe();
    const places = scene.sent.map((text) => asking.exec(text)?.[1] ?? "none");
    expect(new Set(places).size).toBe(300);
    for (const place of places) {
      const [row = 0, column = 0] = place.split(";").map(Number);
      expect([row >= 2 && row <= 10, column >= 1 && column <= 40]).toEqual([true, true]);
    }
  });

  test("one that is missing keeps the question shut for ever, says so, and asks again with the whole frame", async () => {
    const scene = sceneOf();
    scene.probe();
    scene.answer(0);
    scene.ask("first");
    await scene.taken();
    scene.pass(999);
    expect(scene.told).toEqual([]);
    scene.pass(1);
    expect(scene.told).toEqual(["first waits"]);
    scene.pass(3_600_000);
    await scene.taken();
    expect(scene.told).toEqual(["first waits"]);
    expect(scene.sent[2]).toBe("again");
    // After 6, 16, 36, ... seconds: doubling, 5 * (2^n - 1) + 1 seconds, and 3600 of them.
    expect(scene.sent.filter((text) => text === "again")).toHaveLength(9);
    scene.answer(3);
    expect(scene.told).toEqual(["first waits", "first seen"]);
    scene.pass(3_600_000);
    expect(scene.sent.filter((text) => text === "again")).toHaveLength(9);
  });

  test("an answer that nobody asked for proves nothing", async () => {
    const scene = sceneOf();
    scene.ask("first");
    await scene.taken();
    scene.answered("9;40");
    expect(scene.told).toEqual([]);
  });
});

describe("Where nobody knows whether the terminal answers", () => {
  test("it has ten seconds from when it was first asked; then a frame that was taken counts as seen", async () => {
    const scene = sceneOf();
    scene.probe();
    scene.ask("first");
    await scene.taken();
    scene.pass(9999);
    expect(scene.told).toEqual(["first waits"]);
    scene.pass(1);
    expect(scene.told).toEqual(["first waits", "first seen"]);
    scene.ask("second");
    await scene.taken();
    expect(scene.told.at(-1)).toBe("second seen");
  });

  test("a frame that was not even taken does not count", async () => {
    const scene = sceneOf(true);
    scene.probe();
    scene.ask("first");
    await scene.taken();
    scene.pass(60_000);
    expect(scene.told).toEqual(["first waits"]);
  });

  test("one answer, however late, makes it one that answers", async () => {
    const scene = sceneOf();
    scene.probe();
    await scene.taken();
    scene.pass(20_000);
    scene.answer(0);
    scene.ask("first");
    await scene.taken();
    scene.pass(500);
    expect(scene.told).toEqual([]);
  });
});

describe("The way out", () => {
  test("waits for what was asked and not answered: the shell would get it", async () => {
    const scene = sceneOf();
    const order: string[] = [];
    await scene.settled().then(() => order.push("nothing asked"));
    scene.probe();
    expect(scene.isExpected()).toBe(true);
    scene.answer(0);
    expect(scene.isExpected()).toBe(false);
    await scene.settled().then(() => order.push("answered"));
    scene.probe();
    await scene.settled().then(() => order.push("long"));
    expect(order).toEqual(["nothing asked", "answered", "long"]);
  });

  test("lost answers are waited for no longer than until the next one", () => {
    const scene = sceneOf();
    scene.ask("first");
    scene.ask("second");
    scene.answer(1);
    expect(scene.isExpected()).toBe(false);
  });
});
