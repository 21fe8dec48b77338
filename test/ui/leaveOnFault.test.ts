import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { leaveOnFault } from "../../src/ui/leaveOnFault.ts";

/** A process that only writes down what is done to it, in order. */
function faultyWorld(close: () => void = () => undefined): {
  readonly fault: (event: string, value: unknown) => void;
  readonly done: readonly string[];
} {
  const events = new EventEmitter();
  const done: string[] = [];
  leaveOnFault({
    process: {
      on: (event, listener) => events.on(event, listener),
      exit: (code) => done.push(`exit ${code}`),
    },
    screen: {
      close: () => {
        done.push("close");
        close();
      },
    },
    stderr: { write: (text: string) => done.push(text), on: () => undefined },
  });
  return { fault: (event, value) => void events.emit(event, value), done };
}

describe("a fault of our own", () => {
  test.each(["uncaughtException", "unhandledRejection"])(
    "%s gives the terminal back before it speaks, and ends with 1",
    (event) => {
      const { fault, done } = faultyWorld();
      fault(event, new TypeError("rows is undefined"));
      expect(done).toEqual([
        "close",
        "meshtop: stopped by a fault of its own: rows is undefined\n",
        "exit 1",
      ]);
    },
  );

  test("is one line without a stack trace or escapes, whatever was thrown", () => {
    for (const thrown of [new Error("first\nsecond \u001b[31m"), "plain", null, { message: "object" }]) {
      const { fault, done } = faultyWorld();
      fault("uncaughtException", thrown);
      // eslint-disable-next-line no-control-regex -- escapes are what must not be there
      expect(done[1]).toMatch(/^meshtop: stopped by a fault of its own: [^\u0000-\u001f]*\n$/);
    }
  });

  test("ends the process even where the terminal cannot be given back", () => {
    const { fault, done } = faultyWorld(() => {
      throw new Error("write EIO");
    });
    try {
      fault("uncaughtException", new Error("first"));
    } catch {
      // The real exit does not return.
    }
    expect(done.at(-1)).toBe("exit 1");
  });
});

test("a server that cuts its connection ends no dashboard", () => {
  const { fault, done } = faultyWorld();
  fault("uncaughtException", Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }));
  expect(done).toEqual([]);
});
