import { expect, test } from "vitest";
import { createTurns } from "../../src/data/turns.ts";
import { fail, ok, type DataError, type Result } from "../../src/data/mesh/result.ts";

interface Run {
  readonly name: string;
  readonly end: AbortController;
}

const run = (name: string): Run => ({ name, end: new AbortController() });

/** What happened, in order; each run is opened when it is told to. */
function staged(): {
  readonly happened: string[];
  readonly opening: Map<string, (result: Result<string, DataError>) => void>;
  readonly turns: ReturnType<typeof createTurns<Run, string>>;
} {
  const happened: string[] = [];
  const opening = new Map<string, (result: Result<string, DataError>) => void>();
  const turns = createTurns<Run, string>({
    open: ({ name, end }) => {
      happened.push(`${name} opens`);
      end.signal.addEventListener("abort", () => happened.push(`${name} ends`));
      return new Promise((resolve) => opening.set(name, resolve));
    },
    show: ({ name }, opened) => happened.push(`${name} shows ${opened ?? "nothing"}`),
  });
  return { happened, opening, turns };
}

test("a run ends before the next is shown and opened", async () => {
  const { happened, opening, turns } = staged();
  const first = turns.begin(run("one"));
  opening.get("one")!(ok("cluster one"));
  await first;
  void turns.begin(run("two"));
  expect(happened).toEqual([
    "one shows nothing",
    "one opens",
    "one shows cluster one",
    "one ends",
    "two shows nothing",
    "two opens",
  ]);
});

test("a cluster that answers after its turn is never shown, under its name or another, and its error is nobody's", async () => {
  for (const late of [ok("cluster one"), fail({ kind: "config", message: "no", advice: null } as const)]) {
    const { happened, opening, turns } = staged();
    const first = turns.begin(run("one"));
    const second = turns.begin(run("two"));
    opening.get("two")!(ok("cluster two"));
    opening.get("one")!(late);
    expect(await first).toBeUndefined();
    expect(await second).toBeUndefined();
    expect(happened.filter((one) => one.includes("shows cluster"))).toEqual(["two shows cluster two"]);
  }
});

test("the error of the run whose turn it is comes back", async () => {
  const { opening, turns } = staged();
  const only = turns.begin(run("one"));
  const error: DataError = { kind: "config", message: "no", advice: null };
  opening.get("one")!(fail(error));
  expect(await only).toEqual(error);
});
