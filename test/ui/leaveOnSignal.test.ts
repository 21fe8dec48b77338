import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { leaveOnSignal } from "../../src/ui/leaveOnSignal.ts";

interface SignalledWorld {
  readonly send: (signal: string) => void;
  /** The terminal has taken everything. */
  readonly drain: () => Promise<void>;
  /** The write that is under way ends, as this. */
  readonly settle: (message: string | null) => Promise<void>;
  readonly pass: () => Promise<void>;
  readonly finished: () => Promise<void>;
  /** It would not end the process as it does by default. */
  readonly isHeard: (signal: string) => boolean;
  readonly done: readonly string[];
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function worldOf(): SignalledWorld {
  const events = new EventEmitter();
  const done: string[] = [];
  const timers: (() => void)[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<undefined>();
  const { promise: outcome, resolve: settle } = Promise.withResolvers<{ message: string } | null>();
  const { finished } = leaveOnSignal({
    process: {
      once: (signal, listener) => events.once(signal, listener),
      on: (signal, listener) => events.on(signal, listener),
      exit: (code) => done.push(`exit ${code}`),
    },
    screen: {
      close: () => done.push("close"),
      ended,
      finish: () => {
        done.push("finish");
        return outcome;
      },
    },
    later: (work) => timers.push(work),
    tell: (sentence) => done.push(sentence),
  });
  return {
    send: (signal) => void events.emit(signal),
    drain: () => {
      resolve(undefined);
      return turns();
    },
    settle: (message) => {
      settle(message === null ? null : { message });
      return turns();
    },
    pass: () => {
      for (const timer of timers) timer();
      return turns();
    },
    finished,
    isHeard: (signal) => events.listenerCount(signal) > 0,
    done,
  };
}

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
  ["SIGINT", 130],
])("%s gives the terminal back, and ends with %d once it was taken", async (signal, code) => {
  const world = worldOf();
  world.send(signal);
  await world.settle(null);
  expect(world.done).toEqual(["finish", "close"]);
  await world.drain();
  expect(world.done).toEqual(["finish", "close", `exit ${code}`]);
});

test("a second SIGHUP, which a shell sends behind the kernel's, ends nothing before the rest", async () => {
  const world = worldOf();
  world.send("SIGHUP");
  expect(world.isHeard("SIGHUP")).toBe(true);
  expect(world.isHeard("SIGTERM")).toBe(true);
  world.send("SIGHUP");
  await world.settle(null);
  await world.drain();
  expect(world.done).toEqual(["finish", "close", "exit 129"]);
});

test("a write that is under way is told to end, waited for, and its outcome is told to the shell", async () => {
  const world = worldOf();
  world.send("SIGTERM");
  await world.drain();
  expect(world.done).toEqual(["finish", "close"]);
  await world.settle("Canary shop/cart was changed first and is as before again.");
  expect(world.done.slice(2)).toEqual([
    "Canary shop/cart was changed first and is as before again.",
    "exit 143",
  ]);
});

test("a terminal that takes nothing, and a server that does not answer, are not waited for for ever", async () => {
  const world = worldOf();
  world.send("SIGTERM");
  await world.pass();
  expect(world.done).toEqual([
    "finish",
    "close",
    "The change was on its way and its outcome is not known yet. The next start finds it out.",
    "exit 143",
  ]);
});

test("whoever leaves by a key while it is written waits for the outcome too, and no longer", async () => {
  const world = worldOf();
  let isOver = false;
  void world.finished().then(() => (isOver = true));
  await turns();
  expect(world.done).toEqual([]);
  await world.drain();
  expect([world.done, isOver]).toEqual([["finish"], false]);
  await world.pass();
  expect(world.done.slice(1)).toEqual([
    "The change was on its way and its outcome is not known yet. The next start finds it out.",
  ]);
  expect(isOver).toBe(true);
});
