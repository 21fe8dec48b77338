import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { leaveOnSignal } from "../../src/ui/leaveOnSignal.ts";

interface SignalledWorld {
  readonly send: (signal: string) => void;
  /** The terminal has taken everything. */
  readonly drain: () => Promise<void>;
  readonly pass: () => void;
  readonly done: readonly string[];
}

function worldOf(): SignalledWorld {
  const events = new EventEmitter();
  const done: string[] = [];
  const timers: (() => void)[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<undefined>();
  leaveOnSignal({
    process: {
      once: (signal, listener) => events.once(signal, listener),
      exit: (code) => done.push(`exit ${code}`),
    },
    screen: { close: () => done.push("close"), ended },
    later: (_ms, work) => timers.push(work),
  });
  return {
    send: (signal) => void events.emit(signal),
    drain: async () => {
      resolve(undefined);
      await ended;
    },
    pass: () => {
      for (const timer of timers) timer();
    },
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
  expect(world.done).toEqual(["close"]);
  await world.drain();
  expect(world.done).toEqual(["close", `exit ${code}`]);
});

test("a terminal that takes nothing is not waited for for ever", () => {
  const world = worldOf();
  world.send("SIGTERM");
  world.pass();
  expect(world.done).toEqual(["close", "exit 143"]);
});
